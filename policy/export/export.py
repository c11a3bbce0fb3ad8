"""A checkpoint as a folder for people who have nothing of this project: NumPy plays it, ONNX runs it anywhere.

    policy.json    what it sees, what it may press, and its layers
    weights.npz    the arrays
    play.py        plays it with NumPy alone (policy.export.standalone)
    model.onnx     the same network for onnxruntime and others

Nothing is left there that was not seen to give what the checkpoint gives, on observations of the game itself.
"""

import importlib.util
import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from common.files import whole_folder
from game.actions import COMBOS
from game.env import EnvConfig, make_env
from game.games import find_game
from game.rollout import play
from policy.checkpoint import Checkpoint, load_checkpoint
from policy.export import standalone
from policy.export.description import describe
from policy.export.onnx_model import build_model, import_onnx
from policy.numpy_network import NumpyNetwork, action_values
from policy.players import player_of

TOLERANCE = 1e-4
"""How far a number of an output may be from ours, absolute: sums are taken in another order."""
CHECKED_STEPS = 60
"""Of the game, whose observations both see: four seconds of play."""
MODEL = "model.onnx"


class ExportError(RuntimeError):
    """What was exported does not give what the checkpoint gives."""


def export(checkpoint: Path, out: Path, with_onnx: bool = True) -> list[str]:
    """Write a checkpoint of any kind into a new folder; returns what was checked, in sentences.

    Args:
        out: a folder that is not there yet, or empty.
        with_onnx: needs a checkpoint of kind `network`, and the packages onnx and onnxruntime.

    Raises:
        CheckpointError, GameError: it cannot be loaded, or its game cannot be played here.
        ExportError: what was exported gives something else.
        ValueError: no ONNX of this kind, or it is not installed; the folder is not empty.
    """
    if out.is_dir() and any(out.iterdir()):
        raise ValueError(f"expected a new or empty folder. Received: {out}, in which there is something")
    loaded = load_checkpoint(checkpoint)
    with whole_folder(out) as beside:
        return write_export(loaded, beside, with_onnx)


def write_export(checkpoint: Checkpoint, folder: Path, with_onnx: bool) -> list[str]:
    """The same into an empty folder, which is not fit for use when this raises; ExportError and ValueError as there."""
    find_game(checkpoint.info.game).check_rom()  # before there is anything to wait for
    _write(checkpoint, folder, with_onnx)
    seen = observations_of(checkpoint)
    checked = [check_numpy(checkpoint, folder, seen)]
    if with_onnx:
        checked.append(check_onnx(checkpoint, folder / MODEL, seen))
    return checked


def _write(checkpoint: Checkpoint, folder: Path, with_onnx: bool) -> None:
    described = describe(checkpoint)
    if with_onnx:
        model = build_model(described, checkpoint.arrays)
        (folder / MODEL).write_bytes(model.SerializeToString())
    (folder / "policy.json").write_text(json.dumps(described, indent=1))
    arrays: dict[str, Any] = dict(checkpoint.arrays)
    np.savez(folder / "weights.npz", **arrays)
    shutil.copyfile(standalone.__file__, folder / "play.py")


def observations_of(checkpoint: Checkpoint, steps: int = CHECKED_STEPS) -> np.ndarray:
    """What the checkpoint's player sees while it plays: uint8 [N, height, width, stack], N <= steps, one episode."""
    info = checkpoint.info
    act = find_game(info.game).acts[0].name
    config = EnvConfig(game=info.game, act=act, frame_skip=info.frame_skip, observation=info.observation)
    env = make_env(config)
    try:
        episode = play(env, player_of(checkpoint), act, seed=0)
        return np.array([step.observation for step, _ in zip(episode, range(steps), strict=False)])
    finally:
        env.close()


def outputs_of(checkpoint: Checkpoint, observations: np.ndarray) -> dict[str, np.ndarray]:
    """What our own network gives, by the names of its heads: of action values their means, [B, actions]."""
    outputs = NumpyNetwork(checkpoint.info.network, checkpoint.weights)(observations)
    if checkpoint.info.network.gives_values:
        return {"action_values": action_values(outputs[0])}
    return dict(zip(("logits", "value"), outputs, strict=True))


def check_numpy(checkpoint: Checkpoint, folder: Path, observations: np.ndarray) -> str:
    """Let the exported play.py see the same as our player, from the start of an episode; says what was compared.

    Raises:
        ExportError: it presses something else, or a network's outputs are off by more than TOLERANCE.
    """
    exported = _module_at(folder / "play.py").Player(folder)
    if checkpoint.info.kind == "network":
        received = exported.chooser.network(observations)
        worst = _largest_difference("play.py", outputs_of(checkpoint, observations), received)
        return _in_words("play.py", len(observations), worst)
    act = find_game(checkpoint.info.game).acts[0].name
    ours = player_of(checkpoint)
    ours.reset(act, 0)
    exported.reset(act, 0)
    for place, observation in enumerate(observations):
        expected = list(COMBOS[ours.act(observation)])
        buttons = exported.act(observation)
        if buttons != expected:
            raise ExportError(f"play.py: expected {expected} at step {place}. Received: {buttons}")
    return f"play.py presses what the checkpoint's player presses at {len(observations)} observations of the game"


def check_onnx(checkpoint: Checkpoint, model: Path, observations: np.ndarray) -> str:
    """The same with onnxruntime and the outputs of the graph."""
    _, onnxruntime = import_onnx()
    session = onnxruntime.InferenceSession(str(model), providers=["CPUExecutionProvider"])
    names: Sequence[str] = [output.name for output in session.get_outputs()]
    received = dict(zip(names, session.run(None, {"observation": observations}), strict=True))
    worst = _largest_difference(model.name, outputs_of(checkpoint, observations), received)
    return _in_words(model.name, len(observations), worst)


def _largest_difference(file: str, expected: dict[str, np.ndarray], received: dict[str, np.ndarray]) -> float:
    """ExportError when a number is off by more than TOLERANCE."""
    worst = 0.0
    for name, values in expected.items():
        if received[name].shape != values.shape:
            raise ExportError(f"{file}: expected {name} of shape {values.shape}. Received: {received[name].shape}")
        worst = max(worst, float(np.abs(received[name] - values).max()))
    if not worst <= TOLERANCE:
        raise ExportError(
            f"{file}: expected outputs within {TOLERANCE:g} of the network's own. Received: {worst:g} off"
        )
    return worst


def _in_words(file: str, count: int, worst: float) -> str:
    return f"{file} gives the network's outputs at {count} observations of the game, within {worst:.1e} (at most {TOLERANCE:g})"


def _module_at(file: Path) -> ModuleType:
    """A Python file as a module of its own, whatever else is loaded."""
    spec = importlib.util.spec_from_file_location("exported_play", file)
    if spec is None or spec.loader is None:
        raise ExportError(f"{file} is not a Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module

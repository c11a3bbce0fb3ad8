"""Checkpoints: a folder of plain arrays and JSON, written beside its place and renamed, checked when loaded.

    weights.npz       the network's weights, w000, w001 … in Keras's order
    optimizer.npz     the optimizer's variables, o000 …, where training can go on from here
    checkpoint.json   everything needed to know what the weights are

No pickles: np.load refuses them, and nothing in the files is executed.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from game.actions import COMBO_NAMES
from game.observation import ObservationSpec
from policy.forward import NetworkConfig, NumpyNetwork, parameter_shapes

FORMAT = 1


class CheckpointError(ValueError):
    """A checkpoint cannot be used; the message says what was expected and received."""


@dataclass(frozen=True)
class CheckpointInfo:
    """What a checkpoint says of itself (checkpoint.json)."""

    game: str
    frame_skip: int
    """Frames a step."""
    observation: ObservationSpec
    network: NetworkConfig = NetworkConfig()
    step: int = 0
    """Agent steps or gradient steps trained, as its stage counts."""
    metrics: dict[str, float] = field(default_factory=dict)
    parent: str = ""
    """The checkpoint this one began from, "" for none."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What the stage itself needs to go on (its own JSON)."""

    def to_json(self) -> dict[str, Any]:
        own = asdict(self) | {"observation": self.observation.to_json(), "network": self.network.to_json()}
        return {"format": FORMAT, "actions": list(COMBO_NAMES)} | own


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint: arrays in Keras's order; `optimizer` is empty when none was saved."""

    path: Path
    info: CheckpointInfo
    weights: list[np.ndarray]
    optimizer: list[np.ndarray]

    def numpy_network(self) -> NumpyNetwork:
        return NumpyNetwork(self.info.network, self.weights)


def save_checkpoint(
    path: Path, info: CheckpointInfo, weights: Sequence[np.ndarray], optimizer: Sequence[np.ndarray] = ()
) -> Path:
    """Write a checkpoint folder; a kill at any moment leaves the old one, or none, but never half of one."""
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    _write_arrays(beside / "weights.npz", "w", weights)
    if optimizer:
        _write_arrays(beside / "optimizer.npz", "o", optimizer)
    (beside / "checkpoint.json").write_text(json.dumps(info.to_json(), indent=1))
    if path.exists():
        old = path.with_name(f".{path.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        path.rename(old)
        beside.rename(path)
        shutil.rmtree(old)
    else:
        beside.rename(path)
    return path


def load_checkpoint(path: Path) -> Checkpoint:
    """Load and check a checkpoint folder. CheckpointError for anything missing, foreign or of another shape."""
    path = Path(path)
    info = read_info(path)
    weights = _read_arrays(path / "weights.npz")
    expected = parameter_shapes(info.network, info.observation)
    received = [w.shape for w in weights]
    if expected != received:
        raise CheckpointError(f"{path}: expected weights of shapes {expected}. Received: {received}")
    optimizer = _read_arrays(path / "optimizer.npz") if (path / "optimizer.npz").is_file() else []
    return Checkpoint(path.resolve(), info, weights, optimizer)


def read_info(path: Path) -> CheckpointInfo:
    """checkpoint.json alone, checked."""
    try:
        fields = json.loads((path / "checkpoint.json").read_text())
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not a checkpoint folder: {error}") from error
    if fields.get("format") != FORMAT:
        raise CheckpointError(f"{path}: expected checkpoint format {FORMAT}. Received: {fields.get('format')}")
    if fields.get("actions") != list(COMBO_NAMES):
        raise CheckpointError(f"{path}: expected the actions {list(COMBO_NAMES)}. Received: {fields.get('actions')}")
    try:
        own = {name: fields[name] for name in ("game", "frame_skip", "step", "metrics", "parent", "extra")}
        observation = ObservationSpec.from_json(fields["observation"])
        return CheckpointInfo(observation=observation, network=NetworkConfig(**fields["network"]), **own)
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: checkpoint.json is incomplete or wrong: {error!r}") from error


def check_compatible(info: CheckpointInfo, path: Path, game: str, frame_skip: int, spec: ObservationSpec) -> None:
    """CheckpointError unless a checkpoint was made for this game, frame skip and observation."""
    expected = {"game": game, "frame_skip": frame_skip, "observation": spec}
    for name, wanted in expected.items():
        if getattr(info, name) != wanted:
            raise CheckpointError(f"{path}: expected {name} {wanted}. Received: {getattr(info, name)}")


def _write_arrays(path: Path, letter: str, arrays: Sequence[np.ndarray]) -> None:
    named: dict[str, Any] = {f"{letter}{i:03d}": array for i, array in enumerate(arrays)}
    np.savez(path, **named)


def _read_arrays(path: Path) -> list[np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return [archive[name] for name in sorted(archive.files)]
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise CheckpointError(f"{path}: not a readable array file ({error})") from error

"""Checkpoints: a folder of plain arrays and JSON, written beside its place and renamed, checked when loaded.

    checkpoint.json   what the arrays are, and all it takes to play with them
    weights.npz       what plays; which arrays those are depends on the kind
    state.npz         what else the learner needs to go on from here (an optimizer's variables …)

Kinds: `network` (arrays w000, w001 … in Keras's order), `sequences` (one array of combos per act), `genome` (a network that
was bred; see policy.genome). `policy.players.load` makes a player of any of them.

No pickles: np.load refuses them, and nothing in the files is executed.
"""

import json
import os
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from common.files import whole_file
from game.actions import ACTION_SETS, COMBO_NAMES
from game.observation import ObservationSpec
from policy.architecture import NetworkConfig, parameter_shapes

FORMAT = 2
OLDER_FORMATS = (1,)
"""Still opened: format 1 had networks of all 23 combos only."""
KINDS = ("network", "sequences", "genome")


class CheckpointError(ValueError):
    """A checkpoint cannot be used; the message says what was expected and received."""


@dataclass(frozen=True)
class CheckpointInfo:
    """What a checkpoint says of itself (checkpoint.json)."""

    game: str
    frame_skip: int
    """Frames per step."""
    observation: ObservationSpec
    network: NetworkConfig = NetworkConfig()
    """Of a checkpoint of kind `network`."""
    step: int = 0
    """The learner's steps when it was saved: agent steps, or epochs of cloning."""
    metrics: dict[str, float] = field(default_factory=dict)
    parent: str = ""
    """The checkpoint this one began from, "" for none."""
    extra: dict[str, Any] = field(default_factory=dict)
    """What the learner itself needs to go on (JSON values of its own)."""
    kind: str = "network"
    action_set: str = "all"
    """What it chooses from, a name in game.actions.ACTION_SETS."""

    @property
    def combos(self) -> tuple[int, ...]:
        """The combo of each of its actions."""
        return ACTION_SETS[self.action_set]

    def to_json(self) -> dict[str, Any]:
        """The content of checkpoint.json."""
        own = asdict(self) | {"observation": self.observation.to_json(), "network": self.network.to_json()}
        return {"format": FORMAT, "actions": list(COMBO_NAMES)} | own


@dataclass(frozen=True)
class Checkpoint:
    """A loaded checkpoint.

    Attributes:
        arrays: name -> array, as its kind has them.
        state: name -> array, the learner's; empty when none was saved.
    """

    path: Path
    info: CheckpointInfo
    arrays: Mapping[str, np.ndarray]
    state: Mapping[str, np.ndarray]

    @property
    def weights(self) -> list[np.ndarray]:
        """A network's weights, in Keras's order."""
        return from_named(self.arrays)


def named(letter: str, arrays: Sequence[np.ndarray]) -> dict[str, np.ndarray]:
    """Arrays under names that sort in their order: w000, w001 …"""
    return {f"{letter}{i:03d}": np.asarray(array) for i, array in enumerate(arrays)}


def from_named(arrays: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The inverse of `named`."""
    return [arrays[name] for name in sorted(arrays)]


def save_checkpoint(
    path: Path, info: CheckpointInfo, arrays: Mapping[str, np.ndarray], state: Mapping[str, np.ndarray] | None = None
) -> Path:
    """Write a checkpoint folder; a kill at any moment leaves the old one, or none, but never half of one.

    Args:
        arrays: what plays; state: what else the learner needs to go on.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    _write_arrays(beside / "weights.npz", arrays)
    if state:
        _write_arrays(beside / "state.npz", state)
    with whole_file(beside / "checkpoint.json") as file:
        file.write_text(json.dumps(info.to_json(), indent=1))
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
    arrays = _read_arrays(path / "weights.npz")
    if info.kind == "network":
        _check_weights(path, info, from_named(arrays))
    state = _read_arrays(path / "state.npz") if (path / "state.npz").is_file() else {}
    return Checkpoint(path.resolve(), info, arrays, state)


def _check_weights(path: Path, info: CheckpointInfo, weights: list[np.ndarray]) -> None:
    expected = parameter_shapes(info.network, info.observation, len(info.combos))
    received = [w.shape for w in weights]
    if expected != received:
        raise CheckpointError(f"{path}: expected weights of shapes {expected}. Received: {received}")
    for number, array in enumerate(weights):
        if array.dtype != np.float32:
            raise CheckpointError(f"{path}: expected float32 weights. Received: {array.dtype} in array {number}")
        if not np.isfinite(array).all():
            raise CheckpointError(f"{path}: expected finite weights. Received: NaN or infinity in array {number}")


def read_info(path: Path) -> CheckpointInfo:
    """checkpoint.json alone, checked."""
    try:
        fields = json.loads((path / "checkpoint.json").read_text())
    except (OSError, ValueError) as error:
        raise CheckpointError(f"{path} is not a checkpoint folder: {error}") from error
    if fields.get("format") not in (FORMAT, *OLDER_FORMATS):
        raise CheckpointError(f"{path}: expected checkpoint format {FORMAT}. Received: {fields.get('format')}")
    if fields.get("actions") != list(COMBO_NAMES):
        raise CheckpointError(f"{path}: expected the actions {list(COMBO_NAMES)}. Received: {fields.get('actions')}")
    kind = fields.get("kind", "network")
    if kind not in KINDS:
        raise CheckpointError(f"{path}: expected a checkpoint of kind {', '.join(KINDS)}. Received: {kind!r}")
    action_set = fields.get("action_set", "all")
    if action_set not in ACTION_SETS:
        raise CheckpointError(f"{path}: expected an action set of {', '.join(ACTION_SETS)}. Received: {action_set!r}")
    try:
        own = {name: fields[name] for name in ("game", "frame_skip", "step", "metrics", "parent", "extra")}
        return CheckpointInfo(
            observation=ObservationSpec.from_json(fields["observation"]),
            network=NetworkConfig(**fields["network"]),
            kind=kind,
            action_set=action_set,
            **own,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CheckpointError(f"{path}: checkpoint.json is incomplete or wrong: {error!r}") from error


def check_compatible(
    info: CheckpointInfo, path: Path, game: str, frame_skip: int, spec: ObservationSpec | None = None
) -> None:
    """CheckpointError unless a checkpoint was made for this game, frame skip and (when given) observation."""
    expected: dict[str, Any] = {"game": game, "frame_skip": frame_skip, "observation": spec or info.observation}
    for name, wanted in expected.items():
        if getattr(info, name) != wanted:
            raise CheckpointError(f"{path}: expected {name} {wanted}. Received: {getattr(info, name)}")


def _write_arrays(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    plain: dict[str, Any] = dict(arrays)
    with whole_file(path) as beside, beside.open("wb") as file:
        np.savez(file, **plain)


def _read_arrays(path: Path) -> dict[str, np.ndarray]:
    try:
        with np.load(path, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except (OSError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise CheckpointError(f"{path}: not a readable array file ({error})") from error

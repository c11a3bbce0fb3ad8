"""Checkpoints: a folder of plain arrays and JSON, written beside its place and renamed, checked when loaded.

    checkpoint.json   what the arrays are, and all it takes to play with them
    weights.npz       what plays; which arrays those are depends on the kind
    state.npz         what else the learner needs to go on from here (an optimizer's variables …)
    replay.npz        the experience that a learner keeps, where it keeps any; too large to be read by anybody else

Kinds: `network` (arrays w000, w001 … in Keras's order), `sequences` (one array of combos per act), `genome` (a network that
was bred; see policy.genome). `policy.players.load` makes a player of any of them.

No pickles: np.load refuses them, and nothing in the files is executed.
"""

import hashlib
import json
import math
import os
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from common.files import read_json, whole_file
from game.actions import ACTION_SETS, COMBO_NAMES
from game.observation import ObservationSpec
from game.zips import open_zip
from policy.architecture import NetworkConfig, parameter_shapes

FORMAT = 2
OLDER_FORMATS = (1,)
"""Still opened: format 1 had networks of all 23 combos only."""
KINDS = ("network", "sequences", "genome")

INFO_LIMIT = 1 << 24
"""Bytes of checkpoint.json: the running episodes of some hundred environments."""
ARRAYS_LIMIT = 1 << 30
"""Bytes of all arrays in a file."""
DIRECTORY_LIMIT = 1 << 20
"""Bytes of an array file's list of arrays."""
REPLAY, REPLAY_LIMIT = "replay.npz", 1 << 32
"""The experience's file, and its bytes at most: more than a million packed frames."""
LARGEST_SIZE = 1 << 14
"""Of a picture's side, a stack, or a layer."""


Shapes = Mapping[str, tuple[int, ...]]
"""Those of arrays, by name."""


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
    names = _names(letter, len(arrays))
    return {name: np.asarray(array) for name, array in zip(names, arrays, strict=True)}


def _names(letter: str, count: int) -> list[str]:
    return [f"{letter}{i:03d}" for i in range(count)]


def from_named(arrays: Mapping[str, np.ndarray]) -> list[np.ndarray]:
    """The inverse of `named`."""
    return [arrays[name] for name in sorted(arrays)]


def save_checkpoint(
    path: Path,
    info: CheckpointInfo,
    arrays: Mapping[str, np.ndarray],
    state: Mapping[str, np.ndarray] | None = None,
    replay: Mapping[str, np.ndarray] | None = None,
) -> Path:
    """Write a checkpoint folder; a kill at any moment leaves the old one, or none, but never half of one.

    Args:
        arrays: what plays; state: what else the learner needs to go on; replay: its experience (`load_replay`).
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir(parents=True)
    _write_arrays(beside / "weights.npz", arrays)
    if state:
        _write_arrays(beside / "state.npz", state)
    if replay:
        _write_arrays(beside / REPLAY, replay)
    with whole_file(beside / "checkpoint.json") as file:
        file.write_text(json.dumps(info.to_json(), indent=1))
    # a folder cannot be renamed onto another; Run.held brings .old back after a kill in between
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
    expected = None
    if info.kind == "network":
        shapes = parameter_shapes(info.network, info.observation, len(info.combos))
        expected = {name: shape for name, shape in zip(_names("w", len(shapes)), shapes, strict=True)}
    arrays = _read_arrays(path / "weights.npz", expected)
    state = _read_arrays(path / "state.npz") if (path / "state.npz").is_file() else {}
    return Checkpoint(path.resolve(), info, arrays, state)


def load_replay(path: Path) -> dict[str, np.ndarray]:
    """The experience saved in a checkpoint folder. CheckpointError when there is none, or it cannot be read."""
    if not (path / REPLAY).is_file():
        raise CheckpointError(f"{path} holds no {REPLAY}: only the newest checkpoints of a run keep theirs.")
    return _read_arrays(path / REPLAY, limit=REPLAY_LIMIT)


def digest(path: Path) -> str:
    """SHA-256 (hex) of a checkpoint's two files, so that other weights under the same checkpoint.json are another player."""
    both = hashlib.sha256()
    for name in ("checkpoint.json", "weights.npz"):
        with (path / name).open("rb") as file:
            both.update(hashlib.file_digest(file, "sha256").digest())
    return both.hexdigest()


def playing_digest(checkpoint: Checkpoint) -> str:
    """SHA-256 (hex) of what decides the combos alone: two checkpoints with the same play alike, whatever else they tell."""
    info = checkpoint.info
    decides = info.kind, info.frame_skip, info.observation.to_json(), info.network.to_json(), info.action_set
    sha = hashlib.sha256(json.dumps(decides).encode())
    for name, array in sorted(checkpoint.arrays.items()):
        sha.update(f"{name} {array.dtype} {array.shape}".encode() + array.tobytes())
    return sha.hexdigest()


def read_info(path: Path) -> CheckpointInfo:
    """checkpoint.json alone, checked."""
    file = path / "checkpoint.json"
    try:
        fields = read_json(file, dict[str, Any], INFO_LIMIT)
    except OSError as error:
        raise CheckpointError(f"{path} is not a checkpoint folder: {error}") from error
    except ValueError as error:
        raise CheckpointError(str(error)) from error
    if fields.get("format") not in (FORMAT, *OLDER_FORMATS):
        raise CheckpointError(f"{path}: expected checkpoint format {FORMAT}. Received: {fields.get('format')}")
    if fields.get("actions") != list(COMBO_NAMES):
        raise CheckpointError(f"{path}: expected the actions {list(COMBO_NAMES)}. Received: {fields.get('actions')}")
    try:
        stored = msgspec.convert(fields, _Stored)
        # a spec with fields of another version would see something else
        observation = ObservationSpec.from_json(fields["observation"])
        info = CheckpointInfo(**vars(stored) | {"observation": observation})
        _check_info(info)
    except (ValueError, KeyError) as error:
        raise CheckpointError(f"{file}: {error}") from error
    return info


@dataclass(frozen=True)
class _Stored:
    """The types of checkpoint.json, format 2; what format 1 had not has a default."""

    game: str
    frame_skip: int
    observation: ObservationSpec
    network: NetworkConfig
    step: int
    metrics: dict[str, float]
    parent: str
    extra: dict[str, Any]
    kind: str = "network"
    action_set: str = "all"


def _check_info(info: CheckpointInfo) -> None:
    """ValueError for values that are of the right type and yet no checkpoint's."""
    if info.kind not in KINDS:
        raise ValueError(f"expected a kind of {', '.join(KINDS)}. Received: {info.kind!r}")
    if info.action_set not in ACTION_SETS:
        raise ValueError(f"expected an action set of {', '.join(ACTION_SETS)}. Received: {info.action_set!r}")
    sizes = {
        "frame_skip": info.frame_skip,
        "observation.height": info.observation.height,
        "observation.width": info.observation.width,
        "observation.stack": info.observation.stack,
        "network.hidden": info.network.hidden,
    }
    for name, size in sizes.items():
        if not 0 < size <= LARGEST_SIZE:
            raise ValueError(f"expected {name} from 1 to {LARGEST_SIZE}. Received: {size}")
    if not 0 <= info.network.lstm <= LARGEST_SIZE:
        raise ValueError(f"expected network.lstm from 0 to {LARGEST_SIZE}. Received: {info.network.lstm}")
    if info.step < 0:
        raise ValueError(f"expected a step of 0 or more. Received: {info.step}")


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


def _read_arrays(path: Path, expected: Shapes | None = None, limit: int = 0) -> dict[str, np.ndarray]:
    """The arrays of an npz file. Names, types and shapes are looked at before anything is unpacked.

    Args:
        expected: the shapes that float32 arrays must have; None takes any arrays of plain numbers or names.
        limit: bytes of all arrays (0: ARRAYS_LIMIT).
    """
    try:
        with open_zip(path, DIRECTORY_LIMIT) as archive:
            headers = _read_headers(archive)
        _check_headers(headers, expected, limit or ARRAYS_LIMIT)
        with np.load(path, allow_pickle=False) as arrays:
            found = {name: arrays[name] for name in arrays.files}
    except CheckpointError:
        raise
    except Exception as error:  # zipfile and the header's parser raise a dozen kinds, some undocumented
        raise CheckpointError(f"{path}: not a readable array file ({error})") from error
    for name, array in found.items():
        if expected is not None and not np.isfinite(array).all():
            raise CheckpointError(f"{path}: expected finite weights. Received: NaN or infinity in {name}")
    return found


Header = tuple[tuple[int, ...], np.dtype]
"""Shape and type of an array."""


def _read_headers(archive: zipfile.ZipFile) -> dict[str, Header]:
    """Of every array by name. ValueError where NumPy might read another member than the one looked at here."""
    headers = {}
    for member in archive.namelist():
        name = member.removesuffix(".npy")
        if name == member or name in headers:
            raise ValueError(f"expected arrays of different names, NAME.npy each. Received: {member}")
        headers[name] = _read_header(archive, member)
    return headers


def _read_header(archive: zipfile.ZipFile, member: str) -> Header:
    with archive.open(member) as file:
        version = np.lib.format.read_magic(file)
        if version != (1, 0):  # later versions are for names longer than ours
            raise ValueError(f"expected npy format 1.0 in {member}. Received: {version}")
        shape, _, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=10_000)
    return shape, dtype


def _check_headers(headers: Mapping[str, Header], expected: Shapes | None, limit: int) -> None:
    """ValueError before anything is unpacked: foreign names, shapes or types, pickles, or more than the limit."""
    # sizes are known from the headers: a bomb is refused before it unfolds
    total = 0
    for name, (shape, dtype) in headers.items():
        # the one way in which an array file could execute anything
        if dtype.hasobject:
            raise ValueError(f"{name} holds Python objects; allow_pickle is off")
        if dtype.kind not in "biufU":
            raise ValueError(f"expected numbers or names in {name}. Received: {dtype}")
        total += math.prod(shape) * dtype.itemsize
    if total > limit:
        raise ValueError(f"expected at most {limit} bytes of arrays. Received: {total}")
    if expected is None:
        return
    shapes = {name: shape for name, (shape, _) in headers.items()}
    if shapes != dict(expected):
        raise ValueError(f"expected weights of shapes {dict(expected)}. Received: {shapes}")
    for name, (_, dtype) in headers.items():
        if dtype != np.float32:
            raise ValueError(f"expected float32 weights. Received: {dtype} in {name}")

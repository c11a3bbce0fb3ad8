"""Reads data sets from anywhere: everything is compared with what is declared here before it is used.

An HDF5 file can name other files, claim any size and hold anything under any name. So nothing is followed out of a file, no
shape, type or layout is taken but the one dataset.store writes, and no value outside its range.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, NoReturn, NotRequired, TypedDict

import h5py
import msgspec
import numpy as np

from common.files import parse_json, read_json
from dataset.memory import memory_bounded
from dataset.store import FORMAT_VERSION, INFO_NAMES, DatasetError, chunk_shape
from game.actions import MASK_COUNT
from game.certificate import MOST_FRAMES
from game.observation import ObservationSpec

INFO_CHUNK_BYTES = 1 << 23
"""A chunk of a column may be no larger when it is unpacked; h5py's own choice is a few kB."""
PIECE_CHUNKS = 16
"""So many chunks of pictures are read at a time (2 MB of them at 96 x 96)."""
ATTRIBUTE_BYTES = 1 << 16
"""HDF5's own limit for an ordinary attribute."""
MADE_AGAIN = " Delete it, and `make dataset` makes it again."

Pixels = Annotated[int, msgspec.Meta(ge=1, le=512)]
Count = Annotated[int, msgspec.Meta(ge=0)]


class StoredSpec(TypedDict):
    """game.observation.ObservationSpec as JSON."""

    height: Pixels
    width: Pixels
    stack: Annotated[int, msgspec.Meta(ge=1, le=64)]
    hide_hud: bool
    channels: str
    resize: str


class Metadata(TypedDict):
    """Of metadata.json, what is used here; the rest is Minari's."""

    total_episodes: Count
    total_steps: Count
    game: str
    observation_spec: StoredSpec
    format_version: int


class Attributes(TypedDict):
    """Of a movie's file: every attribute that is used anywhere."""

    total_steps: Annotated[int, msgspec.Meta(ge=1, le=MOST_FRAMES)]
    game: str
    act: str
    movie: str
    movie_sha256: str
    observation_spec: str
    rom_sha1: str
    core: str
    sidecar: str
    label_rule: int
    origin: str
    player: str
    skill: str
    certified: bool
    certificate: str
    passed_end_x: bool
    died: bool
    spin_dashes: Count
    spin_dash_revs: str
    recorded: NotRequired[str]
    noisy: NotRequired[bool]


def _refuse(path: Path, field: str, expected: object, received: object) -> NoReturn:
    raise DatasetError(f"{path}: {field}: expected {expected}. Received: {received}.{_advice(path)}")


def _advice(path: Path) -> str:
    """What to do about a damaged file: only one that lies where converted movies lie is ours to be deleted."""
    return MADE_AGAIN if path.absolute().parts[-3:-1] == ("data", "movies") else ""


def check_spec(spec: ObservationSpec) -> None:
    """DatasetError when a data set cannot hold such pictures."""
    if spec.action_history:
        raise DatasetError(
            "observation: expected no action history, which is drawn when a data set is read. "
            "Received: action_history. `python -m supervised --action-history` clones with one."
        )
    try:
        msgspec.convert(spec.to_json(), StoredSpec)
    except msgspec.ValidationError as error:
        raise DatasetError(f"observation: {error}") from error


def read_metadata(path: Path) -> tuple[Metadata, ObservationSpec]:
    """A data set's metadata.json. DatasetError when there is no data set, or it is damaged."""
    file = path / "data" / "metadata.json"
    if not file.is_file():
        raise DatasetError(f"No data set at {path} (no {file}). Run `make dataset` first.")
    try:
        metadata = read_json(file, Metadata)
        spec = ObservationSpec.from_json(dict(metadata["observation_spec"]))
    except (OSError, ValueError) as error:
        reason = str(error).removeprefix(f"{file}: ")
        raise DatasetError(f"{file}: {reason}. Run `make dataset` to write it again.") from error
    if metadata["format_version"] != FORMAT_VERSION:
        raise DatasetError(_other_format(file, metadata["format_version"]))
    return metadata, spec


def _other_format(path: Path, found: object) -> str:
    return f"{path}: expected data set format {FORMAT_VERSION}. Received: {found}. Run `make dataset` to convert again."


@contextmanager
def _opened(path: Path) -> Iterator[h5py.Group]:
    """The file's group /episode. DatasetError for whatever goes wrong inside the block."""
    if not path.is_file():
        raise DatasetError(f"{path}: expected a converted movie. Received: something that is no file")
    try:
        with memory_bounded():
            file = h5py.File(path, "r")
        with file:
            yield _hard_linked(path, file, "episode", h5py.Group)
    except DatasetError:
        raise
    except Exception as error:  # h5py raises a dozen kinds for a hostile file, none of them documented
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise DatasetError(f"{path}: not a converted movie, or a damaged one ({reason[:300]}).") from error


def _hard_linked(path: Path, group: h5py.Group, name: str, kind: type) -> Any:
    """What is stored under a name in this very file. DatasetError for a link to elsewhere, or another kind of thing."""
    link = group.get(name, getlink=True)
    if link is None:
        _refuse(path, name, f"a {kind.__name__.lower()}", "nothing")
    if not isinstance(link, h5py.HardLink):
        _refuse(path, name, "data in the file itself", f"a link to elsewhere ({type(link).__name__})")
    found = group[name]
    if not isinstance(found, kind):
        _refuse(path, name, f"a {kind.__name__.lower()}", f"a {type(found).__name__.lower()}")
    return found


def read_attributes(path: Path) -> dict[str, Any]:
    """A movie file's attributes, once they and the layout of all its data are as declared. DatasetError otherwise."""
    with _opened(path) as group, memory_bounded():
        attributes = _attributes_of(path, group)
        _check_layout(path, group, attributes)
    return dict(attributes)


def _attributes_of(path: Path, group: h5py.Group) -> Attributes:
    version = _attribute(path, group, "format_version")
    if type(version) is not int or version != FORMAT_VERSION:
        raise DatasetError(_other_format(path, version))
    found = {name: _attribute(path, group, name) for name in Attributes.__annotations__ if name in group.attrs}
    try:
        attributes = msgspec.convert(found, Attributes)
    except msgspec.ValidationError as error:
        raise DatasetError(f"{path}: attributes: {error}.{_advice(path)}") from error
    for name, value in found.items():
        if isinstance(value, str) and not value.isprintable():
            _refuse(path, name, "printable text", ascii(value)[:60])
    return attributes


def _attribute(path: Path, group: h5py.Group, name: str) -> Any:
    """One attribute as a plain value; None when there is none.

    Its type is looked at first: HDF5 follows a text of variable length to wherever a damaged file says, and crashes.
    """
    if name not in group.attrs:
        return None
    stored = group.attrs.get_id(name)
    kind = stored.get_type()
    allowed = (h5py.h5t.INTEGER, h5py.h5t.ENUM, h5py.h5t.STRING)
    if kind.get_class() not in allowed or (kind.get_class() == h5py.h5t.STRING and kind.is_variable_str()):
        _refuse(path, name, "a number, a truth value or a text of fixed length", kind.dtype)
    if stored.shape != () or stored.get_storage_size() > ATTRIBUTE_BYTES:
        _refuse(path, name, f"one value of at most {ATTRIBUTE_BYTES} bytes", stored.shape)
    value = group.attrs[name]
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if isinstance(value, np.generic) else value


def _spec_of(path: Path, attributes: Attributes) -> ObservationSpec:
    text = attributes["observation_spec"]
    try:
        fields = parse_json(text, StoredSpec, "observation_spec")
        spec = ObservationSpec.from_json(dict(fields))
    except ValueError as error:
        raise DatasetError(f"{path}: {error}.{_advice(path)}") from error
    if json.dumps(spec.to_json()) != text:
        _refuse(path, "observation_spec", json.dumps(spec.to_json()), text[:200])
    return spec


def _check_layout(path: Path, group: h5py.Group, attributes: Attributes) -> None:
    """Every array there, of its shape, type and storage. Nothing of them is read."""
    frames = attributes["total_steps"]
    spec = _spec_of(path, attributes)
    observations = _array(path, group, "observations", np.uint8, (frames + 1, *spec.frame_shape))
    chunks = chunk_shape(frames, spec.frame_shape)
    if observations.chunks != chunks:
        _refuse(path, "observations", f"chunks of {chunks}", observations.chunks)
    expected = -(-(frames + 1) // chunks[0])
    stored = observations.id.get_num_chunks()
    if stored != expected:  # what is not stored would be read as black, whatever size is claimed
        _refuse(path, "observations", f"{expected} chunks", stored)
    _array(path, group, "actions", np.uint8, (frames,))
    _array(path, group, "rewards", np.float32, (frames,))
    _array(path, group, "terminations", np.bool_, (frames,))
    _array(path, group, "truncations", np.bool_, (frames,))
    infos = _hard_linked(path, group, "infos", h5py.Group)
    for name in INFO_NAMES:
        _array(path, infos, name, np.int32, (frames + 1,))


def _array(path: Path, group: h5py.Group, name: str, dtype: type, shape: tuple[int, ...]) -> h5py.Dataset:
    """An array stored in this file itself, of this type and shape."""
    array = _hard_linked(path, group, name, h5py.Dataset)
    if array.dtype != np.dtype(dtype):
        _refuse(path, name, np.dtype(dtype), array.dtype)
    if array.shape != shape:
        _refuse(path, name, f"the shape {shape}", array.shape)
    if array.external or array.is_virtual:
        _refuse(path, name, "data in the file itself", "data in another file")
    filters = array.id.get_create_plist()
    for i in range(filters.get_nfilters()):
        if filters.get_filter(i)[0] != h5py.h5z.FILTER_DEFLATE:
            _refuse(path, name, "gzip or plain data", f"filter {filters.get_filter(i)[0]}")
    if array.chunks and np.prod(array.chunks, dtype=float) * array.dtype.itemsize > INFO_CHUNK_BYTES:
        _refuse(path, name, f"chunks of at most {INFO_CHUNK_BYTES} bytes", array.chunks)
    return array


RANGES = {"pad_mask": MASK_COUNT, "labelled": 2, "game_mode": 256, "spindash_flag": 256, "x": 1 << 16}
"""Those of the columns whose values something is looked up by: each is at least 0 and below this."""


def read_infos(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Columns of one movie's file by name: int32 [N + 1] each, of INFO_NAMES. DatasetError for values out of range."""
    with _opened(path) as group, memory_bounded():
        _check_layout(path, group, _attributes_of(path, group))
        columns = {name: group["infos"][name][()] for name in names}
    for name, values in columns.items():
        below = RANGES.get(name)
        if below is not None and not ((values >= 0) & (values < below)).all():
            worst = values[(values < 0) | (values >= below)][0]
            _refuse(path, f"infos/{name}", f"values from 0 to {below - 1}", worst)
    return columns


def read_observations(path: Path, first: int = 0, last: int | None = None) -> Iterator[np.ndarray]:
    """Observations `first` to `last` (left out) of one movie's file, a piece at a time: uint8 [n, height, width] each."""
    with _opened(path) as group:
        with memory_bounded():
            _check_layout(path, group, _attributes_of(path, group))
        observations = group["observations"]
        end = len(observations) if last is None else last
        piece = PIECE_CHUNKS * observations.chunks[0]
        for start in range(first, end, piece):
            with memory_bounded():  # but not while somebody else works with the piece
                frames = observations[start : min(start + piece, end)]
            yield frames


def linked_files(main: Path) -> list[Path]:
    """The movies' files that a main_data.hdf5 links to. DatasetError for a link to anything else."""
    if not main.is_file():
        raise DatasetError(f"{main}: expected a data set's main file. Received: something that is no file")
    try:
        with memory_bounded(), h5py.File(main, "r") as file:
            links = [file.get(name, getlink=True) for name in file]
    except Exception as error:  # as above
        raise DatasetError(f"{main} is not a data set's main file ({error}).") from error
    files = []
    for link in links:
        if not isinstance(link, h5py.ExternalLink) or link.path != "/episode":
            raise DatasetError(f"{main}: expected links to movies' files. Received: {type(link).__name__}")
        folder, _, name = link.filename.rpartition("/")
        if folder != "movies" or not name.endswith(".hdf5"):
            raise DatasetError(f"{main}: expected links into movies/. Received: {ascii(link.filename)[:80]}")
        files.append(main.parent / "movies" / name)
    return files

"""The data set on disk: data/<name>/ as Minari reads it, one HDF5 file per movie. This file writes; dataset.reading reads.

    data/<name>/data/main_data.hdf5        episode_0, episode_1 … links into the files below
    data/<name>/data/metadata.json         what Minari wants to know
    data/<name>/data/movies/<movie>.hdf5   /episode: observations, actions, rewards, terminations, truncations, infos/*

N frames give N + 1 observations: observation i is the picture before action i. Every frame is kept (60 Hz).
"""

import errno
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from isal import isal_zlib

from common.files import whole_file
from dataset.space import disk_errors_named, free_bytes
from experiment.run import write_json
from game.actions import COMBO_COUNT, COMBO_OF_MASK
from game.observation import ObservationSpec
from game.ram import VARIABLE_NAMES

FORMAT_VERSION = 4
DATA = Path("data")
CHUNK_FRAMES = 16
ISAL_LEVEL = 2
"""About zlib's level 1 in size."""
MINARI_VERSION = "0.5.4"
INFO_NAMES = (*VARIABLE_NAMES, "pad_mask", "labelled")
"""int32 [N + 1] each: RAM beside each observation; the pad mask of the frame that follows it, and whether it is a label."""
IDENTITY = ("movie_sha256", "observation_spec", "rom_sha1", "core", "sidecar", "label_rule")
"""The attributes that say what a file was made from. When one is other than it would be now, the movie is converted again."""
SPARE_BYTES = 1 << 16
"""Left free while frames are written, so that HDF5 can always close its file in good order."""
USUAL_FRAME_BYTES = 1600
"""Of one deflated frame, before a movie's own frames tell better."""


class DatasetError(ValueError):
    """A data set cannot be used; the message says what was found and what to do."""


class NothingMeantError(DatasetError):
    """A data set holds no movie of those that were meant."""


def dataset_path(name: str) -> Path:
    """data/<name>. DatasetError for a name Minari could not load."""
    stem, _, version = name.rpartition("-v")
    if not stem.replace("-", "").replace("_", "").isalnum() or not version.isdigit():
        raise DatasetError(
            f"Expected a data set name like quillrush-v0 (letters, digits, -, _, -v<number>). Received: {name!r}"
        )
    return DATA / name


def movie_files(path: Path) -> list[Path]:
    """The HDF5 files of a data set's movies, in order of name."""
    return sorted((path / "data" / "movies").glob("*.hdf5"))


class EpisodeWriter:
    """Writes one movie's file as its frames come: never more than CHUNK_FRAMES pictures are held.

    Attributes:
        attributes: plain values, stored when the file is finished (game, act, certificate …).
        terminated: whether the last frame ended the episode; else it was cut off there.
    """

    def __init__(self, file: h5py.File, path: Path, frames: int, frame_shape: tuple[int, int]) -> None:
        self.attributes: dict[str, Any] = {}
        self.terminated = False
        self._path = path
        self._frames = frames
        self._group = file.create_group("episode")
        self._stored = self._group.create_dataset(
            "observations",
            (frames + 1, *frame_shape),
            np.uint8,
            chunks=chunk_shape(frames, frame_shape),
            compression="gzip",
            compression_opts=1,
        )
        self._chunk = np.zeros(self._stored.chunks, np.uint8)
        self._rows: list[list[int]] = []
        """The variables of the observations in the chunk under way."""
        self._variables = np.zeros((len(VARIABLE_NAMES), frames + 1), np.int32)
        self._rewards = np.zeros(frames, np.float32)
        self._seen = 0
        self._bytes = 0

    def add(self, frame: np.ndarray, variables: Mapping[str, int], reward: float = 0.0) -> None:
        """The next observation.

        Args:
            frame: uint8 [height, width].
            variables: RAM beside it, every name of VARIABLE_NAMES in that order.
            reward: of the frame that led to it; the first observation has none.
        """
        self._chunk[len(self._rows)] = frame
        self._rows.append(list(variables.values()))
        if self._seen:
            self._rewards[self._seen - 1] = reward
        self._seen += 1
        if len(self._rows) == len(self._chunk):
            self._write_chunk()

    def _write_chunk(self) -> None:
        """The frames at hand as an ordinary gzip chunk, deflated by ISA-L: a quarter of zlib's time for the same size."""
        first = self._seen - len(self._rows)
        self._chunk[len(self._rows) :] = 0  # HDF5 stores whole chunks
        packed = isal_zlib.compress(self._chunk.tobytes(), ISAL_LEVEL)
        if free_bytes(self._path.parent) < len(packed) + SPARE_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._stored.id.write_direct_chunk((first, 0, 0), packed)
        self._variables[:, first : self._seen] = np.array(self._rows, np.int64).astype(np.int32).T
        self._bytes += len(packed)
        self._rows = []

    def expected_bytes(self) -> int:
        """About how long the whole file will be, going by the frames written so far."""
        written = self._seen - len(self._rows)
        per_frame = self._bytes / written if written else USUAL_FRAME_BYTES
        others = self._variables.nbytes // 4  # they deflate well
        return int(per_frame * (self._frames + 1)) + others + SPARE_BYTES

    def finish(self, masks: np.ndarray, labelled: np.ndarray) -> None:
        """Write what is left, once every frame was added.

        Args:
            masks: uint16 [N], the pad mask of every frame; labelled: bool [N], whether it is a label.
        """
        if self._seen != self._frames + 1:
            raise ValueError(f"{self._path}: expected {self._frames + 1} observations. Received: {self._seen}")
        if self._rows:
            self._write_chunk()
        last = np.arange(self._frames) == self._frames - 1
        self._group.create_dataset("actions", data=COMBO_OF_MASK[masks])
        self._group.create_dataset("rewards", data=self._rewards)
        self._group.create_dataset("terminations", data=last & self.terminated)
        self._group.create_dataset("truncations", data=last & (not self.terminated))
        for name, values in zip(VARIABLE_NAMES, self._variables, strict=True):
            self._add_info(name, values)
        self._add_info("pad_mask", np.append(masks, 0).astype(np.int32))
        self._add_info("labelled", np.append(labelled, False).astype(np.int32))
        for name, value in self.attributes.items():
            self._add_attribute(name, value)

    def _add_attribute(self, name: str, value: Any) -> None:
        """Texts have a fixed length: those of variable length lie elsewhere in the file, and HDF5 crashes where a damaged
        file says that they do."""
        if isinstance(value, str):
            content = value.encode()
            self._group.attrs.create(name, content, dtype=h5py.string_dtype("utf-8", max(len(content), 1)))
        else:
            self._group.attrs[name] = value

    def _add_info(self, name: str, values: np.ndarray) -> None:
        self._group.create_dataset(f"infos/{name}", data=values, compression="gzip", compression_opts=1)


def chunk_shape(frames: int, frame_shape: tuple[int, int]) -> tuple[int, int, int]:
    """Of the observations of so many frames, as they are stored."""
    return (min(CHUNK_FRAMES, frames + 1), *frame_shape)


@contextmanager
def episode_file(path: Path, frames: int, frame_shape: tuple[int, int]) -> Iterator[EpisodeWriter]:
    """Yields the writer of one movie's file, which takes its place when the block ends well; else nothing is left of it.

    The same episode gives the same arrays and attributes; its bytes may differ (docs/data-format.md).

    Raises:
        DiskError: there is no room for it, or it may not be written there.
    """
    writers: list[EpisodeWriter] = []

    def needed() -> int:
        return writers[0].expected_bytes() if writers else USUAL_FRAME_BYTES * frames

    with disk_errors_named(path, needed), whole_file(path) as beside, h5py.File(beside, "w") as file:
        writers.append(EpisodeWriter(file, path, frames, frame_shape))
        yield writers[0]


def write_main_file(path: Path, game: str, spec: ObservationSpec, steps: Mapping[Path, int]) -> None:
    """Link every movie's file into main_data.hdf5 and write Minari's metadata.

    Args:
        steps: frames of each movie's file.
    """
    folder = path / "data"
    with whole_file(folder / "main_data.hdf5") as beside, h5py.File(beside, "w", track_order=True) as main:
        for i, file in enumerate(steps):
            main[f"episode_{i}"] = h5py.ExternalLink(f"movies/{file.name}", "/episode")
    from game.registration import data_spec  # here, because reading a data set needs no emulator

    size = sum(file.stat().st_size for file in steps) / 1e6
    metadata = {
        "dataset_id": path.name,
        "minari_version": MINARI_VERSION,
        "data_format": "hdf5",
        "jpeg_encoding": False,
        "total_episodes": len(steps),
        "total_steps": sum(steps.values()),
        "dataset_size": round(size, 1),
        "observation_space": json.dumps(_box(spec)),
        "env_spec": data_spec(game, spec).to_json(),
        "action_space": json.dumps({"type": "Discrete", "dtype": "int64", "start": 0, "n": COMBO_COUNT}),
        "game": game,
        "observation_spec": spec.to_json(),
        "format_version": FORMAT_VERSION,
    }
    write_json(folder / "metadata.json", metadata)


def _box(spec: ObservationSpec) -> dict[str, Any]:
    low = np.zeros(spec.frame_shape, np.uint8)
    bounds = {"low": low.tolist(), "high": (low + 255).tolist()}
    return {"type": "Box", "dtype": "uint8", "shape": list(spec.frame_shape), **bounds}

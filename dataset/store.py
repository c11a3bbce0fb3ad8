"""The data set on disk: data/<name>/ as Minari reads it, one HDF5 file per movie.

    data/<name>/data/main_data.hdf5        episode_0, episode_1 … links into the files below
    data/<name>/data/metadata.json         what Minari wants to know
    data/<name>/data/movies/<movie>.hdf5   /episode: observations, actions, rewards, terminations, truncations, infos/*

N frames give N + 1 observations: observation i is the picture before action i. Every frame is kept (60 Hz).
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from isal import isal_zlib

from common.files import whole_file
from experiment.run import write_json
from game.actions import COMBO_COUNT
from game.observation import ObservationSpec

FORMAT_VERSION = 3
DATA = Path("data")
CHUNK_FRAMES = 16
ISAL_LEVEL = 2
"""About zlib's level 1 in size."""
MINARI_VERSION = "0.5.4"


class DatasetError(ValueError):
    """A data set cannot be used; the message says what was found and what to do."""


@dataclass(frozen=True)
class EpisodeData:
    """One converted movie.

    Attributes:
        observations: uint8 [N + 1, height, width], single grey frames.
        actions: uint8 [N], combo indices.
        rewards: float32 [N], contest reward of each frame.
        terminated, truncated: how the last frame ended the movie.
        infos: name -> int32 [N + 1], RAM variables beside each observation, and "pad_mask" (of the action that follows).
        attributes: plain values: movie SHA-256, game, act, certificate …
    """

    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    terminated: bool
    truncated: bool
    infos: dict[str, np.ndarray]
    attributes: dict[str, Any]


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


def write_episode(path: Path, episode: EpisodeData) -> None:
    """Write one movie's file beside its place and rename it; the same episode gives the same bytes."""
    count = len(episode.actions)
    last = np.arange(count) == count - 1
    with whole_file(path) as beside, h5py.File(beside, "w") as file:
        group = file.create_group("episode")
        _write_frames(group, episode.observations)
        group.create_dataset("actions", data=episode.actions)
        group.create_dataset("rewards", data=episode.rewards)
        group.create_dataset("terminations", data=last & episode.terminated)
        group.create_dataset("truncations", data=last & episode.truncated)
        for name, values in episode.infos.items():
            group.create_dataset(f"infos/{name}", data=values, compression="gzip", compression_opts=1)
        group.attrs.update(episode.attributes)


def _write_frames(group: h5py.Group, frames: np.ndarray) -> None:
    """The observations as ordinary gzip chunks, deflated by ISA-L: a quarter of zlib's time for the same size."""
    chunk = (min(CHUNK_FRAMES, len(frames)), *frames.shape[1:])
    stored = group.create_dataset(
        "observations", frames.shape, np.uint8, chunks=chunk, compression="gzip", compression_opts=1
    )
    for start in range(0, len(frames), chunk[0]):
        piece = frames[start : start + chunk[0]]
        if len(piece) < chunk[0]:  # HDF5 stores whole chunks
            piece = np.concatenate([piece, np.zeros((chunk[0] - len(piece), *chunk[1:]), np.uint8)])
        packed = isal_zlib.compress(piece.tobytes(), ISAL_LEVEL)
        stored.id.write_direct_chunk((start, *(0 for _ in chunk[1:])), packed)


def read_attributes(path: Path) -> dict[str, Any]:
    """A movie file's attributes. DatasetError when it is damaged or of another format."""
    try:
        with h5py.File(path, "r") as file:
            attributes = {key: _plain(value) for key, value in file["episode"].attrs.items()}
    except (OSError, KeyError, RuntimeError) as error:
        raise DatasetError(f"{path} is not a converted movie ({error}). Delete it and convert again.") from error
    if attributes.get("format_version") != FORMAT_VERSION:
        found = attributes.get("format_version")
        raise DatasetError(f"{path}: expected data set format {FORMAT_VERSION}. Received: {found}. Convert again.")
    return attributes


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def write_main_file(path: Path, game: str, spec: ObservationSpec) -> int:
    """Link every movie's file into main_data.hdf5 and write Minari's metadata; returns the number of episodes."""
    files = movie_files(path)
    folder = path / "data"
    total_steps = 0
    with whole_file(folder / "main_data.hdf5") as beside, h5py.File(beside, "w", track_order=True) as main:
        for i, file in enumerate(files):
            main[f"episode_{i}"] = h5py.ExternalLink(f"movies/{file.name}", "/episode")
            total_steps += read_attributes(file)["total_steps"]
    size = sum(file.stat().st_size for file in files) / 1e6
    metadata = {
        "dataset_id": path.name,
        "minari_version": MINARI_VERSION,
        "data_format": "hdf5",
        "jpeg_encoding": False,
        "total_episodes": len(files),
        "total_steps": total_steps,
        "dataset_size": round(size, 1),
        "observation_space": json.dumps(_box(spec)),
        "action_space": json.dumps({"type": "Discrete", "dtype": "int64", "start": 0, "n": COMBO_COUNT}),
        "game": game,
        "observation_spec": spec.to_json(),
        "format_version": FORMAT_VERSION,
    }
    write_json(folder / "metadata.json", metadata)
    return len(files)


def _box(spec: ObservationSpec) -> dict[str, Any]:
    low = np.zeros(spec.frame_shape, np.uint8)
    bounds = {"low": low.tolist(), "high": (low + 255).tolist()}
    return {"type": "Box", "dtype": "uint8", "shape": list(spec.frame_shape), **bounds}


def read_metadata(path: Path) -> dict[str, Any]:
    """The data set's metadata.json. DatasetError when there is no data set."""
    try:
        return json.loads((path / "data" / "metadata.json").read_text())
    except (OSError, ValueError) as error:
        raise DatasetError(f"No data set at {path} ({error}). Run `make dataset` first.") from error


def read_arrays(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Whole arrays of one movie file by name ("actions", "infos/x" …)."""
    with h5py.File(path, "r") as file:
        return {name: file["episode"][name][()] for name in names}


def read_observations(path: Path, chunk: int = 1024) -> Iterator[np.ndarray]:
    """The observations of one movie file, a piece at a time."""
    with h5py.File(path, "r") as file:
        observations = file["episode/observations"]
        for start in range(0, len(observations), chunk):
            yield observations[start : start + chunk]

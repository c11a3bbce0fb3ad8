"""Data set -> training windows -> tf.data.

Splits are by movie, never by frame. The frames of all movies are read once into a memory-mapped file; training gathers from
there.
"""

import json
import mmap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dataset.cache import frame_cache
from dataset.reading import read_attributes, read_infos, read_metadata, read_observations
from dataset.split import Split, families, split
from dataset.store import IDENTITY, DatasetError, movie_files
from dataset.windows import LABEL_RULE, Windows, windows_of_movie
from experiment.config import fingerprint
from game.observation import ObservationSpec, stack_frames
from game.ram import MODE_IN_PLAY
from game.seeds import Stream, stream

if TYPE_CHECKING:
    import tensorflow as tf

LOADERS = 2
"""Threads that make batches; more would only wait for Python's lock."""

FORGET_WINDOWS = 1 << 14
"""After so many windows (0.6 GB of frames) a reader lets go of the pages it has touched."""


@dataclass(frozen=True)
class Dataset:
    """An opened data set.

    Attributes:
        cache: uint8 [F, height, width], memory-mapped: the frames of all movies, one after the other.
        windows: of all movies.
        names, acts: of each movie.
        attributes: of each movie, as stored.
    """

    path: Path
    game: str
    observation: ObservationSpec
    frame_skip: int
    cache: np.ndarray
    windows: Windows
    names: list[str]
    acts: list[str]
    attributes: list[dict[str, Any]]

    @property
    def fingerprint(self) -> str:
        """Changes when any movie does, or the ROM, core, sidecar or label rule that its frames and labels belong to."""
        return fingerprint([identity_of(movie) for movie in self.attributes], LABEL_RULE)

    @property
    def families(self) -> list[str]:
        """Of each movie, the name of the one that it was made from by trimming, taking over or drilling; else its own."""
        return families(self.names, [movie.get("origin", "") for movie in self.attributes])


def open_dataset(path: Path, frame_skip: int = 4, merge: bool = True, stack: int = 4) -> Dataset:
    """Open data/<name>, filling the frame cache when it is not there.

    Raises:
        DatasetError: there is none, or one of its files is not as it should be; names the file and the field.
        DiskError: no room for the frame cache.
    """
    metadata, stored = read_metadata(path)
    spec = replace(stored, stack=stack)
    files = movie_files(path)
    if not files:
        raise DatasetError(f"{path} holds no movies. Run `make dataset` first.")
    if len(files) != metadata["total_episodes"]:
        raise DatasetError(
            f"{path}: expected the {metadata['total_episodes']} movies of its metadata.json. Received: {len(files)}. "
            "Run `make dataset` to its end."
        )
    attributes = [_checked_attributes(file, metadata["game"], stored) for file in files]
    windows = _windows(files, attributes, frame_skip=frame_skip, merge=merge, stack=stack)
    return Dataset(
        path=path,
        game=metadata["game"],
        observation=spec,
        frame_skip=frame_skip,
        cache=_cache(path, files, attributes, spec),
        windows=windows,
        names=[file.stem for file in files],
        acts=[movie["act"] for movie in attributes],
        attributes=attributes,
    )


def _checked_attributes(file: Path, game: str, spec: ObservationSpec) -> dict[str, Any]:
    """A movie file's attributes, if it is of this game and its pictures are like the others'."""
    attributes = read_attributes(file)
    for field, expected in (("game", game), ("observation_spec", json.dumps(spec.to_json()))):
        if attributes[field] != expected:
            raise DatasetError(
                f"{file}: {field}: expected {expected}, as its data set has it. Received: {attributes[field]}. "
                "Run `make dataset` to convert it again."
            )
    return attributes


def _windows(files: list[Path], attributes: list[dict], *, frame_skip: int, merge: bool, stack: int) -> Windows:
    """Those of all movies; their stacks are rows of the frame cache."""
    parts = []
    first_row = 0
    for number, (file, movie) in enumerate(zip(files, attributes, strict=True)):
        infos = read_infos(file, ("pad_mask", "game_mode", "labelled"))
        parts.append(
            windows_of_movie(
                masks=infos["pad_mask"][:-1],  # the last observation is followed by no frame
                labelled=infos["labelled"][:-1] != 0,
                in_play=infos["game_mode"] == MODE_IN_PLAY,
                movie=number,
                first_row=first_row,
                frame_skip=frame_skip,
                stack=stack,
                merge=merge,
            )
        )
        first_row += movie["total_steps"] + 1
    return Windows.join(parts)


def _cache(path: Path, files: list[Path], attributes: list[dict], spec: ObservationSpec) -> np.ndarray:
    """All frames as one memory-mapped array; made again when a movie, or what it is made of, changes."""
    key = fingerprint([(file.name, *identity_of(movie)) for file, movie in zip(files, attributes, strict=True)])
    rows = sum(movie["total_steps"] + 1 for movie in attributes)

    def pieces() -> Iterator[np.ndarray]:
        for file in files:
            yield from read_observations(file)

    return frame_cache(path / "cache", key, (rows, *spec.frame_shape), pieces)


def identity_of(attributes: dict[str, Any]) -> list[Any]:
    """What a movie's frames and labels were made of."""
    return [attributes[name] for name in IDENTITY]


def split_movies(dataset: Dataset, validation: float, seed: int) -> Split:
    """Whole movies, and those made from them, on one side each; see dataset.split.split.

    Unpacks into (training, held); when nothing could be held out, its `note` says what to print beside the figures.
    """
    return split(dataset.acts, dataset.families, validation, seed)


class Epoch:
    """The batches of one pass, each made on its own, so that several threads may make them at a time.

    The order, and how far each stack is shifted (up to `shift` pixels each way), come from (seed, epoch).
    """

    def __init__(
        self,
        dataset: Dataset,
        windows: Windows,
        batch_size: int,
        seed: int,
        epoch: int,
        shuffle: bool = True,
        shift: int = 0,
    ) -> None:
        rng = stream(Stream.EPOCH, seed, epoch)
        self._cache = dataset.cache
        self._windows = windows
        self._batch_size = batch_size
        self._order = np.arange(len(windows), dtype=np.int32)
        if shuffle:
            rng.shuffle(self._order)
        self._offsets = rng.integers(-shift, shift + 1, (len(windows), 2)).astype(np.int8)

    def __len__(self) -> int:
        return -(-len(self._order) // self._batch_size)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray]:
        """(observations uint8 [B, height, width, stack], labels uint8 [B]). IndexError past the last batch."""
        if not 0 <= number < len(self):
            raise IndexError(f"Expected a batch below {len(self)}. Received: {number}")
        first = number * self._batch_size
        end = first + self._batch_size
        chosen = self._order[first:end]
        observations = gather(self._cache, self._windows.stacks[chosen], self._offsets[first:end])
        if first // FORGET_WINDOWS != end // FORGET_WINDOWS:
            _forget(self._cache)
        return observations, self._windows.labels[chosen]


def gather(cache: np.ndarray, stacks: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Stacks out of the frame cache, each moved by its own whole pixels, black where nothing comes in.

    Args:
        cache: uint8 [F, height, width].
        stacks: integer [B, stack], row numbers.
        offsets: integer [B, 2], rows down and columns right.

    Returns:
        uint8 [B, height, width, stack].
    """
    cache = np.asarray(cache)  # indexing a memmap costs a microsecond more
    height, width = cache.shape[1:]
    gathered = np.zeros((len(stacks), height, width, stacks.shape[1]), np.uint8)
    whole = np.empty(gathered.shape[1:], np.uint8)
    for target, rows, (down, right) in zip(gathered, stacks.tolist(), offsets.tolist(), strict=True):
        frames = [cache[row] for row in rows]
        if down == right == 0:
            stack_frames(frames, target)
            continue
        stack_frames(frames, whole)
        to_rows, from_rows = _overlap(down, height)
        to_columns, from_columns = _overlap(right, width)
        target[to_rows, to_columns] = whole[from_rows, from_columns]
    return gathered


def _overlap(by: int, size: int) -> tuple[slice, slice]:
    """Where something moved by so many pixels lands, and which part of it that is."""
    return slice(max(by, 0), size + min(by, 0)), slice(max(-by, 0), size + min(-by, 0))


def _forget(cache: np.ndarray) -> None:
    """Unmap what was read of a memory-mapped cache; it stays in the system's own cache, but no longer counts as ours."""
    mapped = getattr(cache, "_mmap", None)
    if mapped is not None and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED)


def tf_batches(
    dataset: Dataset, windows: Windows, batch_size: int, seed: int, epoch: int, shuffle: bool = True, shift: int = 0
) -> "tf.data.Dataset":
    """The batches of an `Epoch` as a tf.data.Dataset that prepares ahead, in order.

    Its autotuning is off: with it on, about every other epoch TensorFlow's gradient steps ran on one core of two (2,340
    samples/s against 3,950).
    """
    import tensorflow as tf

    source = Epoch(dataset, windows, batch_size, seed, epoch, shuffle, shift)

    def load(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        observations, labels = tf.numpy_function(lambda i: source[int(i)], [number], (tf.uint8, tf.uint8))
        return tf.ensure_shape(observations, (None, *dataset.observation.shape)), tf.ensure_shape(labels, (None,))

    options = tf.data.Options()
    options.autotune.enabled = False
    numbers = tf.data.Dataset.range(len(source))
    return numbers.map(load, num_parallel_calls=LOADERS, deterministic=True).prefetch(4).with_options(options)


def is_whole_play(attributes: dict[str, Any]) -> bool:
    """Whether a movie shows how often an act's player does something: not a drill, not a policy with a person beside it."""
    return not attributes.get("skill") and attributes["player"] not in ("takeover", "policy")


def spin_dashes_per_movie(dataset: Dataset, act: str) -> float | None:
    """Spin dashes in a demonstration of this act, on average; None without demonstrations of it."""
    counts = []
    for movie, name in zip(dataset.attributes, dataset.acts, strict=True):
        if name == act and is_whole_play(movie):
            counts.append(movie["spin_dashes"])
    return sum(counts) / len(counts) if counts else None


def summary_of(dataset: Dataset) -> dict[str, Any]:
    """What a trainer prints of its data."""
    acts = sorted(set(dataset.acts))
    return {
        "path": str(dataset.path),
        "movies": len(dataset.names),
        "acts": len(acts),
        "windows": len(dataset.windows),
        "fingerprint": dataset.fingerprint,
        "spin_dashes": {act: round(spin_dashes_per_movie(dataset, act) or 0.0, 2) for act in acts},
    }

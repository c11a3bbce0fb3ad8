"""Data set -> training windows -> tf.data.

A *window* is one agent step: `frame_skip` frames with one label, and the stack of frames before it, one step apart. Each
movie gives `frame_skip` *phases*: the same play cut at a different first frame. Splits are by movie, never by frame. The
frames of all movies are read once into a memory-mapped file; training gathers from there.
"""

import json
import mmap
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from dataset.store import DatasetError, movie_files, read_arrays, read_attributes, read_metadata, read_observations
from experiment.config import fingerprint
from game.actions import COMBO_COUNT, COMBO_OF_MASK, JUMP_BITS, MASK_OF_COMBO, MERGED_COMBO
from game.observation import ObservationSpec, stack_frames
from game.ram import MODE_IN_PLAY

if TYPE_CHECKING:
    import tensorflow as tf

LOADERS = 2
"""Threads that make batches; more would only wait for Python's lock."""

FORGET_WINDOWS = 1 << 14
"""After so many windows (0.6 GB of frames) a reader lets go of the pages it has touched."""


@dataclass(frozen=True)
class Windows:
    """All windows of some movies, in order of movie, phase and time.

    Attributes:
        stacks: int32 [W, stack], row numbers in the frame cache, the newest last.
        labels: uint8 [W], combo indices.
        changes: bool [W], whether the label differs from the one before it in the same movie and phase.
        movies: int32 [W], which movie (index into `names`).
        phases: uint8 [W], which phase.
    """

    stacks: np.ndarray
    labels: np.ndarray
    changes: np.ndarray
    movies: np.ndarray
    phases: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def where(self, keep: np.ndarray) -> "Windows":
        """The windows chosen by a mask, bool [W]."""
        return Windows(*(getattr(self, field.name)[keep] for field in fields(self)))

    def of(self, movies: set[int]) -> "Windows":
        """The windows of these movies only."""
        return self.where(np.isin(self.movies, list(movies)))


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
        """Changes when any movie does."""
        return fingerprint([(a["movie_sha256"], a["observation_spec"]) for a in self.attributes])


def window_labels(masks: np.ndarray, phase: int, frame_skip: int, merge: bool = True) -> np.ndarray:
    """The label of every whole window: the combo held for most of it, except that a jump press is never lost.

    Args:
        masks: integer [N], the pad mask of every frame.
        phase: the first window's first frame.
        merge: count A-combos as B-combos (the game cannot tell them apart).

    Returns:
        uint8 [(N - phase) // frame_skip]. In a window where A, B or C goes down, the combo held for most of its frames
        with a jump button; ties go to the combo that came first.
    """
    combos = COMBO_OF_MASK[masks]
    if merge:
        combos = MERGED_COMBO[combos]
    count = max((len(masks) - phase) // frame_skip, 0)
    blocks = combos[phase : phase + count * frame_skip].reshape(count, frame_skip)
    jump = (masks & JUMP_BITS) != 0
    pressed = jump & ~np.concatenate([[False], jump[:-1]])
    pressed = pressed[phase : phase + count * frame_skip].reshape(count, frame_skip).any(axis=1)
    jumps = (MASK_OF_COMBO[blocks] & JUMP_BITS) != 0
    eligible = np.where(pressed[:, None], jumps, True)
    same = (blocks[:, :, None] == blocks[:, None, :]) & eligible[:, None, :]
    votes = np.where(eligible, same.sum(axis=2), -1)
    return blocks[np.arange(count), votes.argmax(axis=1)]


def window_stacks(count: int, phase: int, frame_skip: int, stack: int) -> np.ndarray:
    """int64 [count, stack]: observation numbers of each window's stack; before the first, the first repeats."""
    newest = phase + frame_skip * np.arange(count)
    offsets = -frame_skip * np.arange(stack)[::-1]
    return np.maximum(newest[:, None] + offsets, phase)


def open_dataset(path: Path, frame_skip: int = 4, merge: bool = True, stack: int = 4) -> Dataset:
    """Open data/<name>, filling the frame cache when it is not there. DatasetError when it cannot be used."""
    metadata = read_metadata(path)
    spec = ObservationSpec.from_json(metadata["observation_spec"])
    spec = ObservationSpec(spec.height, spec.width, stack, spec.hide_hud)
    files = movie_files(path)
    if not files:
        raise DatasetError(f"{path} holds no movies. Run `make dataset` first.")
    attributes = [read_attributes(file) for file in files]
    cache = _frame_cache(path, files, attributes, spec)
    parts = []
    first_row = 0
    for number, (file, attrs) in enumerate(zip(files, attributes, strict=True)):
        parts += _movie_windows(file, number, first_row, frame_skip, stack, merge)
        first_row += attrs["total_steps"] + 1
    windows = Windows(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))
    names, acts = [file.stem for file in files], [attrs["act"] for attrs in attributes]
    return Dataset(path, metadata["game"], spec, frame_skip, cache, windows, names, acts, attributes)


def _movie_windows(
    file: Path, number: int, first_row: int, frame_skip: int, stack: int, merge: bool
) -> list[tuple[np.ndarray, ...]]:
    """(stacks, labels, changes, movies, phases) of each phase of one movie; only windows in play, pressed by the teacher."""
    arrays = read_arrays(file, ("infos/pad_mask", "infos/game_mode", "infos/labelled"))
    labelled = arrays["infos/labelled"][:-1] != 0
    masks = arrays["infos/pad_mask"][:-1]
    in_play = arrays["infos/game_mode"] == MODE_IN_PLAY
    parts: list[tuple[np.ndarray, ...]] = []
    for phase in range(frame_skip):
        labels = window_labels(masks, phase, frame_skip, merge)
        stacks = window_stacks(len(labels), phase, frame_skip, stack)
        changes = np.concatenate([[False], labels[1:] != labels[:-1]])
        whole = labelled[phase : phase + len(labels) * frame_skip].reshape(-1, frame_skip).all(axis=1)
        keep = in_play[stacks[:, -1]] & whole
        same = (np.full(keep.sum(), number, np.int32), np.full(keep.sum(), phase, np.uint8))
        parts.append(((first_row + stacks[keep]).astype(np.int32), labels[keep], changes[keep], *same))
    return parts


def _frame_cache(path: Path, files: list[Path], attributes: list[dict], spec: ObservationSpec) -> np.ndarray:
    """All frames as one memory-mapped array, written beside its place and renamed; remade when a movie changes."""
    rows = sum(attrs["total_steps"] + 1 for attrs in attributes)
    key = fingerprint(
        [(f.name, a["movie_sha256"], a["observation_spec"]) for f, a in zip(files, attributes, strict=True)]
    )
    file = path / "cache" / f"frames-{key}.npy"
    if not file.is_file():
        file.parent.mkdir(exist_ok=True)
        for old in file.parent.glob("*"):
            old.unlink()
        beside = file.with_name(f".{file.name}.{os.getpid()}.part")
        cache = np.lib.format.open_memmap(beside, "w+", np.uint8, (rows, *spec.frame_shape))
        row = 0
        for source in files:
            for piece in read_observations(source):
                cache[row : row + len(piece)] = piece
                row += len(piece)
        cache.flush()
        del cache
        beside.replace(file)
    return np.load(file, mmap_mode="r", allow_pickle=False)


def split_movies(dataset: Dataset, validation: float, seed: int) -> tuple[set[int], set[int]]:
    """(training movies, validation movies): whole movies, drawn act by act so that every act is in both where it can be.

    An act with one movie keeps it for training.
    """
    rng = np.random.default_rng([seed, 7])
    training, held = set(), set()
    for act in sorted(set(dataset.acts)):
        movies = rng.permutation([i for i, name in enumerate(dataset.acts) if name == act])
        count = min(round(len(movies) * validation) or 1, len(movies) - 1) if validation else 0
        held |= {int(i) for i in movies[:count]}
        training |= {int(i) for i in movies[count:]}
    return training, held


def label_weights(labels: np.ndarray, power: float) -> np.ndarray:
    """float32 [23]: weight of each combo, (its share)^-power scaled to mean 1 over the windows, at most 10."""
    counts = np.bincount(labels, minlength=COMBO_COUNT)
    weights = np.where(counts > 0, np.maximum(counts, 1) / max(len(labels), 1), 1.0) ** -power
    weights = np.where(counts > 0, weights, 0.0)
    weights *= len(labels) / max((weights * counts).sum(), 1e-9)
    return np.minimum(weights, 10.0).astype(np.float32)


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
        rng = np.random.default_rng([seed, epoch])
        self._cache, self._windows, self._batch_size = dataset.cache, windows, batch_size
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
        first, end = number * self._batch_size, (number + 1) * self._batch_size
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
        (to_rows, from_rows), (to_columns, from_columns) = _overlap(down, height), _overlap(right, width)
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


def summary_of(dataset: Dataset) -> dict[str, Any]:
    """What a trainer prints of its data."""
    return {
        "path": str(dataset.path),
        "movies": len(dataset.names),
        "acts": len(set(dataset.acts)),
        "windows": len(dataset.windows),
        "fingerprint": dataset.fingerprint,
        "spin_dashes": {act: _mean_dashes(dataset, act) for act in sorted(set(dataset.acts))},
    }


def _mean_dashes(dataset: Dataset, act: str) -> float:
    whole = [a for a, name in zip(dataset.attributes, dataset.acts, strict=True) if name == act and is_whole_play(a)]
    counts = [a["spin_dashes"] for a in whole]
    return round(sum(counts) / len(counts), 2) if counts else 0.0


def is_whole_play(attributes: dict[str, Any]) -> bool:
    """Whether a movie shows how often an act's player does something: not a drill, not a policy with a person beside it."""
    return not attributes.get("skill") and attributes["player"] not in ("takeover", "policy")


def read_refused(path: Path) -> dict[str, str]:
    """Movies that the last conversion set aside: file -> reason."""
    file = path / "refused.json"
    return json.loads(file.read_text()) if file.is_file() else {}

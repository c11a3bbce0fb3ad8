"""Windows -> batches -> tf.data: stacks gathered from the frame cache, shuffled and shifted by the seed."""

import mmap
from typing import TYPE_CHECKING, Protocol

import numpy as np

from dataset.loader import Dataset
from dataset.windows import Windows
from game.observation import NO_COMBO, draw_combos, stack_frames
from game.seeds import Stream, stream

if TYPE_CHECKING:
    import tensorflow as tf

LOADERS = 2
"""Threads that make batches; more would only wait for Python's lock."""

FORGET_WINDOWS = 1 << 14
"""After so many windows (0.6 GB of frames) a reader lets go of the pages it has touched."""


class Epoch:
    """The batches of one pass, each made on its own, so that several threads may make them at a time.

    The order, which steady windows are drawn, and how far each stack is shifted (up to `shift` pixels each way), come from
    (seed, epoch).

    Args:
        steady_share: share of the steady windows that is drawn, each counting for those left out (importance sampling):
            where nothing changes for a while there is little to learn, and most of a movie is like that.
        hide_history: share of the windows whose action history is not shown, where there is one.
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
        steady_share: float = 1.0,
        hide_history: float = 0.0,
    ) -> None:
        rng = stream(Stream.EPOCH, seed, epoch)
        self.observation_shape = dataset.observation.shape
        self._dataset = dataset
        self._windows = windows
        self._batch_size = batch_size
        self._order, self._steady_counts = _drawn(windows, steady_share, rng)
        if shuffle:
            rng.shuffle(self._order)
        self._offsets = rng.integers(-shift, shift + 1, (len(self._order), 2)).astype(np.int8)
        self._is_hidden = rng.random(len(self._order)) < hide_history

    def __len__(self) -> int:
        return -(-len(self._order) // self._batch_size)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(observations uint8 [B, height, width, stack], labels uint8 [B], counts float32 [B]): how many windows each stands
        for. IndexError past the last batch."""
        if not 0 <= number < len(self):
            raise IndexError(f"Expected a batch below {len(self)}. Received: {number}")
        first = number * self._batch_size
        end = first + self._batch_size
        chosen = self._order[first:end]
        stacks = self._windows.stacks[chosen]
        observations = observations_of(self._dataset, stacks, self._offsets[first:end], self._is_hidden[first:end])
        if first // FORGET_WINDOWS != end // FORGET_WINDOWS:
            forget(self._dataset.cache)
        counts = np.where(self._windows.steady[chosen], self._steady_counts, 1.0)
        return observations, self._windows.labels[chosen], counts.astype(np.float32)


def windows_drawn(windows: Windows, steady_share: float) -> int:
    """How many windows an epoch is made of."""
    steady = int(windows.steady.sum())
    return len(windows) - steady + _share_of(steady, steady_share)


def _share_of(steady: int, share: float) -> int:
    return min(max(round(steady * share), 1), steady)


def _drawn(windows: Windows, steady_share: float, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """(numbers of the windows of one pass, int32 [N], in order; how many windows each steady one of them stands for)."""
    if steady_share == 1.0 or not windows.steady.any():
        return np.arange(len(windows), dtype=np.int32), 1.0
    steady = np.flatnonzero(windows.steady)
    chosen = rng.choice(steady, _share_of(len(steady), steady_share), replace=False)
    is_drawn = ~windows.steady
    is_drawn[chosen] = True
    return np.flatnonzero(is_drawn).astype(np.int32), len(steady) / len(chosen)


def observations_of(
    dataset: Dataset, stacks: np.ndarray, offsets: np.ndarray, is_hidden: np.ndarray | None = None
) -> np.ndarray:
    """What a network is shown: `gather`'s stacks, with the action history on them where it sees one.

    Args:
        stacks: integer [B, stack], row numbers; offsets: integer [B, 2].
        is_hidden: bool [B], whose history is left blank; None for nobody's.
    """
    observations = gather(dataset.cache, stacks, offsets)
    if dataset.combos is not None:
        combos = dataset.combos[stacks]  # [B, stack]
        if is_hidden is not None:
            combos = np.where(is_hidden[:, None], np.uint8(NO_COMBO), combos)
        draw_combos(np.moveaxis(observations, -1, 1), combos)
    return observations


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


def forget(cache: np.ndarray) -> None:
    """Unmap what was read of a memory-mapped cache; it stays in the system's own cache, but no longer counts as ours."""
    mapped = getattr(cache, "_mmap", None)
    if mapped is not None and hasattr(mapped, "madvise"):
        mapped.madvise(mmap.MADV_DONTNEED)


class Batches(Protocol):
    """Batches by number, each made on its own: an Epoch, or one of sequences."""

    observation_shape: tuple[int, int, int]

    def __len__(self) -> int: ...
    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]: ...


def tf_batches(source: Batches) -> "tf.data.Dataset":
    """The batches of an epoch as a tf.data.Dataset that prepares ahead, in order.

    Its autotuning is off: with it on, about every other epoch TensorFlow's gradient steps ran on one core of two (2,340
    samples/s against 3,950).
    """
    import tensorflow as tf

    def load(number: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor, tf.Tensor]:
        kinds = (tf.uint8, tf.uint8, tf.float32)
        observations, labels, counts = tf.numpy_function(lambda i: source[int(i)], [number], kinds)
        observations = tf.ensure_shape(observations, (None, *source.observation_shape))
        return observations, tf.ensure_shape(labels, (None,)), tf.ensure_shape(counts, (None,))

    options = tf.data.Options()
    options.autotune.enabled = False
    numbers = tf.data.Dataset.range(len(source))
    return numbers.map(load, num_parallel_calls=LOADERS, deterministic=True).prefetch(4).with_options(options)

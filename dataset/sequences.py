"""Sequences of consecutive windows: what a network with a memory is taught from.

A *run* is as long a stretch of one movie and phase as goes without a gap: windows that are not in play, or that the teacher did
not press, are none. Nothing is known of what a player remembered before a sequence; so its first steps, the burn-in, are played
from an empty memory and teach nothing (R2D2: Kapturowski et al. 2019, openreview.net/forum?id=r1lyTjAqYX, section 3).
"""

from dataclasses import dataclass

import numpy as np

from dataset.batches import FORGET_WINDOWS, forget, observations_of
from dataset.loader import Dataset
from dataset.windows import Windows
from game.seeds import Stream, stream


@dataclass(frozen=True)
class Sequences:
    """S sequences of L windows each.

    Attributes:
        windows: int32 [S, L], their numbers; where a run ends before its sequence, its last window fills it up.
        teaches: bool [S, L], whether a step is neither burn-in nor filling; every window teaches in one sequence.
        movies: int32 [S].
    """

    windows: np.ndarray
    teaches: np.ndarray
    movies: np.ndarray

    def __len__(self) -> int:
        return len(self.movies)

    @property
    def steps(self) -> int:
        """L."""
        return self.windows.shape[1]

    def where(self, chosen: np.ndarray) -> "Sequences":
        """Those of these numbers, integer [any]."""
        return Sequences(self.windows[chosen], self.teaches[chosen], self.movies[chosen])

    def thin(self, most: int) -> "Sequences":
        """Evenly spread ones, with at most so many windows."""
        step = max(-(-self.windows.size // most), 1)
        return self.where(np.arange(0, len(self), step))


def cut(windows: Windows, frame_skip: int, steps: int) -> Sequences:
    """All windows, in sequences of so many steps. The first sequence of a run has no burn-in: an episode begins like that, too.

    Args:
        windows: in order of movie, phase and time.
    """
    warm = burn_in(steps)
    fresh = steps - warm  # windows that each further sequence teaches
    left = steps_left(windows, frame_skip)
    firsts = np.flatnonzero(np.append(True, left[:-1] == 1)[: len(windows)])
    lengths = left[firsts]
    counts = 1 + np.maximum(-(-(lengths - steps) // fresh), 0)  # sequences of each run
    run = np.repeat(np.arange(len(firsts)), counts)
    number = np.arange(len(run)) - np.repeat(np.cumsum(counts) - counts, counts)  # of a sequence in its run
    offsets = fresh * number[:, None] + np.arange(steps)  # [S, L], from the run's first window
    is_there = offsets < lengths[run, None]
    is_known = (np.arange(steps) >= warm) | (number[:, None] == 0)
    places = firsts[run, None] + np.minimum(offsets, lengths[run, None] - 1)
    return Sequences(places.astype(np.int32), is_there & is_known, windows.movies[firsts[run]])


class SequenceEpoch:
    """The batches of one pass over sequences, as dataset.batches.Epoch has them of windows; order and shifts come from (seed,
    epoch), and a sequence is shifted as a whole.

    Args:
        batch_size: windows; as many whole sequences as go into it, one at least.
        hide_history: share of the sequences whose action history is not shown, where there is one.
    """

    def __init__(
        self,
        dataset: Dataset,
        windows: Windows,
        sequences: Sequences,
        batch_size: int,
        seed: int,
        epoch: int,
        shuffle: bool = True,
        shift: int = 0,
        hide_history: float = 0.0,
    ) -> None:
        rng = stream(Stream.EPOCH, seed, epoch)
        self.observation_shape = dataset.observation.shape
        self._dataset = dataset
        self._windows = windows
        self._sequences = sequences
        self._per_batch = max(batch_size // sequences.steps, 1)
        self._order = np.arange(len(sequences))
        if shuffle:
            rng.shuffle(self._order)
        self._offsets = rng.integers(-shift, shift + 1, (len(self._order), 2)).astype(np.int8)
        self._is_hidden = rng.random(len(self._order)) < hide_history

    def __len__(self) -> int:
        return -(-len(self._order) // self._per_batch)

    def __getitem__(self, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(observations uint8 [B, height, width, stack], labels uint8 [B], counts float32 [B]), sequence by sequence; a count
        is 0 where a window does not teach. IndexError past the last batch."""
        if not 0 <= number < len(self):
            raise IndexError(f"Expected a batch below {len(self)}. Received: {number}")
        place = slice(number * self._per_batch, (number + 1) * self._per_batch)
        sequences = self._sequences.where(self._order[place])
        chosen = sequences.windows.reshape(-1)
        offsets = np.repeat(self._offsets[place], sequences.steps, axis=0)
        is_hidden = np.repeat(self._is_hidden[place], sequences.steps)
        observations = observations_of(self._dataset, self._windows.stacks[chosen], offsets, is_hidden)
        if number % max(FORGET_WINDOWS // len(chosen), 1) == 0:
            forget(self._dataset.cache)
        return observations, self._windows.labels[chosen], sequences.teaches.reshape(-1).astype(np.float32)


def burn_in(steps: int) -> int:
    """How many steps of a sequence of so many teach nothing: the first quarter."""
    return steps // 4


def teaching(count: int, steps: int) -> np.ndarray:
    """float32 [count]: 1 where a step teaches, 0 in the burn-in, in whole sequences of so many steps."""
    return (np.arange(count) % steps >= burn_in(steps)).astype(np.float32)


def steps_left(windows: Windows, frame_skip: int) -> np.ndarray:
    """int64 [W]: how many windows of its run are left at each window, itself included.

    Args:
        windows: in order of movie, phase and time.
    """
    newest = windows.stacks[:, -1]
    goes_on = (
        (windows.movies[1:] == windows.movies[:-1])
        & (windows.phases[1:] == windows.phases[:-1])
        & (newest[1:] - newest[:-1] == frame_skip)
    )
    places = np.arange(len(windows))
    is_last = np.append(~goes_on, True)[: len(windows)]
    lasts = places[is_last]
    return lasts[np.searchsorted(lasts, places)] - places + 1


def first_of_sequences(windows: Windows, frame_skip: int, steps: int) -> np.ndarray:
    """int32 [any]: the windows with which a sequence of so many steps may begin. ValueError when there are none."""
    if steps == 1:
        return np.arange(len(windows), dtype=np.int32)
    first = np.flatnonzero(steps_left(windows, frame_skip) >= steps)
    if len(first) == 0:
        raise ValueError(
            f"Expected movies with {steps} steps of play on end, for a network with a memory. Received: none"
        )
    return first.astype(np.int32)

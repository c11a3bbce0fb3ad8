"""Sequences of windows: consecutive, every window taught once; what their batches show."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.sequences import SequenceEpoch, burn_in, cut, first_of_sequences, steps_left, teaching
from dataset.windows import Windows

FRAME_SKIP = 4


def windows_of(runs: list[tuple[int, int, int]]) -> Windows:
    """Runs of (movie, phase, windows), one after the other; between those of one movie and phase, a window is missing."""
    movies = np.repeat([movie for movie, _, _ in runs], [count for _, _, count in runs]).astype(np.int32)
    phases = np.repeat([phase for _, phase, _ in runs], [count for _, _, count in runs]).astype(np.uint8)
    newest: list[int] = []
    before = None
    for movie, phase, count in runs:
        first = newest[-1] + FRAME_SKIP if newest else 0
        if (movie, phase) == before:
            first += FRAME_SKIP
        before = (movie, phase)
        newest += list(first + FRAME_SKIP * np.arange(count))
    total = len(newest)
    return Windows(
        stacks=np.array(newest, np.int32).reshape(total, 1),
        labels=(np.arange(total) % 23).astype(np.uint8),
        changes=np.zeros(total, bool),
        steady=np.zeros(total, bool),
        movies=movies,
        phases=phases,
    )


def test_a_run_ends_at_a_gap_a_phase_and_a_movie() -> None:
    windows = windows_of([(0, 0, 3), (0, 0, 2), (0, 1, 1), (1, 1, 2)])
    assert steps_left(windows, FRAME_SKIP).tolist() == [3, 2, 1, 2, 1, 1, 2, 1]
    assert first_of_sequences(windows, FRAME_SKIP, 2).tolist() == [0, 1, 3, 6]
    assert first_of_sequences(windows, FRAME_SKIP, 1).tolist() == list(range(8))
    with pytest.raises(ValueError, match="4 steps of play on end"):
        first_of_sequences(windows, FRAME_SKIP, 4)


def test_sequences_by_hand() -> None:
    """A run of nine in sequences of four, whose first step is burn-in but for the first; one of two, filled up."""
    sequences = cut(windows_of([(5, 0, 9), (6, 0, 2)]), FRAME_SKIP, 4)
    assert sequences.windows.tolist() == [[0, 1, 2, 3], [3, 4, 5, 6], [6, 7, 8, 8], [9, 10, 10, 10]]
    assert sequences.teaches.astype(int).tolist() == [[1, 1, 1, 1], [0, 1, 1, 1], [0, 1, 1, 0], [1, 1, 0, 0]]
    assert sequences.movies.tolist() == [5, 5, 5, 6]
    assert [burn_in(steps) for steps in (1, 4, 32)] == [0, 1, 8]
    assert teaching(8, 4).tolist() == [0, 1, 1, 1, 0, 1, 1, 1]
    assert teaching(3, 1).tolist() == [1, 1, 1]


runs_of_windows = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 1), st.integers(1, 40)), max_size=6)


@given(runs=runs_of_windows, steps=st.integers(2, 12))
def test_every_window_is_taught_once_and_steps_follow_each_other(runs: list, steps: int) -> None:
    windows = windows_of(sorted(runs))
    sequences = cut(windows, FRAME_SKIP, steps)
    taught = sequences.windows[sequences.teaches]
    assert sorted(taught.tolist()) == list(range(len(windows)))
    newest = windows.stacks[sequences.windows, -1]
    follows = np.diff(newest, axis=1) == FRAME_SKIP
    is_filling = np.diff(sequences.windows, axis=1) == 0
    assert (follows | is_filling).all()
    assert not sequences.teaches[:, 1:][is_filling].any()
    assert (windows.movies[sequences.windows] == sequences.movies[:, None]).all()
    assert sequences.teaches.any(axis=1).all()  # none is for nothing


def epoch(number: int, shift: int = 0, **options: bool) -> tuple[Windows, SequenceEpoch]:
    windows = windows_of([(0, 0, 21), (1, 0, 9)])
    frames = int(windows.stacks.max()) + 1
    cache = np.arange(frames, dtype=np.uint8)[:, None, None] * np.ones((1, 8, 8), np.uint8)
    data = SimpleNamespace(cache=cache, combos=None, observation=SimpleNamespace(shape=(8, 8, 1)))
    sequences = cut(windows, FRAME_SKIP, 4)
    return windows, SequenceEpoch(data, windows, sequences, 10, seed=1, epoch=number, shift=shift, **options)


def test_batches_are_whole_sequences_with_their_own_labels() -> None:
    windows, batches = epoch(0)
    newest_of_label = {}
    taught = []
    for number in range(len(batches)):
        observations, labels, counts = batches[number]
        assert len(labels) in (4, 8)  # 10 windows hold two sequences
        rows = observations[:, 4, 4, 0]
        newest_of_label |= dict(zip(rows.tolist(), labels.tolist(), strict=True))
        taught += rows[counts == 1].tolist()
        steps = np.diff(rows.reshape(-1, 4).astype(int), axis=1)
        assert set(steps.ravel().tolist()) <= {0, FRAME_SKIP}
    assert sorted(taught) == windows.stacks[:, -1].tolist()
    assert newest_of_label == dict(zip(windows.stacks[:, -1].tolist(), windows.labels.tolist(), strict=True))
    with pytest.raises(IndexError):
        batches[len(batches)]


def test_every_epoch_has_its_own_order_and_a_sequence_one_shift() -> None:
    def first_batch(number: int, **options) -> np.ndarray:
        return epoch(number, **options)[1][0][0]

    np.testing.assert_array_equal(first_batch(0), first_batch(0))
    assert not np.array_equal(first_batch(0), first_batch(1))
    assert first_batch(7, shuffle=False)[0, 4, 4, 0] == 0
    moved = first_batch(0, shift=3)
    edges = (moved > 0).reshape(-1, 4, 64)  # what came in from outside is black
    lit = moved.reshape(-1, 4, 64).max(axis=2) > 0
    for sequence, is_lit in zip(edges, lit, strict=True):
        assert (sequence[is_lit] == sequence[is_lit][0]).all()
    assert not edges.all()

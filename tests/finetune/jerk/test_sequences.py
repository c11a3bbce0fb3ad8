"""What is known of sequences: bounds by hand, what is replayed, what is kept."""

import json
import math

import numpy as np
import pytest

from finetune.jerk.sequences import KnownSequence, Repertoire


def combos(*values: int) -> np.ndarray:
    return np.array(values, np.uint8)


def test_the_estimate_is_the_mean_over_replays_alone() -> None:
    known = KnownSequence(combos(2), found=900.0)
    assert (known.lower, known.upper) == (-math.inf, 900.0)
    returns = [300.0, 500.0, 100.0, 250.0]
    for count, value in enumerate(returns, 1):
        known.add_replay(value)
        assert known.mean == pytest.approx(np.mean(returns[:count]))
        variance = sum((each - known.mean) ** 2 for each in [*returns[:count], 900.0]) / count
        assert known.upper - known.mean == pytest.approx(math.sqrt(variance / count))
        assert known.mean - known.lower == pytest.approx(known.upper - known.mean)


def test_exact_replays_leave_no_doubt() -> None:
    known = KnownSequence(combos(2), found=700.0)
    for _ in range(3):
        known.add_replay(700.0)
    assert known.lower == known.mean == known.upper == 700.0


def test_a_lucky_find_is_tried_again_but_not_the_best() -> None:
    repertoire = Repertoire(5)
    repertoire.add(combos(1), 1000.0)
    steady = repertoire.sequences[0]
    for value in (990.0, 1000.0, 1010.0):
        steady.add_replay(value)
    repertoire.add(combos(2), 3000.0)
    lucky = repertoire.sequences[1]
    tries = 0
    while repertoire.promising is lucky:
        assert repertoire.best is steady
        lucky.add_replay(200.0)
        tries += 1
    assert 1 <= tries <= 5


def test_an_unlucky_replay_does_not_bury_a_sequence() -> None:
    repertoire = Repertoire(5)
    repertoire.add(combos(1), 1000.0)
    repertoire.add(combos(2), 500.0)
    repertoire.sequences[0].add_replay(100.0)
    assert repertoire.promising is repertoire.sequences[0]


def test_at_most_so_many_are_kept_and_always_the_best() -> None:
    repertoire = Repertoire(3)
    assert repertoire.best is None
    repertoire.add(combos(9), 50.0)
    best = repertoire.sequences[0]
    for _ in range(4):
        best.add_replay(50.0)
    kept = [repertoire.add(combos(value), 100.0 + value) for value in range(6)]
    assert kept == [True] * 6  # each may be worth more than the least of those there
    assert repertoire.best is best
    assert [known.found for known in repertoire.sequences] == [50.0, 104.0, 105.0]
    assert not repertoire.add(combos(7), 99.0)
    assert len(repertoire.sequences) == 3


def test_a_sequence_is_kept_once() -> None:
    repertoire = Repertoire(3)
    assert repertoire.add(combos(1, 2), 10.0)
    assert not repertoire.add(combos(1, 2), 20.0)
    assert [known.found for known in repertoire.sequences] == [10.0]


def test_a_repertoire_of_one_holds_the_best() -> None:
    repertoire = Repertoire(1)
    assert repertoire.add(combos(1, 2), 10.0)
    assert repertoire.add(combos(1), 20.0)
    assert not repertoire.add(combos(3), 15.0)
    assert [known.combos.tolist() for known in repertoire.sequences] == [[1]]


def test_good_ones_are_drawn_more_often() -> None:
    repertoire = Repertoire(4)
    for value in range(4):
        repertoire.add(combos(value), 100.0 * value)
    rng = np.random.default_rng(0)
    drawn = [repertoire.draw(rng).combos[0] for _ in range(4000)]
    # of two drawn at random the better one: (2 rank + 1) / 16
    np.testing.assert_allclose(np.bincount(drawn) / 4000, np.array([1, 3, 5, 7]) / 16, atol=0.03)


def test_it_comes_back_from_a_checkpoint_as_it_was() -> None:
    repertoire = Repertoire(4)
    restored = Repertoire(4)
    for each in (repertoire, restored):
        restored.restore(json.loads(json.dumps(each.figures())), each.arrays())
        assert restored.sequences == []
    repertoire.add(combos(1, 2, 3), 1 / 3)
    repertoire.add(combos(4), 0.1)
    repertoire.sequences[0].add_replay(1 / 7)
    restored.restore(json.loads(json.dumps(repertoire.figures())), repertoire.arrays())
    for one, other in zip(repertoire.sequences, restored.sequences, strict=True):
        assert np.array_equal(one.combos, other.combos)
        assert other.combos.dtype == np.uint8
    assert restored.figures() == repertoire.figures()

"""Mutation against what it promises, over many draws."""

import numpy as np
import pytest

from finetune.jerk.mutation import REPLACEMENTS, excise, fading, mutate, point_mutate, truncate
from game.actions import COMBO_NAMES

RNG_SEEDS = range(300)


def sequence(steps: int) -> np.ndarray:
    """Steps that can be told apart, none of them a replacement."""
    return np.arange(steps, dtype=np.int64) + 100


def rng_of(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize("steps", [0, 1, 4, 50, 333])
def test_excision_leaves_out_one_piece_of_at_most_a_fifth(steps: int) -> None:
    combos = sequence(steps)
    removed = []
    for seed in RNG_SEEDS:
        shorter = excise(combos, rng_of(seed))
        gone = np.setdiff1d(combos, shorter)
        assert len(gone) <= steps // 5
        assert (np.diff(gone) == 1).all()  # in one piece
        assert np.array_equal(shorter, combos[np.isin(combos, shorter)])
        removed.append(len(gone))
    assert (max(removed) > 0) == (steps >= 5)


def test_short_sequences_are_excised_less_often() -> None:
    shares = []
    for steps in (25, 400):
        changed = [len(excise(sequence(steps), rng_of(seed))) < steps for seed in RNG_SEEDS]
        shares.append(np.mean(changed))
    assert shares[0] < 0.3 < 0.9 < shares[1]


@pytest.mark.parametrize("steps", [0, 1, 4, 200])
def test_truncation_keeps_the_beginning(steps: int) -> None:
    combos = sequence(steps)
    for seed in RNG_SEEDS:
        shorter = truncate(combos, 0.3, rng_of(seed))
        assert np.array_equal(shorter, combos[: len(shorter)])
    assert np.array_equal(truncate(combos, 0.0, rng_of(0)), combos)


def slow_truncated_length(steps: int, rate: float, rng: np.random.Generator) -> int:
    """As the contest's JERK walked: back from the end, until chance says stop."""
    for place in reversed(range(steps)):
        distance = steps - 1 - place
        if rng.random() < rate * np.exp(-distance / 100):
            return place
    return steps


def test_truncation_cuts_where_the_slow_walk_does() -> None:
    draws = 4000
    ours = [len(truncate(sequence(60), 0.05, rng_of(seed))) for seed in range(draws)]
    slow = [slow_truncated_length(60, 0.05, rng_of(seed + draws)) for seed in range(draws)]
    for quantile in (0.25, 0.5, 0.75):
        assert np.quantile(ours, quantile) == pytest.approx(np.quantile(slow, quantile), abs=3)
    assert np.mean(np.equal(ours, 60)) == pytest.approx(np.mean(np.equal(slow, 60)), abs=0.03)


def test_points_change_at_the_rate_of_their_distance_from_the_end() -> None:
    combos = sequence(300)
    changed = np.array([point_mutate(combos, 0.2, rng_of(seed)) != combos for seed in range(4000)])
    np.testing.assert_allclose(changed.mean(axis=0), 0.2 * np.exp(-np.arange(300)[::-1] / 100), atol=0.03)
    assert fading(300)[-1] == 1.0
    assert fading(300)[-101] == pytest.approx(np.exp(-1))


def test_points_may_become_each_of_the_contests_seven_down_with_b_among_them() -> None:
    pressed = set()
    for seed in RNG_SEEDS:
        mutant = point_mutate(np.full(50, 22, np.uint8), 1.0, rng_of(seed))
        assert mutant.dtype == np.uint8
        pressed |= set(mutant.tolist())
    assert pressed - {22} == set(REPLACEMENTS)
    assert "B+DOWN" in {COMBO_NAMES[combo] for combo in REPLACEMENTS}


def test_a_perfect_sequence_is_only_excised_and_the_original_never_touched() -> None:
    original = np.full(200, 2, np.uint8)
    pressed_anew = 0
    for quality in (-1.0, 0.0, 0.5, 1.0, 2.0):
        for seed in range(30):
            mutant = mutate(original, quality, rng_of(seed))
            assert len(mutant) <= 200
            assert mutant.dtype == np.uint8
            changes = int((mutant != 2).sum())
            if quality >= 1.0:
                assert changes == 0
            pressed_anew += changes
    assert pressed_anew > 100
    assert (original == 2).all()

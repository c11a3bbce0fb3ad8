"""Rewards by hand."""

import pytest

from game.rewards import advance_reward, backtracking_reward, contest_reward, progress_of, tiered_reward, time_bonus


def test_progress_is_clipped() -> None:
    assert progress_of(96, 96, 1096) == 0.0
    assert progress_of(596, 96, 1096) == 0.5
    assert progress_of(2000, 96, 1096) == 1.0
    assert progress_of(50, 96, 1096) == 0.0


def test_an_act_without_length_is_refused() -> None:
    with pytest.raises(ValueError, match="right of its start"):
        progress_of(1, 100, 100)


def test_contest_reward_by_hand() -> None:
    assert contest_reward(0.25, 0.5, 100) == pytest.approx(2250)
    assert contest_reward(0.5, 0.25, 100) == pytest.approx(-2250)
    assert contest_reward(0.9, 1.0, 9000) == pytest.approx(900 + 500)
    assert time_bonus(20_000) == 0.0


def test_only_new_ground_pays_when_backtracking_is_allowed() -> None:
    assert backtracking_reward(0.5, 0.25, 100) == 0.0
    assert backtracking_reward(0.5, 0.6, 100) == pytest.approx(900)


def test_tiers_by_hand() -> None:
    """A ring, an enemy, one and a half, two, and three at once; the factor changes above 1700 and above 2500."""
    assert [tiered_reward(points) for points in (0, 10, 100)] == pytest.approx([0.0, 5.0, 50.0])
    assert [tiered_reward(points) for points in (170, 171)] == pytest.approx([85.0, 119.7])
    assert [tiered_reward(points) for points in (250, 251)] == pytest.approx([175.0, 225.9])


def test_the_fitness_by_hand() -> None:
    assert advance_reward(3, passes=False) == 30.0
    assert advance_reward(1, passes=True) == 100_010.0

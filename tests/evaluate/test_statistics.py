"""Means and intervals against numbers worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluate.statistics import (
    Interval,
    bootstrap_interval,
    estimate,
    interquartile_mean,
    mean,
    percentile_interval,
    resample,
)


def test_interquartile_mean_leaves_out_a_quarter_at_each_end() -> None:
    assert interquartile_mean(np.array([100.0, 3.0, 5.0, 0.0])) == 4.0  # 0 and 100 go
    assert interquartile_mean(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 80.0])) == 4.5  # of 3, 4, 5, 6


def test_interquartile_mean_rounds_the_quarter_down() -> None:
    assert interquartile_mean(np.array([9.0, 1.0, 2.0])) == 4.0  # nothing goes
    assert interquartile_mean(np.array([0.0, 1.0, 2.0, 6.0, 50.0])) == 3.0  # one at each end


def test_interquartile_mean_takes_the_last_axis() -> None:
    scores = np.array([[0.0, 1.0, 3.0, 9.0], [4.0, 4.0, 4.0, 4.0]])
    np.testing.assert_array_equal(interquartile_mean(scores), [2.0, 4.0])


def test_resampling_stays_within_each_act() -> None:
    scores = np.array([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]])
    drawn = resample(scores, 50, seed=0)
    assert drawn.shape == (50, 6)
    for act, values in enumerate(scores):
        assert set(drawn[:, 2 * act : 2 * act + 2].flat) == set(values)


def test_percentile_interval() -> None:
    found = percentile_interval(np.arange(101.0), confidence=0.9)
    assert [found.low, found.high] == pytest.approx([5.0, 95.0])


def test_interval_of_two_episodes() -> None:
    """The mean of two draws from {0, 1} is 0, 1/2 or 1 with probability 1/4, 1/2, 1/4."""
    scores = np.array([[0.0, 1.0]])
    assert bootstrap_interval(scores, mean) == Interval(0.0, 1.0)
    assert bootstrap_interval(scores, mean, confidence=0.4) == Interval(0.5, 0.5)


def test_acts_that_differ_do_not_widen_the_interval() -> None:
    scores = np.array([[0.0, 0.0], [1.0, 1.0]])
    assert bootstrap_interval(scores, mean) == Interval(0.5, 0.5)


def test_interval_matches_a_slow_transcription() -> None:
    scores = np.random.default_rng(5).uniform(size=(4, 5))
    drawn = np.random.default_rng([9, 6]).integers(5, size=(300, 4, 5))
    means = []
    for choice in drawn:
        sample = []
        for act in range(4):
            sample += [scores[act, episode] for episode in choice[act]]
        sample.sort()
        means.append(sum(sample[5:15]) / 10)  # the middle half of 20
    found = bootstrap_interval(scores, interquartile_mean, seed=9, repetitions=300)
    assert found is not None
    np.testing.assert_allclose([found.low, found.high], np.percentile(means, [2.5, 97.5]))


def test_estimate_is_seeded() -> None:
    scores = np.random.default_rng(0).uniform(size=(6, 5))
    assert estimate(scores, seed=1) == estimate(scores, seed=1)
    assert estimate(scores, seed=1) != estimate(scores, seed=2)


def test_one_episode_per_act_has_no_interval() -> None:
    found = estimate(np.array([[0.2], [0.4]]))
    assert found.mean == pytest.approx(0.3)
    assert found.mean_interval is None
    assert found.iqm_interval is None


@pytest.mark.parametrize("scores", [np.zeros(3), np.zeros((0, 3)), np.zeros((2, 0))])
def test_other_shapes_are_refused(scores: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"Expected.*Received"):
        estimate(scores)


EPISODES = st.lists(st.floats(0, 1), min_size=3, max_size=3)


@given(st.lists(EPISODES, min_size=1, max_size=4))
def test_intervals_stay_within_the_scores(rows: list[list[float]]) -> None:
    scores = np.array(rows)
    found = estimate(scores, repetitions=50)
    for interval in (found.mean_interval, found.iqm_interval):
        assert interval is not None
        assert scores.min() - 1e-9 <= interval.low <= interval.high <= scores.max() + 1e-9

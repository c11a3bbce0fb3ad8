"""Means and intervals against numbers worked out by hand, and against what they promise, in simulated evaluations."""

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiment.statistics import (
    Change,
    Interval,
    bootstrap_interval,
    compare_means,
    degrees_of_freedom,
    estimate,
    improvement_interval,
    interquartile_mean,
    mean,
    over_runs,
    percentile_interval,
    probability_of_improvement,
    resample,
    student_quantile,
    widening,
)


def test_interquartile_mean_leaves_out_a_quarter_at_each_end() -> None:
    assert interquartile_mean(np.array([[100.0, 3.0, 5.0, 0.0]])) == 4.0  # 0 and 100 go
    assert interquartile_mean(np.array([[1.0, 2.0, 3.0, 4.0], [5.0, 6.0, 7.0, 80.0]])) == 4.5  # of 3, 4, 5, 6


def test_interquartile_mean_rounds_the_quarter_down() -> None:
    assert interquartile_mean(np.array([[9.0, 1.0, 2.0]])) == 4.0  # nothing goes
    assert interquartile_mean(np.array([[0.0, 1.0, 2.0, 6.0, 50.0]])) == 3.0  # one at each end


def test_interquartile_mean_takes_the_last_axis() -> None:
    scores = np.array([[0.0, 1.0, 3.0, 9.0], [4.0, 4.0, 4.0, 4.0]])
    np.testing.assert_array_equal(interquartile_mean([scores]), [2.0, 4.0])
    np.testing.assert_array_equal(interquartile_mean([scores[:, :3], scores[:, 3:]]), [2.0, 4.0])


def test_acts_count_alike_in_the_mean_however_many_episodes_they_have() -> None:
    assert mean([np.array([1.0, 1.0, 1.0]), np.array([4.0])]) == 2.5
    np.testing.assert_array_equal(mean([np.array([[1.0, 3.0], [2.0, 2.0]]), np.array([[0.0], [4.0]])]), [1.0, 3.0])


def test_resampling_stays_within_each_act_and_draws_one_fewer() -> None:
    scores = [np.array([1.0, 2.0, 3.0]), np.array([10.0, 20.0]), np.array([100.0, 200.0, 300.0])]
    drawn = resample(scores, 50, seed=0)
    assert [row.shape for row in drawn] == [(50, 2), (50, 1), (50, 2)]
    for row, values in zip(drawn, scores, strict=True):
        assert set(row.flat) == set(values)


def test_the_draws_vary_as_the_mean_does() -> None:
    """The variance of a mean of E episodes is estimated by s^2 / E, s^2 with E - 1 in its denominator."""
    scores = np.random.default_rng(2).uniform(size=(6, 5))
    drawn = mean(resample(scores, 40_000, seed=0))
    expected = scores.var(axis=1, ddof=1).sum() / 5 / 6**2
    assert drawn.var() == pytest.approx(expected, rel=0.03)  # E of E draws: a fifth less


def test_the_draws_vary_as_the_mean_does_where_acts_have_different_numbers_of_episodes() -> None:
    rng = np.random.default_rng(2)
    scores = [rng.uniform(size=count) for count in (2, 5, 12)]
    drawn = mean(resample(scores, 40_000, seed=0))
    expected = sum(row.var(ddof=1) / len(row) for row in scores) / 3**2
    assert drawn.var() == pytest.approx(expected, rel=0.03)


def test_percentile_interval() -> None:
    found = percentile_interval(np.arange(101.0), confidence=0.9)
    assert [found.low, found.high] == pytest.approx([5.0, 95.0])


@pytest.mark.parametrize(("degrees", "expected"), [(1, 12.706), (2, 4.303), (5.5, 2.502), (10, 2.228), (720, 1.963)])
def test_student_quantile(degrees: float, expected: float) -> None:
    assert student_quantile(degrees) == pytest.approx(expected, abs=0.002)  # of printed tables


def test_acts_that_do_not_vary_tell_nothing_about_the_spread() -> None:
    varying = [0.0, 0.5, 1.0]
    still = [1.0, 1.0, 1.0]
    assert degrees_of_freedom(np.array([varying])) == pytest.approx(2)
    assert degrees_of_freedom(np.array([varying, still, still])) == pytest.approx(2)
    assert degrees_of_freedom(np.array([varying, varying])) == pytest.approx(4)
    fewer = [np.array(varying), np.array([0.2, 0.4])]  # 1/12 and 1/100: Welch's formula by hand
    assert degrees_of_freedom(fewer) == pytest.approx((1 / 12 + 1 / 100) ** 2 / ((1 / 12) ** 2 / 2 + (1 / 100) ** 2))
    assert widening(np.array([varying, still])) == pytest.approx(4.303 / 1.960, abs=0.002)
    assert widening(np.array([still, still])) == 1.0


def test_interval_of_two_episodes() -> None:
    """One draw from {0, 1}: 0 or 1; one degree of freedom moves these ends out by 12.7 / 1.96, as far as scores can go."""
    scores = np.array([[0.0, 1.0]])
    found = bootstrap_interval(scores, mean)
    assert found is not None
    assert [found.low, found.high] == pytest.approx([0.5 - 3.241, 0.5 + 3.241], abs=0.002)
    assert bootstrap_interval(scores, mean, bounds=(0.0, 1.0)) == Interval(0.0, 1.0)


@pytest.mark.parametrize("shift", [-1.0, 1.0])
def test_an_interval_holds_its_estimate_even_where_the_draws_lie_beside_it(shift: float) -> None:
    scores = np.random.default_rng(1).uniform(size=(18, 5))

    def biased(values: Sequence[np.ndarray]) -> np.ndarray:
        return mean(values) + shift * (values[0].ndim - 1)  # only draws have a second dimension

    found = bootstrap_interval(scores, biased)
    assert found is not None
    assert found.low <= scores.mean() + 1e-9
    assert found.high >= scores.mean() - 1e-9


def test_acts_that_differ_do_not_widen_the_interval() -> None:
    scores = np.array([[0.0, 0.0], [1.0, 1.0]])
    assert bootstrap_interval(scores, mean) == Interval(0.5, 0.5)


def test_interval_matches_a_slow_transcription() -> None:
    scores = np.random.default_rng(5).uniform(size=(4, 5))
    rng = np.random.default_rng([9, 6])
    drawn = [rng.integers(5, size=(300, 4)) for _ in range(4)]
    means = []
    for repetition in range(300):
        sample = []
        for act in range(4):
            sample += [scores[act, episode] for episode in drawn[act][repetition]]
        sample.sort()
        means.append(sum(sample[4:12]) / 8)  # the middle half of 16
    squares = sum(row.var(ddof=1) for row in scores) ** 2
    degrees = 4 * squares / sum(row.var(ddof=1) ** 2 for row in scores)
    factor = student_quantile(degrees) / 1.959964
    middle = float(interquartile_mean(scores))
    low, high = np.percentile(means, [2.5, 97.5])
    found = bootstrap_interval(scores, interquartile_mean, seed=9, repetitions=300)
    assert found is not None
    expected = [middle - factor * (middle - low), middle + factor * (high - middle)]
    np.testing.assert_allclose([found.low, found.high], expected, rtol=1e-6)


def test_estimate_is_seeded() -> None:
    scores = np.random.default_rng(0).uniform(size=(6, 5))
    assert estimate(scores, seed=1) == estimate(scores, seed=1)
    assert estimate(scores, seed=1) != estimate(scores, seed=2)


def test_one_episode_per_act_has_no_interval() -> None:
    found = estimate(np.array([[0.2], [0.4]]))
    assert found.mean == pytest.approx(0.3)
    assert found.mean_interval is None
    assert found.iqm_interval is None


@pytest.mark.parametrize("scores", [np.zeros(3), np.zeros((0, 3)), np.zeros((2, 0)), [np.zeros(2), np.zeros(0)]])
def test_other_shapes_are_refused(scores: np.ndarray) -> None:
    with pytest.raises(ValueError, match=r"Expected.*Received"):
        estimate(scores)


def test_means_of_two_players_are_compared_act_by_act() -> None:
    """By hand: acts' means 1, 5 and 3, 6; either act's two episodes are drawn singly."""
    found = compare_means([np.array([0.0, 2.0]), np.array([5.0, 5.0, 5.0])], np.array([[3.0, 3.0], [6.0, 6.0]]), (0, 9))
    assert (found.before, found.after, found.difference) == (3.0, 4.5, 1.5)
    reach = 3.241 * 2 / 2  # as of two episodes above, 2 apart, in one of two acts
    assert found.interval is not None
    assert [found.interval.low, found.interval.high] == pytest.approx([1.5 - reach, 1.5 + reach], abs=0.005)
    assert found.verdict == "no difference seen"


@pytest.mark.parametrize("gain", [0.0, 30.0])
def test_a_teacher_and_a_player_are_told_apart_as_often_as_the_interval_says(gain: float) -> None:
    """300 simulated pairs, 12 movies against 5 episodes an act: 95 % of the intervals hold the true gain."""
    held = 0
    for number in range(300):
        rng = np.random.default_rng([number, int(gain)])
        levels = rng.uniform(9_000, 9_500, 6)
        theirs = [rng.normal(level, 20, 12) for level in levels]
        ours = [rng.normal(level + gain, 200, 5) for level in levels]
        interval = compare_means(theirs, ours, (0.0, 10_000.0), seed=number).interval
        assert interval is not None
        held += interval.low <= gain <= interval.high
    assert 0.92 <= held / 300 <= 0.98


def test_a_change_is_seen_only_where_its_interval_leaves_zero_out() -> None:
    verdicts = [Change(1.0, 2.0, interval).verdict for interval in (Interval(0.1, 2), Interval(-0.1, 2), None)]
    assert verdicts == ["better", "no difference seen", "too few episodes to say"]
    assert Change(2.0, 1.0, Interval(-2, -0.1)).verdict == "worse"


EPISODES = st.lists(st.floats(0, 1), min_size=3, max_size=3)


@given(st.lists(EPISODES, min_size=1, max_size=4))
def test_intervals_stay_within_the_bounds_and_hold_the_estimate(rows: list[list[float]]) -> None:
    found = estimate(np.array(rows), repetitions=50, bounds=(0.0, 1.0))
    for value, interval in ((found.mean, found.mean_interval), (found.iqm, found.iqm_interval)):
        assert interval is not None
        assert 0.0 <= interval.low <= value + 1e-12
        assert value - 1e-12 <= interval.high <= 1.0


ACTS = 18
SIMULATED = 125
"""Evaluations per kind of player and number of episodes."""


def clipped(rng: np.random.Generator) -> np.ndarray:
    """Progress that spreads evenly about an act's own level, and ends at the end."""
    level = rng.uniform(0.3, 1.1, (ACTS, 1))
    return np.clip(rng.normal(level, 0.15, (ACTS, 1500)), 0.0, 1.0)


def mixed(rng: np.random.Generator) -> np.ndarray:
    """Through with an act's own chance, else anywhere."""
    through = rng.random((ACTS, 1500)) < rng.uniform(0, 1, (ACTS, 1))
    return np.where(through, 1.0, rng.beta(2, 3, (ACTS, 1500)))


def strong(rng: np.random.Generator) -> np.ndarray:
    """Through nearly always, else stopped at one of three places: few failures, far out."""
    through = rng.random((ACTS, 1500)) < rng.beta(6, 1.2, (ACTS, 1))
    return np.where(through, 1.0, _at_walls(rng, 0.95, (1 / 3, 1 / 3, 1 / 3)))


def weak(rng: np.random.Generator) -> np.ndarray:
    """Never through; most often stopped at the first of three places."""
    return _at_walls(rng, 0.6, (0.6, 0.3, 0.1))


def _at_walls(rng: np.random.Generator, furthest: float, chances: tuple[float, float, float]) -> np.ndarray:
    walls = np.sort(rng.uniform(0.03, furthest, (ACTS, 3)), axis=1)
    which = rng.choice(3, size=(ACTS, 1500), p=chances)
    return np.clip(rng.normal(np.take_along_axis(walls, which, axis=1), 0.01), 0.0, 1.0)


def simulated(episodes: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """(an evaluation's scores [A, E], the population [A, 1500] of which they were drawn), each of another player."""
    for kind, make in enumerate((clipped, mixed, strong, weak)):
        rng = np.random.default_rng([kind, episodes])
        for _ in range(SIMULATED):
            population = make(rng)
            drawn = rng.integers(population.shape[1], size=(ACTS, episodes))
            yield np.take_along_axis(population, drawn, axis=1), population


@pytest.mark.parametrize("episodes", [3, 5, 10])
def test_intervals_hold_the_truth_as_often_as_they_say(episodes: int) -> None:
    """500 simulated evaluations: >= 94 % of the 95 % intervals hold what the player's true figure is.

    Drawing E of E without more: 87 % with 3 episodes, 90 % with 5, 93 % with 10.
    """
    held = {mean: 0, interquartile_mean: 0}
    count = 0
    for scores, population in simulated(episodes):
        count += 1
        for statistic in held:
            truth = float(statistic(population))
            interval = bootstrap_interval(scores, statistic, seed=count, repetitions=400, bounds=(0.0, 1.0))
            assert interval is not None
            held[statistic] += interval.low - 1e-9 <= truth <= interval.high + 1e-9
    assert count >= 400
    assert held[mean] / count >= 0.94
    assert held[interquartile_mean] / count >= 0.94
    assert held[mean] / count <= 0.975  # as wide as it has to be, and no wider


@pytest.mark.parametrize("runs", [3, 5])
def test_intervals_over_training_runs_hold_the_mean(runs: int) -> None:
    """In 95 % of simulated studies; the bootstrap of whole runs holds that of three in three quarters only."""
    rng = np.random.default_rng(0)
    studies = rng.normal(0.5, 0.05, (2_000, runs))
    held = 0
    for figures in studies:
        interval = over_runs(figures).interval
        held += interval.low <= 0.5 <= interval.high
    assert held / len(studies) == pytest.approx(0.95, abs=0.015)
    if runs == 3:
        places = rng.integers(runs, size=(400, 2_000, runs))
        drawn = np.take_along_axis(studies[None], places, axis=2)  # [draws, studies, runs]
        means = drawn.mean(axis=2)  # [draws, studies]
        low, high = np.percentile(means, [2.5, 97.5], axis=0)
        assert 0.65 < ((low <= 0.5) & (high >= 0.5)).mean() < 0.8


def test_one_training_run_tells_nothing_of_another() -> None:
    assert over_runs([0.4]).interval is None
    with pytest.raises(ValueError, match="at least one training run"):
        over_runs([])


def test_an_interval_over_runs_ends_where_the_figure_does() -> None:
    interval = over_runs([1.0, 0.9, 1.0], bounds=(0.0, 1.0)).interval
    assert interval.high == 1.0
    assert interval.low < 0.9


def test_the_probability_of_improvement_by_hand() -> None:
    theirs = np.array([[0.1, 0.5], [0.3, 0.5]])
    ours = np.array([[0.2, 0.5], [0.4, 0.9]])
    # act 1: 3 of 4 pairs are better; act 2: 2 are better and 2 even
    assert probability_of_improvement(theirs, ours) == pytest.approx((0.75 + 0.75) / 2)
    assert probability_of_improvement(ours, theirs) == pytest.approx(0.25)
    assert improvement_interval(theirs[:1], ours) is None
    interval = improvement_interval(theirs, ours)
    assert 0.0 <= interval.low < 0.75 < interval.high <= 1.0

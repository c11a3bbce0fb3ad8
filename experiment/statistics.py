"""Means that say how far they can be trusted, as pure functions of arrays.

Legend: A acts, E episodes per act, R bootstrap repetitions. Scores are one float array [E] per act, which an array [A, E]
is as well; E may differ from act to act, and all acts count alike.

The interquartile mean and its stratified bootstrap follow Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge
of the Statistical Precipice" (rliable), with acts as tasks and episodes as runs. Only episodes are drawn again, within
each act, never acts: an interval says what other seeds of the same player would give on these acts, and nothing about
other acts, nor about training once more.

Two departures, because drawing E of E (as rliable does) holds the true mean in only 87 % of simulated evaluations with 3
episodes per act, 90 % with 5 and 93 % with 10:

- one episode fewer is drawn than was played, so that the variance is right: that of E draws is (E - 1) / E of it (McCarthy
  and Snowden 1985; Rao and Wu 1988, "Resampling inference with complex survey data");
- the ends are moved out by the ratio of Student's quantile to the normal one (Hesterberg 2015, "What teachers should know
  about the bootstrap"), with Welch's and Satterthwaite's degrees of freedom: acts whose episodes are all alike tell nothing
  about the spread.

Simulated with 18 acts (tests/experiment/test_statistics.py), this holds the mean in 95 to 96 %, and the interquartile mean in
as many or more. No method helps with what no episode has shown: with one or two acts it may be far fewer.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

import numpy as np

REPETITIONS = 2000
CONFIDENCE = 0.95
UNBOUNDED = (-np.inf, np.inf)
Scores = Sequence[np.ndarray] | np.ndarray
Statistic = Callable[[Scores], np.ndarray]
"""Of scores, float [..., E] per act -> [...]."""
Verdict = Literal["better", "worse", "no difference seen", "too few episodes to say"]
_TRIM = 0.25
_STREAM = 6  # keeps these draws apart from others made with the same seed


@dataclass(frozen=True)
class Interval:
    """The ends of a confidence interval."""

    low: float
    high: float


@dataclass(frozen=True)
class Estimate:
    """A mean and an interquartile mean; the intervals are None where one episode per act leaves nothing to draw from."""

    mean: float
    iqm: float
    mean_interval: Interval | None
    iqm_interval: Interval | None


@dataclass(frozen=True)
class Change:
    """A figure before and after; the interval is of the difference, None with one episode per act."""

    before: float
    after: float
    interval: Interval | None

    @property
    def difference(self) -> float:
        """What it gained; below zero, what it lost."""
        return self.after - self.before

    @property
    def verdict(self) -> Verdict:
        """Whether the interval leaves zero out, and on which side."""
        if self.interval is None:
            return "too few episodes to say"
        if self.interval.low > 0:
            return "better"
        return "worse" if self.interval.high < 0 else "no difference seen"


def mean(scores: Scores) -> np.ndarray:
    """The mean of the acts' means, float [..., E] per act -> [...]."""
    return np.mean([row.mean(axis=-1) for row in scores], axis=0)


def interquartile_mean(scores: Scores) -> np.ndarray:
    """The mean of the middle half of all episodes, float [..., E] per act -> [...].

    A quarter of them, rounded down, is left out at each end (as scipy.stats.trim_mean and rliable do).
    """
    pooled = np.concatenate(scores, axis=-1)
    count = pooled.shape[-1]
    cut = int(_TRIM * count)
    middle = np.sort(pooled, axis=-1)[..., cut : count - cut]
    return middle.mean(axis=-1)


def resample(scores: Scores, repetitions: int, seed: int) -> list[np.ndarray]:
    """Episodes drawn with replacement within each act, one fewer than were played: float [E] per act -> [R, E - 1]."""
    rng = np.random.default_rng([seed, _STREAM])
    return [row[rng.integers(len(row), size=(repetitions, len(row) - 1))] for row in scores]


def percentile_interval(values: np.ndarray, confidence: float = CONFIDENCE) -> Interval:
    """The percentile bootstrap's interval of statistics float [R] (Efron 1979)."""
    tail = 50.0 * (1.0 - confidence)  # per cent left out at each end
    low, high = np.percentile(values, [tail, 100.0 - tail])
    return Interval(float(low), float(high))


def degrees_of_freedom(scores: Scores) -> float:
    """How many episodes speak of the mean's spread, float [E] per act -> from E - 1 (one act varies) to A * (E - 1).

    Welch 1947, Satterthwaite 1946. Infinite when no act varies.
    """
    counts = np.array([len(row) for row in scores])
    variances = np.array([row.var(ddof=1) for row in scores]) / counts  # [A], of the acts' means
    largest = variances.max()
    if largest <= 0:
        return np.inf
    shares = variances / largest  # squares of very small variances would vanish
    return float(shares.sum() ** 2 / (shares**2 / (counts - 1)).sum())


def student_quantile(degrees: float, confidence: float = CONFIDENCE) -> float:
    """Which deviation Student's t stays below, on either side, with this probability.

    With t = sqrt(degrees) * tan(angle), the angle's density is cos(angle) ** (degrees - 1), which is summed up here.
    """
    angles = np.linspace(0.0, np.pi / 2, 20_001)
    density = np.cos(angles) ** (degrees - 1.0)
    below = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    angle = np.interp(confidence, below / below[-1], angles)
    return float(np.sqrt(degrees) * np.tan(angle))


def widening(scores: Scores, confidence: float = CONFIDENCE) -> float:
    """How much further out than a normal distribution's the ends of an interval lie: Student's quantile over it."""
    degrees = degrees_of_freedom(scores)
    if not np.isfinite(degrees):
        return 1.0
    normal = NormalDist().inv_cdf(0.5 + confidence / 2)
    return student_quantile(degrees, confidence) / normal


def bootstrap_interval(
    scores: Scores,
    statistic: Statistic,
    seed: int = 0,
    repetitions: int = REPETITIONS,
    confidence: float = CONFIDENCE,
    bounds: tuple[float, float] = UNBOUNDED,
) -> Interval | None:
    """The stratified bootstrap's interval of a statistic; None with fewer than two episodes of an act.

    Args:
        scores: float [E] per act.
        statistic: such as `mean` and `interquartile_mean`.
        bounds: what a score can be at least and at most; the interval ends there.
    """
    _check(scores)
    if min(len(row) for row in scores) < 2:
        return None
    found = float(statistic(scores))
    drawn = percentile_interval(statistic(resample(scores, repetitions, seed)), confidence)
    factor = widening(scores, confidence)
    # The draws' interval may lie wholly on one side of an interquartile mean that few episodes decide.
    low = found - factor * max(found - drawn.low, 0.0)
    high = found + factor * max(drawn.high - found, 0.0)
    return Interval(max(low, bounds[0]), min(high, bounds[1]))


def estimate(
    scores: Scores, seed: int = 0, repetitions: int = REPETITIONS, bounds: tuple[float, float] = UNBOUNDED
) -> Estimate:
    """Mean and interquartile mean over all acts, float [E] per act, with 95 % intervals within the bounds."""
    _check(scores)
    return Estimate(
        mean=float(mean(scores)),
        iqm=float(interquartile_mean(scores)),
        mean_interval=bootstrap_interval(scores, mean, seed, repetitions, bounds=bounds),
        iqm_interval=bootstrap_interval(scores, interquartile_mean, seed, repetitions, bounds=bounds),
    )


def compare_means(theirs: Scores, ours: Scores, bounds: tuple[float, float], seed: int = 0) -> Change:
    """The mean of two players' episodes on the same acts, which are not in pairs: those of either are drawn by themselves.

    Args:
        theirs, ours: float [E] per act, act by act; E may differ between the two.
        bounds: what a score can be at least and at most.
    """
    widest = bounds[1] - bounds[0]

    def gained(scores: Scores) -> np.ndarray:
        return mean(scores[len(theirs) :]) - mean(scores[: len(theirs)])

    interval = bootstrap_interval([*theirs, *ours], gained, seed, bounds=(-widest, widest))
    return Change(float(mean(theirs)), float(mean(ours)), interval)


def _check(scores: Scores) -> None:
    shapes = [np.shape(row) for row in scores]
    if not shapes or any(len(shape) != 1 or shape[0] == 0 for shape in shapes):
        raise ValueError(
            f"Expected at least one act, with at least one episode each. Received arrays of shape: {shapes}"
        )


@dataclass(frozen=True)
class RunsEstimate:
    """A mean over training runs; the interval, of training once more, is None with one run."""

    mean: float
    interval: Interval | None
    runs: int


def over_runs(
    values: Sequence[float], bounds: tuple[float, float] = UNBOUNDED, confidence: float = CONFIDENCE
) -> RunsEstimate:
    """The mean of one figure per training run, with Student's interval.

    The spread of the runs' figures holds that of their episodes already. Bootstrapping whole runs, which share their acts,
    would hold the mean of three in 75 % of cases only (tests/experiment/test_statistics.py).
    """
    found = np.asarray(values, float)
    if len(found) == 0:
        raise ValueError("Expected at least one training run. Received: none")
    centre = float(found.mean())
    if len(found) == 1:
        return RunsEstimate(centre, None, runs=1)
    half = student_quantile(len(found) - 1, confidence) * float(found.std(ddof=1)) / len(found) ** 0.5
    return RunsEstimate(centre, Interval(max(centre - half, bounds[0]), min(centre + half, bounds[1])), len(found))


def probability_of_improvement(theirs: np.ndarray, ours: np.ndarray) -> float:
    """How often a run of ours beats one of theirs on an act, ties counting half; the mean over acts.

    Agarwal et al. 2021 (rliable), section 4.3.

    Args:
        theirs, ours: float [runs, A], mean figures per act; the number of runs may differ.
    """
    pairs = ours[:, None, :] - theirs[None, :, :]  # [ours, theirs, A]
    return float(((pairs > 0) + 0.5 * (pairs == 0)).mean())


def improvement_interval(
    theirs: np.ndarray, ours: np.ndarray, seed: int = 0, repetitions: int = REPETITIONS
) -> Interval | None:
    """The stratified bootstrap's interval of it, runs drawn with replacement within each act as in rliable.

    None with fewer than two runs on either side.
    """
    if min(len(theirs), len(ours)) < 2:
        return None
    rng = np.random.default_rng([seed, _STREAM])
    acts = np.arange(theirs.shape[1])
    found = []
    for _ in range(repetitions):
        drawn = [runs[rng.integers(len(runs), size=runs.shape), acts] for runs in (theirs, ours)]
        found.append(probability_of_improvement(*drawn))
    return percentile_interval(np.array(found))

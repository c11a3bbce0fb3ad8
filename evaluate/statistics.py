"""Means that say how far they can be trusted, as pure functions of arrays.

Legend: A acts, E episodes per act, R bootstrap repetitions. Scores are float [A, E], one row per act.

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

Simulated with 18 acts (tests/evaluate/test_statistics.py), this holds the mean in 95 to 96 %, and the interquartile mean in
as many or more. No method helps with what no episode has shown: with one or two acts it may be far fewer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

REPETITIONS = 2000
CONFIDENCE = 0.95
UNBOUNDED = (-np.inf, np.inf)
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


def mean(scores: np.ndarray) -> np.ndarray:
    """float [..., N] -> [...]."""
    return scores.mean(axis=-1)


def interquartile_mean(scores: np.ndarray) -> np.ndarray:
    """The mean of the middle half, float [..., N] -> [...].

    A quarter of the scores, rounded down, is left out at each end (as scipy.stats.trim_mean and rliable do).
    """
    count = scores.shape[-1]
    cut = int(_TRIM * count)
    middle = np.sort(scores, axis=-1)[..., cut : count - cut]
    return middle.mean(axis=-1)


def resample(scores: np.ndarray, repetitions: int, seed: int) -> np.ndarray:
    """Episodes drawn with replacement within each act, one fewer than were played: float [A, E] -> [R, A * (E - 1)]."""
    acts, episodes = scores.shape
    rng = np.random.default_rng([seed, _STREAM])
    drawn = rng.integers(episodes, size=(repetitions, acts, episodes - 1))
    rows = np.arange(acts)[:, None]  # [A, 1]: an act's draws index that act's row only
    return scores[rows, drawn].reshape(repetitions, -1)


def percentile_interval(values: np.ndarray, confidence: float = CONFIDENCE) -> Interval:
    """The percentile bootstrap's interval of statistics float [R] (Efron 1979)."""
    tail = 50.0 * (1.0 - confidence)  # per cent left out at each end
    low, high = np.percentile(values, [tail, 100.0 - tail])
    return Interval(float(low), float(high))


def degrees_of_freedom(scores: np.ndarray) -> float:
    """How many episodes speak of the mean's spread, float [A, E] -> from E - 1 (one act varies) to A * (E - 1).

    Welch 1947, Satterthwaite 1946. Infinite when no act varies.
    """
    variances = scores.var(axis=1, ddof=1)  # [A]
    largest = variances.max()
    if largest <= 0:
        return np.inf
    shares = variances / largest  # squares of very small variances would vanish
    return float((scores.shape[1] - 1) * shares.sum() ** 2 / (shares**2).sum())


def student_quantile(degrees: float, confidence: float = CONFIDENCE) -> float:
    """Which deviation Student's t stays below, on either side, with this probability.

    With t = sqrt(degrees) * tan(angle), the angle's density is cos(angle) ** (degrees - 1), which is summed up here.
    """
    angles = np.linspace(0.0, np.pi / 2, 20_001)
    density = np.cos(angles) ** (degrees - 1.0)
    below = np.concatenate([[0.0], np.cumsum(density[1:] + density[:-1])])
    angle = np.interp(confidence, below / below[-1], angles)
    return float(np.sqrt(degrees) * np.tan(angle))


def widening(scores: np.ndarray, confidence: float = CONFIDENCE) -> float:
    """How much further out than a normal distribution's the ends of an interval lie: Student's quantile over it."""
    degrees = degrees_of_freedom(scores)
    if not np.isfinite(degrees):
        return 1.0
    normal = NormalDist().inv_cdf(0.5 + confidence / 2)
    return student_quantile(degrees, confidence) / normal


def bootstrap_interval(
    scores: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    seed: int = 0,
    repetitions: int = REPETITIONS,
    confidence: float = CONFIDENCE,
    bounds: tuple[float, float] = UNBOUNDED,
) -> Interval | None:
    """The stratified bootstrap's interval of a statistic; None with fewer than two episodes per act.

    Args:
        scores: float [A, E].
        statistic: float [..., N] -> [...], such as `mean` and `interquartile_mean`.
        bounds: what a score can be at least and at most; the interval ends there.
    """
    _check(scores)
    if scores.shape[1] < 2:
        return None
    found = float(statistic(scores.reshape(-1)))
    drawn = percentile_interval(statistic(resample(scores, repetitions, seed)), confidence)
    factor = widening(scores, confidence)
    # The draws' interval may lie wholly on one side of an interquartile mean that few episodes decide.
    low = found - factor * max(found - drawn.low, 0.0)
    high = found + factor * max(drawn.high - found, 0.0)
    return Interval(max(low, bounds[0]), min(high, bounds[1]))


def estimate(
    scores: np.ndarray, seed: int = 0, repetitions: int = REPETITIONS, bounds: tuple[float, float] = UNBOUNDED
) -> Estimate:
    """Mean and interquartile mean over all episodes of all acts, float [A, E], with 95 % intervals within the bounds."""
    _check(scores)
    flat = scores.reshape(-1)
    return Estimate(
        mean=float(mean(flat)),
        iqm=float(interquartile_mean(flat)),
        mean_interval=bootstrap_interval(scores, mean, seed, repetitions, bounds=bounds),
        iqm_interval=bootstrap_interval(scores, interquartile_mean, seed, repetitions, bounds=bounds),
    )


def _check(scores: np.ndarray) -> None:
    if scores.ndim != 2 or scores.size == 0:
        raise ValueError(f"Expected scores of shape [acts, episodes], at least one of each. Received: {scores.shape}")

"""Means that say how far they can be trusted, as pure functions of arrays.

Legend: A acts, E episodes per act, R bootstrap repetitions. Scores are float [A, E], one row per act.

The interquartile mean and its stratified bootstrap follow Agarwal et al. 2021, "Deep Reinforcement Learning at the Edge
of the Statistical Precipice" (rliable), with acts as tasks and episodes as runs. Only episodes are drawn again, within
each act, never acts: an interval says what other seeds of the same player would give on these acts, and nothing about
other acts, nor about training once more.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

REPETITIONS = 2000
CONFIDENCE = 0.95
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
    """Episodes drawn with replacement within each act: float [A, E] -> [R, A * E]."""
    acts, episodes = scores.shape
    rng = np.random.default_rng([seed, _STREAM])
    drawn = rng.integers(episodes, size=(repetitions, acts, episodes))
    rows = np.arange(acts)[:, None]  # [A, 1]: an act's draws index that act's row only
    return scores[rows, drawn].reshape(repetitions, acts * episodes)


def percentile_interval(values: np.ndarray, confidence: float = CONFIDENCE) -> Interval:
    """The percentile bootstrap's interval of statistics float [R] (Efron 1979)."""
    tail = 50.0 * (1.0 - confidence)  # per cent left out at each end
    low, high = np.percentile(values, [tail, 100.0 - tail])
    return Interval(float(low), float(high))


def bootstrap_interval(
    scores: np.ndarray,
    statistic: Callable[[np.ndarray], np.ndarray],
    seed: int = 0,
    repetitions: int = REPETITIONS,
    confidence: float = CONFIDENCE,
) -> Interval | None:
    """The stratified bootstrap's interval of a statistic; None with fewer than two episodes per act.

    Args:
        scores: float [A, E].
        statistic: float [..., N] -> [...], such as `mean` and `interquartile_mean`.
    """
    _check(scores)
    if scores.shape[1] < 2:
        return None
    samples = resample(scores, repetitions, seed)
    return percentile_interval(statistic(samples), confidence)


def estimate(scores: np.ndarray, seed: int = 0, repetitions: int = REPETITIONS) -> Estimate:
    """Mean and interquartile mean over all episodes of all acts, float [A, E], with 95 % intervals."""
    _check(scores)
    flat = scores.reshape(-1)
    return Estimate(
        mean=float(mean(flat)),
        iqm=float(interquartile_mean(flat)),
        mean_interval=bootstrap_interval(scores, mean, seed, repetitions),
        iqm_interval=bootstrap_interval(scores, interquartile_mean, seed, repetitions),
    )


def _check(scores: np.ndarray) -> None:
    if scores.ndim != 2 or scores.size == 0:
        raise ValueError(f"Expected scores of shape [acts, episodes], at least one of each. Received: {scores.shape}")

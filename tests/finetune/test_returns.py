"""Advantages against a slow transcription of the paper, and by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finetune.returns import explained_variance, fold_truncations, generalised_advantages


def slow_advantages(rewards, discounts, values, bootstrap, gae_lambda):
    """Schulman et al. 2016, eq. 16, summed term by term for one environment."""
    following = [*values[1:], bootstrap]
    deltas = [r + d * n - v for r, d, n, v in zip(rewards, discounts, following, values, strict=True)]
    advantages = []
    for t in range(len(rewards)):
        total, factor = 0.0, 1.0
        for k in range(t, len(rewards)):
            total += factor * deltas[k]
            factor *= discounts[k] * gae_lambda
        advantages.append(total)
    return advantages


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 4), st.integers(1, 12), st.integers(0, 10_000), st.floats(0, 1))
def test_advantages_equal_the_paper(envs: int, steps: int, seed: int, gae_lambda: float) -> None:
    rng = np.random.default_rng(seed)
    rewards, values = rng.normal(size=(2, steps, envs)).astype(np.float32)
    discounts = (0.9 * (rng.random((steps, envs)) > 0.2)).astype(np.float32)
    bootstrap = rng.normal(size=envs).astype(np.float32)
    fast = generalised_advantages(rewards, discounts, values, bootstrap, gae_lambda)
    for e in range(envs):
        slow = slow_advantages(rewards[:, e], discounts[:, e], values[:, e], bootstrap[e], gae_lambda)
        np.testing.assert_allclose(fast[:, e], slow, atol=1e-4)


def test_by_hand() -> None:
    one = np.ones((2, 1), np.float32)
    advantages = generalised_advantages(one, 0.5 * one, 0 * one, np.array([4.0], np.float32), 1.0)
    np.testing.assert_allclose(advantages, [[1 + 0.5 * 3], [1 + 0.5 * 4]])


def test_truncation_bootstraps_and_termination_does_not() -> None:
    rewards = np.array([[1.0], [1.0], [1.0]], np.float32)
    terminated = np.array([[False], [True], [False]])
    truncated = np.array([[False], [False], [True]])
    values = np.array([[9.0], [9.0], [10.0]], np.float32)
    folded, discounts = fold_truncations(rewards, terminated, truncated, values, 0.9)
    np.testing.assert_allclose(folded[:, 0], [1.0, 1.0, 10.0])
    np.testing.assert_allclose(discounts[:, 0], [0.9, 0.0, 0.0])


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match=r"\[T, B\]"):
        generalised_advantages(np.zeros(3), np.zeros(3), np.zeros(3), np.zeros(1), 0.9)


def test_explained_variance() -> None:
    targets = np.array([1.0, 2.0, 3.0])
    assert explained_variance(targets, targets) == 1.0
    assert explained_variance(targets, np.ones(3)) == 0.0

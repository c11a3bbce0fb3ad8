"""Distributions over returns, against a slow transcription of the paper's algorithm."""

import numpy as np
import pytest

pytestmark = pytest.mark.filterwarnings("ignore")


def slow_projection(probabilities: np.ndarray, reward: float, discount: float, support: np.ndarray) -> np.ndarray:
    """Algorithm 1 of Bellemare et al. 2017 for one sample, with its exception for atoms that are hit exactly."""
    spacing = support[1] - support[0]
    projected = np.zeros(len(support))
    for j in range(len(support)):
        moved = min(max(reward + discount * support[j], support[0]), support[-1])
        place = round((moved - support[0]) / spacing, 6)  # an atom is hit exactly, whatever floats make of it
        below, above = int(np.floor(place)), int(np.ceil(place))
        if below == above:
            projected[below] += probabilities[j]
        else:
            projected[below] += probabilities[j] * (above - place)
            projected[above] += probabilities[j] * (place - below)
    return projected


def test_the_projection_equals_the_papers_algorithm() -> None:
    from finetune.distributional import project, support_of

    rng = np.random.default_rng(0)
    support = np.linspace(-2.0, 8.0, 51)
    probabilities = rng.dirichlet(np.full(51, 0.3), 200).astype(np.float32)
    returns = rng.normal(0, 5, 200).astype(np.float32)
    discounts = rng.choice([0.0, 0.97, 1.0], 200).astype(np.float32)
    returns[:20] = support[rng.integers(0, 51, 20)]  # terminated on an atom
    discounts[:20] = 0.0
    received = np.asarray(project(probabilities, returns, discounts, support_of(-2.0, 8.0, 51)))
    for i in range(200):
        expected = slow_projection(probabilities[i], returns[i], discounts[i], support)
        np.testing.assert_allclose(received[i], expected, atol=2e-4)
    np.testing.assert_allclose(received.sum(axis=1), 1.0, atol=1e-4)


def test_a_projection_inside_the_support_keeps_the_mean() -> None:
    from finetune.distributional import expected_values, project, support_of

    support = support_of(-1.0, 3.0, 51)
    logits = np.random.default_rng(0).normal(size=(5, 51)).astype(np.float32)
    means = np.asarray(expected_values(logits, support))
    probabilities = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(means, probabilities @ np.asarray(support), atol=1e-5)
    returns = np.array([0.3, 0.0, -0.2, 0.5, 0.1], np.float32)
    moved = np.asarray(project(probabilities, returns, np.full(5, 0.5, np.float32), support))
    np.testing.assert_allclose(moved @ np.asarray(support), returns + 0.5 * means, atol=1e-4)


def test_the_divergence_is_0_only_for_the_same_distribution() -> None:
    from finetune.distributional import kl_divergences

    targets = np.array([[0.5, 0.5, 0.0], [1.0, 0.0, 0.0]], np.float32)
    logits = np.log(np.array([[0.5, 0.5, 1e-9], [0.25, 0.5, 0.25]], np.float32))
    np.testing.assert_allclose(np.asarray(kl_divergences(targets, logits)), [0.0, np.log(4.0)], atol=1e-5)

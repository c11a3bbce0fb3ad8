"""Antithetic estimates against true gradients; ranks, z-scores and Adam against slow transcriptions."""

import numpy as np
import pytest

from finetune.antithetic import SHAPINGS, Adam, antithetic_gradient, centred_ranks, z_scores

CURVATURE = np.diag([1.0, 4.0, 0.5, 2.0, 0.1])
SLOPE = np.array([1.0, -2.0, 0.0, 3.0, 0.5])


def quadratic(theta: np.ndarray) -> float:
    return float(SLOPE @ theta - 0.5 * theta @ CURVATURE @ theta)


def both_ways(theta: np.ndarray, noise: np.ndarray, sigma: float) -> np.ndarray:
    """What a pair of points around theta is worth, for each row of noise: [N, 2]."""
    return np.array([[quadratic(theta + sigma * e), quadratic(theta - sigma * e)] for e in noise])


def test_the_estimate_is_the_gradient_where_the_noise_is_a_basis() -> None:
    """On a quadratic a pair's difference is exact, and sqrt(D) times a basis has the identity as its covariance."""
    theta = np.array([0.3, -1.0, 2.0, 0.0, 5.0])
    basis = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))[0]
    noise = np.sqrt(5) * basis
    estimate = antithetic_gradient(both_ways(theta, noise, 0.7), noise, 0.7)
    np.testing.assert_allclose(estimate, SLOPE - CURVATURE @ theta, atol=1e-12)


def test_the_estimate_of_random_pairs_nears_the_gradient() -> None:
    theta = np.array([0.3, -1.0, 2.0, 0.0, 5.0])
    truth = SLOPE - CURVATURE @ theta
    errors = []
    for pairs in (100, 10_000):
        noise = np.random.default_rng(1).normal(size=(pairs, 5))
        estimate = antithetic_gradient(both_ways(theta, noise, 0.02), noise, 0.02)
        errors.append(np.linalg.norm(estimate - truth) / np.linalg.norm(truth))
    assert errors[1] < 0.05 < errors[0]  # as the root of the number of pairs


def test_the_estimate_of_a_linear_bandit_points_along_its_slope() -> None:
    """Rewards with noise that both members share cancel; what is left is the slope."""
    rng = np.random.default_rng(2)
    noise = rng.normal(size=(5_000, 5))
    luck = rng.normal(0.0, 100.0, size=(5_000, 1))
    paid = luck + np.stack([noise @ SLOPE, -(noise @ SLOPE)], axis=1) * 0.1
    estimate = antithetic_gradient(paid, noise, 0.1)
    cosine = estimate @ SLOPE / np.linalg.norm(estimate) / np.linalg.norm(SLOPE)
    assert cosine > 0.99


def test_ranks_against_counting() -> None:
    values = np.array([3.0, -1.0, 3.0, 7.0, 3.0, -1.0])
    slow = [((values < v).sum() + ((values == v).sum() - 1) / 2) / 5 - 0.5 for v in values]
    np.testing.assert_allclose(centred_ranks(values), slow)
    assert centred_ranks(np.array([2.0, 1.0])).tolist() == [0.5, -0.5]
    assert centred_ranks(np.full(4, 9.0)).tolist() == [0.0] * 4


def test_z_scores_have_mean_0_and_spread_1() -> None:
    scores = z_scores(np.array([1.0, 2.0, 6.0]))
    np.testing.assert_allclose(scores, np.array([-2.0, -1.0, 3.0]) / np.sqrt(14 / 3))
    assert z_scores(np.full(4, 9.0)).tolist() == [0.0] * 4


def test_adam_by_hand() -> None:
    adam = Adam(1, learning_rate=0.5)
    assert adam.step(np.array([4.0]))[0] == pytest.approx(0.5)  # the first step is the learning rate
    mean = (0.9 * 0.1 * 4.0 + 0.1 * -1.0) / (1 - 0.9**2)
    square = (0.999 * 0.001 * 16.0 + 0.001 * 1.0) / (1 - 0.999**2)
    assert adam.step(np.array([-1.0]))[0] == pytest.approx(0.5 * mean / np.sqrt(square), rel=1e-6)


@pytest.mark.parametrize("shaping", SHAPINGS)
def test_it_climbs(shaping: str) -> None:
    """Shaped returns and Adam's steps lead to the top of the quadratic, which is at curvature^-1 slope."""
    rng = np.random.default_rng(3)
    adam = Adam(5, learning_rate=0.05)
    theta = np.zeros(5)
    for _ in range(400):
        noise = rng.normal(size=(16, 5))
        worth = both_ways(theta, noise, 0.1)
        shaped = SHAPINGS[shaping](worth.reshape(-1)).reshape(-1, 2)
        theta = theta + adam.step(antithetic_gradient(shaped, noise, 0.1))
    top = np.linalg.solve(CURVATURE, SLOPE)
    assert quadratic(top) - quadratic(theta) < 0.02 * (quadratic(top) - quadratic(np.zeros(5)))

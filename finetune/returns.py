"""Returns and advantages as pure functions of arrays.

Legend: E environments, T steps. `discounts` are gamma where the episode goes on after a step and 0 where it terminated.
A truncated step (the clock ran out, not the player) is bootstrapped: gamma times the value of its last observation is
part of its reward, and its discount is 0 because what follows belongs to another episode.
"""

import numpy as np


def fold_truncations(
    rewards: np.ndarray, terminated: np.ndarray, truncated: np.ndarray, truncation_values: np.ndarray, gamma: float
) -> tuple[np.ndarray, np.ndarray]:
    """Rewards and discounts for `generalised_advantages`.

    Args:
        rewards, truncation_values: float32 [E, T]; the latter V(last observation) where truncated.
        terminated, truncated: bool [E, T].

    Returns:
        (rewards float32 [E, T], discounts float32 [E, T]).
    """
    _check_shapes(rewards, terminated, truncated, truncation_values)
    bootstrapped = rewards + gamma * np.where(truncated, truncation_values, 0.0)
    discounts = np.where(terminated | truncated, 0.0, gamma)
    return bootstrapped.astype(np.float32), discounts.astype(np.float32)


def generalised_advantages(
    rewards: np.ndarray, discounts: np.ndarray, values: np.ndarray, bootstrap_values: np.ndarray, gae_lambda: float
) -> np.ndarray:
    """Generalised advantage estimation (Schulman et al. 2016, eq. 16): A_t = delta_t + discount_t lambda A_{t+1}.

    Args:
        rewards, discounts, values: float32 [E, T].
        bootstrap_values: float32 [E], V of the observation after the last step.

    Returns:
        float32 [E, T]; adding `values` gives the value targets.
    """
    _check_shapes(rewards, discounts, values)
    following = np.concatenate([values[:, 1:], bootstrap_values[:, None]], axis=1)
    deltas = rewards + discounts * following - values
    advantages = np.zeros_like(rewards)
    running = np.zeros(len(rewards), np.float32)
    for t in range(rewards.shape[1] - 1, -1, -1):
        running = deltas[:, t] + discounts[:, t] * gae_lambda * running
        advantages[:, t] = running
    return advantages


def explained_variance(predicted: np.ndarray, targets: np.ndarray) -> float:
    """1 - Var[targets - predicted] / Var[targets]; 0 where the targets do not vary."""
    variance = targets.var()
    return float(1.0 - (targets - predicted).var() / variance) if variance > 0 else 0.0


def _check_shapes(*arrays: np.ndarray) -> None:
    shapes = [array.shape for array in arrays]
    if len(set(shapes)) != 1 or len(shapes[0]) != 2:
        raise ValueError(f"Expected arrays of one shape [E, T]. Received: {shapes}")

"""Returns and advantages as pure functions of arrays.

Legend: T steps, B environments. `discounts` are gamma where the episode goes on after a step and 0 where it terminated.
A truncated step (the clock ran out, not the player) is bootstrapped: gamma times the value of its last observation is
part of its reward, and its discount is 0 because what follows belongs to another episode.
"""

import numpy as np


def fold_truncations(
    rewards: np.ndarray, terminated: np.ndarray, truncated: np.ndarray, truncation_values: np.ndarray, gamma: float
) -> tuple[np.ndarray, np.ndarray]:
    """Rewards and discounts for `generalised_advantages`.

        r'_t = r_t + gamma V(s_{t+1}) where truncated, else r_t;   discount_t = gamma where the episode goes on, else 0

    Args:
        rewards, truncation_values: float32 [T, B]; the latter V(last observation) where truncated.
        terminated, truncated: bool [T, B].

    Returns:
        (rewards float32 [T, B], discounts float32 [T, B]).
    """
    _check_shapes(rewards, terminated, truncated, truncation_values)
    bootstrapped = rewards + gamma * np.where(truncated, truncation_values, 0.0)
    discounts = np.where(terminated | truncated, 0.0, gamma)
    return bootstrapped.astype(np.float32), discounts.astype(np.float32)


def generalised_advantages(
    rewards: np.ndarray, discounts: np.ndarray, values: np.ndarray, bootstrap_values: np.ndarray, gae_lambda: float
) -> np.ndarray:
    """Generalised advantage estimation (Schulman et al. 2016, arXiv:1506.02438, eq. 16).

        delta_t = r_t + discount_t V(s_{t+1}) - V(s_t);   A_t = delta_t + discount_t lambda A_{t+1}

    Args:
        rewards, discounts, values: float32 [T, B].
        bootstrap_values: float32 [B], V of the observation after the last step.

    Returns:
        float32 [T, B]; adding `values` gives the value targets.
    """
    _check_shapes(rewards, discounts, values)
    next_values = np.concatenate([values[1:], bootstrap_values[None]])
    deltas = rewards + discounts * next_values - values
    advantages = np.zeros_like(deltas)
    running = np.zeros_like(bootstrap_values)
    for t in reversed(range(len(deltas))):
        running = deltas[t] + discounts[t] * gae_lambda * running
        advantages[t] = running
    return advantages


def explained_variance(predicted: np.ndarray, targets: np.ndarray) -> float:
    """1 - Var[targets - predicted] / Var[targets]; 0 where the targets do not vary."""
    variance = targets.var()
    if variance == 0:
        return 0.0
    return float(1.0 - (targets - predicted).var() / variance)


def _check_shapes(*arrays: np.ndarray) -> None:
    shapes = [array.shape for array in arrays]
    if len(set(shapes)) != 1 or len(shapes[0]) != 2:
        raise ValueError(f"Expected arrays of one shape [T, B]. Received: {shapes}")

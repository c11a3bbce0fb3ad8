"""V-trace: what states are worth to one policy, from what an older one played (Espeholt et al. 2018, arXiv:1802.01561).

Legend: T steps, B unrolls. `discounts` are gamma where the episode goes on after a step and 0 where it ended, which cuts the
trace; what was truncated is bootstrapped in its reward (finetune.returns.fold_truncations).
"""

from typing import NamedTuple

import tensorflow as tf


class VTrace(NamedTuple):
    """What the losses need; no gradients flow through it."""

    targets: tf.Tensor  # float32 [T, B], of the values
    advantages: tf.Tensor  # float32 [T, B], of the actions, importance weight included


def vtrace(
    log_ratios: tf.Tensor,
    rewards: tf.Tensor,
    discounts: tf.Tensor,
    values: tf.Tensor,
    bootstrap_values: tf.Tensor,
    rho_clip: float = 1.0,
    c_clip: float = 1.0,
    trace_lambda: float = 1.0,
) -> VTrace:
    """V-trace targets (eq. 1 there, by the recursion of remark 1) and the advantages of the policy gradient (section 4.2).

        v_s = V(x_s) + sum_{t >= s} (prod_{s <= i < t} discount_i c_i) delta_t
        delta_t = rho_t (r_t + discount_t V(x_{t+1}) - V(x_t))
        A_s = rho_s (r_s + discount_s v_{s+1} - V(x_s))
        rho_t = min(rho_clip, pi / mu);   c_t = lambda min(c_clip, pi / mu)

    Played by the policy itself (pi = mu), with lambda 1 and clips of 1 or more, v_s is the return up to the end of the unroll
    or the episode.

    Args:
        log_ratios: float32 [T, B], log pi(a|x) - log mu(a|x): of the policy that learns, and of the one that played.
        rewards, discounts, values: float32 [T, B].
        bootstrap_values: float32 [B], V of the observation after the last step.
        rho_clip: decides which policy's values these are: with none, those of pi; near 0, those of mu.
        c_clip: how far what was found at a step is trusted at steps before; decides the speed, not what is learnt.
        trace_lambda: how far targets look ahead before they trust the values (remark 2).
    """
    ratios = tf.exp(log_ratios)
    rhos = tf.minimum(ratios, rho_clip)
    traces = trace_lambda * tf.minimum(ratios, c_clip)
    next_values = tf.concat([values[1:], bootstrap_values[None]], axis=0)
    deltas = rhos * (rewards + discounts * next_values - values)
    corrections = _sum_backwards(deltas, discounts * traces)
    targets = values + corrections
    next_targets = tf.concat([targets[1:], bootstrap_values[None]], axis=0)
    advantages = rhos * (rewards + discounts * next_targets - values)
    return VTrace(tf.stop_gradient(targets), tf.stop_gradient(advantages))


def _sum_backwards(terms: tf.Tensor, factors: tf.Tensor) -> tf.Tensor:
    """y_t = term_t + factor_t y_{t+1}, from the last step, after which nothing is: [T, B], [T, B] -> [T, B]."""

    def add(following: tf.Tensor, step: tuple[tf.Tensor, tf.Tensor]) -> tf.Tensor:
        term, factor = step
        return term + factor * following

    return tf.scan(add, (terms, factors), initializer=tf.zeros_like(terms[0]), reverse=True)

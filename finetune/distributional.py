"""Distributions over returns (Bellemare et al. 2017, arXiv:1707.06887): their support, means and projection, in TensorFlow.

Legend: B samples, A actions, Z atoms.
"""

import tensorflow as tf


def support_of(value_min: float, value_max: float, atoms: int) -> tf.Tensor:
    """float32 [Z]: the returns that the atoms stand for, evenly from the least to the largest."""
    return tf.linspace(tf.constant(value_min, tf.float32), tf.constant(value_max, tf.float32), atoms)


def expecting_nothing(support: tf.Tensor, width: float = 2.0) -> tf.Tensor:
    """float32 [Z]: logits of a narrow bell around a return of 0, `width` atoms to its standard deviation.

    What an untrained network should begin with. With all atoms alike it would expect the middle of the support everywhere, and
    bootstrapping forgets that by one factor gamma^n per target network only.
    """
    spacing = support[1] - support[0]
    return -0.5 * tf.square(support / (width * spacing))


def expected_values(logits: tf.Tensor, support: tf.Tensor) -> tf.Tensor:
    """The means of distributions: logits [..., Z] -> [...]."""
    return tf.reduce_sum(tf.nn.softmax(logits) * support, axis=-1)


def project(probabilities: tf.Tensor, returns: tf.Tensor, discounts: tf.Tensor, support: tf.Tensor) -> tf.Tensor:
    """The distribution of return + discount x Z, put back on the support (eq. 7 there, for n steps).

    Each atom z_j moves to clip(return + discount z_j) and is shared out between its two neighbours, the nearer getting more:

        m_i = sum_j  max(0, 1 - |clip(r + discount z_j, z_min, z_max) - z_i| / dz)  p_j

    Args:
        probabilities: [B, Z], of the state that is bootstrapped from.
        returns, discounts: [B]; the discount is 0 where the episode terminated on the way.

    Returns:
        [B, Z], each adding up to 1.
    """
    moved = returns[:, None] + discounts[:, None] * support[None]  # [B, Z]
    moved = tf.clip_by_value(moved, support[0], support[-1])
    spacing = support[1] - support[0]
    distances = tf.abs(moved[:, None, :] - support[None, :, None]) / spacing  # [B, to, from]
    shares = tf.maximum(1.0 - distances, 0.0)
    return tf.linalg.matvec(shares, probabilities)


def kl_divergences(targets: tf.Tensor, logits: tf.Tensor) -> tf.Tensor:
    """KL(target || softmax(logits)) of each pair, [B, Z] and [B, Z] -> [B]; 0 log 0 is 0."""
    log_targets = tf.math.log(tf.maximum(targets, 1e-12))
    return tf.reduce_sum(targets * (log_targets - tf.nn.log_softmax(logits)), axis=-1)

"""Losses that more than one stage learns by."""

import tensorflow as tf


def cloning_loss(
    logits: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor, counts: tf.Tensor | float = 1.0
) -> tf.Tensor:
    """Weighted cross-entropy -> [].

    Args:
        logits: [B, actions]; labels: integer [B]; weights: [actions].
        counts: float [B], how many samples each stands for.
    """
    labels = tf.cast(labels, tf.int32)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)  # [B]
    chosen = counts * tf.gather(weights, labels)  # [B]
    return tf.reduce_sum(losses * chosen) / tf.reduce_sum(chosen)


def entropy(log_policy: tf.Tensor) -> tf.Tensor:
    """Of policies by their log-probabilities, [..., actions] -> [...]."""
    return -tf.reduce_sum(tf.exp(log_policy) * log_policy, axis=-1)


def kl_divergence(log_kept: tf.Tensor, log_policy: tf.Tensor) -> tf.Tensor:
    """KL(kept || policy) by their log-probabilities, [..., actions] each -> [...]."""
    return tf.reduce_sum(tf.exp(log_kept) * (log_kept - log_policy), axis=-1)

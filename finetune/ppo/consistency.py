"""What a policy and a critic should not mind: the picture moved by a few pixels (DrAC: Raileanu et al. 2021,
arXiv:2006.12862)."""

import tensorflow as tf

from training.losses import kl_divergence

MOST_PIXELS = 4
"""That a picture is moved, each way; as cloning's --shift."""


def moved(observations: tf.Tensor, shifts: tf.Tensor) -> tf.Tensor:
    """Every picture moved by its own whole pixels, black where nothing comes in.

    Args:
        observations: uint8 [B, height, width, stack].
        shifts: int32 [B, 2], rows down and columns right, at most MOST_PIXELS each way.
    """
    edge = [MOST_PIXELS, MOST_PIXELS]
    padded = tf.pad(observations, [[0, 0], edge, edge, [0, 0]])
    height, width = observations.shape[1:3]
    first = MOST_PIXELS - shifts  # [B, 2], of the part of the padded picture that is seen
    rows = first[:, :1] + tf.range(height)  # [B, height]
    columns = first[:, 1:] + tf.range(width)
    return tf.gather(tf.gather(padded, rows, axis=1, batch_dims=1), columns, axis=2, batch_dims=1)


def consistency_loss(
    logits: tf.Tensor, values: tf.Tensor, moved_logits: tf.Tensor, moved_values: tf.Tensor
) -> tf.Tensor:
    """How much moving changes, []: KL(policy moved || policy) and the squared difference of the values (the paper's G_pi and
    G_V, section 3.1). What was seen unmoved is the target and learns nothing from it.

    Args:
        logits, moved_logits: [B, actions]; values, moved_values: [B].
    """
    log_target = tf.stop_gradient(tf.nn.log_softmax(logits))
    of_policy = tf.reduce_mean(kl_divergence(tf.nn.log_softmax(moved_logits), log_target))
    of_values = tf.reduce_mean(tf.square(moved_values - tf.stop_gradient(values)))
    return of_policy + of_values

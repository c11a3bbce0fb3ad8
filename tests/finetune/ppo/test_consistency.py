"""Moved pictures: as the data set's loader moves them; what the difference they make teaches."""

import numpy as np
import pytest
import tensorflow as tf

from dataset.batches import gather
from finetune.ppo.consistency import MOST_PIXELS, consistency_loss, moved


def test_pictures_are_moved_as_the_loader_moves_them() -> None:
    rng = np.random.default_rng(0)
    frames = rng.integers(0, 256, (10, 12, 11), dtype=np.uint8)
    stacks = rng.integers(0, 10, (30, 3))
    shifts = rng.integers(-MOST_PIXELS, MOST_PIXELS + 1, (30, 2)).astype(np.int32)
    still = gather(frames, stacks, np.zeros_like(shifts))
    received = moved(tf.constant(still), tf.constant(shifts))
    assert received.dtype == tf.uint8
    np.testing.assert_array_equal(received, gather(frames, stacks, shifts))


def test_the_loss_by_hand_and_what_it_moves() -> None:
    """Policies 1/4, 3/4 and, moved, 1/2, 1/2; values 1 and, moved, 3. What is seen unmoved learns nothing."""
    logits = tf.Variable([[0.0, np.log(3.0)]], dtype=tf.float32)
    values = tf.Variable([1.0])
    moved_logits = tf.Variable([[0.0, 0.0]])
    moved_values = tf.Variable([3.0])
    with tf.GradientTape() as tape:
        loss = consistency_loss(logits, values, moved_logits, moved_values)
    assert float(loss) == pytest.approx(0.5 * np.log(0.5 / 0.25) + 0.5 * np.log(0.5 / 0.75) + 4.0)
    gradients = tape.gradient(loss, [logits, values, moved_logits, moved_values])
    assert gradients[:2] == [None, None]
    assert gradients[2][0, 0] > 0 > gradients[2][0, 1]
    assert float(gradients[3][0]) == pytest.approx(4.0)

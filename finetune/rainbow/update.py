"""Rainbow's gradient steps (Hessel et al. 2018, arXiv:1710.02298): samples of the replay in, a better network out.

Each of its six parts is a switch of the Config: distributions over returns (Bellemare et al. 2017, arXiv:1707.06887), double
Q-learning (van Hasselt et al. 2016, arXiv:1509.06461), dueling heads (Wang et al. 2016, arXiv:1511.06581), noisy layers
(Fortunato et al. 2018, arXiv:1706.10295), prioritised replay (Schaul et al. 2016, arXiv:1511.05952), returns over n steps. With
all of them off it is DQN (Mnih et al. 2015).

As in the paper, priorities are the unweighted losses, and beta is what it is given as; here it does not rise. Gradients are
clipped by their norm. All noise and all samples come from the stream of the gradient step's number.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from finetune.distributional import expected_values, kl_divergences, project, support_of
from finetune.rainbow.config import Config
from finetune.replay import Replay, Sample
from game.actions import ACTION_SETS, COMBO_COUNT
from game.seeds import Stream, stream
from policy.architecture import ATOMS, factorised_noise
from policy.keras_network import mean_noise_scale

PASSES = 3
"""Forward passes of a gradient step, each with noise of its own: what is learnt, the choice of the next action, its value."""


class Batch(NamedTuple):
    """What a gradient step learns from; B samples."""

    observations: tf.Tensor  # uint8 [B, height, width, stack]
    actions: tf.Tensor  # int32 [B], places in the action set
    returns: tf.Tensor  # float32 [B], over n steps
    discounts: tf.Tensor  # float32 [B]
    next_observations: tf.Tensor  # uint8 [B, height, width, stack]
    weights: tf.Tensor  # float32 [B], importance weights


class Losses(NamedTuple):
    """Of B samples."""

    losses: tf.Tensor  # float32 [B]
    errors: tf.Tensor  # float32 [B], 0 or more: what priorities follow
    values: tf.Tensor  # float32 [B], of the actions taken


class Update:
    """Changes a network by Rainbow.

    Args:
        network, target: action values or distributions of observations, or of (observations, noise); the target's weights are
            the network's at the last `copy_to_target`.
        action_set: what the actions are.
        noise_size: random numbers that a forward pass takes; 0 without noise.
    """

    def __init__(
        self, config: Config, network: keras.Model, target: keras.Model, action_set: str, noise_size: int
    ) -> None:
        self.config = config
        self.network = network
        self.target = target
        self.noise_size = noise_size
        self.action_of_combo = np.zeros(COMBO_COUNT, np.int32)
        self.action_of_combo[list(ACTION_SETS[action_set])] = np.arange(len(ACTION_SETS[action_set]))
        self.support = support_of(config.value_min, config.value_max, ATOMS)
        self.optimizer = keras.optimizers.Adam(config.learning_rate, epsilon=config.adam_epsilon)
        self.optimizer.build(network.trainable_variables)
        self.copy_to_target()

    def copy_to_target(self) -> None:
        """The target network becomes what the network is now."""
        self.target.set_weights(self.network.get_weights())

    def __call__(self, replay: Replay, first: int, count: int, now: int) -> dict[str, float]:
        """Gradient steps `first` to `first + count` of the run, at agent step `now`; returns means over them."""
        c = self.config
        seen: list[dict[str, float]] = []
        for number in range(first, first + count):
            rng = stream(Stream.REPLAY, c.seed, number)
            sample = replay.sample(c.batch_size, rng, c.beta, now)
            noise = factorised_noise(rng, PASSES, 1, self.noise_size)
            found = self.train_on_batch(self.batch_of(sample), tf.constant(noise))
            errors = found.errors.numpy()
            replay.set_losses(sample.places, errors)
            seen.append(
                {
                    "loss/td": float(found.losses.numpy().mean()),
                    "loss/td_largest": float(errors.max()),
                    "loss/value": float(found.values.numpy().mean()),
                    "loss/sample_age": float(sample.ages.mean()),
                    "loss/importance": float(sample.weights.mean()),
                }
            )
        means = {name: float(np.mean([step[name] for step in seen])) for name in seen[0]}
        if self.noise_size:
            means["loss/noise"] = mean_noise_scale(self.network)
        return means | {"loss/priority": replay.mean_priority}

    def batch_of(self, sample: Sample) -> Batch:
        """A sample of the replay as the gradient step takes it."""
        return Batch(
            observations=tf.constant(sample.observations),
            actions=tf.constant(self.action_of_combo[sample.combos]),
            returns=tf.constant(sample.returns),
            discounts=tf.constant(sample.discounts),
            next_observations=tf.constant(sample.next_observations),
            weights=tf.constant(sample.weights),
        )

    @tf.function(reduce_retracing=True)
    def train_on_batch(self, batch: Batch, noise: tf.Tensor) -> Losses:
        """One gradient step; noise float32 [PASSES, 1, noise_size]."""
        c = self.config
        next_online = self._outputs(self.network, batch.next_observations, noise[0])
        next_target = self._outputs(self.target, batch.next_observations, noise[1])
        with tf.GradientTape() as tape:
            outputs = self._outputs(self.network, batch.observations, noise[2])
            found = self.losses(outputs, next_online, next_target, batch)
            loss = tf.reduce_mean(batch.weights * found.losses)
        variables = self.network.trainable_variables
        gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, variables), c.max_gradient_norm)
        self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
        return found

    def _outputs(self, network: keras.Model, observations: tf.Tensor, noise: tf.Tensor) -> tf.Tensor:
        """What actions are worth: [B, actions], or logits [B, actions, Z]."""
        if self.noise_size:
            return network((observations, noise))
        return network(observations)

    def losses(self, outputs: tf.Tensor, next_online: tf.Tensor, next_target: tf.Tensor, batch: Batch) -> Losses:
        """How wrong the networks' outputs, [B, actions] or [B, actions, Z], are.

        Distributions: KL(projected target || prediction). Values: the Huber loss of the temporal-difference errors.
        """
        c = self.config
        chooser = next_online if c.double else next_target
        best = tf.argmax(self.values_of(chooser), axis=1, output_type=tf.int32)  # [B]
        following = tf.gather(next_target, best, batch_dims=1)  # [B] or [B, Z]
        taken = tf.gather(outputs, batch.actions, batch_dims=1)
        if c.distributional:
            targets = project(tf.nn.softmax(following), batch.returns, batch.discounts, self.support)
            divergences = kl_divergences(tf.stop_gradient(targets), taken)
            return Losses(divergences, tf.maximum(divergences, 0.0), expected_values(taken, self.support))
        errors = tf.stop_gradient(batch.returns + batch.discounts * following) - taken
        return Losses(huber(errors), tf.abs(errors), taken)

    def values_of(self, outputs: tf.Tensor) -> tf.Tensor:
        """The values of all actions, [B, actions]."""
        return expected_values(outputs, self.support) if self.config.distributional else outputs


def huber(errors: tf.Tensor) -> tf.Tensor:
    """Half the square up to 1, then linear: errors of temporal differences as DQN clips them (Mnih et al. 2015)."""
    size = tf.abs(errors)
    return tf.where(size <= 1.0, 0.5 * tf.square(errors), size - 0.5)

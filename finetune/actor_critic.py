"""What the updates of PPO and IMPALA have alike: two optimizers, ties to the clone, a cloning loss, falling weights.

A KL penalty to the frozen clone (cf. kickstarting, Schmitt et al. 2018, arXiv:1803.03835) and a cloning loss on demonstrations
keep what was taught, and fall. The critic learns alone first, because the clone has none: while it warms up, only its head
moves, fast, and torso and policy stay bit for bit the clone's; afterwards its loss reaches the torso, too, with a small weight.
A critic that knows nothing yet gives advantages that are noise, and its large errors would undo what the torso was taught: a
clone of 85 % fell to 72 % within 15,000 steps while the head learnt at the policy's rate (docs/results.md).
The policy's optimizer sees no gradient before its time: with one Adam for both, its step count would run while its second
moment stands at 0, and the first steps would be too large.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from finetune.config import ActorCriticConfig
from finetune.demonstrated import DemonstratedWindows, in_whole_sequences, sequence_steps
from game.actions import ACTION_SETS, COMBO_COUNT
from game.rollouts import Trajectories
from policy.keras_network import split_variables, without_past
from training.losses import cloning_loss

ADAM_EPSILON = 1e-5
"""As in the original implementation of PPO; Keras's own would be a hundred times smaller, and rare gradients blown up."""


class Shown(NamedTuple):
    """Windows of demonstrations, D for each gradient step, sequence by sequence."""

    observations: tf.Tensor  # uint8 [gradient steps, D, height, width, stack]
    actions: tf.Tensor  # int32 [gradient steps, D], places in the action set
    counts: tf.Tensor  # float32 [gradient steps, D], how much each says; 0 in a burn-in


class Weights(NamedTuple):
    """Of losses whose weights fall in the course of the run; float32 []."""

    kl: tf.Tensor
    cloning: tf.Tensor


def taken(batch: Any, places: tf.Tensor) -> Any:
    """The samples of a batch at these places, int32 [M]: a NamedTuple of the same kind."""
    return type(batch)(*[tf.gather(values, places) for values in batch])


class ActorCriticUpdate(ABC):
    """Changes a network by the gradient steps of one update after the other; a learner adds what its batches and losses are.

    Args:
        network: (logits [B, actions], values [B, 1]) of observations.
        clone: the same for the clone's logits, or None from scratch.
        action_set: what the actions are.
        demonstrated: what the cloning loss is of; None for no such loss.
        memory_size: numbers in the networks' state; 0 without a memory. They then take and give what such a network does
            (policy.keras_network.build_network).

    Attributes:
        loss_names: what `losses` gives, and "cloning".
    """

    loss_names: tuple[str, ...]

    def __init__(
        self,
        config: ActorCriticConfig,
        network: keras.Model,
        clone: keras.Model | None,
        action_set: str,
        demonstrated: DemonstratedWindows | None = None,
        memory_size: int = 0,
    ) -> None:
        self.config = config
        self.memory_size = memory_size
        self.gamma = config.gamma
        self.shown_steps = sequence_steps(memory_size > 0)
        self.cloning_batch = in_whole_sequences(config.cloning_batch, self.shown_steps)
        self.demonstrated = demonstrated
        self.network = network
        self.clone = clone
        self.actions = len(ACTION_SETS[action_set])
        self.action_of_combo = np.zeros(COMBO_COUNT, np.int32)
        self.action_of_combo[list(ACTION_SETS[action_set])] = np.arange(self.actions)
        self.policy_variables, self.value_variables = split_variables(network)
        self.policy_optimizer = keras.optimizers.Adam(config.learning_rate, epsilon=ADAM_EPSILON)
        self.policy_optimizer.build(self.policy_variables)
        self.value_optimizer = keras.optimizers.Adam(config.critic_learning_rate, epsilon=ADAM_EPSILON)
        self.value_optimizer.build(self.value_variables)
        # its own, carried from rollout to rollout beside the agent's
        self.clone_memories = tf.Variable(tf.zeros((config.num_envs, memory_size)), trainable=False)

    @abstractmethod
    def prepare_batch(self, trajectories: Trajectories, number: int) -> Any:
        """What update `number` learns from, of a rollout: a NamedTuple of tensors, whose first axis `minibatches` counts."""

    @abstractmethod
    def minibatches(self, number: int) -> tf.Tensor:
        """int32 [gradient steps, M]: what of the batch each gradient step of update `number` takes."""

    @abstractmethod
    def losses(self, sample: Any) -> dict[str, tf.Tensor]:
        """The parts of the loss on a minibatch, each []: policy, value, entropy and kl, and what is for watching only."""

    def __call__(self, trajectories: Trajectories, number: int) -> dict[str, float]:
        """The gradient steps of update `number` of the run (0 is the first); returns the losses' means."""
        weights, is_warmup = self.begin(number)
        return self.learn(self.prepare_batch(trajectories, number), number, weights, is_warmup)

    def learn(self, batch: Any, number: int, weights: Weights, is_warmup: bool) -> dict[str, float]:
        """All that update `number` does with its batch; returns the losses' means."""
        minibatches = self.minibatches(number)
        shown = self.shown(number, len(minibatches))
        losses = self.train_on_batch(batch, minibatches, shown, weights, is_warmup)
        return {f"loss/{name}": float(value) for name, value in losses.items()}

    @tf.function(reduce_retracing=True)
    def train_on_batch(
        self, batch: Any, minibatches: tf.Tensor, shown: Shown | None, weights: Weights, is_warmup: bool
    ) -> dict[str, tf.Tensor]:
        """All gradient steps of an update; returns the mean of each loss, []."""
        totals = dict.fromkeys(self.loss_names, tf.constant(0.0))
        for i in tf.range(tf.shape(minibatches)[0]):
            sample = taken(batch, minibatches[i])
            with tf.GradientTape() as tape:
                losses = self.losses(sample)
                losses["cloning"] = self.cloning_loss(shown, i)
                loss = self.loss(losses, weights, is_warmup)
            self.apply(tape.gradient(loss, self.learning(is_warmup)), is_warmup)
            totals = {name: totals[name] + losses[name] for name in self.loss_names}
        count = tf.cast(tf.shape(minibatches)[0], tf.float32)
        return {name: total / count for name, total in totals.items()}

    @property
    def variables(self) -> list:
        """What a checkpoint needs besides the network."""
        of_clone = [self.clone_memories] if self.clone and self.memory_size else []
        return self.policy_optimizer.variables + self.value_optimizer.variables + of_clone

    def begin(self, number: int) -> tuple[Weights, bool]:
        """Set learning rates and discount of update `number` (0 is the first); returns its weights, and whether the critic
        warms up."""
        c = self.config
        done = number / c.updates  # share of the run
        self.gamma = c.discount(done)
        left = 1.0 - (1.0 - c.learning_rate_end) * done
        self.policy_optimizer.learning_rate = left * c.learning_rate
        self.value_optimizer.learning_rate = left * c.critic_learning_rate
        kl = c.kl_weight * 0.5 ** (done / c.kl_half_life) if self.clone else 0.0
        cloning = c.cloning_weight * 0.5 ** (done / c.cloning_half_life)
        is_warmup = self.clone is not None and number * c.steps_per_update < c.warmup_steps
        return Weights(tf.constant(kl, tf.float32), tf.constant(cloning, tf.float32)), is_warmup

    def shown(self, number: int, gradient_steps: int) -> Shown | None:
        """What the cloning loss of update `number` is of."""
        if self.demonstrated is None:
            return None
        drawn = self.demonstrated.draw(number, gradient_steps * self.cloning_batch)
        by_step = [values.reshape(gradient_steps, self.cloning_batch, *values.shape[1:]) for values in drawn]
        return Shown(*map(tf.constant, by_step))

    def outputs(self, observations: tf.Tensor, begins: tf.Tensor, memories: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(logits [B, actions], values [B, 1]); a network with a memory is shown them in sequences, begins bool [U, steps],
        from the memories [B, memory_size]."""
        if self.memory_size:
            logits, values, _ = self.network((observations, begins, memories), training=True)
            return logits, values
        return self.network(observations, training=True)

    @tf.function(reduce_retracing=True)
    def clone_logits(self, observations: tf.Tensor, begins: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
        """[E x T, ...] -> [E x T, actions], of a rollout; zeros from scratch, where the KL's weight is 0.

        Args:
            begins: bool [E, T], whether an episode begins with the step; ends: bool [E], whether one ended with the last.
        """
        if self.clone is None:
            return tf.zeros((tf.shape(observations)[0], self.actions))
        if not self.memory_size:
            return self.clone(observations, training=False)[0]
        memories = tf.repeat(self.clone_memories, tf.shape(begins)[1], axis=0)
        logits, _, after = self.clone((observations, begins, memories), training=False)
        self.clone_memories.assign(tf.where(ends[:, None], 0.0, after))
        return logits

    def cloning_loss(self, shown: Shown | None, step: tf.Tensor) -> tf.Tensor:
        """On the demonstrations of a gradient step, []; 0 without any."""
        if shown is None or self.demonstrated is None:
            return tf.constant(0.0)
        seen, begins, memories = without_past(shown.observations[step], self.shown_steps, self.memory_size)
        logits, _ = self.outputs(seen, begins, memories)
        weights = tf.constant(self.demonstrated.weights)
        return cloning_loss(logits, shown.actions[step], weights, shown.counts[step])

    def loss(self, parts: dict[str, tf.Tensor], weights: Weights, is_warmup: bool) -> tf.Tensor:
        """[] of its parts, each []: value, and after the critic's warm-up policy, entropy, kl and cloning."""
        c = self.config
        loss = c.value_weight * parts["value"]
        if not is_warmup:
            loss += parts["policy"] - c.entropy_weight * parts["entropy"]
            loss += weights.kl * parts["kl"] + weights.cloning * parts["cloning"]
        return loss

    def learning(self, is_warmup: bool) -> list[keras.Variable]:
        """What moves; the critic's variables come last."""
        return self.value_variables if is_warmup else self.policy_variables + self.value_variables

    def apply(self, gradients: Sequence[tf.Tensor], is_warmup: bool) -> None:
        """A gradient step; the gradients are of what `learning` gives."""
        # one norm over everything that learns, as with a single optimizer
        clipped, _ = tf.clip_by_global_norm(gradients, self.config.max_gradient_norm)
        value_gradients = clipped[-len(self.value_variables) :]
        self.value_optimizer.apply_gradients(zip(value_gradients, self.value_variables, strict=True))
        if not is_warmup:
            policy_gradients = clipped[: len(self.policy_variables)]
            self.policy_optimizer.apply_gradients(zip(policy_gradients, self.policy_variables, strict=True))

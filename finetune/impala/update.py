"""One update of IMPALA (Espeholt et al. 2018, arXiv:1802.01561): a rollout in, gradient steps out.

The rollout was played by weights some updates older; V-trace corrects for that, with the policy and the critic as they are at
each gradient step. Departures from the paper: advantages are normalised over the batch, so that the other weights mean the
same whatever the rewards' scale; a KL penalty to the frozen clone and a cloning loss on demonstrations keep what was taught,
and fall; the critic, which the clone has not, learns alone first (torso and policy then stay bit for bit the clone's); Adam,
with one optimizer for each of the two, because the policy's must not count steps in which it sees no gradient.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from finetune.demonstrated import DemonstratedWindows, in_whole_sequences, sequence_steps
from finetune.impala.config import Config
from finetune.returns import fold_truncations
from finetune.vtrace import vtrace
from game.actions import ACTION_SETS, COMBO_COUNT
from game.rollouts import Trajectories
from game.seeds import Stream, stream
from policy.keras_network import split_variables, without_past
from training.losses import cloning_loss, entropy, kl_divergence

ADAM_EPSILON = 1e-5
"""Keras's own would be a hundred times smaller, and rare gradients blown up."""

CUT = 1.01
"""How far above the clip a ratio counts as cut: what was played by the policy itself is at 1, but for bfloat16's rounding."""
LOSS_NAMES = (
    "policy", "value", "entropy", "kl", "cloning", "ratio", "clipped", "explained_variance",
)  # fmt: skip


class Batch(NamedTuple):
    """What an update learns from: U unrolls of T steps."""

    observations: tf.Tensor  # uint8 [U, T + 1, height, width, stack], the one after the last step included
    actions: tf.Tensor  # int32 [U, T], places in the action set
    log_probs: tf.Tensor  # float32 [U, T], under the policy that acted
    rewards: tf.Tensor  # float32 [U, T], what was truncated bootstrapped
    discounts: tf.Tensor  # float32 [U, T]
    begins: tf.Tensor  # bool [U, T + 1], whether an episode begins with the step
    memories: tf.Tensor  # float32 [U, memory_size], before the first step
    clone_logits: tf.Tensor  # float32 [U, T, actions]


class Shown(NamedTuple):
    """Windows of demonstrations, D for each gradient step, sequence by sequence."""

    observations: tf.Tensor  # uint8 [gradient steps, D, height, width, stack]
    actions: tf.Tensor  # int32 [gradient steps, D], places in the action set
    counts: tf.Tensor  # float32 [gradient steps, D], how much each says; 0 in a burn-in


class Weights(NamedTuple):
    """Of losses whose weights fall in the course of the run; float32 []."""

    kl: tf.Tensor
    cloning: tf.Tensor


class Update:
    """Changes a network by IMPALA.

    Args:
        network: (logits [B, actions], values [B, 1]) of observations.
        clone: the same for the clone's logits, or None from scratch.
        action_set: what the actions are.
        demonstrated: what the cloning loss is of; None for no such loss.
        memory_size: of the networks' state; 0 without a memory. They then take and give what such a network does
            (policy.keras_network.build_network), and an unroll is replayed from what was remembered when it began.
    """

    def __init__(
        self,
        config: Config,
        network: keras.Model,
        clone: keras.Model | None,
        action_set: str,
        demonstrated: DemonstratedWindows | None = None,
        memory_size: int = 0,
    ) -> None:
        self.config = config
        self.memory_size = memory_size
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
        self.value_optimizer = keras.optimizers.Adam(config.learning_rate, epsilon=ADAM_EPSILON)
        self.value_optimizer.build(self.value_variables)
        # its own, carried from rollout to rollout beside the agent's
        self.clone_memories = tf.Variable(tf.zeros((config.num_envs, memory_size)), trainable=False)

    @property
    def variables(self) -> list:
        """What a checkpoint needs besides the network."""
        of_clone = [self.clone_memories] if self.clone and self.memory_size else []
        return self.policy_optimizer.variables + self.value_optimizer.variables + of_clone

    def __call__(self, trajectories: Trajectories, number: int) -> dict[str, float]:
        """The gradient steps of update `number` of the run (0 is the first); returns the losses' means."""
        c = self.config
        done = number / c.updates  # share of the run
        learning_rate = c.learning_rate * (1.0 - 0.9 * done)
        self.policy_optimizer.learning_rate = learning_rate
        self.value_optimizer.learning_rate = learning_rate
        batch = self.prepare_batch(trajectories)
        is_warmup = self.clone is not None and number * c.steps_per_update < c.warmup_steps
        losses = self.train_on_batch(
            batch, self._minibatches(number), self._shown(number), self._weights(done), is_warmup
        )
        return {f"loss/{name}": float(value) for name, value in losses.items()}

    def prepare_batch(self, t: Trajectories) -> Batch:
        """A rollout [E, T], with the clone's logits: each environment's part is an unroll."""
        rewards, discounts = fold_truncations(
            t.rewards.T, t.terminated.T, t.truncated.T, t.truncation_values.T, self.config.gamma
        )
        observations = np.concatenate([t.observations, t.bootstrap_observations[:, None]], axis=1)
        shown = tf.constant(observations)
        # where an episode begins with the first step, nothing is remembered anyway
        begins = np.pad(t.terminated | t.truncated, ((0, 0), (1, 0)))
        return Batch(
            observations=shown,
            actions=tf.constant(self.action_of_combo[t.actions]),
            log_probs=tf.constant(t.log_probs),
            rewards=tf.constant(rewards.T),
            discounts=tf.constant(discounts.T),
            begins=tf.constant(begins),
            memories=tf.constant(t.memories[:, 0]),
            clone_logits=self._clone_logits(shown, tf.constant(begins)),
        )

    def _weights(self, done: float) -> Weights:
        """The falling weights, after a share `done` of the run."""
        c = self.config
        kl = 0.0
        if self.clone:
            kl = c.kl_weight * 0.5 ** (done / c.kl_half_life)
        cloning = c.cloning_weight * 0.5 ** (done / c.cloning_half_life)
        return Weights(tf.constant(kl, tf.float32), tf.constant(cloning, tf.float32))

    def _minibatches(self, number: int) -> tf.Tensor:
        """int32 [gradient steps, batch_unrolls]: which unrolls each gradient step takes."""
        c = self.config
        rng = stream(Stream.UNROLLS, c.seed, number)
        order = np.concatenate([rng.permutation(c.num_envs) for _ in range(c.epochs)])
        whole = order[: c.gradient_steps * c.batch_unrolls]
        return tf.constant(whole.reshape(c.gradient_steps, -1), tf.int32)

    def _shown(self, number: int) -> Shown | None:
        """What the cloning loss of update `number` is of."""
        if self.demonstrated is None:
            return None
        per_step = (self.config.gradient_steps, self.cloning_batch)
        observations, actions, counts = self.demonstrated.draw(number, per_step[0] * per_step[1])
        by_step = observations.reshape(*per_step, *observations.shape[1:])
        return Shown(
            tf.constant(by_step), tf.constant(actions.reshape(per_step)), tf.constant(counts.reshape(per_step))
        )

    @tf.function(reduce_retracing=True)
    def _clone_logits(self, observations: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
        """[U, T + 1, ...], [U, T + 1] -> [U, T, actions]; zeros from scratch, where the KL's weight is 0."""
        unrolls, steps = observations.shape[0], observations.shape[1] - 1
        if self.clone is None:
            return tf.zeros((unrolls, steps, self.actions))
        played = tf.reshape(observations[:, :-1], (-1, *observations.shape[2:]))
        if not self.memory_size:
            return tf.reshape(self.clone(played, training=False)[0], (unrolls, steps, self.actions))
        memories = tf.repeat(self.clone_memories, steps, axis=0)
        logits, _, after = self.clone((played, begins[:, :-1], memories), training=False)
        self.clone_memories.assign(tf.where(begins[:, -1:], 0.0, after))
        return tf.reshape(logits, (unrolls, steps, self.actions))

    @tf.function(reduce_retracing=True)
    def train_on_batch(
        self, batch: Batch, indices: tf.Tensor, shown: Shown | None, weights: Weights, is_warmup: bool
    ) -> dict[str, tf.Tensor]:
        """All gradient steps of a rollout: indices int32 [gradient steps, batch_unrolls] -> mean losses."""
        c = self.config
        learning = self.value_variables if is_warmup else self.policy_variables + self.value_variables
        totals = dict.fromkeys(LOSS_NAMES, tf.constant(0.0))
        for i in tf.range(tf.shape(indices)[0]):
            sample = Batch(*[tf.gather(values, indices[i]) for values in batch])
            with tf.GradientTape() as tape:
                logits, values = self._unroll(sample.observations, sample.begins, sample.memories)
                losses = impala_losses(logits, values, sample, c)
                losses["cloning"] = self._cloning_loss(shown, i)
                loss = c.value_weight * losses["value"]
                if not is_warmup:
                    loss += losses["policy"] - c.entropy_weight * losses["entropy"]
                    loss += weights.kl * losses["kl"] + weights.cloning * losses["cloning"]
            # one norm over everything that learns, as with a single optimizer
            gradients, _ = tf.clip_by_global_norm(tape.gradient(loss, learning), c.max_gradient_norm)
            value_gradients = gradients[-len(self.value_variables) :]
            self.value_optimizer.apply_gradients(zip(value_gradients, self.value_variables, strict=True))
            if not is_warmup:
                policy_gradients = gradients[: len(self.policy_variables)]
                self.policy_optimizer.apply_gradients(zip(policy_gradients, self.policy_variables, strict=True))
            totals = {name: totals[name] + losses[name] for name in LOSS_NAMES}
        count = tf.cast(tf.shape(indices)[0], tf.float32)
        return {name: total / count for name, total in totals.items()}

    def _unroll(self, observations: tf.Tensor, begins: tf.Tensor, memories: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(logits [U, T, actions], values [U, T + 1]) of observations [U, T + 1, ...]."""
        length = observations.shape[1]
        shown = tf.reshape(observations, (-1, *observations.shape[2:]))
        logits, values = self._outputs(shown, begins, tf.repeat(memories, length, axis=0))
        return tf.reshape(logits, (-1, length, self.actions))[:, :-1], tf.reshape(values, (-1, length))

    def _outputs(self, observations: tf.Tensor, begins: tf.Tensor, memories: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(logits [B, actions], values [B, 1]); a network with a memory is shown them in sequences, begins bool [U, steps],
        from the memories [B, memory_size]."""
        if self.memory_size:
            logits, values, _ = self.network((observations, begins, memories), training=True)
            return logits, values
        return self.network(observations, training=True)

    def _cloning_loss(self, shown: Shown | None, step: tf.Tensor) -> tf.Tensor:
        """The cloning loss on the demonstrations of a gradient step, []; 0 without any."""
        if shown is None or self.demonstrated is None:
            return tf.constant(0.0)
        seen, begins, memories = without_past(shown.observations[step], self.shown_steps, self.memory_size)
        logits, _ = self._outputs(seen, begins, memories)
        weights = tf.constant(self.demonstrated.weights)
        return cloning_loss(logits, shown.actions[step], weights, shown.counts[step])


def impala_losses(logits: tf.Tensor, values: tf.Tensor, batch: Batch, config: Config) -> dict[str, tf.Tensor]:
    """The parts of the loss, each a mean over the steps: logits [U, T, actions], values [U, T + 1].

    policy: -A log pi, A by V-trace and normalised. value: half the squared error. kl: KL(clone || policy). ratio (the mean of
    pi / mu), clipped (the share of steps where it is cut) and explained_variance are for watching only.
    """
    log_policy = tf.nn.log_softmax(logits)  # [U, T, actions]
    log_probs = tf.gather(log_policy, batch.actions, batch_dims=2)  # [U, T]
    log_ratios = log_probs - batch.log_probs
    # V-trace wants time first
    found = vtrace(
        log_ratios=tf.transpose(log_ratios),
        rewards=tf.transpose(batch.rewards),
        discounts=tf.transpose(batch.discounts),
        values=tf.transpose(values[:, :-1]),
        bootstrap_values=values[:, -1],
        rho_clip=config.rho_clip,
        c_clip=config.c_clip,
        trace_lambda=config.trace_lambda,
    )
    targets = tf.transpose(found.targets)
    advantages = tf.transpose(found.advantages)
    spread = tf.math.reduce_std(advantages) + 1e-8
    normalised = (advantages - tf.reduce_mean(advantages)) / spread
    errors = targets - values[:, :-1]
    ratios = tf.exp(log_ratios)
    unexplained = tf.math.divide_no_nan(tf.math.reduce_variance(errors), tf.math.reduce_variance(targets))
    return {
        "policy": -tf.reduce_mean(normalised * log_probs),
        "value": 0.5 * tf.reduce_mean(tf.square(errors)),
        "entropy": tf.reduce_mean(entropy(log_policy)),
        "kl": tf.reduce_mean(kl_divergence(tf.nn.log_softmax(batch.clone_logits), log_policy)),
        "ratio": tf.reduce_mean(ratios),
        "clipped": tf.reduce_mean(tf.cast(ratios > CUT * config.rho_clip, tf.float32)),
        "explained_variance": 1.0 - unexplained,
    }

"""One update of proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347): a rollout in, gradient steps out.

Departures from plain PPO: a KL penalty to the frozen clone, so that what it was taught is not forgotten before something
better is found (cf. kickstarting, Schmitt et al. 2018, arXiv:1803.03835), which decays geometrically; and the critic learns
alone first, because the clone has none.

While the critic warms up, only its head moves: torso and policy stay bit for bit the clone's. Afterwards the critic's loss
reaches the torso, too, as in plain PPO with a shared torso. The policy's optimizer sees no gradient before its time: with
one Adam for both, its step count would run while its second moment stands at 0, and the first steps would be too large.

A network with a memory learns by truncated backpropagation through time: minibatches are made of pieces, each of as many
consecutive steps of one environment, replayed from what was remembered when it began. To a network without one, every step is
a piece. The clone's memory is its own, carried from rollout to rollout beside the agent's.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from finetune.demonstrated import DemonstratedWindows, in_whole_sequences, sequence_steps
from finetune.ppo.config import Config
from finetune.returns import explained_variance, fold_truncations, generalised_advantages
from game.actions import ACTION_SETS, COMBO_COUNT
from game.rollouts import Trajectories
from game.seeds import Stream, stream
from policy.architecture import factorised_noise
from policy.keras_network import split_variables, without_past
from training.losses import cloning_loss, entropy, kl_divergence

ADAM_EPSILON = 1e-5
"""As in the original implementation of PPO; Keras's own would be a hundred times smaller."""

LOSS_NAMES = ("policy", "value", "entropy", "kl", "clipped", "ratio_kl", "cloning")


class Batch(NamedTuple):
    """What an update learns from; B samples."""

    observations: tf.Tensor  # uint8 [B, height, width, stack]
    actions: tf.Tensor  # int32 [B], places in the action set
    log_probs: tf.Tensor  # float32 [B], under the policy that acted
    values: tf.Tensor  # float32 [B], by the critic that acted
    environments: tf.Tensor  # int32 [B], whose noise was on the weights
    begins: tf.Tensor  # bool [B], whether an episode begins with the step
    memories: tf.Tensor  # float32 [B, memory_size], before the step's piece
    advantages: tf.Tensor  # float32 [B], normalised
    targets: tf.Tensor  # float32 [B], of the value
    clone_logits: tf.Tensor  # float32 [B, actions]


class Shown(NamedTuple):
    """Windows of demonstrations, D for each gradient step, sequence by sequence."""

    observations: tf.Tensor  # uint8 [gradient steps x D, height, width, stack]
    actions: tf.Tensor  # int32 [gradient steps x D], places in the action set
    counts: tf.Tensor  # float32 [gradient steps x D], how much each says; 0 in a burn-in


class Weights(NamedTuple):
    """Of losses whose weights fall in the course of the run; float32 []."""

    kl: tf.Tensor
    cloning: tf.Tensor


class Update:
    """Changes a network by PPO.

    Args:
        network: (logits [B, actions], values [B, 1]) of observations.
        clone: the same for the clone's logits, or None from scratch.
        action_set: what the actions are.
        demonstrated: what the cloning loss is of; None for no such loss.
        noise_size: random numbers that a forward pass of the network takes; 0 without noise.
        memory_size: numbers in its state (policy.keras_network.build_network); 0 without a memory.
    """

    def __init__(
        self,
        config: Config,
        network: keras.Model,
        clone: keras.Model | None,
        action_set: str,
        demonstrated: DemonstratedWindows | None = None,
        noise_size: int = 0,
        memory_size: int = 0,
    ) -> None:
        self.config = config
        self.noise_size = noise_size
        self.memory_size = memory_size
        self.piece = config.bptt_steps if memory_size else 1
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
        learning_rate = c.learning_rate * (1.0 - (1.0 - c.learning_rate_end) * done)
        self.policy_optimizer.learning_rate = learning_rate
        self.value_optimizer.learning_rate = learning_rate
        batch = self.prepare_batch(trajectories)
        is_warmup = self.clone is not None and number * c.steps_per_update < c.warmup_steps
        minibatches = self._minibatches(number)
        shown = self._shown(number, len(minibatches))
        losses = self.train_on_batch(batch, minibatches, shown, self._weights(done), self._noise(number), is_warmup)
        metrics = {f"loss/{name}": float(value) for name, value in losses.items()}
        targets = batch.targets.numpy()
        return metrics | {"loss/explained_variance": explained_variance(trajectories.values.reshape(-1), targets)}

    def prepare_batch(self, t: Trajectories) -> Batch:
        """Advantages, value targets and the clone's logits of a rollout [E, T], as samples [B = E x T]."""
        c = self.config
        rewards, discounts = fold_truncations(
            t.rewards.T, t.terminated.T, t.truncated.T, t.truncation_values.T, c.gamma
        )
        by_time = generalised_advantages(rewards, discounts, t.values.T, t.bootstrap_values, c.gae_lambda)  # [T, E]
        ends = t.terminated | t.truncated
        begins = np.zeros_like(ends)
        begins[:, 1:] = ends[:, :-1]  # where one begins with the first step, nothing is remembered anyway
        memories = np.repeat(t.memories, self.piece, axis=1)  # [E, T, memory_size]
        # samples in the order in which they lie in memory: environment by environment
        advantages = np.ascontiguousarray(by_time.T)
        normalised = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        observations = tf.constant(t.observations.reshape(-1, *t.observations.shape[2:]))
        return Batch(
            observations=observations,
            actions=tf.constant(self.action_of_combo[t.actions].reshape(-1)),
            log_probs=tf.constant(t.log_probs.reshape(-1)),
            values=tf.constant(t.values.reshape(-1)),
            environments=tf.constant(np.repeat(np.arange(c.num_envs), c.rollout_length), tf.int32),
            begins=tf.constant(begins.reshape(-1)),
            memories=tf.constant(memories.reshape(c.steps_per_update, self.memory_size)),
            advantages=tf.constant(normalised.reshape(-1)),
            targets=tf.constant((advantages + t.values).reshape(-1)),
            clone_logits=self._clone_logits(observations, tf.constant(begins), tf.constant(ends[:, -1])),
        )

    def _weights(self, done: float) -> Weights:
        """The falling weights, after a share `done` of the run."""
        c = self.config
        kl = 0.0
        if self.clone:
            kl = c.kl_weight * 0.5 ** (done / c.kl_half_life)
        cloning = c.cloning_weight * 0.5 ** (done / c.cloning_half_life)
        return Weights(tf.constant(kl, tf.float32), tf.constant(cloning, tf.float32))

    def _shown(self, number: int, gradient_steps: int) -> Shown | None:
        """What the cloning loss of update `number` is of."""
        if self.demonstrated is None:
            return None
        drawn = self.demonstrated.draw(number, gradient_steps * self.cloning_batch)
        return Shown(*map(tf.constant, drawn))

    def _noise(self, number: int) -> tf.Tensor:
        """float32 [num_envs, noise_size]: what was on the weights in rollout `number`, drawn again as the actors drew it."""
        c = self.config
        if not self.noise_size:
            return tf.zeros((c.num_envs, 0))
        rows = []
        for environment in range(c.num_envs):
            rng = stream(Stream.ROLLOUT, c.seed, environment, number)
            rows.append(factorised_noise(rng, self.noise_size))
        return tf.constant(np.stack(rows))

    def _outputs(
        self, observations: tf.Tensor, begins: tf.Tensor, memories: tf.Tensor, noise: tf.Tensor
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """(logits [B, actions], values [B, 1]); noise float32 [1 or B, noise_size]. A network with a memory is shown sequences,
        begins bool [U, steps], from the memories [B, memory_size]."""
        if self.memory_size:
            logits, values, _ = self.network((observations, begins, memories), training=True)
            return logits, values
        if self.noise_size:
            return self.network((observations, noise), training=True)
        return self.network(observations, training=True)

    def _minibatches(self, number: int) -> tf.Tensor:
        """int32 [gradient steps, batch_size]: which samples each gradient step takes, piece by piece."""
        c = self.config
        rng = stream(Stream.MINIBATCHES, c.seed, number)
        pieces = np.concatenate([rng.permutation(c.steps_per_update // self.piece) for _ in range(c.epochs)])
        order = (self.piece * pieces[:, None] + np.arange(self.piece)).reshape(-1)
        count = max(len(order) // c.batch_size, 1)
        return tf.constant(order[: count * c.batch_size].reshape(count, -1), tf.int32)

    @tf.function(reduce_retracing=True)
    def _clone_logits(self, observations: tf.Tensor, begins: tf.Tensor, ends: tf.Tensor) -> tf.Tensor:
        """[B, ...] -> [B, actions]; begins bool [E, T]; ends bool [E], whether an episode ended with the last step."""
        if self.clone is None:  # nothing to stay near to; the KL's weight is 0
            return tf.zeros((tf.shape(observations)[0], self.actions))
        if not self.memory_size:
            return self.clone(observations, training=False)[0]
        memories = tf.repeat(self.clone_memories, tf.shape(begins)[1], axis=0)
        logits, _, after = self.clone((observations, begins, memories), training=False)
        self.clone_memories.assign(tf.where(ends[:, None], 0.0, after))
        return logits

    @tf.function(reduce_retracing=True)
    def train_on_batch(
        self,
        batch: Batch,
        indices: tf.Tensor,
        shown: Shown | None,
        weights: Weights,
        noise: tf.Tensor,
        is_warmup: bool,
    ) -> dict[str, tf.Tensor]:
        """All gradient steps of a rollout: indices int32 [gradient steps, batch_size] -> mean losses.

        The policy that learns has the noise of the one that acted, float32 [num_envs, noise_size], so that their ratio is 1
        as long as nothing was learnt.
        """
        c = self.config
        learning = self.value_variables if is_warmup else self.policy_variables + self.value_variables
        totals = dict.fromkeys(LOSS_NAMES, tf.constant(0.0))
        for i in tf.range(tf.shape(indices)[0]):
            sample = Batch(*[tf.gather(values, indices[i]) for values in batch])
            with tf.GradientTape() as tape:
                noise_now = tf.gather(noise, sample.environments)
                begins = tf.reshape(sample.begins, (-1, self.piece))
                logits, values = self._outputs(sample.observations, begins, sample.memories, noise_now)
                losses = ppo_losses(logits, values[:, 0], sample, c.clip_ratio, c.value_clip)
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

    def _cloning_loss(self, shown: Shown | None, step: tf.Tensor) -> tf.Tensor:
        """The cloning loss on the demonstrations of a gradient step, []; 0 without any."""
        if shown is None or self.demonstrated is None:
            return tf.constant(0.0)
        size = self.cloning_batch
        now = Shown(*[values[step * size : (step + 1) * size] for values in shown])
        seen, begins, memories = without_past(now.observations, self.shown_steps, self.memory_size)
        logits, _ = self._outputs(seen, begins, memories, tf.zeros((1, self.noise_size)))
        return cloning_loss(logits, now.actions, tf.constant(self.demonstrated.weights), now.counts)


def ppo_losses(
    logits: tf.Tensor, values: tf.Tensor, batch: Batch, clip_ratio: float, value_clip: float = 0.0
) -> dict[str, tf.Tensor]:
    """The parts of the loss, each a mean over the batch: logits [B, actions], values [B].

    policy: the clipped surrogate (Schulman et al. 2017, eq. 7), negated. value: half the squared error, with value_clip the
    larger of that and the error of a value no further from the acting critic's (openai/baselines, ppo2). kl: KL(clone ||
    policy). clipped and ratio_kl (approximate KL from the acting policy) are for watching only.
    """
    log_policy = tf.nn.log_softmax(logits)  # [B, actions]
    log_probs = tf.gather(log_policy, batch.actions, batch_dims=1)  # [B]
    log_ratio = log_probs - batch.log_probs
    ratio = tf.exp(log_ratio)
    bounded = tf.clip_by_value(ratio, 1.0 - clip_ratio, 1.0 + clip_ratio)
    surrogate = tf.minimum(ratio * batch.advantages, bounded * batch.advantages)
    errors = tf.square(values - batch.targets)
    if value_clip:
        near = batch.values + tf.clip_by_value(values - batch.values, -value_clip, value_clip)
        errors = tf.maximum(errors, tf.square(near - batch.targets))
    log_clone = tf.nn.log_softmax(batch.clone_logits)
    return {
        "policy": -tf.reduce_mean(surrogate),
        "value": 0.5 * tf.reduce_mean(errors),
        "entropy": tf.reduce_mean(entropy(log_policy)),
        "kl": tf.reduce_mean(kl_divergence(log_clone, log_policy)),
        "clipped": tf.reduce_mean(tf.cast(tf.abs(ratio - 1.0) > clip_ratio, tf.float32)),
        "ratio_kl": tf.reduce_mean(ratio - 1.0 - log_ratio),
    }

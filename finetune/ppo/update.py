"""One update of proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347): a rollout in, gradient steps out.

What keeps the policy near its clone, and the critic's warm-up, are those of finetune.actor_critic.

A network with a memory learns by truncated backpropagation through time: minibatches are made of pieces, each of as many
consecutive steps of one environment, replayed from what was remembered when it began. To a network without one, every step is
a piece. The clone's memory is its own, carried from rollout to rollout beside the agent's.
"""

from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from finetune.actor_critic import ADAM_EPSILON, ActorCriticUpdate, Weights, taken
from finetune.demonstrated import DemonstratedWindows
from finetune.ppo.config import Config
from finetune.ppo.consistency import MOST_PIXELS, consistency_loss, moved
from finetune.returns import explained_variance, fold_truncations, generalised_advantages
from game.rollouts import Trajectories
from game.seeds import Stream, stream
from policy.architecture import factorised_noise
from training.losses import entropy, kl_divergence


class Batch(NamedTuple):
    """What an update learns from; B samples."""

    observations: tf.Tensor  # uint8 [B, height, width, stack]
    actions: tf.Tensor  # int32 [B], places in the action set
    log_probs: tf.Tensor  # float32 [B], under the policy that acted
    values: tf.Tensor  # float32 [B], by the critic that acted
    noise: tf.Tensor  # float32 [B, noise_size], on the weights that acted
    begins: tf.Tensor  # bool [B], whether an episode begins with the step
    memories: tf.Tensor  # float32 [B, memory_size], before the step's piece
    advantages: tf.Tensor  # float32 [B], normalised
    targets: tf.Tensor  # float32 [B], of the value
    clone_logits: tf.Tensor  # float32 [B, actions]
    shifts: tf.Tensor  # int32 [B, 2], by which a picture is moved where that should change nothing


class Update(ActorCriticUpdate):
    """Changes a network by PPO.

    Args:
        noise_size: random numbers that a forward pass of the network takes; 0 without noise. The others are those of every
            actor-critic's update.
    """

    config: Config
    loss_names: tuple[str, ...] = ("policy", "value", "entropy", "kl", "clipped", "ratio_kl", "cloning")

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
        super().__init__(config, network, clone, action_set, demonstrated, memory_size)
        self.noise_size = noise_size
        self.piece = config.bptt_steps if memory_size else 1
        self.value_phase = ValuePhase(self) if config.value_epochs else None
        if config.consistency_weight:
            self.loss_names = (*self.loss_names, "consistency")

    @property
    def variables(self) -> list:
        return super().variables + (self.value_phase.optimizer.variables if self.value_phase else [])

    def learn(self, batch: Batch, number: int, weights: Weights, is_warmup: bool) -> dict[str, float]:
        metrics = super().learn(batch, number, weights, is_warmup)
        if self.value_phase and not is_warmup:
            metrics |= self.value_phase(batch, number)
        foreseen = explained_variance(batch.values.numpy(), batch.targets.numpy())
        return metrics | {"loss/explained_variance": foreseen}

    def prepare_batch(self, t: Trajectories, number: int) -> Batch:
        """Advantages, value targets and the clone's logits of a rollout [E, T], as samples [B = E x T]."""
        c = self.config
        rewards, discounts = fold_truncations(
            t.rewards.T, t.terminated.T, t.truncated.T, t.truncation_values.T, self.gamma
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
            noise=self._noise(number),
            begins=tf.constant(begins.reshape(-1)),
            memories=tf.constant(memories.reshape(c.steps_per_update, self.memory_size)),
            advantages=tf.constant(normalised.reshape(-1)),
            targets=tf.constant((advantages + t.values).reshape(-1)),
            clone_logits=self.clone_logits(observations, tf.constant(begins), tf.constant(ends[:, -1])),
            shifts=tf.constant(self._shifts(number)),
        )

    def _shifts(self, number: int) -> np.ndarray:
        """int32 [E x T, 2], of update `number`; one for each piece, whose steps follow one another."""
        rng = stream(Stream.SHIFTS, self.config.seed, number)
        pieces = self.config.steps_per_update // self.piece
        drawn = rng.integers(-MOST_PIXELS, MOST_PIXELS + 1, (pieces, 2), np.int32)
        return np.repeat(drawn, self.piece, axis=0)

    def _noise(self, number: int) -> tf.Tensor:
        """float32 [E x T, noise_size]: what was on the weights in rollout `number`, drawn again as the actors drew it.

        The policy that learns has it, too, so that the ratio to the one that acted is 1 as long as nothing was learnt.
        """
        c = self.config
        if not self.noise_size:
            return tf.zeros((c.steps_per_update, 0))
        rows = []
        for environment in range(c.num_envs):
            rng = stream(Stream.ROLLOUT, c.seed, environment, number)
            rows.append(factorised_noise(rng, self.noise_size))
        return tf.constant(np.repeat(rows, c.rollout_length, axis=0))

    def outputs(
        self, observations: tf.Tensor, begins: tf.Tensor, memories: tf.Tensor, noise: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """As every actor-critic's, with noise float32 [1 or B, noise_size] on the weights (none: they are the means)."""
        if not self.noise_size:
            return super().outputs(observations, begins, memories)
        if noise is None:
            noise = tf.zeros((1, self.noise_size))
        return self.network((observations, noise), training=True)

    def minibatches(self, number: int) -> tf.Tensor:
        c = self.config
        return in_minibatches(stream(Stream.MINIBATCHES, c.seed, number), c, c.epochs, self.piece)

    def losses(self, sample: Batch) -> dict[str, tf.Tensor]:
        logits, values = self.replay(sample)
        parts = ppo_losses(logits, values, sample, self.config.clip_ratio, self.config.value_clip)
        if self.config.consistency_weight:
            elsewhere = sample._replace(observations=moved(sample.observations, sample.shifts))
            parts["consistency"] = consistency_loss(logits, values, *self.replay(elsewhere))
        return parts

    def loss(self, parts: dict[str, tf.Tensor], weights: Weights, is_warmup: bool) -> tf.Tensor:
        loss = super().loss(parts, weights, is_warmup)
        if "consistency" in parts and not is_warmup:
            loss += self.config.consistency_weight * parts["consistency"]
        return loss

    def replay(self, sample: Batch) -> tuple[tf.Tensor, tf.Tensor]:
        """(logits [B, actions], values [B]) of a minibatch, by the network as it is."""
        begins = tf.reshape(sample.begins, (-1, self.piece))
        logits, values = self.outputs(sample.observations, begins, sample.memories, sample.noise)
        return logits, values[:, 0]


class ValuePhase:
    """Passes in which the critic teaches the torso, and the policy is held where it was before them.

    Its optimizer is its own, as in the paper's code: PPO's Adam knows gradients of another size.
    """

    def __init__(self, update: Update) -> None:
        self._update = update
        self._learns = update.policy_variables + update.value_variables
        self.optimizer = keras.optimizers.Adam(update.config.learning_rate, epsilon=ADAM_EPSILON)
        self.optimizer.build(self._learns)

    def __call__(self, batch: Batch, number: int) -> dict[str, float]:
        """The passes behind the gradient steps of update `number`; returns their losses' means."""
        c = self._update.config
        self.optimizer.learning_rate = float(self._update.policy_optimizer.learning_rate)
        rng = stream(Stream.MINIBATCHES, c.seed, number, 1)
        value, kl = self._passes(batch, in_minibatches(rng, c, c.value_epochs, self._update.piece))
        return {"loss/value_phase": float(value), "loss/value_phase_kl": float(kl)}

    @tf.function(reduce_retracing=True)
    def _passes(self, batch: Batch, minibatches: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(mean loss of the critic, mean KL from the policy before), []."""
        kept = tf.nn.log_softmax(self._update.replay(batch)[0])  # [B, actions]
        value_total = kl_total = tf.constant(0.0)
        for i in tf.range(tf.shape(minibatches)[0]):
            sample = taken(batch, minibatches[i])
            with tf.GradientTape() as tape:
                logits, values = self._update.replay(sample)
                value = 0.5 * tf.reduce_mean(tf.square(values - sample.targets))
                kl = tf.reduce_mean(kl_divergence(tf.gather(kept, minibatches[i]), tf.nn.log_softmax(logits)))
                loss = value + self._update.config.value_kl_weight * kl
            gradients, _ = tf.clip_by_global_norm(
                tape.gradient(loss, self._learns), self._update.config.max_gradient_norm
            )
            self.optimizer.apply_gradients(zip(gradients, self._learns, strict=True))
            value_total += value
            kl_total += kl
        count = tf.cast(tf.shape(minibatches)[0], tf.float32)
        return value_total / count, kl_total / count


def in_minibatches(rng: np.random.Generator, config: Config, epochs: int, piece: int) -> tf.Tensor:
    """int32 [gradient steps, batch_size]: which samples each gradient step of so many passes takes, piece by piece."""
    pieces = np.concatenate([rng.permutation(config.steps_per_update // piece) for _ in range(epochs)])
    order = (piece * pieces[:, None] + np.arange(piece)).reshape(-1)
    count = max(len(order) // config.batch_size, 1)
    return tf.constant(order[: count * config.batch_size].reshape(count, -1), tf.int32)


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

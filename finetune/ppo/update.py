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

from finetune.actor_critic import ActorCriticUpdate, Shown, Weights
from finetune.demonstrated import DemonstratedWindows
from finetune.ppo.config import Config
from finetune.returns import explained_variance, fold_truncations, generalised_advantages
from game.rollouts import Trajectories
from game.seeds import Stream, stream
from policy.architecture import factorised_noise
from training.losses import entropy, kl_divergence

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


class Update(ActorCriticUpdate):
    """Changes a network by PPO.

    Args:
        noise_size: random numbers that a forward pass of the network takes; 0 without noise. The others are those of every
            actor-critic's update.
    """

    config: Config

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

    def __call__(self, trajectories: Trajectories, number: int) -> dict[str, float]:
        """The gradient steps of update `number` of the run (0 is the first); returns the losses' means."""
        weights, is_warmup = self.begin(number)
        batch = self.prepare_batch(trajectories)
        minibatches = self._minibatches(number)
        shown = self.shown(number, len(minibatches))
        losses = self.train_on_batch(batch, minibatches, shown, weights, self._noise(number), is_warmup)
        metrics = {f"loss/{name}": float(value) for name, value in losses.items()}
        targets = batch.targets.numpy()
        return metrics | {"loss/explained_variance": explained_variance(trajectories.values.reshape(-1), targets)}

    def prepare_batch(self, t: Trajectories) -> Batch:
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
            environments=tf.constant(np.repeat(np.arange(c.num_envs), c.rollout_length), tf.int32),
            begins=tf.constant(begins.reshape(-1)),
            memories=tf.constant(memories.reshape(c.steps_per_update, self.memory_size)),
            advantages=tf.constant(normalised.reshape(-1)),
            targets=tf.constant((advantages + t.values).reshape(-1)),
            clone_logits=self.clone_logits(observations, tf.constant(begins), tf.constant(ends[:, -1])),
        )

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

    def outputs(
        self, observations: tf.Tensor, begins: tf.Tensor, memories: tf.Tensor, noise: tf.Tensor | None = None
    ) -> tuple[tf.Tensor, tf.Tensor]:
        """As every actor-critic's, with noise float32 [1 or B, noise_size] on the weights (none: they are the means)."""
        if not self.noise_size:
            return super().outputs(observations, begins, memories)
        if noise is None:
            noise = tf.zeros((1, self.noise_size))
        return self.network((observations, noise), training=True)

    def _minibatches(self, number: int) -> tf.Tensor:
        """int32 [gradient steps, batch_size]: which samples each gradient step takes, piece by piece."""
        c = self.config
        rng = stream(Stream.MINIBATCHES, c.seed, number)
        pieces = np.concatenate([rng.permutation(c.steps_per_update // self.piece) for _ in range(c.epochs)])
        order = (self.piece * pieces[:, None] + np.arange(self.piece)).reshape(-1)
        count = max(len(order) // c.batch_size, 1)
        return tf.constant(order[: count * c.batch_size].reshape(count, -1), tf.int32)

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
        totals = dict.fromkeys(LOSS_NAMES, tf.constant(0.0))
        for i in tf.range(tf.shape(indices)[0]):
            sample = Batch(*[tf.gather(values, indices[i]) for values in batch])
            with tf.GradientTape() as tape:
                noise_now = tf.gather(noise, sample.environments)
                begins = tf.reshape(sample.begins, (-1, self.piece))
                logits, values = self.outputs(sample.observations, begins, sample.memories, noise_now)
                losses = ppo_losses(logits, values[:, 0], sample, c.clip_ratio, c.value_clip)
                losses["cloning"] = self.cloning_loss(shown, i)
                loss = self.loss(losses, weights, is_warmup)
            self.apply(tape.gradient(loss, self.learning(is_warmup)), is_warmup)
            totals = {name: totals[name] + losses[name] for name in LOSS_NAMES}
        count = tf.cast(tf.shape(indices)[0], tf.float32)
        return {name: total / count for name, total in totals.items()}


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

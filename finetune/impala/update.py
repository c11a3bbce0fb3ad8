"""One update of IMPALA (Espeholt et al. 2018, arXiv:1802.01561): a rollout in, gradient steps out.

The rollout was played by weights some updates older; V-trace corrects for that, with the policy and the critic as they are at
each gradient step. Departures from the paper: advantages are normalised over the batch, so that the other weights mean the
same whatever the rewards' scale; Adam; and what keeps the policy near its clone, with the critic's warm-up, as
finetune.actor_critic has them. An unroll of a network with a memory is replayed from what was remembered when it began.
"""

from typing import NamedTuple

import numpy as np
import tensorflow as tf

from finetune.actor_critic import ActorCriticUpdate
from finetune.impala.config import Config
from finetune.returns import fold_truncations
from finetune.vtrace import vtrace
from game.rollouts import Trajectories
from game.seeds import Stream, stream
from training.losses import entropy, kl_divergence

CUT = 1.01
"""How far above the clip a ratio counts as cut: what was played by the policy itself is at 1, but for bfloat16's rounding."""


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


class Update(ActorCriticUpdate):
    """Changes a network by IMPALA; what it is given is as in every actor-critic's update."""

    config: Config
    loss_names = ("policy", "value", "entropy", "kl", "cloning", "ratio", "clipped", "explained_variance")

    def prepare_batch(self, t: Trajectories, number: int) -> Batch:
        """A rollout [E, T], with the clone's logits: each environment's part is an unroll."""
        rewards, discounts = fold_truncations(
            t.rewards.T, t.terminated.T, t.truncated.T, t.truncation_values.T, self.gamma
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

    def minibatches(self, number: int) -> tf.Tensor:
        """int32 [gradient steps, batch_unrolls]: which unrolls each gradient step takes."""
        c = self.config
        rng = stream(Stream.UNROLLS, c.seed, number)
        order = np.concatenate([rng.permutation(c.num_envs) for _ in range(c.epochs)])
        whole = order[: c.gradient_steps * c.batch_unrolls]
        return tf.constant(whole.reshape(c.gradient_steps, -1), tf.int32)

    @tf.function(reduce_retracing=True)
    def _clone_logits(self, observations: tf.Tensor, begins: tf.Tensor) -> tf.Tensor:
        """[U, T + 1, ...], [U, T + 1] -> [U, T, actions]."""
        unrolls, steps = observations.shape[0], observations.shape[1] - 1
        played = tf.reshape(observations[:, :-1], (-1, *observations.shape[2:]))
        logits = self.clone_logits(played, begins[:, :-1], begins[:, -1])
        return tf.reshape(logits, (unrolls, steps, self.actions))

    def losses(self, sample: Batch) -> dict[str, tf.Tensor]:
        logits, values = self._unroll(sample.observations, sample.begins, sample.memories)
        return impala_losses(logits, values, sample, self.config)

    def _unroll(self, observations: tf.Tensor, begins: tf.Tensor, memories: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
        """(logits [U, T, actions], values [U, T + 1]) of observations [U, T + 1, ...]."""
        length = observations.shape[1]
        shown = tf.reshape(observations, (-1, *observations.shape[2:]))
        logits, values = self.outputs(shown, begins, tf.repeat(memories, length, axis=0))
        return tf.reshape(logits, (-1, length, self.actions))[:, :-1], tf.reshape(values, (-1, length))


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

"""Proximal policy optimisation (Schulman et al. 2017, arXiv:1707.06347), from the clone, across all acts.

Starts from: the clone's network (or nothing, INIT=none). Departures from plain PPO: a KL penalty to the frozen clone, so that
what it was taught is not forgotten before something better is found (cf. kickstarting, Schmitt et al. 2018,
arXiv:1803.03835), which decays geometrically; the critic learns alone first, because the clone has none; every environment
plays whole rollouts in its own process with a NumPy copy of the policy; acts are drawn anew for every episode, so a rollout
holds many.
"""

import time
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf

from experiment.run import portable
from finetune.ppo.config import Config
from finetune.returns import explained_variance, fold_truncations, generalised_advantages
from finetune.sampler import ActSampler
from game.actions import ACTION_SETS, COMBO_COUNT
from game.acts import select_acts
from game.observation import ObservationSpec
from game.rollout import Episode
from game.rollouts import PoolLayout, RolloutPool, Trajectories
from game.seeds import Stream, stream
from policy.architecture import flatten, parameter_count
from policy.checkpoint import Checkpoint, CheckpointInfo, from_named, load_checkpoint, named, save_checkpoint
from policy.device import prepare
from policy.keras_network import build_network, split_variables
from policy.players import NetworkActor


class Batch(NamedTuple):
    """What an update learns from; B samples."""

    observations: tf.Tensor  # uint8 [B, height, width, stack]
    actions: tf.Tensor  # int32 [B], places in the action set
    log_probs: tf.Tensor  # float32 [B], under the policy that acted
    advantages: tf.Tensor  # float32 [B], normalised
    targets: tf.Tensor  # float32 [B], of the value
    clone_logits: tf.Tensor  # float32 [B, actions]


class PPO:
    """The learner (training.loop.Learner); restored from a checkpoint, it goes on to the same numbers."""

    def __init__(self, config: Config, clone: Checkpoint | None) -> None:
        self.config = config
        self.clone = clone
        self.spec = clone.info.observation if clone else ObservationSpec()
        self.architecture = clone.info.network if clone else config.network
        self.action_set = clone.info.action_set if clone else config.action_set
        combos = ACTION_SETS[self.action_set]
        self.action_of_combo = np.zeros(COMBO_COUNT, np.int32)
        self.action_of_combo[list(combos)] = np.arange(len(combos))
        prepare(config.seed, config.precision)
        self.network = build_network(self.architecture, self.spec, len(combos))
        self.clone_network = build_network(self.architecture, self.spec, len(combos))
        if clone:
            self.network.set_weights(clone.weights)
            self.clone_network.set_weights(clone.weights)
        self.value_variables = {variable.path for variable in split_variables(self.network)[1]}
        self.optimizer = keras.optimizers.Adam(
            config.learning_rate, epsilon=1e-5, global_clipnorm=config.max_gradient_norm
        )
        self.optimizer.build(self.network.trainable_variables)
        self.update_number = 0
        acts = select_acts(config.acts, config.contest_split)
        self.sampler = ActSampler([act.name for act in acts], config.act_focus)
        layout = PoolLayout(
            env=config.env(self.spec),
            num_envs=config.num_envs,
            steps=config.rollout_length,
            seed=config.seed,
            parameters=parameter_count(self.architecture, self.spec, len(combos)),
        )
        self.pool = RolloutPool(layout, NetworkActor(self.architecture, self.spec, self.action_set), config.workers)

    @property
    def steps(self) -> int:
        return self.update_number * self.config.steps_per_update

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """One rollout of every environment, and the gradient steps on it."""
        c = self.config
        began = time.monotonic()
        weights = flatten(self.network.get_weights())
        trajectories, episodes = self.pool.collect(self.update_number, weights, self.sampler.acts, self.sampler.weights)
        self.sampler.add(episodes)
        acted = time.monotonic()
        batch, metrics = self._prepare_batch(trajectories)
        done = self.update_number / c.updates  # share of the run
        self.optimizer.learning_rate = c.learning_rate * (1.0 - 0.9 * done)
        kl_weight = c.kl_weight * 0.5 ** (done / c.kl_half_life) if self.clone else 0.0
        is_warmup = self.clone is not None and done < c.critic_warmup
        losses = self._train_on_batch(
            batch, self._minibatches(), tf.constant(kl_weight, tf.float32), tf.constant(float(is_warmup))
        )
        self.update_number += 1
        metrics |= {f"loss/{name}": float(value) for name, value in losses.items()}
        metrics |= {"time/acting": acted - began, "time/learning": time.monotonic() - acted}
        return metrics, episodes

    def _prepare_batch(self, t: Trajectories) -> tuple[Batch, dict[str, float]]:
        """Advantages, value targets and the clone's logits of a rollout [E, T], as samples [B = E x T]."""
        c = self.config
        rewards, discounts = fold_truncations(
            t.rewards.T, t.terminated.T, t.truncated.T, t.truncation_values.T, c.gamma
        )
        by_time = generalised_advantages(rewards, discounts, t.values.T, t.bootstrap_values, c.gae_lambda)  # [T, E]
        advantages = np.ascontiguousarray(by_time.T)
        targets = advantages + t.values
        normalised = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        observations = tf.constant(t.observations.reshape(-1, *self.spec.shape))
        batch = Batch(
            observations=observations,
            actions=tf.constant(self.action_of_combo[t.actions].reshape(-1)),
            log_probs=tf.constant(t.log_probs.reshape(-1)),
            advantages=tf.constant(normalised.reshape(-1)),
            targets=tf.constant(targets.reshape(-1)),
            clone_logits=self._clone_logits(observations),
        )
        return batch, {"loss/explained_variance": explained_variance(t.values, targets)}

    def _minibatches(self) -> tf.Tensor:
        """int32 [gradient steps, batch_size]: which samples each gradient step takes."""
        c = self.config
        rng = stream(Stream.MINIBATCHES, c.seed, self.update_number)
        order = np.concatenate([rng.permutation(c.steps_per_update) for _ in range(c.epochs)])
        count = max(len(order) // c.batch_size, 1)
        return tf.constant(order[: count * c.batch_size].reshape(count, -1), tf.int32)

    @tf.function(reduce_retracing=True)
    def _clone_logits(self, observations: tf.Tensor) -> tf.Tensor:
        if self.clone is None:  # nothing to stay near to; the KL's weight is 0
            return tf.zeros((tf.shape(observations)[0], len(ACTION_SETS[self.action_set])))
        return self.clone_network(observations, training=False)[0]

    @tf.function(reduce_retracing=True)
    def _train_on_batch(
        self, batch: Batch, indices: tf.Tensor, kl_weight: tf.Tensor, is_warmup: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """All gradient steps of a rollout: indices int32 [gradient steps, batch_size] -> mean losses."""
        c = self.config
        variables = self.network.trainable_variables
        totals = dict.fromkeys(LOSS_NAMES, tf.constant(0.0))
        for i in tf.range(tf.shape(indices)[0]):
            sample = Batch(*[tf.gather(values, indices[i]) for values in batch])
            with tf.GradientTape() as tape:
                logits, values = self.network(sample.observations, training=True)
                losses = ppo_losses(logits, values[:, 0], sample, c.clip_ratio)
                policy = losses["policy"] - c.entropy_weight * losses["entropy"] + kl_weight * losses["kl"]
                loss = (1.0 - is_warmup) * policy + c.value_weight * losses["value"]
            gradients = []
            for gradient, variable in zip(tape.gradient(loss, variables), variables, strict=True):
                learns = 1.0 if variable.path in self.value_variables else 1.0 - is_warmup
                gradients.append(gradient * learns)
            self.optimizer.apply_gradients(zip(gradients, variables, strict=True))
            totals = {name: totals[name] + losses[name] for name in LOSS_NAMES}
        count = tf.cast(tf.shape(indices)[0], tf.float32)
        return {name: total / count for name, total in totals.items()}

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        info = CheckpointInfo(
            game=self.config.game,
            frame_skip=self.config.frame_skip,
            observation=self.spec,
            network=self.architecture,
            action_set=self.action_set,
            step=self.steps,
            metrics=dict(metrics),
            parent=portable(self.clone.path) if self.clone else "",
            extra={
                "update": self.update_number,
                "recent_progress": self.sampler.recent_progress,
                "episodes": self.pool.get_state(),
            },
        )
        optimizer = [variable.numpy() for variable in self.optimizer.variables]
        save_checkpoint(path, info, named("w", self.network.get_weights()), named("o", optimizer))

    def restore(self, path: Path) -> None:
        checkpoint = load_checkpoint(path)
        self.network.set_weights(checkpoint.weights)
        for variable, value in zip(self.optimizer.variables, from_named(checkpoint.state), strict=True):
            variable.assign(value)
        self.update_number = checkpoint.info.extra["update"]
        self.sampler.restore(checkpoint.info.extra["recent_progress"])
        self.pool.set_state(checkpoint.info.extra["episodes"])

    def close(self) -> None:
        self.pool.close()


make_learner = PPO

LOSS_NAMES = ("policy", "value", "entropy", "kl", "clipped", "ratio_kl")


def ppo_losses(logits: tf.Tensor, values: tf.Tensor, batch: Batch, clip_ratio: float) -> dict[str, tf.Tensor]:
    """The parts of the loss, each a mean over the batch: logits [B, actions], values [B].

    policy: the clipped surrogate (Schulman et al. 2017, eq. 7), negated. value: half the squared error. kl: KL(clone ||
    policy). clipped and ratio_kl (approximate KL from the acting policy) are for watching only.
    """
    log_policy = tf.nn.log_softmax(logits)  # [B, actions]
    log_probs = tf.gather(log_policy, batch.actions, batch_dims=1)  # [B]
    log_ratio = log_probs - batch.log_probs
    ratio = tf.exp(log_ratio)
    bounded = tf.clip_by_value(ratio, 1.0 - clip_ratio, 1.0 + clip_ratio)
    surrogate = tf.minimum(ratio * batch.advantages, bounded * batch.advantages)
    log_clone = tf.nn.log_softmax(batch.clone_logits)
    return {
        "policy": -tf.reduce_mean(surrogate),
        "value": 0.5 * tf.reduce_mean(tf.square(values - batch.targets)),
        "entropy": -tf.reduce_mean(tf.reduce_sum(tf.exp(log_policy) * log_policy, axis=-1)),
        "kl": tf.reduce_mean(tf.reduce_sum(tf.exp(log_clone) * (log_clone - log_policy), axis=-1)),
        "clipped": tf.reduce_mean(tf.cast(tf.abs(ratio - 1.0) > clip_ratio, tf.float32)),
        "ratio_kl": tf.reduce_mean(ratio - 1.0 - log_ratio),
    }

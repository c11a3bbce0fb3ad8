"""Proximal policy optimisation (Schulman et al. 2017), from the clone, across all acts.

Starts from: the clone's network (or nothing, INIT=none). Departures from plain PPO: a KL penalty to the frozen clone, so that
what it was taught is not forgotten before something better is found (cf. kickstarting, Schmitt et al. 2018), which decays
geometrically; the critic learns alone first, because the clone has none; every environment plays whole rollouts in its
own process with a NumPy copy of the policy; acts are drawn anew for every episode, so a rollout holds many.
"""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from experiment.interrupt import Interrupt
from experiment.metrics import FileMetrics
from experiment.progress import Tracker
from experiment.run import Run, newest_run, portable
from finetune.ppo.config import Config, fitted
from finetune.returns import explained_variance, fold_truncations, generalised_advantages
from game.acts import select_acts
from game.env import EnvConfig
from game.games import choose_game
from game.observation import ObservationSpec
from game.rollout import Episode
from game.vector import RolloutPool, Trajectories
from policy.checkpoint import Checkpoint, CheckpointInfo, check_compatible, load_checkpoint, read_info, save_checkpoint
from policy.device import load_optimizer, prepare
from policy.episodes import EpisodeTask, mean_progress, play_all
from policy.forward import flatten, parameter_count
from policy.keras_network import build_network
from policy.players import NetworkActor


def train(config: Config) -> Run:
    """Fine-tune; the run directory holds the result. A finished run is returned as it is."""
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    config = fitted(replace(config, game=game.name))
    clone = choose_clone(config)
    run = Run.open(
        "finetune", config, portable(clone.path) if clone else "none", config.name, f"{game.name}-ppo-s{config.seed}"
    )
    if run.finished:
        print(f"fine-tuned: {run.path} is finished; reusing it")
        return run
    print(f"fine-tuning {portable(clone.path) if clone else 'from scratch'} -> {run.path}")
    learner = Learner(config, clone, run)
    try:
        learner.train()
    finally:
        learner.close()
    return run


def choose_clone(config: Config) -> Checkpoint | None:
    """The checkpoint to begin from, or None. ValueError when its spin-dash check failed and `force` is off."""
    if config.init == "none":
        return None
    if config.init:
        clone = load_checkpoint(Path(config.init))
    else:
        run = newest_run("supervised", config.game)
        if run.summary["spin_dash_check"] == "fail":
            problem = f"The clone {run.path} fails its spin-dash check (see {run.path / 'spindash.json'})."
            if not config.force:
                raise ValueError(f"{problem} Train it further, or go on all the same with --force.")
            print(f"{problem} Going on all the same.")
        best = run.linked("best")
        if best is None:
            raise ValueError(f"{run.path} has no best checkpoint. Train the clone again.")
        clone = load_checkpoint(best)
    check_compatible(clone.info, clone.path, config.game, config.frame_skip, clone.info.observation)
    return clone


class Batch(NamedTuple):
    """What an update learns from; B samples."""

    observations: tf.Tensor  # uint8 [B, height, width, stack]
    actions: tf.Tensor  # int32 [B]
    log_probs: tf.Tensor  # float32 [B], under the policy that acted
    advantages: tf.Tensor  # float32 [B], normalised
    targets: tf.Tensor  # float32 [B], of the value
    clone_logits: tf.Tensor  # float32 [B, 23]


class Learner:
    """The state of one training run, resumable from its last checkpoint to the same numbers."""

    def __init__(self, config: Config, clone: Checkpoint | None, run: Run) -> None:
        self.config, self.clone, self.run = config, clone, run
        prepare(config.seed, config.precision)
        self.spec = clone.info.observation if clone else ObservationSpec()
        self.network_config = clone.info.network if clone else config.network
        self.network = build_network(self.network_config, self.spec)
        self.clone_network = build_network(self.network_config, self.spec)
        if clone:
            self.network.set_weights(clone.weights)
            self.clone_network.set_weights(clone.weights)
        self.optimizer = keras.optimizers.Adam(config.learning_rate, epsilon=1e-5, global_clipnorm=config.gradient_norm)
        self.optimizer.build(self.network.trainable_variables)
        self.acts = [act.name for act in select_acts(config.acts, config.contest_split)]
        self.env = EnvConfig(
            game=config.game,
            frame_skip=config.frame_skip,
            observation=self.spec,
            reward=config.reward,
            reward_scale=config.reward_scale,
            max_frames=config.max_frames,
        )
        actor = NetworkActor(self.network_config, self.spec)
        parameters = parameter_count(self.network_config, self.spec)
        self.pool = RolloutPool(self.env, actor, parameters, config.envs, config.rollout, config.seed, config.workers)
        self.recent_progress = dict.fromkeys(self.acts, 0.0)
        self.update_number = 0
        self.stale_evaluations = 0
        self._resume()
        self.metrics = FileMetrics(run.path, self.step)

    @property
    def step(self) -> int:
        """Agent steps so far."""
        return self.update_number * self.config.steps_per_update

    def train(self) -> None:
        """Rollout, update, now and then evaluate, until the steps are used up or nothing improves."""
        c = self.config
        total = c.updates * c.steps_per_update
        with Interrupt() as interrupt, Tracker("fine-tuning", total, "steps", self.step) as tracker:
            while self.update_number < c.updates and not self._is_stale():
                began = time.monotonic()
                values = self.improve()
                self.update_number += 1
                values["time/steps_per_second"] = c.steps_per_update / (time.monotonic() - began)
                if self.update_number % c.evaluate_every == 0 or self.update_number == c.updates:
                    values["eval/progress"] = self._evaluate(values)
                    tracker.say(f"step {self.step}: mean progress {values['eval/progress']:.1%}")
                self.metrics.write(self.step, values)
                if interrupt.asked:
                    self.run.link("last", self._save(values))
                    raise KeyboardInterrupt
                tracker.advance(c.steps_per_update, f"return {values.get('episode/score', float('nan')):.1f}")
        best = self.run.linked("best")
        assert best is not None
        summary = {
            "best": portable(best),
            "steps": self.step,
            "progress": read_info(best).metrics["eval/progress"],
        }
        self.run.finish(summary)
        print(f"fine-tuned: {portable(best)} (mean progress {summary['progress']:.1%} on its evaluation)")

    def improve(self) -> dict[str, float]:
        """One rollout and the gradient steps on it; returns metrics."""
        c = self.config
        began = time.monotonic()
        weights = flatten(self.network.get_weights())
        act_weights = [1.0 - c.focus * self.recent_progress[act] for act in self.acts]
        trajectories, episodes = self.pool.collect(self.update_number, weights, self.acts, act_weights)
        for episode in episodes:
            self.recent_progress[episode.act] += 0.2 * (episode.progress - self.recent_progress[episode.act])
        acted = time.monotonic()
        batch, metrics = self._prepare_batch(trajectories)
        share = self.update_number / c.updates
        self.optimizer.learning_rate = c.learning_rate * (1.0 - 0.9 * share)
        warming = tf.constant(float(self.clone is not None and share < c.warm_up))
        kl_weight = tf.constant(c.kl * 0.5 ** (share / c.kl_half_life) if self.clone else 0.0, tf.float32)
        rng = np.random.default_rng([c.seed, self.update_number, 5])
        order = np.concatenate([rng.permutation(c.steps_per_update) for _ in range(c.epochs)])
        count = max(len(order) // c.minibatch, 1)
        indices = tf.constant(order[: count * c.minibatch].reshape(count, -1), tf.int32)
        losses = self._update(batch, indices, kl_weight, warming)
        metrics |= {f"loss/{name}": float(value) for name, value in losses.items()}
        metrics |= {"time/acting": acted - began, "time/learning": time.monotonic() - acted}
        return metrics | episode_metrics(episodes)

    def _prepare_batch(self, trajectories: Trajectories) -> tuple[Batch, dict[str, float]]:
        """Advantages, targets and the clone's opinion, flattened from [E, T] to [B]."""
        c, t = self.config, trajectories
        rewards, discounts = fold_truncations(t.rewards, t.terminated, t.truncated, t.truncation_values, c.gamma)
        advantages = generalised_advantages(rewards, discounts, t.values, t.bootstrap_values, c.gae_lambda)
        targets = advantages + t.values
        normalised = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
        observations = t.observations.reshape(-1, *self.spec.shape)
        tensor = tf.constant(observations)
        clone_logits = self._clone_logits(tensor) if self.clone else tf.zeros((len(observations), 23))
        batch = Batch(
            observations=tensor,
            actions=tf.constant(t.actions.astype(np.int32).reshape(-1)),
            log_probs=tf.constant(t.log_probs.reshape(-1)),
            advantages=tf.constant(normalised.reshape(-1)),
            targets=tf.constant(targets.reshape(-1)),
            clone_logits=clone_logits,
        )
        metrics = {"loss/explained_variance": explained_variance(t.values, targets)}
        return batch, metrics

    @tf.function(reduce_retracing=True)
    def _clone_logits(self, observations: tf.Tensor) -> tf.Tensor:
        return self.clone_network(observations, training=False)[0]

    @tf.function(reduce_retracing=True)
    def _update(
        self, batch: Batch, indices: tf.Tensor, kl_weight: tf.Tensor, warming: tf.Tensor
    ) -> dict[str, tf.Tensor]:
        """All gradient steps of a rollout: indices int32 [steps, minibatch] -> mean losses."""
        c = self.config
        totals = dict.fromkeys(LOSS_NAMES, tf.constant(0.0))
        for i in tf.range(tf.shape(indices)[0]):
            sample = Batch(*[tf.gather(values, indices[i]) for values in batch])
            with tf.GradientTape() as tape:
                logits, values = self.network(sample.observations, training=True)
                losses = ppo_losses(logits, values[:, 0], sample, c.clip)
                policy = losses["policy"] - c.entropy * losses["entropy"] + kl_weight * losses["kl"]
                loss = (1.0 - warming) * policy + c.value_weight * losses["value"]
            gradients = tape.gradient(loss, self.network.trainable_variables)
            gradients = [
                g * scale(v, warming) for g, v in zip(gradients, self.network.trainable_variables, strict=True)
            ]
            self.optimizer.apply_gradients(zip(gradients, self.network.trainable_variables, strict=True))
            totals = {name: totals[name] + losses[name] for name in LOSS_NAMES}
        return {name: total / tf.cast(tf.shape(indices)[0], tf.float32) for name, total in totals.items()}

    def _evaluate(self, values: dict[str, float]) -> float:
        """Play, save a checkpoint, and keep it as the best when it went furthest; returns the mean progress."""
        checkpoint = self._save(values)
        env = replace(self.env, reward="contest", reward_scale=1.0)
        seeds = range(500, 500 + self.config.evaluate_episodes)
        tasks = [EpisodeTask(str(checkpoint), act, seed, env) for act in self.acts for seed in seeds]
        progress = mean_progress(play_all(tasks, self.config.workers))
        best = self.run.linked("best")
        better = best is None or read_info(best).metrics["eval/progress"] < progress
        self.stale_evaluations = 0 if better else self.stale_evaluations + 1
        self._save(values | {"eval/progress": progress})
        if better:
            self.run.link("best", checkpoint)
        self.run.link("last", checkpoint)
        return progress

    def _is_stale(self) -> bool:
        return bool(self.config.patience) and self.stale_evaluations >= self.config.patience

    def _save(self, metrics: dict[str, float]) -> Path:
        extra = {
            "update": self.update_number,
            "stale_evaluations": self.stale_evaluations,
            "recent_progress": self.recent_progress,
            "episodes": self.pool.get_state(),
        }
        info = CheckpointInfo(
            game=self.config.game,
            frame_skip=self.config.frame_skip,
            observation=self.spec,
            network=self.network_config,
            step=self.step,
            metrics=metrics,
            parent=portable(self.clone.path) if self.clone else "",
            extra=extra,
        )
        optimizer = [v.numpy() for v in self.optimizer.variables]
        return save_checkpoint(self.run.checkpoints / f"{self.step:09d}", info, self.network.get_weights(), optimizer)

    def _resume(self) -> None:
        last = self.run.linked("last")
        if last is None:
            return
        checkpoint = load_checkpoint(last)
        print(f"going on from step {checkpoint.info.step} of {self.run.path}")
        self.network.set_weights(checkpoint.weights)
        load_optimizer(self.optimizer, checkpoint.optimizer)
        self.update_number = checkpoint.info.extra["update"]
        self.stale_evaluations = checkpoint.info.extra["stale_evaluations"]
        self.recent_progress = checkpoint.info.extra["recent_progress"]
        self.pool.set_state(checkpoint.info.extra["episodes"])

    def close(self) -> None:
        """End the emulator processes."""
        self.pool.close()
        self.metrics.close()


LOSS_NAMES = ("policy", "value", "entropy", "kl", "clipped", "ratio_kl")


def ppo_losses(logits: tf.Tensor, values: tf.Tensor, batch: Batch, clip: float) -> dict[str, tf.Tensor]:
    """The parts of the loss, each a mean over the batch: logits [B, 23], values [B].

    policy: the clipped surrogate (Schulman et al. 2017, eq. 7), negated. value: half the squared error. kl: KL(clone ||
    policy). clipped and ratio_kl (approximate KL from the acting policy) are for watching only.
    """
    log_policy = tf.nn.log_softmax(logits)  # [B, 23]
    log_probs = tf.gather(log_policy, batch.actions, batch_dims=1)  # [B]
    log_ratio = log_probs - batch.log_probs
    ratio = tf.exp(log_ratio)
    bounded = tf.clip_by_value(ratio, 1.0 - clip, 1.0 + clip)
    log_clone = tf.nn.log_softmax(batch.clone_logits)
    return {
        "policy": -tf.reduce_mean(tf.minimum(ratio * batch.advantages, bounded * batch.advantages)),
        "value": 0.5 * tf.reduce_mean(tf.square(values - batch.targets)),
        "entropy": -tf.reduce_mean(tf.reduce_sum(tf.exp(log_policy) * log_policy, axis=-1)),
        "kl": tf.reduce_mean(tf.reduce_sum(tf.exp(log_clone) * (log_clone - log_policy), axis=-1)),
        "clipped": tf.reduce_mean(tf.cast(tf.abs(ratio - 1.0) > clip, tf.float32)),
        "ratio_kl": tf.reduce_mean(ratio - 1.0 - log_ratio),
    }


def scale(variable: Any, warming: tf.Tensor) -> tf.Tensor:
    """0 for everything but the value head while the critic warms up, else 1."""
    return tf.constant(1.0) if "value" in variable.path else 1.0 - warming


def episode_metrics(episodes: list[Episode]) -> dict[str, float]:
    """Means over the episodes that ended in a rollout; nothing when none did."""
    if not episodes:
        return {}
    return {
        "episode/score": float(np.mean([episode.score for episode in episodes])),
        "episode/progress": mean_progress(episodes),
        "episode/frames": float(np.mean([episode.frames for episode in episodes])),
        "episode/spin_dashes": float(np.mean([episode.spin_dashes for episode in episodes])),
        "episode/finished": float(np.mean([episode.passed_end_x for episode in episodes])),
        "episode/count": float(len(episodes)),
    }

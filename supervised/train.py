"""Behaviour cloning (Pomerleau 1989): maximum likelihood of the player's combos.

Starts from: nothing but the data set. Departures from plain cloning: rare combos weigh more, pictures are shifted by a few
pixels, no past action is an input (the clone would learn to copy it), and the checkpoint kept is the one that plays
furthest, not the one with the lowest loss.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dataset.loader import Dataset, Windows, label_weights, open_dataset, split_movies, summary_of, tf_batches
from dataset.store import dataset_path
from experiment.metrics import FileMetrics
from experiment.progress import Tracker
from experiment.run import Run, portable, write_json
from game.acts import ACT_NAMES
from game.env import EnvConfig
from game.games import choose_game
from policy.checkpoint import CheckpointInfo, load_checkpoint, read_info, save_checkpoint
from policy.device import load_optimizer, prepare
from policy.episodes import EpisodeTask, mean_progress, play_all
from policy.keras_network import build_network
from supervised.config import Config
from supervised.report import confusion_picture, make_report
from supervised.spindash_check import as_table, check_spin_dashes, passes


def train(config: Config) -> Run:
    """Clone a data set; the run directory holds the result. A finished run is returned as it is."""
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    config = replace(config, game=game.name, data=config.data or f"{game.name}-v0")
    dataset = open_dataset(dataset_path(config.data), config.frame_skip, config.merge_a_into_b)
    if dataset.game != game.name:
        raise ValueError(f"data/{config.data}: expected a data set of {game.name}. Received: one of {dataset.game}")
    run = Run.open("supervised", config, dataset.fingerprint, config.name, f"{game.name}-s{config.seed}")
    if run.finished:
        print(f"clone: {run.path} is finished; reusing it")
        return run
    print(f"data set: {dataset.path}: {len(dataset.names)} movies, {len(dataset.windows)} windows -> {run.path}")
    Cloning(config, dataset, run).train()
    return run


class Cloning:
    """One training run, resumable after every epoch."""

    def __init__(self, config: Config, dataset: Dataset, run: Run) -> None:
        self.config, self.dataset, self.run = config, dataset, run
        prepare(config.seed, config.precision)
        training, held = split_movies(dataset, config.validation, config.seed)
        self.training = select_phases(dataset.windows.of(training), config.phases)
        self.training = repeat_takeovers(self.training, dataset, config.takeover_weight, config.seed)
        self.validation = dataset.windows.of(held or training)
        self.steps_per_epoch = -(-len(self.training) // config.batch_size)
        self.network = build_network(config.network, dataset.observation)
        total = config.epochs * self.steps_per_epoch
        schedule = keras.optimizers.schedules.CosineDecay(config.learning_rate, total, alpha=0.05)
        self.optimizer = keras.optimizers.AdamW(schedule, weight_decay=config.weight_decay, global_clipnorm=1.0)
        self.cloned = [
            v for v in self.network.trainable_variables if "value" not in v.path
        ]  # nothing teaches the critic
        self.optimizer.build(self.cloned)
        self.weights = tf.constant(label_weights(self.training.labels, config.rare_combo_power))
        self.epoch = self._resume()
        self.metrics = FileMetrics(run.path, self.epoch)

    def train(self) -> None:
        """All epochs that are left, then the report and the spin-dash check."""
        total = self.config.epochs * self.steps_per_epoch
        with Tracker("cloning", total, "batches", self.epoch * self.steps_per_epoch) as tracker:
            for epoch in range(self.epoch, self.config.epochs):
                values = self._train_epoch(epoch, tracker) | self._validate()
                self.epoch = epoch + 1
                last = self.epoch == self.config.epochs
                checkpoint = self._save(values)
                if last or self.epoch % self.config.play_every == 0:
                    values["eval/progress"] = self._play(checkpoint)
                    self._save(values)
                    self._keep_best(checkpoint, values["eval/progress"])
                self.run.link("last", checkpoint)
                self.metrics.write(self.epoch, values)
                tracker.say(f"epoch {self.epoch}: " + ", ".join(f"{k} {v:.3f}" for k, v in values.items()))
        self._conclude()
        self.metrics.close()

    def _train_epoch(self, epoch: int, tracker: Tracker) -> dict[str, float]:
        c = self.config
        losses = []
        for observations, labels in tf_batches(self.dataset, self.training, c.batch_size, c.seed, epoch, shift=c.shift):
            losses.append(self._update(observations, labels))
            tracker.advance(1, f"loss {float(losses[-1]):.3f}")
        return {"loss/train": float(np.mean(losses))}

    @tf.function(reduce_retracing=True)
    def _update(self, observations: tf.Tensor, labels: tf.Tensor) -> tf.Tensor:
        """One gradient step: observations uint8 [B, h, w, stack], labels uint8 [B] -> loss []."""
        with tf.GradientTape() as tape:
            logits, _ = self.network(observations, training=True)  # [B, 23]
            loss = cloning_loss(logits, labels, self.weights)
        gradients = tape.gradient(loss, self.cloned)
        self.optimizer.apply_gradients(zip(gradients, self.cloned, strict=True))
        return loss

    def _predict(self, windows: Windows) -> np.ndarray:
        """float32 [W, 23]: probabilities on windows in their own order."""
        forward = tf.function(lambda x: tf.nn.softmax(self.network(x, training=False)[0]), reduce_retracing=True)
        stream = tf_batches(self.dataset, windows, 512, 0, 0, shuffle=False)
        return np.concatenate([forward(observations).numpy() for observations, _ in stream])

    def _validate(self) -> dict[str, float]:
        sample = thin(self.validation, 20_000)
        return make_report(self._predict(sample), sample).metrics()

    def _play(self, checkpoint: Path) -> float:
        env = play_env(self.config, self.dataset)
        count = self.config.play_episodes
        return mean_progress(
            play_all(
                [EpisodeTask(str(checkpoint), a, s, env) for a in ACT_NAMES for s in range(count)], self.config.workers
            )
        )

    def _save(self, values: dict[str, float]) -> Path:
        info = CheckpointInfo(
            game=self.config.game,
            frame_skip=self.config.frame_skip,
            observation=self.dataset.observation,
            network=self.config.network,
            step=self.epoch,
            metrics=values,
            extra={"merge_a_into_b": self.config.merge_a_into_b, "data": self.dataset.fingerprint},
        )
        path = self.run.checkpoints / f"{self.epoch:06d}"
        optimizer = [v.numpy() for v in self.optimizer.variables]
        return save_checkpoint(path, info, self.network.get_weights(), optimizer)

    def _keep_best(self, checkpoint: Path, progress: float) -> None:
        best = self.run.linked("best")
        if best is None or read_info(best).metrics["eval/progress"] < progress:
            self.run.link("best", checkpoint)

    def _resume(self) -> int:
        last = self.run.linked("last")
        if last is None:
            return 0
        checkpoint = load_checkpoint(last)
        self.network.set_weights(checkpoint.weights)
        load_optimizer(self.optimizer, checkpoint.optimizer)
        print(f"going on after epoch {checkpoint.info.step} of {self.run.path}")
        return checkpoint.info.step

    def _conclude(self) -> None:
        """Report, confusion picture and spin-dash check of the best checkpoint; then the run is finished."""
        best = self.run.linked("best")
        if best is None:
            raise RuntimeError(f"{self.run.path} has no best checkpoint")
        self.network.set_weights(load_checkpoint(best).weights)
        report = make_report(self._predict(self.validation), self.validation)
        write_json(self.run.path / "report.json", report.to_json())
        self.metrics.image(self.epoch, "confusion", confusion_picture(report, self.run.path / "confusion.png"))
        check = check_spin_dashes(best, self.dataset, play_env(self.config, self.dataset), self.config)
        write_json(self.run.path / "spindash.json", [vars(line) for line in check])
        print(report.as_text() + "\n\n" + as_table(check))
        summary: dict[str, Any] = {"best": portable(best), "report": report.metrics(), "data": summary_of(self.dataset)}
        summary["spin_dash_passed"] = sum(line.verdict == "pass" for line in check)
        summary["spin_dash_failed"] = sum(line.verdict == "fail" for line in check)
        summary["spin_dash_check"] = "pass" if passes(check) else "fail"
        self.run.finish(summary)
        print(f"clone: {portable(best)}; spin-dash check {'passed' if passes(check) else 'FAILED'}")


def cloning_loss(logits: tf.Tensor, labels: tf.Tensor, weights: tf.Tensor) -> tf.Tensor:
    """Weighted cross-entropy: logits [B, 23], labels integer [B], weights [23] -> []."""
    labels = tf.cast(labels, tf.int32)
    losses = tf.nn.sparse_softmax_cross_entropy_with_logits(labels, logits)  # [B]
    chosen = tf.gather(weights, labels)  # [B]
    return tf.reduce_sum(losses * chosen) / tf.reduce_sum(chosen)


def play_env(config: Config, dataset: Dataset) -> EnvConfig:
    """The environment the clone is tried in: the contest's, sticky frame skip included."""
    return EnvConfig(
        game=config.game, frame_skip=config.frame_skip, observation=dataset.observation, max_frames=config.max_frames
    )


def select_phases(windows: Windows, phases: int) -> Windows:
    """Only windows of the first so many phases."""
    return windows.where(windows.phases < phases)


def repeat_takeovers(windows: Windows, dataset: Dataset, weight: float, seed: int) -> Windows:
    """The same windows with those of takeover movies `weight` times (a fraction: for that share of them)."""
    corrections = [i for i, attributes in enumerate(dataset.attributes) if attributes["player"] == "takeover"]
    counts = np.ones(len(windows), np.int64)
    chosen = np.isin(windows.movies, corrections)
    draws = np.random.default_rng([seed, 11]).random(int(chosen.sum()))
    counts[chosen] = int(weight) + (draws < weight - int(weight))
    return windows.where(np.repeat(np.arange(len(windows)), counts))


def thin(windows: Windows, most: int) -> Windows:
    """At most so many windows, evenly spread."""
    return windows.where(np.arange(len(windows)) % max(-(-len(windows) // most), 1) == 0)

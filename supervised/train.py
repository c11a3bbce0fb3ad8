"""Behaviour cloning (Pomerleau 1989): maximum likelihood of the player's combos.

Starts from: nothing but the data set. Departures from plain cloning: rare combos weigh more, pictures are shifted by a few
pixels, no past action is an input unless asked for (the clone may learn to copy it), and the checkpoint kept is the one that
plays furthest, not the one with the lowest loss.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from dataset.batches import Batches, Epoch, tf_batches, windows_drawn
from dataset.loader import Dataset, split_movies
from dataset.sequences import SequenceEpoch, Sequences, cut
from dataset.weights import weights_of_movies
from dataset.windows import Windows, label_weights, thin
from game.rollout import Episode
from game.seeds import Stream, stream
from policy.checkpoint import CheckpointInfo, from_named, load_checkpoint, named, save_checkpoint
from policy.device import assign, prepare
from policy.keras_network import build_network, split_variables, without_past
from supervised.config import Config
from supervised.report import Report, make_report
from training.losses import cloning_loss

VALIDATION_WINDOWS = 20_000
"""So many windows, evenly spread, are looked at after each epoch."""
REPORT_BATCH = 512


class Cloning:
    """The learner (training.loop.Learner); its unit is an epoch."""

    def __init__(self, config: Config, dataset: Dataset) -> None:
        self.config = config
        self.dataset = dataset
        self.device = prepare(config.seed, config.precision)
        split = split_movies(dataset, config.validation, config.seed)
        self.validation_note = split.note
        windows = dataset.windows.of(split.training).of_phases(config.phases, config.frame_skip)
        weights = weights_of_movies(
            dataset.attributes, config.human_weight, config.takeover_weight, config.correction_weight
        )
        self.training = repeat_windows(windows, weights, config.seed)
        self.validation = dataset.windows.of(split.validation)
        drawn = windows_drawn(self.training, config.steady_share)
        self.batches_per_epoch = -(-drawn // config.batch_size)
        config.network.check_policy()
        self.sequences: Sequences | None = None
        if config.network.has_memory:
            self.unrepeated = windows
            self.sequences = self._cut(windows)
            self.sequences = self.sequences.where(repetitions(self.sequences.movies, weights, config.seed))
            self.batches_per_epoch = len(self.batches_of(0))
        self.network = build_network(config.network, dataset.observation)
        schedule = keras.optimizers.schedules.CosineDecay(
            config.learning_rate, config.epochs * self.batches_per_epoch, alpha=0.05
        )
        self.optimizer = keras.optimizers.AdamW(schedule, weight_decay=config.weight_decay, global_clipnorm=1.0)
        self.cloned, _ = split_variables(self.network)  # nothing teaches the critic
        self.optimizer.build(self.cloned)
        self.weights = tf.constant(label_weights(self.training.labels, config.rare_combo_power))
        self.epoch = 0
        self.batch = 0
        """Batches done of the epoch under way."""

    @property
    def steps(self) -> float:
        """Epochs; whole between updates."""
        return self.epoch + self.batch / self.batches_per_epoch

    def update(self) -> tuple[dict[str, float], list[Episode]]:
        """One epoch, and the figures on held-out movies after it."""
        losses = []
        for observations, labels, counts in tf_batches(self.batches_of(self.epoch)):
            losses.append(self._train_on_batch(observations, labels, counts))
            self.batch += 1
        self.epoch += 1
        self.batch = 0
        # a sample says as much and costs less time
        report = self.report(self.validation, VALIDATION_WINDOWS)
        return {"loss/train": float(np.mean(losses))} | report.metrics(), []

    def batches_of(self, epoch: int) -> Batches:
        """What one epoch learns from."""
        c = self.config
        chance: dict[str, Any] = {"seed": c.seed, "epoch": epoch, "shift": c.shift, "hide_history": c.history_dropout}
        if self.sequences is not None:
            return SequenceEpoch(self.dataset, self.unrepeated, self.sequences, c.batch_size, **chance)
        return Epoch(self.dataset, self.training, c.batch_size, steady_share=c.steady_share, **chance)

    @tf.function(reduce_retracing=True)
    def _train_on_batch(self, observations: tf.Tensor, labels: tf.Tensor, counts: tf.Tensor) -> tf.Tensor:
        """One gradient step: observations uint8 [B, h, w, stack], labels uint8 [B], counts float32 [B] -> loss []."""
        with tf.GradientTape() as tape:
            logits = self._logits(observations, training=True)
            loss = cloning_loss(logits, labels, self.weights, counts)
        gradients = tape.gradient(loss, self.cloned)
        self.optimizer.apply_gradients(zip(gradients, self.cloned, strict=True))
        return loss

    def _logits(self, observations: tf.Tensor, training: bool) -> tf.Tensor:
        """[B, ...] -> [B, 23]; of a network with a memory, of whole sequences, each from an empty memory."""
        network = self.config.network
        if not network.has_memory:
            return self.network(observations, training=training)[0]
        sequences = without_past(observations, self.config.sequence_steps, network.state_size)
        return self.network(sequences, training=training)[0]

    def report(self, windows: Windows, most: int = 0) -> Report:
        """How well the network, as it is, imitates the player on windows; on at most so many, evenly spread (0: on all)."""
        forward = tf.function(lambda x: tf.nn.softmax(self._logits(x, training=False)), reduce_retracing=True)
        if self.sequences is not None:
            sequences = self._cut(windows)
            if most:
                sequences = sequences.thin(most)
            epoch: Batches = SequenceEpoch(self.dataset, windows, sequences, REPORT_BATCH, 0, 0, shuffle=False)
            taught = sequences.teaches.reshape(-1)
            windows = windows.where(sequences.windows.reshape(-1)[taught])
        else:
            windows = thin(windows, most or len(windows))
            epoch = Epoch(self.dataset, windows, REPORT_BATCH, seed=0, epoch=0, shuffle=False)
            taught = np.ones(len(windows), bool)
        found = [forward(observations).numpy() for observations, _, _ in tf_batches(epoch)]
        return make_report(np.concatenate(found)[taught], windows)

    def _cut(self, windows: Windows) -> Sequences:
        """As a network with a memory is shown them."""
        return cut(windows, self.config.frame_skip, self.config.sequence_steps)

    def save(self, path: Path, metrics: Mapping[str, float]) -> None:
        info = CheckpointInfo(
            game=self.config.game,
            frame_skip=self.config.frame_skip,
            observation=self.dataset.observation,
            network=self.config.network,
            step=self.epoch,
            metrics=dict(metrics),
            extra={"merge_a_into_b": self.config.merge_a_into_b, "data": self.dataset.fingerprint},
        )
        optimizer = [variable.numpy() for variable in self.optimizer.variables]
        save_checkpoint(path, info, named("w", self.network.get_weights()), named("o", optimizer))

    def restore(self, path: Path) -> None:
        checkpoint = load_checkpoint(path)
        self.network.set_weights(checkpoint.weights)
        assign(self.optimizer.variables, from_named(checkpoint.state))
        self.epoch = checkpoint.info.step

    def close(self) -> None:
        pass


def repeat_windows(windows: Windows, weights: np.ndarray, seed: int) -> Windows:
    """The same windows, each as often as its movie's weight says; a fraction holds for that share of them.

    Args:
        weights: float64 [movies].
    """
    return windows.where(repetitions(windows.movies, weights, seed))


def repetitions(movies: np.ndarray, weights: np.ndarray, seed: int) -> np.ndarray:
    """integer [any]: the numbers of what is of these movies, integer [N], each as often as its movie's weight says."""
    wanted = weights[movies]
    counts = wanted.astype(np.int64)
    fractions = wanted - counts
    is_between = fractions > 0
    draws = stream(Stream.PLAYER_WEIGHTS, seed).random(int(is_between.sum()))
    counts[is_between] += draws < fractions[is_between]
    return np.repeat(np.arange(len(movies)), counts)

"""Our stages that learn: PPO, its bound, cloning, and the loader alone."""

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import tensorflow as tf

from bench.common import ACT, BATCH_SIZE, Measure, Timed, timed
from bench.environments import ppo_config
from dataset.batches import tf_batches
from dataset.loader import open_dataset
from finetune.ppo.config import Config as PpoConfig
from finetune.ppo.learner import PPO
from game.training_episodes import Starts
from policy.architecture import flatten
from supervised.config import Config as CloningConfig
from supervised.train import Cloning

UPDATES = 2
"""Of PPO per round."""


def _ppo(config: PpoConfig) -> PPO:
    learner = PPO(config, None)
    learner.update()  # compiles
    return learner


def _end_to_end(learner: PPO) -> Measure:
    def work() -> None:
        for _ in range(UPDATES):
            learner.update()

    return lambda: timed(UPDATES * learner.config.steps_per_update, work)


def ppo(envs: str = "16", workers: str = "0") -> Measure:
    """Agent steps/s end to end."""
    return _end_to_end(_ppo(ppo_config(int(envs), int(workers))))


def ppo_on_cluster(envs: str = "18") -> Measure:
    """The same with its workers on a Ray cluster of this machine."""
    return _end_to_end(_ppo(replace(ppo_config(int(envs)), cluster="local")))


def ppo_bound(envs: str = "16", workers: str = "0") -> Measure:
    """Agent steps/s if nothing but emulation, inference and gradient steps took time, each with all cores busy."""
    learner = _ppo(ppo_config(int(envs), int(workers)))
    weights = flatten(learner.network.get_weights())
    rollouts = itertools.count(10)  # numbers the learner has not used

    def act() -> None:
        for _ in range(UPDATES):
            learner.pool.collect(next(rollouts), weights, Starts.of_acts((ACT,)))

    def learn() -> None:
        for _ in range(UPDATES):
            learner.change(learner.pool.trajectories, 0)

    def measure() -> Timed:
        steps = UPDATES * learner.config.steps_per_update
        acting = timed(steps, act).seconds
        learning = timed(steps, learn).seconds
        return Timed(steps, acting + learning)

    return measure


def _cloning() -> Cloning:
    dataset = open_dataset(Path("data") / "bench-v0")
    return Cloning(
        CloningConfig(game="quillrush", data="bench-v0", batch_size=BATCH_SIZE, phases=2, steady_share=1.0), dataset
    )


def _batches(learner: Cloning, epoch: int) -> tf.data.Dataset:
    """One epoch as `make bc` sees it, shifted and shuffled."""
    return tf_batches(learner.batches_of(epoch))


def cloning() -> Measure:
    """Samples/s, loader included: the gradient steps of one epoch, without the figures on held-out movies after it."""
    learner = _cloning()
    epochs = itertools.count()

    def work() -> None:
        losses = [learner._train_on_batch(*batch) for batch in _batches(learner, next(epochs))]
        np.mean(losses)  # waits for the device

    work()  # compiles
    return lambda: timed(len(learner.training), work)


def loader() -> Measure:
    """Windows/s out of the loader alone."""
    learner = _cloning()
    epochs = itertools.count()

    def work() -> None:
        for _ in _batches(learner, next(epochs)):
            pass

    work()  # reads the frames from disk
    return lambda: timed(len(learner.training), work)

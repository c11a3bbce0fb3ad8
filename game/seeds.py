"""Every range of episode seeds and every random stream, by name, so that no two purposes share one by accident.

An *episode seed* decides all chance in one episode: sticky frames and the player's draws. Each purpose has a range of its
own; scoring seeds are never seen before scoring. A *stream* is a random generator for one purpose inside a training run,
made from the run's seed and the place in the run, so that a resumed run draws what it would have drawn.
"""

from enum import IntEnum

import numpy as np

CLONE_CHOICE_SEED = 0
"""The first seed of the episodes by which cloning chooses its checkpoint."""

SCHEDULE_SEED = 500
"""The first seed of the episodes by which fine-tuning chooses its checkpoint."""

SPIN_DASH_SEED = 1000
"""The first seed of the spin-dash check."""

SCORING_STRIDE = 10_000
"""Scoring with seed n plays the seeds from n times this on."""


def clone_choice_seeds(count: int) -> range:
    """Seeds of the episodes by which cloning chooses its checkpoint."""
    return range(CLONE_CHOICE_SEED, CLONE_CHOICE_SEED + count)


def schedule_seeds(count: int) -> range:
    """Seeds of the episodes by which fine-tuning chooses its checkpoint."""
    return range(SCHEDULE_SEED, SCHEDULE_SEED + count)


def spin_dash_seeds(count: int) -> range:
    """Seeds of the spin-dash check."""
    return range(SPIN_DASH_SEED, SPIN_DASH_SEED + count)


def scoring_seeds(seed: int, count: int) -> range:
    """Seeds of the evaluation numbered `seed`: the same for every act and player."""
    return range(seed * SCORING_STRIDE, seed * SCORING_STRIDE + count)


class Stream(IntEnum):
    """What a random stream is for."""

    EPOCH = 0
    """Order and shifts of cloning's windows; place: epoch."""
    ROLLOUT = 1
    """The actions of a rollout; place: environment, rollout."""
    NETWORK_PLAYER = 2
    """The actions of a network in a whole episode."""
    RANDOM_PLAYER = 3
    JUMPING_PLAYER = 4
    MINIBATCHES = 5
    """The order of PPO's samples; place: update."""
    EPISODE = 6
    """Act and seed of a training episode; place: environment, episode."""
    SPLIT = 7
    """Which movies are held out."""
    TAKEOVERS = 11
    """Which windows of takeovers are repeated."""


_UNTAGGED = (Stream.EPOCH, Stream.EPISODE)
"""Streams as they have been since the first version, told apart from the others by the length of their place only."""


def stream(purpose: Stream, seed: int, *place: int) -> np.random.Generator:
    """The generator for a purpose at a place of the run with this seed."""
    tag = () if purpose in _UNTAGGED else (int(purpose),)
    return np.random.default_rng([seed, *place, *tag])

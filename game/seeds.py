"""Every range of episode seeds and every random stream, by name, so that no two purposes can share one.

An *episode seed* decides all chance in one episode: sticky frames and the player's draws. Each purpose has a range of its
own, disjoint from all others by construction; scoring seeds are never seen before scoring. A *stream* is a random generator
for one purpose inside a run, made from the run's seed and the place in the run, so that a resumed run draws what it would
have drawn.
"""

from enum import IntEnum, unique

import numpy as np

SCORING_STRIDE = 10_000
"""Scoring with seed n plays the seeds from n times this on."""

_RANGE = 100_000_000
"""Seeds of a purpose other than scoring and training."""

SCORING = range(0, 10 * _RANGE)
CLONE_CHOICE = range(10 * _RANGE, 11 * _RANGE)
SCHEDULE = range(11 * _RANGE, 12 * _RANGE)
SPIN_DASH = range(12 * _RANGE, 13 * _RANGE)
TRAINING = range(1 << 31, 1 << 32)

PURPOSES = {
    "scoring": SCORING,
    "choosing the clone's checkpoint": CLONE_CHOICE,
    "evaluation on schedule": SCHEDULE,
    "spin-dash check": SPIN_DASH,
    "training": TRAINING,
}
"""All ranges of episode seeds; a test holds them apart."""


def scoring_seeds(seed: int, count: int) -> range:
    """Seeds of the evaluation numbered `seed`: the same for every act and player. ValueError outside the range."""
    last = len(SCORING) // SCORING_STRIDE - 1
    if not 0 <= seed <= last:
        raise ValueError(f"Expected an evaluation seed from 0 to {last}. Received: {seed}")
    if not 0 < count <= SCORING_STRIDE:
        raise ValueError(f"Expected 1 to {SCORING_STRIDE} episodes per act. Received: {count}")
    first = SCORING.start + seed * SCORING_STRIDE
    return range(first, first + count)


def clone_choice_seeds(count: int) -> range:
    """Seeds of the episodes by which cloning chooses its checkpoint."""
    return _first_of(CLONE_CHOICE, count)


def schedule_seeds(count: int) -> range:
    """Seeds of the episodes by which fine-tuning compares its checkpoints on schedule."""
    return _first_of(SCHEDULE, count)


def final_seeds(scheduled: int) -> range:
    """Those by which it chooses between the furthest at the end, none of which the schedule's `scheduled` episodes had."""
    return SCHEDULE[scheduled:]


def spin_dash_seeds(count: int) -> range:
    """Seeds of the spin-dash check."""
    return _first_of(SPIN_DASH, count)


def training_seed(rng: np.random.Generator) -> int:
    """A seed for an episode that is learnt from."""
    return int(rng.integers(TRAINING.start, TRAINING.stop))


def _first_of(seeds: range, count: int) -> range:
    if not 0 < count <= len(seeds):
        raise ValueError(f"Expected 1 to {len(seeds)} episodes. Received: {count}")
    return seeds[:count]


@unique
class Stream(IntEnum):
    """What a random stream is for; its place in the run stands beside it."""

    ROLLOUT = 1
    """The actions of a rollout; place: environment, rollout."""
    NETWORK_PLAYER = 2
    """The actions of a network in a whole episode; the seed is the episode's."""
    RANDOM_PLAYER = 3
    JUMPING_PLAYER = 4
    MINIBATCHES = 5
    """The order of PPO's samples; place: update (and 1 for the critic's further passes)."""
    EPISODE = 6
    """Act and seed of a training episode; place: environment, episode."""
    SPLIT = 7
    """Which movies are held out."""
    EPOCH = 8
    """Order and shifts of cloning's windows; place: epoch."""
    SEARCH = 9
    """What a learner that searches tries next; place: update."""
    SHIFTS = 16
    """How far PPO's pictures are moved where that should change nothing; place: update."""
    DEMONSTRATED = 15
    """Windows of demonstrations in fine-tuning; place: update."""
    CORRECTION = 10
    """When the search player takes over from a policy."""
    PLAYER_WEIGHTS = 11
    """Which windows of a person's play are repeated."""
    LIKENESS = 12
    """The bootstrap of how like a person a policy plays."""
    JERK = 13
    """What JERK plays next: a sequence it knows, a mutant, or something new; place: update, episode."""
    JERK_BLOCKS = 14
    """What JERK presses where it explores; the seed is the episode's."""
    TRIALS = 31
    """Acts and seeds of the episodes by which candidates are compared; place: update (and pair)."""
    PERTURBATION = 32
    """What evolution strategies add to the weights; place: update, pair."""
    BREEDING = 33
    """The chance in NEAT; place: generation."""
    REPLAY = 21
    """What is sampled from a replay, and the noise of the gradient step on it; place: gradient step."""
    UNROLLS = 41
    """The order of IMPALA's unrolls; place: update."""
    PRELOAD = 22
    """Which experience from elsewhere a replay is filled with."""
    CORRECTIONS = 61
    """Which of the search player's corrections are learnt from; place: gradient step."""
    SIMULATION = 51
    """Which recorded rollout a simulated actor plays; place: actor."""


def stream(purpose: Stream, seed: int, *place: int) -> np.random.Generator:
    """The generator for a purpose at a place of the run with this seed."""
    return np.random.default_rng([seed, *place, int(purpose)])

"""What both sides of a comparison share: the act, random play, the counts of training, and the clock.

Imports NumPy at most, because a side may run in another Python than ours (bench.turbo).
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from game.actions import COMBO_COUNT

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Timed:
    """How many things were done in how many seconds."""

    count: float
    seconds: float

    @property
    def rate(self) -> float:
        """Things per second."""
        return self.count / self.seconds


Measure = Callable[[], Timed]
"""Measures one round."""

MOVIES = ROOT / "movies" / "quillrush"
ACT = "EmeraldHillZone.Act1"
FRAME_SKIP = 4
STEPS = 1500
"""Agent steps per round of one environment."""
EPISODE_FRAMES = 4500
"""Frames per episode, when playing and when training."""
EVALUATION_FRAMES = 1200
"""Frames per episode of an evaluation."""
HOLD = 4
"""Steps that random play holds a combo."""

ROLLOUT = 128
"""PPO: steps per environment between two updates."""
EPOCHS = 4
"""PPO: passes over a rollout."""
BATCH_SIZE = 256
"""Samples per gradient step, of PPO and of cloning."""


def random_combos(seed: int = 0) -> Iterator[int]:
    """The same random play for every side."""
    rng = np.random.default_rng(seed)
    while True:
        combo = int(rng.integers(COMBO_COUNT))
        for _ in range(HOLD):
            yield combo


def timed(count: int, work: Callable[[], object]) -> Timed:
    """`work` does `count` things: how long it takes."""
    began = time.perf_counter()
    work()
    return Timed(count, time.perf_counter() - began)

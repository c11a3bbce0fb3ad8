"""Players, the generator that lets one play an act, and the summary of an episode.

Whoever plays (network, script, random, search) is a Player; whoever watches (statistics, videos, spin-dash check) consumes
the steps of `play`. Neither knows the other.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import gymnasium
import numpy as np


class Player(Protocol):
    """Chooses combos from observations."""

    def reset(self, act: str, seed: int) -> None:
        """An episode of this act begins; all of the player's randomness comes from the seed."""

    def act(self, observation: np.ndarray) -> int:
        """The combo index (0 to 22) for an observation, uint8 [height, width, stack]."""


@dataclass(frozen=True)
class Step:
    """One step of an episode. `observation` is the one the action was chosen from; `info` comes after the action."""

    observation: np.ndarray
    action: int
    reward: float
    terminated: bool
    truncated: bool
    info: dict[str, Any]


@dataclass(frozen=True)
class Episode:
    """What an episode came to, whoever played it and whatever it was trained on.

    Attributes:
        frames: the act's frame it ended at.
        score: the contest score.
        progress: the furthest point, 0 to 1.
        trace: (frame, x) about once per second.
        episode_return: the sum of the rewards that the learner saw.
        began_at: the progress it began with, more than 0 where it began inside the act (training only); its score is then
            what the rest paid.
    """

    act: str
    seed: int
    frames: int
    score: float
    progress: float
    max_x: int
    passed_end_x: bool
    finished: bool
    died: bool
    spin_dashes: int
    rings: int
    trace: list[tuple[int, int]] = field(default_factory=list)
    episode_return: float = 0.0
    began_at: float = 0.0


def play(env: gymnasium.Env, player: Player, act: str, seed: int) -> Iterator[Step]:
    """Let a player play one episode; yields its steps. The same act, seed and player give the same episode."""
    observation, _ = env.reset(seed=seed, options={"act": act})
    player.reset(act, seed)
    over = False
    while not over:
        action = player.act(observation)
        following, reward, terminated, truncated, info = env.step(action)
        yield Step(observation, action, float(reward), terminated, truncated, info)
        observation = following
        over = terminated or truncated


TRACE_FRAMES = 60
"""Frames between two points of an episode's trace."""


class EpisodeSummary:
    """Sums an episode up while it is played, keeping none of its steps."""

    def __init__(self, act: str, seed: int, began_at: float = 0.0) -> None:
        self._act = act
        self._seed = seed
        self._began_at = began_at
        self._return = 0.0
        self._trace: list[tuple[int, int]] = []
        self._info: dict[str, Any] = {}

    def add(self, step: Step) -> None:
        """One step further."""
        self._info = step.info
        self._return += step.reward
        frame = step.info["frame"]
        if not self._trace or frame >= self._trace[-1][0] + TRACE_FRAMES:
            self._trace.append((frame, step.info["x"]))

    def episode(self) -> Episode:
        """What it came to so far. ValueError before the first step."""
        info = self._info
        if not info:
            raise ValueError("Expected at least one step. Received: an episode without any")
        return Episode(
            act=self._act,
            seed=self._seed,
            frames=info["frame"],
            score=info["contest_score"],
            progress=info["furthest"],
            max_x=info["max_x"],
            passed_end_x=info["passed_end_x"],
            finished=info["finished"],
            died=info["died"],
            spin_dashes=info["spin_dashes"],
            rings=info["rings"],
            trace=self._trace,
            episode_return=self._return,
            began_at=self._began_at,
        )


def summarise(steps: Iterable[Step], act: str, seed: int) -> Episode:
    """Consume an episode's steps. ValueError when there are none."""
    summary = EpisodeSummary(act, seed)
    for step in steps:
        summary.add(step)
    return summary.episode()

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
    """What an episode came to. `trace` holds (frame, x) about once a second."""

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


def summarise(steps: Iterable[Step], act: str, seed: int, trace_frames: int = 60) -> Episode:
    """Consume an episode's steps. The score is the sum of its rewards."""
    score = 0.0
    trace: list[tuple[int, int]] = []
    info: dict[str, Any] = {}
    for step in steps:
        info = step.info
        score += step.reward
        if not trace or info["frame"] >= trace[-1][0] + trace_frames:
            trace.append((info["frame"], info["x"]))
    if not info:
        raise ValueError("Expected at least one step. Received: an episode without any")
    return Episode(
        act=act,
        seed=seed,
        frames=info["frame"],
        score=score,
        progress=1.0 if info["passed_end_x"] else (info["max_x"] - info["start_x"]) / (info["end_x"] - info["start_x"]),
        max_x=info["max_x"],
        passed_end_x=info["passed_end_x"],
        finished=info["finished"],
        died=info["died"],
        spin_dashes=info["spin_dashes"],
        rings=info["rings"],
        trace=trace,
    )

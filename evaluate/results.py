"""From episodes to figures: per player and act, and over all acts with intervals."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np

from evaluate.players import Contestant
from evaluate.statistics import Estimate, estimate
from evaluate.store import Key
from game.rollout import Episode
from game.workers import core_count

_PACKAGES = ("stable-retro", "numpy", "gymnasium", "opencv-python-headless")


@dataclass(frozen=True)
class Rates:
    """Averages over episodes.

    Attributes:
        score: contest score, 0 to about 10,000.
        progress: the furthest point's share of the way to the contest's end x, 0 to 1.
        completion_rate: share in which the game itself called the act done.
        passed_rate: share in which the contest's end x was passed.
        death_rate: share that ended with a lost life.
        spin_dashes: an episode.
        frames: an episode.
    """

    score: float
    progress: float
    completion_rate: float
    passed_rate: float
    death_rate: float
    spin_dashes: float
    frames: float


@dataclass(frozen=True)
class ActResult:
    """One player on one act."""

    act: str
    rates: Rates
    episodes: tuple[Episode, ...]

    @property
    def best(self) -> Episode:
        """The episode with the highest contest score, a completed one first."""
        return max(self.episodes, key=lambda episode: (episode.finished, episode.score))


@dataclass(frozen=True)
class PlayerResult:
    """One player on all acts; the estimates are over all its episodes (evaluate.statistics)."""

    player: Contestant
    progress: Estimate
    score: Estimate
    rates: Rates
    acts: tuple[ActResult, ...]

    @property
    def label(self) -> str:
        return self.player.label


@dataclass(frozen=True)
class Results:
    """An evaluation's outcome.

    Attributes:
        game: name of the game.
        config: of the evaluation, as JSON values.
        machine: what it ran on.
        players: in the order asked for.
    """

    game: str
    config: Mapping[str, Any]
    machine: Mapping[str, Any]
    players: tuple[PlayerResult, ...]

    @property
    def acts(self) -> tuple[str, ...]:
        return tuple(result.act for result in self.players[0].acts)

    def to_json(self) -> dict[str, Any]:
        """Everything, down to the episodes, as JSON values."""
        return asdict(self)


def summarise_players(
    contestants: Sequence[Contestant],
    acts: Sequence[str],
    seeds: Sequence[int],
    episodes: Mapping[Key, Episode],
    bootstrap_seed: int,
) -> tuple[PlayerResult, ...]:
    """Every player's figures. KeyError when an episode is missing."""
    results = []
    for contestant in contestants:
        rows = []
        for act in acts:
            mine = tuple(episodes[contestant.label, act, seed] for seed in seeds)
            rows.append(ActResult(act, rates_of(mine), mine))
        everything = [episode for row in rows for episode in row.episodes]
        progress = np.array([[episode.progress for episode in row.episodes] for row in rows])
        score = np.array([[episode.score for episode in row.episodes] for row in rows])
        estimates = (estimate(progress, bootstrap_seed), estimate(score, bootstrap_seed))
        results.append(PlayerResult(contestant, *estimates, rates_of(everything), tuple(rows)))
    return tuple(results)


def rates_of(episodes: Sequence[Episode]) -> Rates:
    """Plain averages over at least one episode."""

    def average(attribute: str) -> float:
        return float(np.mean([getattr(episode, attribute) for episode in episodes]))

    return Rates(
        score=average("score"),
        progress=average("progress"),
        completion_rate=average("finished"),
        passed_rate=average("passed_end_x"),
        death_rate=average("died"),
        spin_dashes=average("spin_dashes"),
        frames=average("frames"),
    )


def describe_machine() -> dict[str, Any]:
    """Processor, cores, system and the versions of what plays."""
    return {
        "processor": _processor(),
        "cores": core_count(),
        "cores_in_all": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in _PACKAGES},
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    models = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return models[0] if models else platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"

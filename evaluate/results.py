"""From episodes to figures: per player and act, and over all acts with intervals."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evaluate.players import PlayerSpec, notes_on
from evaluate.statistics import Estimate, estimate
from evaluate.store import Key
from game.machine import package_version, processor_name
from game.rewards import PROGRESS_REWARD, TIME_BONUS
from game.rollout import Episode
from game.seeds import PURPOSES
from game.workers import core_count

# What an episode's outcome could depend on.
_PACKAGES = ("stable-retro", "numpy", "gymnasium", "opencv-python-headless")
PROGRESSES = (0.0, 1.0)
SCORES = (0.0, PROGRESS_REWARD + TIME_BONUS)


@dataclass(frozen=True)
class Rates:
    """Averages over episodes.

    Attributes:
        score: contest score, 0 to about 10,000.
        progress: the furthest point's share of the way to the contest's end x, 0 to 1.
        completion_rate: share in which the game itself called the act done.
        passed_rate: share in which the contest's end x was passed.
        death_rate: share that ended with a lost life.
        spin_dashes: per episode.
        frames: per episode.
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

    @property
    def scores(self) -> list[float]:
        """Every episode's contest score."""
        return [episode.score for episode in self.episodes]

    @property
    def progresses(self) -> list[float]:
        """Every episode's progress, 0 to 1."""
        return [episode.progress for episode in self.episodes]

    @property
    def completed(self) -> int:
        """Episodes in which the game itself called the act done."""
        return sum(episode.finished for episode in self.episodes)


@dataclass(frozen=True)
class PlayerResult:
    """One player on all acts; the estimates are over all its episodes (evaluate.statistics)."""

    player: PlayerSpec
    progress: Estimate
    score: Estimate
    rates: Rates
    acts: tuple[ActResult, ...]

    @property
    def label(self) -> str:
        """The player's, as tables and charts show it."""
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
        """Names of the acts, in the order played."""
        return tuple(result.act for result in self.players[0].acts)

    @property
    def seeds(self) -> tuple[int, ...]:
        """Of every act's episodes; the same for all players and acts."""
        return tuple(episode.seed for episode in self.players[0].acts[0].episodes)

    @property
    def notes(self) -> list[str]:
        """What the figures alone do not say, in sentences: about the players, and the seeds."""
        return [*self.notes_on_players, note_on_seeds(self.seeds)]

    @property
    def notes_on_players(self) -> list[str]:
        """Which players are not what their names promise."""
        return notes_on([player.player for player in self.players])

    def to_json(self) -> dict[str, Any]:
        """Everything, down to the episodes, as JSON values."""
        return asdict(self)


def summarise_players(
    players: Sequence[PlayerSpec],
    acts: Sequence[str],
    seeds: Sequence[int],
    episodes: Mapping[Key, Episode],
    bootstrap_seed: int,
) -> tuple[PlayerResult, ...]:
    """Every player's figures. KeyError when an episode is missing."""
    summaries = []
    for player in players:
        results = []
        for act in acts:
            played = tuple(episodes[player.label, act, seed] for seed in seeds)
            results.append(ActResult(act, rates_of(played), played))
        summaries.append(_summarise_player(player, results, bootstrap_seed))
    return tuple(summaries)


def _summarise_player(player: PlayerSpec, results: Sequence[ActResult], bootstrap_seed: int) -> PlayerResult:
    progress = np.array([result.progresses for result in results])  # [acts, episodes]
    score = np.array([result.scores for result in results])
    all_episodes: list[Episode] = []
    for result in results:
        all_episodes += result.episodes
    return PlayerResult(
        player=player,
        progress=estimate(progress, bootstrap_seed, bounds=PROGRESSES),  # the same draws for both
        score=estimate(score, bootstrap_seed, bounds=SCORES),
        rates=rates_of(all_episodes),
        acts=tuple(results),
    )


def rates_of(episodes: Sequence[Episode]) -> Rates:
    """Plain averages over at least one episode."""

    def average(attribute: str) -> float:
        values = [getattr(episode, attribute) for episode in episodes]
        return float(np.mean(values))

    return Rates(
        score=average("score"),
        progress=average("progress"),
        completion_rate=average("finished"),
        passed_rate=average("passed_end_x"),
        death_rate=average("died"),
        spin_dashes=average("spin_dashes"),
        frames=average("frames"),
    )


def note_on_seeds(seeds: Sequence[int]) -> str:
    """Which episodes were played, and for what their seeds were not used (game.seeds keeps the ranges apart)."""
    played = f"seeds {seeds[0]} to {seeds[-1]}"
    if len(seeds) == 1:
        played = f"seed {seeds[0]}"
    others = [purpose for purpose, taken in PURPOSES.items() if not any(seed in taken for seed in seeds)]
    return f"{played} of every act, the same for all players; disjoint from the seeds for {', '.join(others)}"


def describe_machine() -> dict[str, Any]:
    """Processor, cores, system and the versions of what plays."""
    return {
        "processor": processor_name(),
        "cores": core_count(),
        "cores_in_all": os.cpu_count(),  # a container may use fewer
        "system": platform.platform(),
        "python": platform.python_version(),
        "packages": {name: package_version(name) or "unknown" for name in _PACKAGES},
    }

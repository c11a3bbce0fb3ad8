"""From episodes to figures: per player and act, and over all acts with intervals."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from common.cores import core_count
from evaluate.players import PlayerSpec, notes_on
from evaluate.store import Key
from experiment.statistics import Change, Estimate, compare_means, estimate
from game.machine import package_version, processor_name
from game.rewards import PROGRESS_REWARD, TIME_BONUS
from game.rollout import Episode
from game.seeds import PURPOSES

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
    """One player on all acts; the estimates are over all its episodes (experiment.statistics)."""

    player: PlayerSpec
    progress: Estimate
    score: Estimate
    rates: Rates
    acts: tuple[ActResult, ...]

    @property
    def label(self) -> str:
        """The player's, as tables and charts show it."""
        return self.player.label

    @property
    def scores(self) -> list[np.ndarray]:
        """Every episode's contest score, float [E] per act."""
        return [np.array(act.scores) for act in self.acts]


@dataclass(frozen=True)
class Results:
    """An evaluation's outcome.

    Attributes:
        game: name of the game.
        build: which ROM it was in words, where that is not the project's own (game.games.Game.build).
        config: of the evaluation, as JSON values.
        machine: what it ran on.
        players: in the order asked for.
        teacher: the demonstrations as a player, its movies being its episodes; None where there are none.
        about_teacher: which movies those are, or why there is no teacher, in words.
    """

    game: str
    config: Mapping[str, Any]
    machine: Mapping[str, Any]
    players: tuple[PlayerResult, ...]
    teacher: PlayerResult | None = None
    about_teacher: str = ""
    build: str = ""

    @property
    def rows(self) -> tuple[PlayerResult, ...]:
        """Everybody in tables and charts: the players, and the teacher last."""
        return self.players if self.teacher is None else (*self.players, self.teacher)

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
        """What the figures alone do not say, in sentences: about the players, their teacher, and the seeds."""
        about_teacher = [self.about_teacher] if self.about_teacher else []
        return [*self.notes_on_players, *about_teacher, *self.against_teacher, note_on_seeds(self.seeds)]

    @property
    def notes_on_players(self) -> list[str]:
        """Which players are not what their names promise."""
        return notes_on([player.player for player in self.players])

    @property
    def scores_against_teacher(self) -> dict[str, Change]:
        """Trained player's label -> its contest score beside the teacher's; empty without a teacher."""
        if self.teacher is None:
            return {}
        theirs = self.teacher.scores
        seed = self.config["seed"]
        return {
            player.label: compare_means(theirs, player.scores, SCORES, seed)
            for player in self.players
            if not player.player.is_baseline
        }

    @property
    def against_teacher(self) -> list[str]:
        """Whether each trained player is better than its teacher, in sentences."""
        return [against_teacher_in_words(label, change) for label, change in self.scores_against_teacher.items()]

    def to_json(self) -> dict[str, Any]:
        """Everything, down to the episodes, as JSON values."""
        against = {
            label: asdict(change) | {"verdict": change.verdict} for label, change in self.scores_against_teacher.items()
        }
        return asdict(self) | {"against_teacher": against}


def against_teacher_in_words(label: str, change: Change) -> str:
    """ "finetuned is better than its teacher: contest score 9790 against 9712, difference +78 [12, 144]"."""
    interval = f" [{change.interval.low:.0f}, {change.interval.high:.0f}]" if change.interval else ""
    return (
        f"{verdict_on_teacher(label, change)}: contest score {change.after:.0f} against {change.before:.0f}, "
        f"difference {change.difference:+.0f}{interval}"
    )


def verdict_on_teacher(label: str, change: Change) -> str:
    """ "finetuned is better than its teacher"."""
    return {
        "better": f"{label} is better than its teacher",
        "worse": f"{label} is worse than its teacher",
        "no difference seen": f"no difference seen between {label} and its teacher",
        "too few episodes to say": f"too few episodes to say whether {label} is better than its teacher",
    }[change.verdict]


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
        by_act = {act: [episodes[player.label, act, seed] for seed in seeds] for act in acts}
        summaries.append(summarise_player(player, by_act, bootstrap_seed))
    return tuple(summaries)


def summarise_player(
    player: PlayerSpec, episodes: Mapping[str, Sequence[Episode]], bootstrap_seed: int
) -> PlayerResult:
    """One player's figures over all acts, which count alike however many episodes each has; act -> at least one."""
    acts = tuple(ActResult(act, rates_of(played), tuple(played)) for act, played in episodes.items())
    progress = [np.array(act.progresses) for act in acts]
    score = [np.array(act.scores) for act in acts]
    return PlayerResult(
        player=player,
        progress=estimate(progress, bootstrap_seed, bounds=PROGRESSES),  # the same draws for both
        score=estimate(score, bootstrap_seed, bounds=SCORES),
        rates=mean_rates([act.rates for act in acts]),
        acts=acts,
    )


def mean_rates(rates: Sequence[Rates]) -> Rates:
    """Plain averages of acts' averages."""
    names = [field.name for field in fields(Rates)]
    return Rates(**{name: float(np.mean([getattr(one, name) for one in rates])) for name in names})


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

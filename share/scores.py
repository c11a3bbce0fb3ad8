"""What a checkpoint scored, from the newest evaluations under runs/evaluate in which these very weights played.

Stages meet through files: results are read by declared types.
"""

from dataclasses import dataclass
from pathlib import Path

from common.files import read_json
from experiment.finding import finished_runs
from experiment.markdown import between
from experiment.run import RESULTS_LIMIT, portable
from experiment.statistics import Estimate
from policy.checkpoint import digest


@dataclass(frozen=True)
class Rates:
    """Of all episodes, or an act's."""

    score: float
    progress: float
    completion_rate: float
    passed_rate: float


@dataclass(frozen=True)
class Player:
    """Who played."""

    label: str
    sha256: str


@dataclass(frozen=True)
class Act:
    """One act's rates."""

    act: str
    rates: Rates


@dataclass(frozen=True)
class Scored:
    """One player's row of an evaluation."""

    player: Player
    progress: Estimate
    score: Estimate
    rates: Rates
    acts: tuple[Act, ...]


@dataclass(frozen=True)
class Conditions:
    """Under which the episodes were played."""

    acts: str
    episodes: int
    frame_skip: int
    stick_probability: float
    max_frames: int


@dataclass(frozen=True)
class _Results:
    config: Conditions
    players: tuple[Scored, ...]


@dataclass(frozen=True)
class Scores:
    """What a checkpoint scored; `where` is the evaluation's directory."""

    where: str
    conditions: Conditions
    scored: Scored


def scores_of(checkpoint: Path) -> list[Scores]:
    """The newest finished evaluation of these weights on each set of acts, newest first; [] when there is none.

    One that cannot be read is named and left out.
    """
    wanted = digest(checkpoint)
    found: dict[str, Scores] = {}
    for run in reversed(finished_runs("evaluate")):
        try:
            results = read_json(run.path / "results.json", _Results, RESULTS_LIMIT)
        except (OSError, ValueError) as error:
            print(f"note: left out: {error}")
            continue
        for scored in results.players:
            if scored.player.sha256 == wanted:
                found.setdefault(results.config.acts, Scores(portable(run.path), results.config, scored))
    return list(found.values())


def in_words(figure: Estimate, percent: bool = False) -> str:
    """ "4083 [3587, 4610]", "44.8 % [39.5, 50.3]"; without an interval it says so."""
    factor = 100 if percent else 1
    digits = 1 if percent else 0
    unit = " %" if percent else ""
    mean = f"{figure.mean * factor:.{digits}f}{unit}"
    return mean + (between(figure.mean_interval, factor, digits) or " (one episode per act: no interval)")

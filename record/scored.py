"""What the newest evaluation says of the trained player: how far it comes in each act, and where its episodes end.

Stages meet through files: results are read from runs/evaluate/, by declared types.
"""

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from common.files import parse_json, read_bounded
from experiment.finding import finished_runs
from experiment.run import Run, portable
from game.acts import ACT_NAMES

TRAINED = ("finetuned", "clone")
"""Whose episodes are looked at: the first of these that was scored."""
EPISODES_LIMIT = 1 << 27
"""Bytes of an episodes.jsonl."""


@dataclass(frozen=True)
class Ending:
    """One episode of the player, as it ended.

    Attributes:
        progress: its furthest point, 0 to 1; x: where it stood last.
        movie: what was pressed in it, a bk2.
    """

    act: str
    seed: int
    frames: int
    progress: float
    x: int
    died: bool
    finished: bool
    movie: Path


@dataclass(frozen=True)
class _Line:
    """What is needed of a line of episodes.jsonl."""

    player: str
    act: str
    seed: Annotated[int, Meta(ge=0)]
    frames: Annotated[int, Meta(ge=0)]
    progress: Annotated[float, Meta(ge=0.0, le=1.0)]
    died: bool
    finished: bool
    trace: list[tuple[int, int]]


@dataclass(frozen=True)
class Scored:
    """The newest evaluation of a trained player on a game.

    Attributes:
        where: the evaluation's run directory; player: its label there.
    """

    where: str
    player: str
    endings: tuple[Ending, ...]

    def progress_by_act(self) -> dict[str, float]:
        """Mean progress of each act that was played."""
        by_act: defaultdict[str, list[float]] = defaultdict(list)
        for ending in self.endings:
            by_act[ending.act].append(ending.progress)
        return {act: sum(values) / len(values) for act, values in by_act.items()}


def newest_scored(game: str) -> Scored | None:
    """The newest finished evaluation of this game in which a trained player was scored; None when there is none."""
    for run in reversed(finished_runs("evaluate")):
        if run.is_trial or run.config.get("game") != game:
            continue
        for player in TRAINED:
            endings = _endings(run, player)
            if endings:
                return Scored(portable(run.path), player, tuple(endings))
    return None


def _endings(run: Run, player: str) -> list[Ending]:
    """A player's episodes; damaged lines are passed over."""
    file = run.path / "episodes.jsonl"
    found: list[Ending] = []
    if not file.is_file():
        return found
    for text in read_bounded(file, EPISODES_LIMIT).split(b"\n"):
        try:
            line = parse_json(text, _Line, str(file))
        except ValueError:
            continue
        if line.player != player or line.act not in ACT_NAMES or not line.trace:
            continue
        movie = run.path / "movies" / player / f"{line.act}-{line.seed}.bk2"
        ending = Ending(
            act=line.act,
            seed=line.seed,
            frames=line.frames,
            progress=line.progress,
            x=line.trace[-1][1],
            died=line.died,
            finished=line.finished,
            movie=movie,
        )
        found.append(ending)
    return found

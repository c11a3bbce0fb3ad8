"""How like a person the scored players play: their ways and habits beside the person's own takes of the same acts.

What each would press in takes that were held out is asked by cloning (`python -m supervised likeness`), which leaves its
answer beside the clone; here the players' own episodes are looked at.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from msgspec import Meta

from common.files import read_json
from evaluate.habits import Habit, Play, habits_of, watch
from evaluate.results import Results
from evaluate.store import place_of
from experiment.progress import ProgressBar
from experiment.run import Run
from game.certificate import Sidecar, read_sidecar
from game.crew import Crew
from game.demonstrations import MOVIES
from game.emulator import shared_emulator
from game.games import find_game
from game.movie import MovieError, read_movie
from game.tasks import run_tasks

YOU = "you"
"""The person, as the report calls them."""
MOST_TAKES = 5
"""Of a person's takes and of a player's episodes, of each act."""


@dataclass(frozen=True)
class WatchTask:
    """One movie to be looked at, in a worker."""

    label: str
    act: str
    game: str
    movie: Path


@dataclass(frozen=True)
class Style:
    """What was seen.

    Attributes:
        plays: player's label -> act -> plays; YOU first.
    """

    plays: Mapping[str, Mapping[str, Sequence[Play]]]

    @property
    def acts(self) -> tuple[str, ...]:
        """The acts that the person has played."""
        return tuple(self.plays[YOU])

    def habits(self) -> dict[str, list[Habit]]:
        """Player -> habits over all acts."""
        found = {}
        for label, by_act in self.plays.items():
            plays: list[Play] = []
            for some in by_act.values():
                plays += some
            found[label] = habits_of(plays)
        return found


def own_takes(game: str, act: str) -> list[Path]:
    """A person's whole takes of an act, the newest last; drills, takeovers and parts of other movies are no whole play."""
    found = []
    for path in sorted((MOVIES / game / act).glob("*.bk2")):
        try:
            sidecar = read_sidecar(path)
        except MovieError:
            continue
        if sidecar.player == "human" and not _is_part(sidecar):
            found.append(path)
    return found[-MOST_TAKES:]


def _is_part(sidecar: Sidecar) -> bool:
    return any(sidecar.facts.get(name) for name in ("skill", "trimmed_from", "made_from"))


def look_at(results: Results, folder: Path, workers: int | Crew = 0) -> Style | None:
    """Look at the person's takes and the trained players' episodes on the same acts; None without any take."""
    tasks = list(_tasks(results, folder))
    if not tasks:
        return None
    found = {}
    with ProgressBar("comparing ways", len(tasks), "movies") as bar:
        for outcome in run_tasks(watch_movie, tasks, workers):
            if outcome.error:
                bar.say(f"not looked at: {outcome.error}")
            else:
                found[outcome.task] = outcome.result
            bar.advance(1)
    plays: dict[str, defaultdict[str, list[Play]]] = {YOU: defaultdict(list)}
    for task in tasks:  # in the tasks' order, whoever ended first
        if task in found:
            plays.setdefault(task.label, defaultdict(list))[task.act].append(found[task])
    return Style(plays) if plays[YOU] else None


def _tasks(results: Results, folder: Path) -> Iterator[WatchTask]:
    """The person's takes of every act scored, and the trained players' episodes of those acts."""
    trained = [player for player in results.players if not player.player.is_baseline]
    for i, act in enumerate(results.acts):
        own = own_takes(results.game, act)
        for path in own:
            yield WatchTask(YOU, act, results.game, path)
        for player in trained if own else ():
            for episode in player.acts[i].episodes[:MOST_TAKES]:
                movie = place_of(folder, "movies", player.label, act, episode.seed, suffix="bk2")
                yield WatchTask(player.label, act, results.game, movie)


def watch_movie(task: WatchTask) -> Play:
    """Look at one movie in this process. MovieError when it cannot be read."""
    return watch(shared_emulator(find_game(task.game)), read_movie(task.movie))


_Share = Annotated[float, Meta(ge=-1.0, le=1.0)]
_Nats = Annotated[float, Meta(ge=-100.0, le=100.0)]


@dataclass(frozen=True)
class LikenessFigure:
    """A mean and its 95 % interval, as cloning writes it."""

    mean: _Nats
    low: _Nats
    high: _Nats


@dataclass(frozen=True)
class LikenessLine:
    """One policy beside one side's held-out takes (supervised.likeness says what each means)."""

    player: str
    whose: str
    takes: int
    windows: int
    agreement: LikenessFigure
    surprise: LikenessFigure
    acts: dict[str, _Share]


@dataclass(frozen=True)
class LikenessDifference:
    """How much more like the person one policy is than another."""

    player: str
    other: str
    agreement: LikenessFigure
    surprise: LikenessFigure
    in_words: str


@dataclass(frozen=True)
class Likeness:
    """What cloning's comparison has left beside the clone."""

    figures: list[LikenessLine]
    differences: list[LikenessDifference]


def read_likeness(runs: Sequence[Run]) -> Likeness | None:
    """The first likeness.json among runs; None without any. ValueError for a damaged one, file and field named."""
    for run in runs:
        file = run.path / "likeness.json"
        if file.is_file():
            return read_json(file, Likeness)
    return None

"""The teacher: the demonstrations, scored like a player whose episodes they are.

Each movie of a whole act is replayed once, by the rules that every player is scored by. What it came to is kept under
runs/teacher, by the movie's hash, so that no evaluation replays it again; and with the evaluation, which therefore stays
what it was when more is recorded.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from common.files import read_json
from common.words import counted
from evaluate.players import TEACHER, PlayerSpec
from evaluate.results import PlayerResult, summarise_player
from evaluate.store import EPISODES_LIMIT, EpisodeStore
from experiment.lock import exclusive
from experiment.progress import ProgressBar
from experiment.run import RUNS, write_json
from game.acts import Act, find_act
from game.certificate import Certificate, check_frame, read_sidecar
from game.crew import Crew
from game.demonstrations import MOVIES, from_its_beginning, movies_of
from game.emulator import Emulator, shared_emulator
from game.games import Game, find_game, game_of_id
from game.movie import Movie, MovieError, read_movie
from game.rollout import TRACE_FRAMES, Episode
from game.rules import ActTracker, ContestScore
from game.spindash import SpinDashCounter
from game.tasks import run_tasks

MOST_NAMED = 3
"""Acts without a demonstration that are named."""


@dataclass(frozen=True)
class Demonstrations:
    """The teacher's episodes in one evaluation.

    Attributes:
        source: where its movies lie.
        about: which they are, or why there are none, in words.
        episodes: act -> its movies as episodes, for every act scored or for none; their seeds are running numbers.
    """

    source: str
    about: str
    episodes: dict[str, list[Episode]] = field(default_factory=dict)


@dataclass(frozen=True)
class ReplayTask:
    """One movie to be scored, in a worker; `key` says what its score depends on."""

    game: str
    act: str
    movie: Path
    max_frames: int
    key: str


def watch_teacher(game: Game, acts: Sequence[str], max_frames: int, folder: Path, workers: int | Crew = 0) -> None:
    """Score the demonstrations of these acts, and leave what they came to in an evaluation's folder.

    Args:
        max_frames: of an episode, as for the players; a movie that goes on is scored up to there.
    """
    tasks = [
        ReplayTask(game.name, act, path, max_frames, _key(path, game, max_frames))
        for act in acts
        for path in movies_of(game.name, act)
    ]
    write_json(folder / "teacher.json", asdict(_as_demonstrations(game, acts, tasks, _scored(tasks, workers))))


def teacher_of(folder: Path, acts: Sequence[str], bootstrap_seed: int) -> tuple[PlayerResult | None, str]:
    """The teacher as `watch_teacher` left it in a folder, if there is one, and which movies it is, in words.

    KeyError when the file is damaged or an act is missing, as for other episodes that are gone.
    """
    file = folder / "teacher.json"
    if not file.is_file():
        return None, ""
    try:
        found = read_json(file, Demonstrations, EPISODES_LIMIT)
    except ValueError as error:
        raise KeyError(str(error)) from error
    if not found.episodes:
        return None, found.about
    spec = PlayerSpec(TEACHER, found.source)
    return summarise_player(spec, {act: found.episodes[act] for act in acts}, bootstrap_seed), found.about


def _key(movie: Path, game: Game, max_frames: int) -> str:
    content = hashlib.sha256(movie.read_bytes()).hexdigest()
    return f"{content} on {game.sha1} for {max_frames}"


def _scored(tasks: Sequence[ReplayTask], workers: int | Crew) -> dict[ReplayTask, Episode]:
    """What every movie came to, replayed now or before; one that cannot be replayed is named and left out."""
    if not tasks:
        return {}
    folder = RUNS / "teacher"
    with exclusive(folder, wait=-1):  # another evaluation may be at the same movies
        store = EpisodeStore(folder / "episodes.jsonl")
        missing = [task for task in tasks if (task.key, task.act, 0) not in store.episodes]
        if missing:
            with ProgressBar("watching the teacher", len(tasks), "movies", len(tasks) - len(missing)) as progress:
                for outcome in run_tasks(replay_task, missing, workers):
                    if outcome.error:
                        progress.say(f"no part of the teacher: {outcome.error}")
                    else:
                        store.add(outcome.task.key, outcome.result)
                    progress.advance(1, outcome.task.movie.stem)
        known = store.episodes
    return {task: known[task.key, task.act, 0] for task in tasks if (task.key, task.act, 0) in known}


def _as_demonstrations(
    game: Game, acts: Sequence[str], tasks: Sequence[ReplayTask], scored: dict[ReplayTask, Episode]
) -> Demonstrations:
    """The episodes by act, if there are any of every act, and what they are in words."""
    by_act: dict[str, list[Episode]] = {act: [] for act in acts}
    for task, episode in scored.items():
        by_act[task.act].append(replace(episode, seed=len(by_act[task.act])))
    place = str(MOVIES / game.name)
    lacking = [act for act, episodes in by_act.items() if not episodes]
    about = f"no row of a teacher: no demonstrations of {_which(lacking, acts)} in {place}"
    if not lacking:
        about = f"teacher: the {counted(len(scored), 'movies')} of whole acts in {place} ({_whose(scored)})"
    if len(scored) < len(tasks):
        about += f"; {counted(len(tasks) - len(scored), 'movies')} could not be replayed"
    return Demonstrations(place, about, {} if lacking else by_act)


def _which(lacking: Sequence[str], acts: Sequence[str]) -> str:
    """The acts without demonstrations, in words."""
    if len(lacking) == len(acts):
        return "these acts"
    named = ", ".join(lacking[:MOST_NAMED]) + (" …" if len(lacking) > MOST_NAMED else "")
    return f"{len(lacking)} of these acts ({named})"


def _whose(tasks: Iterable[ReplayTask]) -> str:
    """Who played, and how many under noise: "7 by search, 1 by human; 4 under sticky frames"."""
    sidecars = [read_sidecar(task.movie) for task in tasks]
    players = Counter(sidecar.player for sidecar in sidecars)
    sticky = sum(bool(sidecar.facts.get("sticky")) for sidecar in sidecars)
    words = ", ".join(f"{count} by {player}" for player, count in players.most_common())
    return f"{words}; {sticky} under sticky frames" if sticky else words


def replay_task(task: ReplayTask) -> Episode:
    """Score one movie in this process.

    Raises:
        MovieError: it cannot be read, is of another game, does not begin where the act does, or replays otherwise than
            its certificate says.
    """
    game = find_game(task.game)
    movie = read_movie(task.movie)
    if game_of_id(movie.game_id) is not game:
        raise MovieError(f"{task.movie}: expected a movie of {game.name}. Received: {movie.game_id}")
    try:
        return episode_of(shared_emulator(game), movie, find_act(task.act), task.max_frames, _certificate(task.movie))
    except ValueError as error:
        raise MovieError(f"{task.movie}: {error}") from error


def _certificate(path: Path) -> Certificate | None:
    return read_sidecar(path).certificate


def episode_of(
    emulator: Emulator, movie: Movie, act: Act, max_frames: int, certificate: Certificate | None = None
) -> Episode:
    """What a movie of a whole act comes to, scored as `game.env` scores whoever plays it: to its end in the act.

    Raises:
        ValueError: it does not begin where the act does, or its replay leaves its certificate.
    """
    frames = from_its_beginning(emulator, movie, act)
    tracker = ActTracker.begin(act, emulator.variables())
    score, counter = ContestScore(tracker), SpinDashCounter()
    trace = [(0, tracker.start_x)]
    for frame in frames:
        check_frame(emulator, frame, certificate)
        variables = emulator.variables()
        tracker.update(variables)
        score.pay()
        mask = int(movie.masks[frame])
        counter.update(tracker.frame, mask, variables["spindash_flag"], variables["inertia"], variables["x"])
        if tracker.frame >= trace[-1][0] + TRACE_FRAMES:
            trace.append((tracker.frame, tracker.x))
        if tracker.died or tracker.finished or tracker.frame >= max_frames:
            break
    return Episode(
        act=act.name,
        seed=0,
        frames=tracker.frame,
        score=score.total,
        progress=tracker.furthest,
        max_x=tracker.max_x,
        passed_end_x=tracker.passed,
        finished=tracker.finished,
        died=tracker.died,
        spin_dashes=len(counter.dashes),
        rings=variables["rings"],
        trace=trace,
    )

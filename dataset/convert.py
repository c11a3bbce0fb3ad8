"""Movies -> data set: each movie replayed by its raw pad masks, every frame labelled, the replay certified.

Resumable: a movie whose file is whole and of the same input is left alone. A movie that is damaged, foreign or no longer
replays to its certificate is set aside by name with the reason; the others convert. A full disk stops it at once.
"""

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common.files import remove_leftovers
from dataset.choosing import choose_movies, find_movies
from dataset.config import ConvertConfig
from dataset.episode import CORE, replay_episode
from dataset.provenance import digest, facts_of, labelled_frames, origin_of
from dataset.reading import check_spec, read_attributes
from dataset.space import DiskError, disk_errors_named
from dataset.store import DatasetError, dataset_path, episode_file, movie_files, write_main_file
from dataset.windows import LABEL_RULE
from experiment.lock import Busy, exclusive
from experiment.progress import ProgressBar
from experiment.run import write_json
from game.certificate import Certificate, Sidecar, read_sidecar
from game.crew import Crew
from game.emulator import shared_emulator
from game.games import Game, GameError, choose_game, find_game, game_of_id
from game.movie import Movie, MovieError, read_movie
from game.observation import ObservationSpec
from game.tasks import Outcome, run_tasks


@dataclass(frozen=True)
class Task:
    """One movie to convert, as a worker process needs it."""

    movie: Path
    output: Path
    game: str
    observation: ObservationSpec


@dataclass(frozen=True)
class Verdict:
    """What a worker says of a movie that it did not convert.

    Attributes:
        refusal: why the movie cannot be used; the others can.
        trouble: why nothing can be written; no other movie would fare better.
    """

    refusal: str = ""
    trouble: str = ""


def convert(config: ConvertConfig) -> int:
    """Convert all movies that are not converted yet; returns how many were refused.

    Raises:
        DatasetError, GameError: nothing can be converted.
        DiskError: nothing can be written; what is finished stays, and the same call goes on.
    """
    check_spec(config.observation)
    config.select.check()
    movies = find_movies(config.movies) if config.movies else []
    game, why = _choose_game(config.game, movies)
    print(f"game: {game.name} ({why})")
    path = dataset_path(config.name or f"{game.name}-v0")
    movies = choose_movies(movies or find_movies((f"movies/{game.name}",)), config.select, config.limit)
    is_everything = not config.movies and config.select == ConvertConfig().select and not config.limit
    tasks = [Task(movie, _output(path, movie), game.name, config.observation) for movie in movies]
    with disk_errors_named(path), _alone(path):
        _settle_others(path, tasks, "remove" if is_everything else config.others)
        return _convert_all(path, game, tasks, config)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One conversion of a data set at a time; the second waits, and then finds the work done."""
    try:
        with exclusive(path):
            yield
        return
    except Busy as busy:
        print(f"waiting: {busy}", flush=True)
    with exclusive(path, wait=-1):
        yield


def _convert_all(path: Path, game: Game, tasks: list[Task], config: ConvertConfig) -> int:
    _clear(path)
    todo, refused = _sort_out(tasks)
    before = len(tasks) - len(todo) - len(refused)
    if todo:
        game.check_rom()
        refused |= _work_off(path, todo, len(tasks), Crew(config.workers, config.cluster, game.name))
    for task in tasks:
        if task.movie in refused:  # what was converted of it before says something else than its movie now
            task.output.unlink(missing_ok=True)
    write_json(path / "refused.json", {str(movie): reason for movie, reason in refused.items()})
    _clear(path)  # again: a worker of a killed conversion may have outlived it for a moment
    files = movie_files(path)
    if not files:
        raise DatasetError(f"None of the {len(tasks)} movies could be converted; the reasons are above.")
    write_main_file(path, game.name, config.observation, {file: read_attributes(file)["total_steps"] for file in files})
    print(f"data set: {path} ({len(files)} movies; {before} were converted before, {len(refused)} refused)")
    return len(refused)


def _sort_out(tasks: list[Task]) -> tuple[list[Task], dict[Path, str]]:
    """(what is to be converted, movie -> why it is refused already)."""
    todo = []
    refused = {}
    for task in tasks:
        try:
            if not _is_converted(task):
                todo.append(task)
        except MovieError as error:
            refused[task.movie] = str(error)
            print(_refusal(task.movie, str(error)))
    return todo, refused


def _work_off(path: Path, todo: list[Task], total: int, workers: int | Crew) -> dict[Path, str]:
    """Convert these movies in worker processes; returns movie -> why it was refused. DiskError stops it at once."""
    refused = {}
    running: Any = run_tasks(convert_or_say, todo, workers)
    try:
        with (
            closing(running) as outcomes,  # ends the workers at once, and not when Python comes to it
            ProgressBar("converting movies", total, "movies", total - len(todo)) as progress,
        ):
            for outcome in outcomes:
                reason = _reason(outcome)
                if reason:
                    refused[outcome.task.movie] = reason
                    progress.say(_refusal(outcome.task.movie, reason))
                progress.advance(1, outcome.task.movie.stem)
    finally:
        _clear(path)  # after workers that were stopped in the middle of a movie
    return refused


def _clear(path: Path) -> None:
    """Remove what stopped conversions left half written; what lies in the cache is its readers'."""
    remove_leftovers(path, below=False)
    remove_leftovers(path / "data")


def _reason(outcome: Outcome) -> str:
    """Why a movie was refused, "" when it was not. DiskError when none can be written."""
    verdict = outcome.result or Verdict(refusal=outcome.error)
    if verdict.trouble:
        raise DiskError(verdict.trouble)
    return verdict.refusal


def _refusal(movie: Path, reason: str) -> str:
    return f"REFUSED {reason}" if reason.startswith(str(movie.with_suffix(""))) else f"REFUSED {movie}: {reason}"


def _choose_game(name: str, movies: list[Path]) -> tuple[Game, str]:
    """The game asked for; else that of the first movie given that can be read; else the default."""
    if name:
        return choose_game(name)
    for movie in movies:
        try:
            return game_of_id(read_movie(movie).game_id), f"that of {movie.name}"
        except (MovieError, GameError):
            continue
    return choose_game()


def _output(path: Path, movie: Path) -> Path:
    return path / "data" / "movies" / f"{movie.stem}.hdf5"


def _settle_others(path: Path, tasks: list[Task], others: str) -> None:
    """Keep or take out the data set's movies that are not asked for. DatasetError when nobody has said which."""
    wanted = {task.output.name for task in tasks}
    strays = [file for file in movie_files(path) if file.name not in wanted]
    if not strays or others == "keep":
        return
    if others == "ask":
        raise DatasetError(
            f"{path} holds {len(strays)} movies besides those asked for. Choose: --name NAME-v0 makes a data set of its "
            "own; --others keep adds to this one; --others remove takes the others out of it."
        )
    for file in strays:
        file.unlink()
    print(f"{path}: {len(strays)} converted movies are not among those asked for; taken out")


def file_sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def identity(task: Task, sidecar: Sidecar) -> dict[str, Any]:
    """What a movie's converted file belongs to; when any of it changes, the movie is converted again."""
    return {
        "movie_sha256": file_sha256(task.movie),
        "observation_spec": json.dumps(task.observation.to_json()),
        "rom_sha1": find_game(task.game).sha1,
        "core": CORE,
        "sidecar": digest(task.movie, sidecar),
        "label_rule": LABEL_RULE,
    }


def _is_converted(task: Task) -> bool:
    """Whether the movie's file is there, whole and of the same input. MovieError when the sidecar is damaged."""
    sidecar = read_sidecar(task.movie)
    facts_of(task.movie, sidecar)
    if not task.output.is_file() or not task.movie.is_file():
        return False
    try:
        attributes = read_attributes(task.output)
    except DatasetError:
        return False
    return identity(task, sidecar).items() <= attributes.items()


def convert_or_say(task: Task) -> Verdict | None:
    """Convert one movie in this process; what hinders it, if anything does."""
    try:
        convert_movie(task)
    except DiskError as error:
        return Verdict(trouble=str(error))
    except MovieError as error:
        return Verdict(refusal=str(error))
    return None


def convert_movie(task: Task) -> Path:
    """Convert one movie in this process.

    Raises:
        MovieError: unreadable, of another game, or its replay differs from its certificate.
        DiskError: its file cannot be written.
    """
    movie = read_movie(task.movie)
    try:
        game = game_of_id(movie.game_id)
    except GameError as error:
        raise MovieError(f"{task.movie}: {error}") from error
    if game is not find_game(task.game):
        raise MovieError(f"{task.movie}: expected a movie of {task.game}. Received: one of {game.name}")
    sidecar = read_sidecar(task.movie)
    facts = facts_of(task.movie, sidecar)
    labelled = labelled_frames(task.movie, sidecar, movie.frames)
    known = identity(task, sidecar) | {
        "movie": task.movie.stem,
        "player": sidecar.player,
        "skill": facts.get("skill", ""),
        "recorded": facts.get("recorded", ""),
        "noisy": facts.get("sticky", 0) > 0,
        "origin": origin_of(facts),
        "certified": sidecar.certificate is not None,
    }
    with episode_file(task.output, movie.frames, task.observation.frame_shape) as writer:
        writer.attributes |= known
        replayed = replay_episode(shared_emulator(game), movie, task.observation, writer, labelled)
        _check_certificate(task.movie, movie, sidecar.certificate, replayed)
    return task.output


def _check_certificate(path: Path, movie: Movie, expected: Certificate | None, replayed: Certificate) -> None:
    """MovieError when the replay is not the certified one."""
    if expected is None:
        return
    frame = expected.divergence(replayed)
    if frame is not None:
        raise MovieError(
            f"{path}: its replay differs from its certificate at frame {frame} of {movie.frames}; "
            "the movie was changed, or recorded with another ROM or core. Not used as training data."
        )

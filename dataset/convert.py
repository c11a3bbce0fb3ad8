"""Movies -> data set: each movie replayed by its raw pad masks, every frame labelled, the replay certified.

Resumable: a movie whose file is whole and of the same input is left alone. A movie that is damaged, foreign or no longer
replays to its certificate is set aside by name with the reason; the others convert.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import stable_retro

from dataset.store import (
    FORMAT_VERSION,
    DatasetError,
    EpisodeData,
    dataset_path,
    movie_files,
    read_attributes,
    write_episode,
    write_main_file,
)
from experiment.progress import Tracker
from experiment.run import write_json
from game.actions import COMBO_OF_MASK, is_lossy
from game.acts import act_of
from game.emulator import Emulator
from game.games import Game, GameError, choose_game, find_game, game_of_id
from game.movie import Certificate, Certifier, Movie, MovieError, Sidecar, read_movie, read_sidecar, replay
from game.observation import ObservationSpec, observe
from game.ram import MODE_IN_PLAY, VARIABLE_NAMES
from game.rewards import contest_reward, progress_of
from game.spindash import SpinDashCounter
from game.workers import run_tasks


@dataclass(frozen=True)
class ConvertConfig:
    """Convert movies (bk2) to an HDF5 data set of grey frames and 23-combo labels."""

    movies: tuple[str, ...] = ()
    """Files or folders of movies; by default movies/<game> and, below it, everything recorded."""
    game: str = ""
    """sonic2 or quillrush; by default that of the movies given, else sonic2 once its ROM is imported."""
    name: str = ""
    """Data set name, data/<name>; by default <game>-v0."""
    limit: int = 0
    """Convert only so many movies an act (0: all)."""
    workers: int = 0
    """Processes (0: one a core)."""
    observation: ObservationSpec = ObservationSpec()


@dataclass(frozen=True)
class Task:
    """One movie to convert, as a worker process needs it."""

    movie: Path
    output: Path
    game: str
    observation: ObservationSpec


def convert(config: ConvertConfig) -> int:
    """Convert all movies that are not converted yet; returns how many were refused."""
    movies = find_movies(config.movies, config.limit) if config.movies else []
    game, why = _choose_game(config.game, movies)
    print(f"game: {game.name} ({why})")
    path = dataset_path(config.name or f"{game.name}-v0")
    movies = movies or find_movies((f"movies/{game.name}",), config.limit)
    tasks = [Task(movie, _output(path, movie), game.name, config.observation) for movie in movies]
    _drop_strays(path, tasks)
    todo = [task for task in tasks if not _is_converted(task)]
    refused: dict[str, str] = {}
    if todo:
        game.check_rom()
        with Tracker("converting movies", len(tasks), "movies", len(tasks) - len(todo)) as tracker:
            for outcome in run_tasks(convert_movie, todo, config.workers):
                if outcome.error:
                    refused[str(outcome.task.movie)] = outcome.error
                    tracker.say(f"REFUSED {outcome.task.movie}: {outcome.error}")
                tracker.advance(1, outcome.task.movie.stem)
    write_json(path / "refused.json", refused)
    if not movie_files(path):
        raise DatasetError(f"None of the {len(tasks)} movies could be converted; the reasons are above.")
    episodes = write_main_file(path, game.name, config.observation)
    print(
        f"data set: {path} ({episodes} movies; {len(tasks) - len(todo)} were converted before, {len(refused)} refused)"
    )
    return len(refused)


def _choose_game(name: str, movies: list[Path]) -> tuple[Game, str]:
    """The game asked for; else that of the first movie given that can be read; else the default."""
    for movie in [] if name else movies:
        try:
            return game_of_id(read_movie(movie).game_id), f"that of {movie.name}"
        except (MovieError, GameError):
            continue
    return choose_game(name)


def find_movies(places: tuple[str, ...], limit: int = 0) -> list[Path]:
    """All bk2 files in these files and folders, at most `limit` an act. DatasetError when there are none.

    The act is taken from the folder a movie lies in, as the recorder lays them out.
    """
    found: list[Path] = []
    for place in map(Path, places):
        if place.is_dir():
            found += [path for path in sorted(place.rglob("*.bk2")) if not path.name.startswith(".")]
        elif place.is_file():
            found.append(place)
        else:
            raise DatasetError(
                f"No movie or folder at {place}. Record one first: `make record LEVEL=EmeraldHillZone.Act1`."
            )
    stems = [path.stem for path in found]
    twice = sorted({stem for stem in stems if stems.count(stem) > 1})
    if twice:
        raise DatasetError(f"Expected movies with different names. Received twice: {', '.join(twice[:5])}")
    if limit:
        folders: dict[Path, int] = {}
        kept = []
        for path in found:
            folders[path.parent] = folders.get(path.parent, 0) + 1
            if folders[path.parent] <= limit:
                kept.append(path)
        found = kept
    if not found:
        raise DatasetError(f"No bk2 movies in {', '.join(map(str, places))}.")
    return found


def _output(path: Path, movie: Path) -> Path:
    return path / "data" / "movies" / f"{movie.stem}.hdf5"


def _drop_strays(path: Path, tasks: list[Task]) -> None:
    """Remove converted files whose movie is not asked for (deleted, renamed, or another selection)."""
    wanted = {task.output.name for task in tasks}
    strays = [file for file in (path / "data" / "movies").glob("*") if file.name not in wanted]
    for file in strays:
        file.unlink()
    if strays:
        print(
            f"{path}: {len(strays)} converted movies are not among those asked for; taken out (choose --name to keep both)"
        )


def file_sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _is_converted(task: Task) -> bool:
    if not task.output.is_file():
        return False
    try:
        attributes = read_attributes(task.output)
    except DatasetError:
        return False
    return (
        attributes["movie_sha256"] == file_sha256(task.movie)
        and attributes["observation_spec"] == json.dumps(task.observation.to_json())
        and _sidecar_agrees(task.movie, attributes["certificate"])
    )


def _sidecar_agrees(movie: Path, certificate: str) -> bool:
    expected = read_sidecar(movie).certificate
    return expected is None or list(expected.hashes) == json.loads(certificate)


_emulator: Emulator | None = None


def _emulator_of(game: Game) -> Emulator:
    """This worker's emulator, made at its first movie."""
    global _emulator
    if _emulator is None or _emulator.game is not game:
        if _emulator is not None:
            _emulator.close()
        _emulator = Emulator(game)
    return _emulator


def convert_movie(task: Task) -> Path:
    """Convert one movie in this process.

    Raises:
        MovieError: unreadable, of another game, or its replay differs from its certificate.
    """
    movie = read_movie(task.movie)
    try:
        game = game_of_id(movie.game_id)
    except GameError as error:
        raise MovieError(f"{task.movie}: {error}") from error
    if game is not find_game(task.game):
        raise MovieError(f"{task.movie}: expected a movie of {task.game}. Received: one of {game.name}")
    sidecar = read_sidecar(task.movie)
    labelled = labelled_frames(task.movie, sidecar, movie.frames)
    episode, certificate = replay_episode(_emulator_of(game), movie, task.observation, labelled)
    if sidecar.certificate is not None:
        frame = sidecar.certificate.divergence(certificate)
        if frame is not None:
            raise MovieError(
                f"{task.movie}: its replay differs from its certificate at frame {frame} of {movie.frames}; "
                "the movie was changed, or recorded with another ROM or core. Not used as training data."
            )
    episode.attributes.update(
        movie=task.movie.stem,
        movie_sha256=file_sha256(task.movie),
        player=sidecar.player,
        skill=str(sidecar.facts.get("skill", "")),
        certified=sidecar.certificate is not None,
    )
    write_episode(task.output, episode)
    return task.output


def labelled_frames(path: Path, sidecar: Sidecar, frames: int) -> np.ndarray:
    """bool [frames]: which frames are labels. In a takeover those a person pressed, in a policy's movie none, else all.

    Raises:
        MovieError: the sidecar's segments do not cover the movie.
    """
    if sidecar.player not in ("takeover", "policy"):
        return np.ones(frames, bool)
    try:
        segments = [(str(who), int(count)) for who, count in sidecar.facts["segments"]]
    except (KeyError, TypeError, ValueError) as error:
        raise MovieError(f"{path}: the sidecar does not say who pressed which frames ({error!r})") from error
    labelled = np.repeat([who == "human" for who, _ in segments], [max(count, 0) for _, count in segments])
    if len(labelled) != frames:
        raise MovieError(f"{path}: expected segments over {frames} frames in the sidecar. Received: {len(labelled)}")
    return labelled


def replay_episode(
    emulator: Emulator, movie: Movie, spec: ObservationSpec, labelled: np.ndarray | None = None
) -> tuple[EpisodeData, Certificate]:
    """Replay a movie into arrays; observation 0 is the start state, drawn by one frame that is then taken back.

    Args:
        labelled: bool [frames], which frames are labels (None: all); only their spin dashes count.
    """
    count = movie.frames
    observations = np.empty((count + 1, *spec.frame_shape), np.uint8)
    emulator.set_state(movie.state)
    start = emulator.variables()
    emulator.step(0)
    observations[0] = observe(emulator.screen(), spec)
    rewards = np.zeros(count, np.float32)
    certifier, counter, progress = Certifier(count), SpinDashCounter(), ActProgress(start)
    rows = [list(start.values())]
    for frame in replay(emulator, movie):
        observations[frame + 1] = observe(emulator.screen(), spec)
        variables = emulator.variables()
        rows.append(list(variables.values()))
        rewards[frame] = progress.reward(variables)
        counter.update(frame, int(movie.masks[frame]), variables["spindash_flag"], variables["inertia"], variables["x"])
        certifier.see(frame, emulator)
    infos = dict(zip(VARIABLE_NAMES, np.array(rows, np.int64).astype(np.int32).T, strict=True))
    infos["pad_mask"] = np.append(movie.masks, 0).astype(np.int32)
    labelled = np.ones(count, bool) if labelled is None else labelled
    infos["labelled"] = np.append(labelled, False).astype(np.int32)
    dashes = [dash for dash in counter.dashes if labelled[dash.frame]]
    certificate = certifier.certificate()
    died = variables["lives"] < start["lives"]
    act = act_of(start["zone"], start["act"])
    attributes = {
        "format_version": FORMAT_VERSION,
        "total_steps": count,
        "game": emulator.game.name,
        "act": act.name if act else f"zone {start['zone']} act {start['act']}",
        "rom_sha1": emulator.game.sha1,
        "core": f"genesis_plus_gx of stable-retro {stable_retro.__version__}",
        "observation_spec": json.dumps(spec.to_json()),
        "certificate": json.dumps(certificate.hashes),
        "passed_end_x": progress.passed,
        "died": died,
        "spin_dashes": len(dashes),
        "spin_dash_revs": json.dumps([dash.revs for dash in dashes]),
        "lossy_frames": int(sum(is_lossy(mask) for mask in movie.masks.tolist())),
    }
    over = died or progress.passed
    actions = COMBO_OF_MASK[movie.masks]
    episode = EpisodeData(observations, actions, rewards, over, not over, infos, attributes)
    return episode, certificate


class ActProgress:
    """The contest reward frame by frame, begun anew in every act a movie passes through."""

    def __init__(self, start: dict[str, int]) -> None:
        self.passed = False
        self._begin(start)

    def _begin(self, variables: dict[str, int]) -> None:
        self._act = act_of(variables["zone"], variables["act"])
        self._start_x, self._frame, self._progress, self._over = variables["x"], 0, 0.0, False

    def reward(self, variables: dict[str, int]) -> float:
        """The reward of the frame after which RAM holds these variables; 0 outside the 18 acts and after the end."""
        if act_of(variables["zone"], variables["act"]) is not self._act:
            self._begin(variables)
        self._frame += 1
        if self._act is None or self._over or variables["game_mode"] != MODE_IN_PLAY:
            return 0.0
        if self._start_x >= self._act.end_x:
            return 0.0
        before, self._progress = self._progress, progress_of(variables["x"], self._start_x, self._act.end_x)
        self._over = self._progress >= 1.0
        self.passed = self.passed or self._over
        return contest_reward(before, self._progress, self._frame)

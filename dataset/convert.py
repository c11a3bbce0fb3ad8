"""Movies -> data set: each movie replayed by its raw pad masks, every frame labelled, the replay certified.

Resumable: a movie whose file is whole and of the same input is left alone. A movie that is damaged, foreign or no longer
replays to its certificate is set aside by name with the reason; the others convert.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import stable_retro

from dataset.config import ConvertConfig
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
from experiment.progress import ProgressBar
from experiment.run import write_json
from game.actions import COMBO_OF_MASK, is_lossy
from game.acts import act_of
from game.certificate import Certificate, Certifier, Sidecar, read_sidecar
from game.emulator import Emulator, shared_emulator
from game.games import Game, GameError, choose_game, find_game, game_of_id
from game.movie import Movie, MovieError, read_movie, replay
from game.observation import ObservationSpec, observe
from game.ram import MODE_IN_PLAY, VARIABLE_NAMES
from game.rules import ActTracker, ContestScore
from game.spindash import SpinDash, SpinDashCounter
from game.workers import run_tasks


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
        with ProgressBar("converting movies", len(tasks), "movies", len(tasks) - len(todo)) as progress:
            for outcome in run_tasks(convert_movie, todo, config.workers):
                if outcome.error:
                    refused[str(outcome.task.movie)] = outcome.error
                    progress.say(f"REFUSED {outcome.task.movie}: {outcome.error}")
                progress.advance(1, outcome.task.movie.stem)
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
    if name:
        return choose_game(name)
    for movie in movies:
        try:
            return game_of_id(read_movie(movie).game_id), f"that of {movie.name}"
        except (MovieError, GameError):
            continue
    return choose_game()


def find_movies(places: tuple[str, ...], limit: int = 0) -> list[Path]:
    """All bk2 files in these files and folders, at most `limit` per act. DatasetError when there are none.

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
    counts = Counter(path.stem for path in found)
    twice = sorted(stem for stem, count in counts.items() if count > 1)
    if twice:
        raise DatasetError(f"Expected movies with different names. Received twice: {', '.join(twice[:5])}")
    if not found:
        raise DatasetError(f"No bk2 movies in {', '.join(map(str, places))}.")
    return _first_of_each_folder(found, limit) if limit else found


def _first_of_each_folder(paths: list[Path], limit: int) -> list[Path]:
    counts: Counter[Path] = Counter()
    kept = []
    for path in paths:
        counts[path.parent] += 1
        if counts[path.parent] <= limit:
            kept.append(path)
    return kept


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
    episode, certificate = replay_episode(shared_emulator(game), movie, task.observation, labelled)
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
        segments = [(str(who), max(int(count), 0)) for who, count in sidecar.facts["segments"]]
    except (KeyError, TypeError, ValueError) as error:
        raise MovieError(f"{path}: the sidecar does not say who pressed which frames ({error!r})") from error
    covered = sum(count for _, count in segments)
    if covered != frames:  # compared before anything of that size is made: a damaged count may be huge
        raise MovieError(f"{path}: expected segments over {frames} frames in the sidecar. Received: {covered}")
    return np.repeat([who == "human" for who, _ in segments], [count for _, count in segments])


def replay_episode(
    emulator: Emulator, movie: Movie, spec: ObservationSpec, labelled: np.ndarray | None = None
) -> tuple[EpisodeData, Certificate]:
    """Replay a movie into arrays; observation 0 is the start state, drawn by one frame that is then taken back.

    Args:
        labelled: bool [frames], which frames are labels (None: all); only their spin dashes count.
    """
    frames = movie.frames
    if labelled is None:
        labelled = np.ones(frames, bool)
    observations = np.empty((frames + 1, *spec.frame_shape), np.uint8)
    rewards = np.zeros(frames, np.float32)
    emulator.set_state(movie.state)
    start = emulator.variables()
    emulator.step(0)
    observations[0] = observe(emulator.screen(), spec)
    certifier = Certifier(frames)
    counter = SpinDashCounter()
    score = MovieScore(start)
    rows = [list(start.values())]
    for frame in replay(emulator, movie):
        observations[frame + 1] = observe(emulator.screen(), spec)
        variables = emulator.variables()
        rows.append(list(variables.values()))
        rewards[frame] = score.pay(variables)
        counter.update(
            frame=frame,
            mask=int(movie.masks[frame]),
            flag=variables["spindash_flag"],
            inertia=variables["inertia"],
            x=variables["x"],
        )
        certifier.see(frame, emulator)
    certificate = certifier.certificate()
    over = score.died or score.passed
    episode = EpisodeData(
        observations=observations,
        actions=COMBO_OF_MASK[movie.masks],
        rewards=rewards,
        terminated=over,
        truncated=not over,
        infos=_infos(rows, movie.masks, labelled),
        attributes=_start_attributes(emulator.game, start, spec)
        | {
            "total_steps": frames,
            "certificate": json.dumps(certificate.hashes),
            "passed_end_x": score.passed,
            "died": score.died,
            "lossy_frames": sum(is_lossy(mask) for mask in movie.masks.tolist()),
        }
        | _spin_dash_attributes([dash for dash in counter.dashes if labelled[dash.frame]]),
    )
    return episode, certificate


def _infos(rows: list[list[int]], masks: np.ndarray, labelled: np.ndarray) -> dict[str, np.ndarray]:
    """name -> int32 [N + 1]: RAM beside each observation; the pad mask, and whether it is a label, of what follows it."""
    columns = np.array(rows, np.int64).astype(np.int32).T
    infos = dict(zip(VARIABLE_NAMES, columns, strict=True))
    infos["pad_mask"] = np.append(masks, 0).astype(np.int32)
    infos["labelled"] = np.append(labelled, False).astype(np.int32)
    return infos


def _start_attributes(game: Game, start: dict[str, int], spec: ObservationSpec) -> dict[str, Any]:
    """What is known before a movie is played."""
    act = act_of(start["zone"], start["act_number"])
    return {
        "format_version": FORMAT_VERSION,
        "game": game.name,
        "act": act.name if act else f"zone {start['zone']} act {start['act_number']}",
        "rom_sha1": game.sha1,
        "core": f"genesis_plus_gx of stable-retro {stable_retro.__version__}",
        "observation_spec": json.dumps(spec.to_json()),
    }


def _spin_dash_attributes(dashes: list[SpinDash]) -> dict[str, Any]:
    return {"spin_dashes": len(dashes), "spin_dash_revs": json.dumps([dash.revs for dash in dashes])}


class MovieScore:
    """The contest reward frame by frame, begun anew in every act that a movie passes through.

    Attributes:
        passed, died: in any of its acts.
    """

    def __init__(self, start: Mapping[str, int]) -> None:
        self.passed = False
        self.died = False
        self._begin(start)

    def _begin(self, variables: Mapping[str, int]) -> None:
        self._act = act_of(variables["zone"], variables["act_number"])
        self._tracker: ActTracker | None = None
        if self._act is not None and variables["x"] < self._act.end_x:  # else there is no way left to score
            self._tracker = ActTracker.begin(self._act, variables)
            self._score = ContestScore(self._tracker)

    def pay(self, variables: Mapping[str, int]) -> float:
        """The reward of the frame after which RAM holds these variables; 0 outside the 18 acts and after the end."""
        if act_of(variables["zone"], variables["act_number"]) is not self._act:
            self._begin(variables)
        tracker = self._tracker
        if tracker is None:
            return 0.0
        if variables["game_mode"] != MODE_IN_PLAY:
            tracker.frame += 1  # the contest's clock runs on behind a title card
            return 0.0
        tracker.update(variables)
        self.passed = self.passed or tracker.passed
        self.died = self.died or tracker.died
        return self._score.pay()

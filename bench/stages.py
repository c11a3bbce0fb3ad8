"""Our stages that do not learn: the converter with its floor, and the evaluation."""

import itertools
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.common import EVALUATION_FRAMES, FRAME_SKIP, MOVIES, Measure, Timed
from dataset.convert import Task, convert_movie
from game.acts import ACT_NAMES
from game.emulator import shared_emulator
from game.env import EnvConfig
from game.games import find_game
from game.movie import read_movie, replay
from game.observation import ObservationSpec
from game.tasks import Outcome, run_tasks
from policy.architecture import NetworkConfig, parameter_shapes
from policy.checkpoint import CheckpointInfo, named, save_checkpoint
from policy.episodes import EpisodeTask, play_all

MOVIE_COUNT = 12


def some_movies() -> list[Path]:
    """A dozen of the shipped movies, of different acts."""
    movies = sorted(MOVIES.rglob("*.bk2"))
    every = max(len(movies) // MOVIE_COUNT, 1)
    return movies[::every][:MOVIE_COUNT]


def replay_bare(path: Path) -> int:
    """Replay one movie in a worker and look at nothing; returns its frames."""
    frames = 0
    for _ in replay(shared_emulator(find_game("quillrush")), read_movie(path)):
        frames += 1
    return frames


def convert_one(path: Path) -> int:
    """Convert one movie in a worker; returns its frames."""
    output = Path("converted") / f"{path.stem}.hdf5"
    convert_movie(Task(path, output, game="quillrush", observation=ObservationSpec()))
    return read_movie(path).frames


def _all_cores(function: Callable[[Path], int]) -> Timed:
    """Frames with one worker per core, from the first result on: starting processes is not counted."""
    outcomes = iter(run_tasks(function, some_movies()))
    _frames_of(next(outcomes))
    began = time.perf_counter()
    frames = sum(_frames_of(outcome) for outcome in outcomes)
    return Timed(frames, time.perf_counter() - began)


def _frames_of(outcome: Outcome) -> int:
    if outcome.error:
        raise RuntimeError(outcome.error)
    return outcome.result


def bare_replay() -> Measure:
    """The converter's floor: frames/s of the bare core with all cores."""
    return lambda: _all_cores(replay_bare)


def converter() -> Measure:
    """Frames/s converted with all cores."""
    return lambda: _all_cores(convert_one)


def evaluation() -> Measure:
    """Agent steps/s of scoring 18 acts, one episode each, starting the processes included."""
    player = str(_random_checkpoint())
    env = EnvConfig(max_frames=EVALUATION_FRAMES)
    seeds = itertools.count()

    def measure() -> Timed:
        seed = next(seeds)
        tasks = [EpisodeTask(player, act, seed, env) for act in ACT_NAMES]
        began = time.perf_counter()
        episodes = play_all(tasks)
        frames = sum(episode.frames for episode in episodes)
        return Timed(frames / FRAME_SKIP, time.perf_counter() - began)

    return measure


def _random_checkpoint() -> Path:
    spec = ObservationSpec()
    network = NetworkConfig()
    rng = np.random.default_rng(0)
    weights = [rng.normal(0.0, 0.02, shape).astype(np.float32) for shape in parameter_shapes(network, spec)]
    info = CheckpointInfo(
        game="quillrush", frame_skip=FRAME_SKIP, observation=spec, network=network, step=0, metrics={}
    )
    return save_checkpoint(Path("checkpoint"), info, arrays=named("w", weights))

"""Whole episodes in worker processes: any player, any act, many seeds; for spin-dash check, schedule and scoring alike."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gymnasium
import numpy as np

from game.env import ActEnv, EnvConfig, make_env
from game.movie import Movie, write_movie
from game.rollout import Episode, Player, play, summarise
from game.workers import Outcome, run_tasks
from policy.baselines import CONTROLS
from policy.players import NetworkPlayer


@dataclass(frozen=True)
class EpisodeTask:
    """One episode to play.

    Attributes:
        player: a control's name or a checkpoint folder.
        movie: where to write what was pressed, as a bk2; None for nowhere.
    """

    player: str
    act: str
    seed: int
    env: EnvConfig
    temperature: float = 1.0
    movie: Path | None = None


def make_player(name: str, temperature: float = 1.0) -> Player:
    """A control by name, or the network of a checkpoint folder. ValueError or CheckpointError otherwise."""
    if name in CONTROLS:
        return CONTROLS[name]()
    if not Path(name).is_dir():
        raise ValueError(f"Expected a checkpoint folder or one of {', '.join(CONTROLS)}. Received: {name!r}")
    return NetworkPlayer.load(Path(name), temperature)


_env: tuple[EnvConfig, gymnasium.Env] | None = None
_player: tuple[tuple[str, float], Player] | None = None


def play_task(task: EpisodeTask) -> Episode:
    """Play one episode in this process; the environment and the player are kept for the next."""
    global _env, _player
    if _env is None or _env[0] != task.env:
        if _env is not None:
            _env[1].close()
        _env = (task.env, make_env(task.env))
    if _player is None or _player[0] != (task.player, task.temperature):
        _player = ((task.player, task.temperature), make_player(task.player, task.temperature))
    env, player = _env[1], _player[1]
    episode = summarise(play(env, player, task.act, task.seed), task.act, task.seed)
    if task.movie is not None:
        write_movie(task.movie, movie_of(env))
    return episode


def movie_of(env: gymnasium.Env) -> Movie:
    """The episode an environment has just played, as a movie."""
    bare: ActEnv = env.unwrapped  # type: ignore[assignment]
    game = bare.emulator.game
    return Movie(game.retro_id, bare.start_state, np.array(bare.masks, np.uint16), {})


def play_episodes(tasks: list[EpisodeTask], workers: int = 0) -> Iterator[Outcome]:
    """Play tasks on all cores; yields Outcome(task, Episode) as they end."""
    return run_tasks(play_task, tasks, workers)


def play_all(tasks: list[EpisodeTask], workers: int = 0) -> list[Episode]:
    """The episodes of all tasks, in the tasks' order. RuntimeError when one could not be played."""
    found = {}
    for outcome in play_episodes(tasks, workers):
        if outcome.error:
            raise RuntimeError(f"{outcome.task.player} on {outcome.task.act}: {outcome.error}")
        found[outcome.task] = outcome.result
    return [found[task] for task in tasks]


def mean_progress(episodes: list[Episode]) -> float:
    return float(np.mean([episode.progress for episode in episodes]))

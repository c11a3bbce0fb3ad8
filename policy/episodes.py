"""Whole episodes in worker processes: any player, any act, many seeds; for checking, choosing and scoring players."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import gymnasium
import numpy as np

from game.crew import Crew
from game.env import ActEnv, EnvConfig, make_env
from game.movie import Movie, write_movie
from game.rollout import Episode, Player, play, summarise
from game.tasks import Outcome, run_tasks
from policy import players
from policy.baselines import BASELINES


@dataclass(frozen=True)
class EpisodeTask:
    """One episode to play.

    Attributes:
        player: a baseline's name or a checkpoint folder.
        movie: where to write what was pressed, as a bk2; None for nowhere.
    """

    player: str
    act: str
    seed: int
    env: EnvConfig
    temperature: float = 1.0
    movie: Path | None = None


def make_player(name: str, temperature: float = 1.0) -> Player:
    """A baseline by name, or a checkpoint folder's player. ValueError or CheckpointError otherwise."""
    if name in BASELINES:
        return BASELINES[name]()
    if not Path(name).is_dir():
        raise ValueError(f"Expected a checkpoint folder or one of {', '.join(BASELINES)}. Received: {name!r}")
    return players.load(Path(name), temperature)


class EpisodeWorker:
    """What this process plays with, kept from one episode to the next: an environment and a player."""

    def __init__(self) -> None:
        self._env: gymnasium.Env | None = None
        self._env_config: EnvConfig | None = None
        self._player: Player | None = None
        self._player_key: tuple[str, float] | None = None

    def env(self, config: EnvConfig) -> gymnasium.Env:
        """The environment of this config."""
        if self._env is None or self._env_config != config:
            if self._env is not None:
                self._env.close()
            self._env = make_env(config)
            self._env_config = config
        return self._env

    def player(self, name: str, temperature: float) -> Player:
        """The player of this name."""
        if self._player is None or self._player_key != (name, temperature):
            self._player = make_player(name, temperature)
            self._player_key = (name, temperature)
        return self._player


_worker = EpisodeWorker()


def play_task(task: EpisodeTask) -> Episode:
    """Play one episode in this process; the environment and the player are kept for the next."""
    env = _worker.env(task.env)
    player = _worker.player(task.player, task.temperature)
    episode = summarise(play(env, player, task.act, task.seed), task.act, task.seed)
    if task.movie is not None:
        write_movie(task.movie, movie_of(env))
    return episode


def movie_of(env: gymnasium.Env) -> Movie:
    """The episode an environment has just played, as a movie."""
    bare: ActEnv = env.unwrapped  # type: ignore[assignment]
    game = bare.emulator.game
    return Movie(game.retro_id, bare.start_state, np.array(bare.masks, np.uint16), {})


def play_episodes(tasks: list[EpisodeTask], workers: int | Crew = 0) -> Iterator[Outcome]:
    """Play tasks on all cores; yields Outcome(task, Episode) as they end."""
    return run_tasks(play_task, tasks, workers)


def play_all(tasks: list[EpisodeTask], workers: int | Crew = 0) -> list[Episode]:
    """The episodes of all tasks, in the tasks' order. RuntimeError when one could not be played."""
    found = {}
    for outcome in play_episodes(tasks, workers):
        if outcome.error:
            raise RuntimeError(f"{outcome.task.player} on {outcome.task.act}: {outcome.error}")
        found[outcome.task] = outcome.result
    return [found[task] for task in tasks]


def mean_progress(episodes: list[Episode]) -> float:
    """The furthest points' mean, 0 to 1."""
    return float(np.mean([episode.progress for episode in episodes]))

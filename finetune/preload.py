"""Experience from elsewhere, to fill a replay with before anything is learnt: demonstrations, any player's episodes, what
another run kept.

Demonstrations go through the environment of training itself, whose emulator is in the hands of the movie: observations, rewards
and endings are those a player would have got who pressed the same.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dataset.choosing import choose_movies, find_movies
from dataset.selection import Selection
from dataset.windows import window_labels
from finetune.replay import Replay
from finetune.steps import Steps, steps_of_episode
from game.acts import act_of
from game.crew import Crew
from game.emulator import Emulator, shared_emulator
from game.env import EnvConfig, make_env
from game.games import find_game
from game.movie import Movie, read_movie
from game.observation import ObservationSpec
from game.rollout import Step, play
from game.seeds import Stream, stream, training_seed
from game.tasks import Outcome, run_tasks
from policy.checkpoint import CheckpointError, load_replay
from policy.episodes import EpisodeWorker


def fill(replay: Replay, episodes: Iterable[Steps], most: int) -> int:
    """Put at most so many steps into a replay, each episode into the lane that holds least; returns how many those were."""
    count = 0
    for steps in episodes:
        chosen = steps[: most - count].closed()
        replay.append(replay.shortest_lane, chosen, now=0)
        count += len(chosen)
        if count >= most:
            break
    return count


@dataclass(frozen=True)
class MovieTask:
    """A movie to be turned into steps."""

    movie: Path
    env: EnvConfig


def from_movies(
    places: Sequence[str], select: Selection, env: EnvConfig, most: int, seed: int, workers: int | Crew
) -> Iterator[Steps]:
    """Demonstrations, drawn by the seed, at least as many as hold so many steps where there are so many.

    Args:
        places: files or folders; none for all of the game's. select: which of them are meant.

    Raises:
        DatasetError: there are none; RuntimeError: one cannot be replayed.
    """
    found = find_movies(tuple(places) or (f"movies/{env.game}",))
    movies = choose_movies(found, select)
    order = stream(Stream.PRELOAD, seed).permutation(len(movies))
    tasks = []
    steps = 0
    for place in order:
        if steps < most:
            tasks.append(MovieTask(movies[place], env))
            frames = min(read_movie(movies[place]).frames - 1, env.max_frames)
            steps += frames // env.frame_skip
    return _in_order(run_tasks(steps_of_movie, tasks, workers), tasks)


def steps_of_movie(task: MovieTask) -> Steps:
    """Replay a movie in this process, up to its end or that of the episode; RuntimeError where it plays no act."""
    movie = read_movie(task.movie)
    emulator = shared_emulator(find_game(task.env.game))
    pad = MoviePad(emulator, movie)
    env = make_env(task.env, pad)
    emulator.set_state(movie.state)
    variables = emulator.variables()
    act = act_of(variables["zone"], variables["act_number"])
    if act is None:
        raise RuntimeError(f"{task.movie} begins in none of the acts")
    # a drill begins inside the act, and its progress is still that of the whole
    emulator.set_state(emulator.game.start_state(act))
    emulator.step(0)
    options = {"act": act.name, "state": movie.state, "start_x": emulator.variables()["x"]}
    # the first frame belongs to the reset
    labels = window_labels(movie.masks[1:], 0, task.env.frame_skip)
    return steps_of_episode(_replayed(env, options, labels))


def _replayed(env: Any, options: dict[str, Any], labels: np.ndarray) -> Iterator[Step]:
    """The steps of the movie that is in the environment's emulator, each with its label for an action."""
    observation, _ = env.reset(seed=0, options=options)
    for label in labels.tolist():
        following, reward, terminated, truncated, info = env.step(label)
        yield Step(observation, label, float(reward), terminated, truncated, info)
        observation = following
        if terminated or truncated:
            return


class MoviePad(Emulator):
    """An emulator whose pad is in the hands of a movie: whatever is to be pressed, the movie's next mask is."""

    def __init__(self, emulator: Emulator, movie: Movie) -> None:
        self.game = emulator.game
        self._emulator = emulator
        self._masks = movie.masks
        self._next = 0

    def step(self, mask: int) -> None:
        self._emulator.step(int(self._masks[self._next]))
        self._next += 1

    def set_state(self, state: bytes) -> None:
        self._emulator.set_state(state)

    def screen(self) -> np.ndarray:
        return self._emulator.screen()

    def variables(self) -> dict[str, int]:
        return self._emulator.variables()

    def close(self) -> None:
        pass


@dataclass(frozen=True)
class PlayTask:
    """An episode to be played."""

    player: str
    act: str
    seed: int
    env: EnvConfig


def from_player(
    player: str, acts: Sequence[str], env: EnvConfig, most: int, seed: int, workers: int | Crew
) -> Iterator[Steps]:
    """Episodes of a baseline or a checkpoint folder, act after act, without end; at least as long as they are wanted.

    RuntimeError when one cannot be played.
    """
    rng = stream(Stream.PRELOAD, seed)
    steps = 0
    while steps < most:
        tasks = [PlayTask(player, act, training_seed(rng), env) for act in acts]
        for episode in _in_order(run_tasks(steps_of_play, tasks, workers), tasks):
            yield episode
            steps += len(episode)


_worker = EpisodeWorker()


def steps_of_play(task: PlayTask) -> Steps:
    """Play an episode in this process; environment and player are kept for the next."""
    player = _worker.player(task.player, temperature=1.0)
    return steps_of_episode(play(_worker.env(task.env), player, task.act, task.seed))


def from_replay(checkpoint: Path, spec: ObservationSpec) -> Iterator[Steps]:
    """What another run kept, lane by lane. CheckpointError when it kept nothing, or what was seen otherwise."""
    state = load_replay(checkpoint)
    try:
        lanes, rows = state["combos"].shape
        # how it was sampled does not matter here
        kept = Replay(lanes * rows, lanes, spec, range(23), n_step=1, gamma=1.0, alpha=0.0, epsilon=0.0)
        kept.set_state(state)
    except (KeyError, ValueError) as error:
        raise CheckpointError(f"{checkpoint}: the replay does not fit: {error}") from error
    for lane in range(lanes):
        yield kept.lane(lane)


def _in_order(outcomes: Iterator[Outcome], tasks: Sequence[Any]) -> Iterator[Steps]:
    """The results in the order of the tasks, whoever was ready first. RuntimeError where there is none."""
    early: dict[Any, Steps] = {}
    with closing(outcomes):  # type: ignore[type-var]
        for task in tasks:
            while task not in early:
                outcome = next(outcomes)
                if outcome.error:
                    raise RuntimeError(f"cannot preload: {outcome.error}")
                early[outcome.task] = outcome.result
            yield early.pop(task)

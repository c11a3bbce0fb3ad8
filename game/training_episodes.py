"""Training episodes of one environment, one after the other: where they begin, which seed, and how each stands.

An episode begins at its act's start or inside the act, at a moment of a demonstration. A running one is known by how it
began and what was pressed since: everything is deterministic, so playing that again restores it exactly, in another process
and on another machine. What a player remembers of it is kept beside that, because it was made by weights that have changed.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from game.demonstrations import Keyframes, keyframes_of
from game.env import ActEnv
from game.movie import MovieError
from game.rollout import Episode, EpisodeSummary, Step
from game.seeds import Stream, stream, training_seed


@dataclass(frozen=True)
class Starts:
    """What new episodes are drawn from.

    A *cell* is one of equally long stretches of an act's way, numbered from 0. An episode of cell 0 begins at the act's start;
    one of a later cell, at a moment of a demonstration whose furthest progress lies in that stretch.

    Attributes:
        acts: names.
        weights: [acts][cells], how likely each is, relatively. One cell an act: always its start.
    """

    acts: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]

    @classmethod
    def of_acts(cls, acts: tuple[str, ...], weights: tuple[float, ...] | None = None) -> "Starts":
        """Only from the acts' starts; all alike by default."""
        chosen = weights or (1.0,) * len(acts)
        return cls(tuple(acts), tuple((weight,) for weight in chosen))

    def only(self, act: str) -> "Starts":
        """The same in one act alone."""
        return Starts((act,), (self.weights[self.acts.index(act)],))

    def draw(self, rng: np.random.Generator) -> tuple[str, int, int]:
        """(act, cell, cells of an act)."""
        weights = np.asarray(self.weights)
        place = rng.choice(weights.size, p=weights.ravel() / weights.sum())
        act, cell = divmod(int(place), weights.shape[1])
        return self.acts[act], cell, weights.shape[1]


@dataclass(frozen=True)
class Order:
    """What a worker is asked to play: one rollout of each of its environments."""

    rollout: int
    """Its number in the run; with the seed it decides every action drawn."""
    starts: Starts


@dataclass(frozen=True)
class Demonstrations:
    """Where episodes may begin inside an act.

    Attributes:
        movies: act -> files of whole takes.
        cache: folder of their keyframes.
    """

    movies: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cache: str = ""


@dataclass(frozen=True)
class EpisodeStart:
    """How an episode of training began; with its actions, all there is to know about it."""

    number: int
    """Episodes this environment began before."""
    act: str
    seed: int
    movie: str = ""
    """The demonstration inside which it began, "" at the act's start, ..."""
    frame: int = 0
    """... and behind which of its frames."""


EpisodeState = dict[str, Any]
"""A running episode as JSON values: how it began (the fields of EpisodeStart), every combo pressed since, and what the player
remembers of it."""


class EpisodeStream:
    """One environment that plays episode after episode; the starts are drawn from (seed, index, episode number).

    Attributes:
        memory: what its player remembers of the running episode, float32 [memory_size]; zeros where one begins.
    """

    def __init__(
        self,
        env: gymnasium.Env,
        index: int,
        seed: int,
        look_back: int = 0,
        demonstrations: Demonstrations | None = None,
        memory_size: int = 0,
    ) -> None:
        """`look_back`: frames that a stack of the environment's observations looks back."""
        self.env = env
        self.index = index
        self.start: EpisodeStart | None = None
        self.actions: list[int] = []
        self.observation = np.zeros(0)
        self.memory = np.zeros(memory_size, np.float32)
        self._bare: ActEnv = env.unwrapped  # type: ignore[assignment]
        self._seed = seed
        self._look_back = look_back
        self._demonstrations = demonstrations or Demonstrations()
        self._unusable: set[str] = set()
        self._frozen = b""
        self._summary = EpisodeSummary("", 0)

    def begin(self, order: Order) -> None:
        """Begin the next episode, at a start drawn by weight."""
        number = self.start.number + 1 if self.start else 0
        rng = stream(Stream.EPISODE, self._seed, self.index, number)
        act, cell, cells = order.starts.draw(rng)
        seed = training_seed(rng)
        movies = self._demonstrations.movies.get(act, ())
        if cell == 0 or not movies:
            self._begin(EpisodeStart(number, act, seed))
            return
        movie = movies[rng.integers(len(movies))]
        frames = self._frames(movie, act, cell / cells, (cell + 1) / cells)
        if len(frames) == 0:  # the demonstration flew through the stretch
            self._begin(EpisodeStart(number, act, seed))
        else:
            self._begin(EpisodeStart(number, act, seed, movie, int(rng.choice(frames))))

    def _frames(self, movie: str, act: str, least: float, most: float) -> np.ndarray:
        """The frames of a movie behind which an episode may begin; none, and a word about it, of one that cannot be used."""
        if movie in self._unusable:
            return np.zeros(0, np.int64)
        try:
            return self._keyframes(movie, act).frames_between(least, most)
        except MovieError as error:
            print(f"no episode begins along it: {error}", flush=True)
            self._unusable.add(movie)
            return np.zeros(0, np.int64)

    def _keyframes(self, movie: str, act: str) -> Keyframes:
        return keyframes_of(Path(movie), act, Path(self._demonstrations.cache), self._bare.emulator)

    def _begin(self, start: EpisodeStart) -> None:
        self.start = start
        self.actions = []
        self.memory = np.zeros_like(self.memory)
        options: dict[str, Any] = {"act": start.act}
        if start.movie:
            options = self._keyframes(start.movie, start.act).start(start.frame, self._look_back)
        self.observation, info = self.env.reset(seed=start.seed, options=options)
        self._summary = EpisodeSummary(start.act, start.seed, began_at=info["furthest"])

    def step(self, action: int) -> Step:
        """One step of the current episode; the next observation lies in `observation`."""
        observation = self.observation
        self.observation, reward, terminated, truncated, info = self.env.step(action)
        step = Step(
            observation=observation,
            action=action,
            reward=float(reward),
            terminated=terminated,
            truncated=truncated,
            info=info,
        )
        self.actions.append(int(action))
        self._summary.add(step)
        return step

    def episode(self) -> Episode:
        """The summary of the episode so far."""
        return self._summary.episode()

    def suspend(self) -> None:
        """Leave the emulator to another environment."""
        self._frozen = self._bare.emulator.get_state()

    def resume(self) -> None:
        """Take the emulator back where `suspend` left it."""
        self._bare.emulator.set_state(self._frozen)

    def get_state(self) -> EpisodeState:
        """How the episode began, what was pressed, and what is remembered (nothing: no such field)."""
        start = asdict(self.start) if self.start else None
        state: EpisodeState = {"start": start, "actions": list(self.actions)}
        if self.memory.size:
            state["memory"] = self.memory.tolist()  # JSON gives every float32 back as it was
        return state

    def set_state(self, state: EpisodeState) -> None:
        """Play a saved episode again up to where it stood; everything is deterministic, so this restores it exactly."""
        self._begin(EpisodeStart(**state["start"]))
        for action in state["actions"]:
            self.step(action)
        if self.memory.size:
            self.memory = np.array(state["memory"], np.float32)
        self.suspend()

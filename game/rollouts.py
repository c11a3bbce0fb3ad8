"""Rollouts by worker processes: each plays whole rollouts with its own copy of the policy and hands trajectories back.

Nobody waits for anybody step by step, and a worker may as well live on another machine (game.crew). A worker's environments
share its one emulator: they swap savestates between rollouts. With more than one buffer, workers play on while their last
rollout is learnt from.

Shapes: E environments, T steps per rollout.
"""

import contextlib
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from game.crew import AnyWorker, Crew
from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.exchange import WEIGHTS, SharedEnd, WireEnd
from game.games import find_game
from game.rollout import Episode
from game.seeds import Stream, stream
from game.training_episodes import Demonstrations, EpisodeState, EpisodeStream, Order, Starts
from game.workers import WorkerDied

MAX_DEATHS = 3
"""A worker that dies so often in one rollout stops the run."""

ANSWER_SECONDS = 600.0
"""A worker that has not played its rollout by then hangs, and is replaced."""


class Actor(Protocol):
    """A policy that acts inside a worker. Picklable; no TensorFlow.

    Attributes:
        memory: what it remembers of the running episode, float32 [memory_size]; zeros where one begins. Set from outside when
            another episode is played; `decide` moves it on by a step.
    """

    memory: np.ndarray

    def load(self, weights: np.ndarray) -> None:
        """Take over flat weights, float32 [parameters]."""

    def begin(self, rng: np.random.Generator) -> None:
        """A rollout of one environment begins; all its chance comes from this generator."""

    def decide(self, observation: np.ndarray, rng: np.random.Generator) -> tuple[int, float, float]:
        """(combo, its log-probability, the state's value) for one observation."""

    def value(self, observation: np.ndarray) -> float:
        """The value of one observation; the memory stays as it is."""


@dataclass
class Trajectories:
    """One rollout of every environment. `bootstrap_values` is V of the observation after step T-1, `bootstrap_observations`;
    where an episode was truncated, `truncation_values` is V of its last observation. A rollout is P pieces of as many steps
    each; `memories` is what the actor remembered before each."""

    observations: np.ndarray  # uint8 [E, T, height, width, stack]
    actions: np.ndarray  # uint8 [E, T], combos
    log_probs: np.ndarray  # float32 [E, T]
    values: np.ndarray  # float32 [E, T]
    rewards: np.ndarray  # float32 [E, T]
    terminated: np.ndarray  # bool [E, T]
    truncated: np.ndarray  # bool [E, T]
    truncation_values: np.ndarray  # float32 [E, T]
    bootstrap_values: np.ndarray  # float32 [E]
    bootstrap_observations: np.ndarray  # uint8 [E, height, width, stack]
    memories: np.ndarray  # float32 [E, P, memory_size]


@dataclass(frozen=True)
class PoolLayout:
    """How large a pool's rollouts are, and which numbers decide them. Picklable."""

    env: EnvConfig
    num_envs: int
    steps: int
    """Steps per rollout."""
    seed: int
    parameters: int
    """Of the actor's weights."""
    demonstrations: Demonstrations = Demonstrations()
    """Where episodes may begin inside an act."""
    memory_size: int = 0
    """Numbers that the actor remembers within an episode."""
    piece: int = 0
    """Steps from one recorded memory to the next (0: one memory per rollout); divides `steps`."""

    def arrays(self) -> dict[str, tuple[tuple[int, ...], Any]]:
        """name -> (shape, dtype) of everything that workers and learner hand each other."""
        per_step = (self.num_envs, self.steps)
        pieces = self.steps // (self.piece or self.steps)
        return {
            "observations": ((*per_step, *self.env.observation.shape), np.uint8),
            "actions": (per_step, np.uint8),
            "log_probs": (per_step, np.float32),
            "values": (per_step, np.float32),
            "rewards": (per_step, np.float32),
            "terminated": (per_step, np.bool_),
            "truncated": (per_step, np.bool_),
            "truncation_values": (per_step, np.float32),
            "bootstrap_values": ((self.num_envs,), np.float32),
            "bootstrap_observations": ((self.num_envs, *self.env.observation.shape), np.uint8),
            "memories": ((self.num_envs, pieces, self.memory_size), np.float32),
            WEIGHTS: ((self.parameters,), np.float32),
        }


class RolloutPool:
    """Worker processes that play rollouts of E environments with the weights they are given.

    With every rollout a worker also hands back how its episodes stand. One that dies, whenever that is, is replaced, and
    its episodes are played again up to there; so the numbers are those of a pool in which nobody died.

    Args:
        workers: how many workers, and where; a number: so many processes here, 0: one per core.
        buffers: how many rollouts there is memory for: those begun, and the one being learnt from.

    Attributes:
        trajectories: of the last rollout that was finished.
        seconds: that its slowest worker played.
        restarts: workers that were replaced.
    """

    def __init__(self, layout: PoolLayout, actor: Actor, workers: int | Crew = 0, buffers: int = 1) -> None:
        self._crew = Crew.of(workers)
        count = self._crew.size(layout.num_envs)
        self._shares = [list(range(layout.num_envs))[i::count] for i in range(count)]
        self.exchange = self._crew.exchange(layout.arrays(), buffers)
        self._next_buffer = 0
        self._begun: deque[tuple[int, Any, Order]] = deque()  # (buffer, where its weights are, order), the oldest first
        self._states: dict[int, EpisodeState] = {}  # by environment; none before the first rollout
        self.trajectories = self._trajectories(0)
        self.seconds = 0.0
        self.restarts = 0
        ends = self.exchange.ends
        self._workers = [
            self._crew.hire(_RolloutPlayer, layout, actor, ends, share, timeout=ANSWER_SECONDS)
            for share in self._shares
        ]

    def _trajectories(self, buffer: int) -> Trajectories:
        return _of_arrays(self.exchange.buffers[buffer])

    def collect(self, rollout: int, weights: np.ndarray, starts: Starts) -> tuple[Trajectories, list[Episode]]:
        """One rollout of every environment, from `begin` to `finish`.

        Returns:
            The trajectories (memory that the next call overwrites) and the episodes that ended.
        """
        self.begin(rollout, weights, starts)
        return self.finish()

    def begin(self, rollout: int, weights: np.ndarray, starts: Starts) -> None:
        """Let the workers play a rollout of every environment, after those begun before; waits for nobody.

        Args:
            rollout: its number in the run; with the seed it decides every random choice.
            weights: float32 [parameters], given to every actor.
            starts: what new episodes are drawn from.

        Raises:
            RuntimeError: there is no buffer left.
        """
        buffers = len(self.exchange.buffers)
        if len(self._begun) == buffers:
            raise RuntimeError(f"Expected finish() before begin(): all of {buffers} buffers are in use.")
        posted = self.exchange.post(self._next_buffer, weights)
        message = (self._next_buffer, posted, Order(rollout, starts))
        self._next_buffer = (self._next_buffer + 1) % buffers
        self._begun.append(message)
        for worker in self._workers:
            worker.try_send(("rollout", message))

    def finish(self) -> tuple[Trajectories, list[Episode]]:
        """Wait for the oldest rollout that was begun.

        Returns:
            The trajectories (memory that is overwritten once as many rollouts as there are buffers have begun after it) and
            the episodes that ended.

        Raises:
            RuntimeError: none was begun.
            WorkerDied: a process died again and again; WorkerError: code in it raised.
        """
        if not self._begun:
            raise RuntimeError("Expected begin() before finish().")
        buffer, _, _ = self._begun[0]
        played: dict[int, _Played] = {}  # by worker
        waiting = {worker: number for number, worker in enumerate(self._workers)}
        while waiting:
            for worker in self._crew.due(waiting):
                number = waiting.pop(worker)
                share = self._shares[number]
                played[number] = self._answer(worker, share)
                self.exchange.take(buffer, share, played[number].sent)
        by_environment: dict[int, tuple[list[Episode], EpisodeState]] = {}
        for number, answer in played.items():
            by_environment.update(zip(self._shares[number], answer.environments, strict=True))
        # only now: a worker that dies in between goes back to the rollout before
        self._states = {index: state for index, (_, state) in by_environment.items()}
        self._begun.popleft()
        self.trajectories = self._trajectories(buffer)
        self.seconds = max(answer.seconds for answer in played.values())
        # in order of environment: whoever keeps running means of them gets the same, whichever worker played which
        episodes = [episode for index in sorted(by_environment) for episode in by_environment[index][0]]
        return self.trajectories, episodes

    def _answer(self, worker: AnyWorker, share: list[int]) -> "_Played":
        """A worker's answer to the oldest order; when it died, that of a new one brought to where the old one stood."""
        deaths = 0
        while True:
            try:
                return worker.receive()
            except WorkerDied as death:
                deaths += not death.blameless
                if deaths == MAX_DEATHS:
                    raise WorkerDied(f"{death}, {MAX_DEATHS} times in one rollout") from death
                self.restarts += 1
                worker.start()
                self._try_restore(worker, share)
                for message in self._begun:
                    worker.try_send(("rollout", message))

    def _try_restore(self, worker: AnyWorker, share: list[int]) -> None:
        """Bring a new worker's episodes to where they stood; a death meanwhile shows at the next `receive`."""
        if self._states:
            with contextlib.suppress(WorkerDied):
                worker.send(("restore", [self._states[index] for index in share]))
                worker.receive()

    def get_state(self) -> list[EpisodeState]:
        """All running episodes after the last rollout that was finished, in order of environment.

        Asks no worker, so none needs to be alive.
        """
        return [self._states[index] for index in sorted(self._states)]

    def set_state(self, states: list[EpisodeState]) -> None:
        """Bring all episodes back to where `get_state` saw them (they are played again; it takes a while).

        Rollouts that are begun are given up.
        """
        while self._begun:
            self.finish()
        self._states = dict(enumerate(states))
        for worker, share in zip(self._workers, self._shares, strict=True):
            if self._states:
                worker.try_send(("restore", [self._states[index] for index in share]))
        for worker, share in zip(self._workers, self._shares, strict=True):
            if self._states:
                self._await_restored(worker, share)

    def _await_restored(self, worker: AnyWorker, share: list[int]) -> None:
        try:
            worker.receive()
        except WorkerDied:
            self.restarts += 1
            worker.start()
            worker.send(("restore", [self._states[index] for index in share]))
            worker.receive()

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()


def _of_arrays(arrays: Mapping[str, np.ndarray]) -> Trajectories:
    """Of the arrays that a layout names."""
    return Trajectories(**{name: array for name, array in arrays.items() if name != WEIGHTS})


@dataclass(frozen=True)
class _Played:
    """A worker's answer: for each of its environments the episodes that ended and how its episode stands; the seconds it
    took; and what its end of the exchange sends."""

    environments: list[tuple[list[Episode], EpisodeState]]
    seconds: float
    sent: Any


class _RolloutPlayer:
    """What a worker does: answers ("rollout", (buffer, where its weights are, Order)) and ("restore", states) for its
    environments."""

    def __init__(
        self, layout: PoolLayout, actor: Actor, ends: Sequence[SharedEnd] | Sequence[WireEnd], share: list[int]
    ) -> None:
        self._seed = layout.seed
        self._actor = actor
        self._ends = ends
        self._share = share
        emulator = Emulator(find_game(layout.env.game))
        look_back = layout.env.frame_skip * (layout.env.observation.stack - 1)
        self._streams = []
        for index in share:
            env = make_env(layout.env, emulator)
            self._streams.append(
                EpisodeStream(env, index, layout.seed, look_back, layout.demonstrations, layout.memory_size)
            )

    def __call__(self, message: tuple[str, Any]) -> _Played | None:
        command, argument = message
        if command == "rollout":
            return self._play(*argument)
        for episodes, state in zip(self._streams, argument, strict=True):
            episodes.set_state(state)
        return None

    def _play(self, buffer: int, posted: Any, order: Order) -> _Played:
        began = time.monotonic()
        end = self._ends[buffer]
        arrays = end.open(posted)
        self._actor.load(arrays[WEIGHTS])
        trajectories = _of_arrays(arrays)
        environments = []
        for episodes in self._streams:
            ended = _play_rollout(episodes, self._actor, trajectories, order, self._seed)
            environments.append((ended, episodes.get_state()))
        return _Played(environments, time.monotonic() - began, end.send(arrays, self._share))


def _play_rollout(
    episodes: EpisodeStream, actor: Actor, arrays: Trajectories, order: Order, seed: int
) -> list[Episode]:
    """T steps of one environment into shared memory; returns the episodes that ended on the way."""
    e = episodes.index
    rng = stream(Stream.ROLLOUT, seed, e, order.rollout)
    steps = arrays.actions.shape[1]
    piece = steps // arrays.memories.shape[1]
    ended = []
    actor.begin(rng)
    if episodes.start is None:
        episodes.begin(order)
    else:
        episodes.resume()
    actor.memory = episodes.memory
    for t in range(steps):
        if t % piece == 0:
            arrays.memories[e, t // piece] = actor.memory
        arrays.observations[e, t] = episodes.observation
        combo, log_prob, value = actor.decide(episodes.observation, rng)
        step = episodes.step(combo)
        arrays.actions[e, t] = combo
        arrays.log_probs[e, t] = log_prob
        arrays.values[e, t] = value
        arrays.rewards[e, t] = step.reward
        arrays.terminated[e, t] = step.terminated
        arrays.truncated[e, t] = step.truncated
        arrays.truncation_values[e, t] = actor.value(episodes.observation) if step.truncated else 0.0
        if step.terminated or step.truncated:
            ended.append(episodes.episode())
            episodes.begin(order)
            actor.memory = episodes.memory
    arrays.bootstrap_values[e] = actor.value(episodes.observation)
    arrays.bootstrap_observations[e] = episodes.observation
    episodes.memory = actor.memory
    episodes.suspend()
    return ended

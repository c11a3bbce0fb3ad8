"""Rollouts by worker processes: each plays whole rollouts with its own copy of the policy and hands trajectories back.

Nobody waits for anybody step by step, and a worker may as well live on another machine. A worker's environments share its
one emulator: they swap savestates between rollouts. With more than one buffer, workers play on while their last rollout is
learnt from.

Shapes: E environments, T steps per rollout.
"""

import contextlib
import time
from collections import deque
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, Protocol

import numpy as np

from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.games import find_game
from game.rollout import Episode
from game.seeds import Stream, stream
from game.training_episodes import Demonstrations, EpisodeState, EpisodeStream, Order, Starts
from game.workers import Worker, WorkerDied, core_count, shared_array, shared_view

MAX_DEATHS = 3
"""A worker that dies so often in one rollout stops the run."""

ANSWER_SECONDS = 600.0
"""A worker that has not played its rollout by then hangs, and is replaced."""


class Actor(Protocol):
    """A policy that acts inside a worker. Picklable; no TensorFlow."""

    def load(self, weights: np.ndarray) -> None:
        """Take over flat weights, float32 [parameters]."""

    def begin(self, rng: np.random.Generator) -> None:
        """A rollout of one environment begins; all its chance comes from this generator."""

    def decide(self, observation: np.ndarray, rng: np.random.Generator) -> tuple[int, float, float]:
        """(combo, its log-probability, the state's value) for one observation."""

    def value(self, observation: np.ndarray) -> float:
        """The value of one observation."""


@dataclass
class Trajectories:
    """One rollout of every environment. `bootstrap_values` is V of the observation after step T-1, `bootstrap_observations`;
    where an episode was truncated, `truncation_values` is V of its last observation."""

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


@dataclass(frozen=True)
class _Buffer:
    """The shared memory of one rollout: the weights it is played with, and what comes of it."""

    weights: np.ndarray
    trajectories: Trajectories

    @classmethod
    def of(cls, arrays: dict[str, np.ndarray]) -> "_Buffer":
        """Of the arrays that a layout names."""
        trajectories = {name: array for name, array in arrays.items() if name != "weights"}
        return cls(arrays["weights"], Trajectories(**trajectories))


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

    def arrays(self) -> dict[str, tuple[tuple[int, ...], Any]]:
        """name -> (shape, dtype) of everything in shared memory."""
        per_step = (self.num_envs, self.steps)
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
            "weights": ((self.parameters,), np.float32),
        }


class RolloutPool:
    """Worker processes that play rollouts of E environments with the weights they are given.

    With every rollout a worker also hands back how its episodes stand. One that dies, whenever that is, is replaced, and
    its episodes are played again up to there; so the numbers are those of a pool in which nobody died.

    Args:
        buffers: how many rollouts there is memory for: those begun, and the one being learnt from.

    Attributes:
        trajectories: of the last rollout that was finished.
        seconds: that its slowest worker played.
        restarts: workers that were replaced.
    """

    def __init__(self, layout: PoolLayout, actor: Actor, workers: int = 0, buffers: int = 1) -> None:
        count = min(workers or core_count(), layout.num_envs)
        self._shares = [list(range(layout.num_envs))[i::count] for i in range(count)]
        self._buffers = []
        handles: list[dict[str, Any]] = []  # of each buffer
        for _ in range(buffers):
            shared = {name: shared_array(shape, dtype) for name, (shape, dtype) in layout.arrays().items()}
            handles.append({name: handle for name, (handle, _) in shared.items()})
            self._buffers.append(_Buffer.of({name: array for name, (_, array) in shared.items()}))
        self._next_buffer = 0
        self._begun: deque[tuple[int, Order]] = deque()  # (buffer, order), the oldest first
        self._states: dict[int, EpisodeState] = {}  # by environment; none before the first rollout
        self.trajectories = self._buffers[0].trajectories
        self.seconds = 0.0
        self.restarts = 0
        self._workers = [
            Worker(_serve_rollouts, layout, actor, handles, share, timeout=ANSWER_SECONDS) for share in self._shares
        ]

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
        if len(self._begun) == len(self._buffers):
            raise RuntimeError(f"Expected finish() before begin(): all of {len(self._buffers)} buffers are in use.")
        self._buffers[self._next_buffer].weights[:] = weights
        message = (self._next_buffer, Order(rollout, starts))
        self._next_buffer = (self._next_buffer + 1) % len(self._buffers)
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
        episodes: list[Episode] = []
        states: dict[int, EpisodeState] = {}
        played = []
        for worker, share in zip(self._workers, self._shares, strict=True):
            ended, standing, seconds = self._answer(worker, share)
            episodes += ended
            states.update(zip(share, standing, strict=True))
            played.append(seconds)
        # only now: a worker that dies in between goes back to the rollout before
        self._states = states
        buffer, _ = self._begun.popleft()
        self.trajectories = self._buffers[buffer].trajectories
        self.seconds = max(played)
        return self.trajectories, episodes

    def _answer(self, worker: Worker, share: list[int]) -> tuple[list[Episode], list[EpisodeState], float]:
        """A worker's answer to the oldest order; when it died, that of a new one brought to where the old one stood."""
        deaths = 0
        while True:
            try:
                return worker.receive()
            except WorkerDied as death:
                deaths += 1
                if deaths == MAX_DEATHS:
                    raise WorkerDied(f"{death}, {MAX_DEATHS} times in one rollout") from death
                self.restarts += 1
                worker.start()
                self._try_restore(worker, share)
                for message in self._begun:
                    worker.try_send(("rollout", message))

    def _try_restore(self, worker: Worker, share: list[int]) -> None:
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

    def _await_restored(self, worker: Worker, share: list[int]) -> None:
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


def _serve_rollouts(
    connection: Connection, layout: PoolLayout, actor: Actor, handles: list[dict[str, Any]], share: list[int]
) -> None:
    """A worker's life: answer ("rollout", (buffer, Order)) and ("restore", states) for its environments."""
    buffers = []
    for own in handles:
        buffers.append(_Buffer.of({name: shared_view(own[name], *of) for name, of in layout.arrays().items()}))
    emulator = Emulator(find_game(layout.env.game))
    look_back = layout.env.frame_skip * (layout.env.observation.stack - 1)
    streams = []
    for index in share:
        env = make_env(layout.env, emulator)
        streams.append(EpisodeStream(env, index, layout.seed, look_back, layout.demonstrations))
    while True:
        command, argument = connection.recv()
        if command == "restore":
            for episodes, state in zip(streams, argument, strict=True):
                episodes.set_state(state)
            connection.send(("done", None))
            continue
        number, order = argument
        began = time.monotonic()
        actor.load(buffers[number].weights)
        ended = []
        for episodes in streams:
            ended += _play_rollout(episodes, actor, buffers[number].trajectories, order, layout.seed)
        states = [episodes.get_state() for episodes in streams]
        connection.send(("done", (ended, states, time.monotonic() - began)))


def _play_rollout(
    episodes: EpisodeStream, actor: Actor, arrays: Trajectories, order: Order, seed: int
) -> list[Episode]:
    """T steps of one environment into shared memory; returns the episodes that ended on the way."""
    e = episodes.index
    rng = stream(Stream.ROLLOUT, seed, e, order.rollout)
    ended = []
    actor.begin(rng)
    if episodes.start is None:
        episodes.begin(order)
    else:
        episodes.resume()
    for t in range(arrays.actions.shape[1]):
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
    arrays.bootstrap_values[e] = actor.value(episodes.observation)
    arrays.bootstrap_observations[e] = episodes.observation
    episodes.suspend()
    return ended

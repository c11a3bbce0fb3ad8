"""Rollouts by worker processes: each plays whole rollouts with its own copy of the policy and hands trajectories back.

Nobody waits for anybody step by step, and a worker may as well live on another machine. A worker's environments share its
one emulator: they swap savestates between rollouts.

Shapes: E environments, T steps per rollout.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from typing import Any, Protocol

import gymnasium
import numpy as np

from game.emulator import Emulator
from game.env import ActEnv, EnvConfig, make_env
from game.games import find_game
from game.rollout import Episode, EpisodeSummary, Step
from game.seeds import Stream, stream
from game.workers import Worker, WorkerDied, core_count, shared_array, shared_view

MAX_DEATHS = 3
"""A worker that dies so often in one rollout stops the run."""


class Actor(Protocol):
    """A policy that acts inside a worker. Picklable; no TensorFlow."""

    def load(self, weights: np.ndarray) -> None:
        """Take over flat weights, float32 [parameters]."""

    def decide(self, observation: np.ndarray, rng: np.random.Generator) -> tuple[int, float, float]:
        """(combo, its log-probability, the state's value) for one observation."""

    def value(self, observation: np.ndarray) -> float:
        """The value of one observation."""


@dataclass
class Trajectories:
    """One rollout of every environment. `bootstrap_values` is V of the observation after step T-1; where an episode was
    truncated, `truncation_values` is V of its last observation."""

    observations: np.ndarray  # uint8 [E, T, height, width, stack]
    actions: np.ndarray  # uint8 [E, T], combos
    log_probs: np.ndarray  # float32 [E, T]
    values: np.ndarray  # float32 [E, T]
    rewards: np.ndarray  # float32 [E, T]
    terminated: np.ndarray  # bool [E, T]
    truncated: np.ndarray  # bool [E, T]
    truncation_values: np.ndarray  # float32 [E, T]
    bootstrap_values: np.ndarray  # float32 [E]


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
            "weights": ((self.parameters,), np.float32),
        }


@dataclass(frozen=True)
class Order:
    """What a worker is asked to play: one rollout of each of its environments."""

    rollout: int
    """Its number in the run; with the seed it decides every action drawn."""
    acts: tuple[str, ...]
    """What new episodes are drawn from, ..."""
    act_weights: tuple[float, ...]
    """... and how likely each is, relatively."""
    first_episode: int = 0
    """Number of an environment's first episode: beyond all others in a worker that replaces a dead one."""


@dataclass(frozen=True)
class EpisodeStart:
    """How an episode of training began; with its actions, all there is to know about it."""

    number: int
    """Episodes this environment began before."""
    act: str
    seed: int


class EpisodeStream:
    """One environment that plays episode after episode; the acts are drawn from (seed, index, episode number)."""

    def __init__(self, env: gymnasium.Env, index: int, seed: int) -> None:
        self.env = env
        self.index = index
        self.start: EpisodeStart | None = None
        self.actions: list[int] = []
        self.observation = np.zeros(0)
        self._bare: ActEnv = env.unwrapped  # type: ignore[assignment]
        self._seed = seed
        self._frozen = b""
        self._summary = EpisodeSummary("", 0)

    def begin(self, order: Order) -> None:
        """Begin the next episode, in an act drawn by weight."""
        number = self.start.number + 1 if self.start else order.first_episode
        rng = stream(Stream.EPISODE, self._seed, self.index, number)
        weights = np.asarray(order.act_weights)
        act = order.acts[rng.choice(len(order.acts), p=weights / weights.sum())]
        self._begin(EpisodeStart(number, act, seed=int(rng.integers(2**31))))

    def _begin(self, start: EpisodeStart) -> None:
        self.start = start
        self.actions = []
        self._summary = EpisodeSummary(start.act, start.seed)
        self.observation, _ = self.env.reset(seed=start.seed, options={"act": start.act})

    def step(self, action: int) -> Step:
        """One step of the current episode; the next observation lies in `observation`."""
        observation = self.observation
        self.observation, reward, terminated, truncated, info = self.env.step(action)
        step = Step(observation, action, float(reward), terminated, truncated, info)
        self.actions.append(action)
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

    def get_state(self) -> dict[str, Any]:
        """The episode as JSON: how it began and what was pressed."""
        start = asdict(self.start) if self.start else None
        return {"start": start, "actions": [int(action) for action in self.actions]}

    def set_state(self, state: dict[str, Any]) -> None:
        """Play a saved episode again up to where it stood; everything is deterministic, so this restores it exactly."""
        self._begin(EpisodeStart(**state["start"]))
        for action in state["actions"]:
            self.step(action)
        self.suspend()


class RolloutPool:
    """Worker processes that play rollouts of E environments with the weights they are given."""

    def __init__(self, layout: PoolLayout, actor: Actor, workers: int = 0) -> None:
        count = min(workers or core_count(), layout.num_envs)
        self._shares = [list(range(layout.num_envs))[i::count] for i in range(count)]
        handles = {}
        arrays = {}
        for name, (shape, dtype) in layout.arrays().items():
            handles[name], arrays[name] = shared_array(shape, dtype)
        self._weights = arrays.pop("weights")
        self.trajectories = Trajectories(**arrays)
        self.restarts = 0
        self._workers = [Worker(_serve_rollouts, layout, actor, handles, share) for share in self._shares]

    def collect(
        self, rollout: int, weights: np.ndarray, acts: Sequence[str], act_weights: Sequence[float]
    ) -> tuple[Trajectories, list[Episode]]:
        """One rollout of every environment.

        Args:
            rollout: its number in the run; with the seed it decides every random choice.
            weights: float32 [parameters], given to every actor.
            acts, act_weights: what new episodes are drawn from.

        Returns:
            The trajectories (memory that the next call overwrites) and the episodes that ended.

        Raises:
            WorkerDied: a process died again and again; WorkerError: code in it raised.
        """
        self._weights[:] = weights
        order = Order(rollout, tuple(acts), tuple(act_weights))
        for worker in self._workers:
            worker.try_send(("rollout", order))
        episodes: list[Episode] = []
        for worker in self._workers:
            episodes += self._answer(worker, order)
        return self.trajectories, episodes

    def _answer(self, worker: Worker, order: Order) -> list[Episode]:
        """A worker's answer; when it died, of a new one that begins new episodes in its place."""
        for _ in range(MAX_DEATHS):
            try:
                return worker.receive()
            except WorkerDied as error:
                death = error
                self.restarts += 1
                worker.start()
                first_episode = 1_000_000 * self.restarts
                replacement = Order(order.rollout, order.acts, order.act_weights, first_episode)
                worker.try_send(("rollout", replacement))
        raise WorkerDied(f"{death}, {MAX_DEATHS} times in one rollout") from death

    def get_state(self) -> list[dict[str, Any]]:
        """All running episodes as JSON values."""
        for worker in self._workers:
            worker.send(("states", None))
        by_index: dict[int, dict[str, Any]] = {}
        for worker, share in zip(self._workers, self._shares, strict=True):
            by_index.update(zip(share, worker.receive(), strict=True))
        return [by_index[index] for index in sorted(by_index)]

    def set_state(self, states: list[dict[str, Any]]) -> None:
        """Bring all episodes back to where `get_state` saw them (they are played again; it takes a while)."""
        for worker, share in zip(self._workers, self._shares, strict=True):
            worker.send(("restore", [states[i] for i in share]))
        for worker in self._workers:
            worker.receive()

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()


def _serve_rollouts(
    connection: Connection, layout: PoolLayout, actor: Actor, handles: dict[str, Any], share: list[int]
) -> None:
    """A worker's life: answer ("rollout", Order), ("states", None) and ("restore", states) for its environments."""
    arrays = {name: shared_view(handles[name], *of) for name, of in layout.arrays().items()}
    weights = arrays.pop("weights")
    trajectories = Trajectories(**arrays)
    emulator = Emulator(find_game(layout.env.game))
    streams = [EpisodeStream(make_env(layout.env, emulator), index, layout.seed) for index in share]
    while True:
        command, argument = connection.recv()
        answer: Any = None
        if command == "rollout":
            actor.load(weights)
            answer = []
            for stream_ in streams:
                answer += _play_rollout(stream_, actor, trajectories, argument, layout.seed)
        elif command == "states":
            answer = [stream_.get_state() for stream_ in streams]
        elif command == "restore":
            for stream_, state in zip(streams, argument, strict=True):
                stream_.set_state(state)
        connection.send(("done", answer))


def _play_rollout(
    episodes: EpisodeStream, actor: Actor, arrays: Trajectories, order: Order, seed: int
) -> list[Episode]:
    """T steps of one environment into shared memory; returns the episodes that ended on the way."""
    e = episodes.index
    rng = stream(Stream.ROLLOUT, seed, e, order.rollout)
    ended = []
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
    episodes.suspend()
    return ended

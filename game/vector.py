"""Many environments at once, one process each or several to a process, meeting in shared memory.

`VectorEnv` steps its environments together. `RolloutPool` is the faster way to train: each worker plays whole rollouts
with its own copy of the policy and hands trajectories back, so nobody waits for anybody step by step, and a worker may
as well live on another machine. A worker's environments share its one emulator: they swap savestates between rollouts.

Shapes: E environments, T steps a rollout.
"""

import contextlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from multiprocessing.connection import Connection
from typing import Any, Protocol

import gymnasium
import numpy as np

from game.emulator import Emulator
from game.env import ActEnv, EnvConfig, make_env
from game.games import find_game
from game.rollout import Episode, Step, summarise
from game.workers import SPAWN, Worker, WorkerDied, core_count

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


def shared_array(shape: tuple[int, ...], dtype: Any) -> tuple[Any, np.ndarray]:
    """Zeroed memory that spawned processes can share: (handle to pass on, array)."""
    handle = SPAWN.RawArray("b", int(np.prod(shape)) * np.dtype(dtype).itemsize)
    return handle, view(handle, shape, dtype)


def view(handle: Any, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    return np.frombuffer(handle, dtype=dtype).reshape(shape)


@dataclass
class Trajectories:
    """One rollout of every environment. `bootstrap_values` is V of the observation after step T-1; where an episode was
    truncated, `truncation_values` is V of its last observation."""

    observations: np.ndarray  # uint8 [E, T, height, width, stack]
    actions: np.ndarray  # uint8 [E, T]
    log_probs: np.ndarray  # float32 [E, T]
    values: np.ndarray  # float32 [E, T]
    rewards: np.ndarray  # float32 [E, T]
    terminated: np.ndarray  # bool [E, T]
    truncated: np.ndarray  # bool [E, T]
    truncation_values: np.ndarray  # float32 [E, T]
    bootstrap_values: np.ndarray  # float32 [E]


def _layout(config: EnvConfig, envs: int, steps: int) -> dict[str, tuple[tuple[int, ...], Any]]:
    per_step = (envs, steps)
    return {
        "observations": ((*per_step, *config.observation.shape), np.uint8),
        "actions": (per_step, np.uint8),
        "log_probs": (per_step, np.float32),
        "values": (per_step, np.float32),
        "rewards": (per_step, np.float32),
        "terminated": (per_step, np.bool_),
        "truncated": (per_step, np.bool_),
        "truncation_values": (per_step, np.float32),
        "bootstrap_values": ((envs,), np.float32),
    }


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
        self.env, self.index, self._seed = env, index, seed
        self._bare: ActEnv = env.unwrapped  # type: ignore[assignment]
        self._frozen = b""
        self._steps: list[Step] = []
        self.actions: list[int] = []
        self.start: EpisodeStart | None = None
        self.observation = np.zeros(0)

    def begin(self, acts: Sequence[str], weights: Sequence[float], first: int = 0) -> None:
        """Begin the next episode (or the one numbered `first`), in an act drawn by weight."""
        number = self.start.number + 1 if self.start else first
        rng = np.random.default_rng([self._seed, self.index, number])
        act = acts[rng.choice(len(acts), p=np.asarray(weights) / np.sum(weights))]
        self._begin(EpisodeStart(number, act, int(rng.integers(2**31))))

    def _begin(self, start: EpisodeStart) -> None:
        self.start, self.actions, self._steps = start, [], []
        self.observation, _ = self.env.reset(seed=start.seed, options={"act": start.act})

    def step(self, action: int) -> Step:
        """One step of the current episode; the next observation lies in `observation`."""
        observation = self.observation
        self.observation, reward, terminated, truncated, info = self.env.step(action)
        self.actions.append(action)
        step = Step(observation, action, float(reward), terminated, truncated, info)
        self._steps.append(replace(step, observation=np.zeros(0)))
        return step

    def episode(self) -> Episode:
        """The summary of the episode so far."""
        assert self.start is not None
        return summarise(self._steps, self.start.act, self.start.seed)

    def suspend(self) -> None:
        """Leave the emulator to another environment."""
        self._frozen = self._bare.emulator.get_state()

    def resume(self) -> None:
        """Take the emulator back where `suspend` left it."""
        self._bare.emulator.set_state(self._frozen)

    def get_state(self) -> dict[str, Any]:
        """The episode as JSON: how it began and what was pressed."""
        return {"start": asdict(self.start) if self.start else None, "actions": [int(a) for a in self.actions]}

    def set_state(self, state: dict[str, Any]) -> None:
        """Play a saved episode again up to where it stood; everything is deterministic, so this restores it exactly."""
        self._begin(EpisodeStart(**state["start"]))
        for action in state["actions"]:
            self.step(action)
        self.suspend()


def _serve_rollouts(
    connection: Connection, config: EnvConfig, actor: Actor, memory: dict, envs: int, steps: int, share: list, seed: int
) -> None:
    arrays = Trajectories(
        **{name: view(memory[name], *layout) for name, layout in _layout(config, envs, steps).items()}
    )
    weights = view(memory["weights"], (-1,), np.float32)
    emulator = Emulator(find_game(config.game))
    streams = [EpisodeStream(make_env(config, emulator), index, seed) for index in share]
    while True:
        command, argument = connection.recv()
        if command == "states":
            answer: Any = [stream.get_state() for stream in streams]
        elif command == "restore":
            for stream, state in zip(streams, argument, strict=True):
                stream.set_state(state)
            answer = None
        else:
            actor.load(weights)
            answer = [_play_rollout(stream, actor, arrays, argument, seed) for stream in streams]
        connection.send(("done", answer))


def _play_rollout(
    stream: EpisodeStream, actor: Actor, arrays: Trajectories, order: dict[str, Any], seed: int
) -> list[Episode]:
    """T steps of one environment into shared memory; returns the episodes that ended on the way."""
    episodes = []
    rng = np.random.default_rng([seed, stream.index, order["rollout"], 1])
    e = stream.index
    if stream.start is None:
        stream.begin(order["acts"], order["weights"], order["first_number"])
    else:
        stream.resume()
    for t in range(arrays.actions.shape[1]):
        arrays.observations[e, t] = stream.observation
        action, arrays.log_probs[e, t], arrays.values[e, t] = actor.decide(stream.observation, rng)
        step = stream.step(action)
        arrays.actions[e, t], arrays.rewards[e, t] = action, step.reward
        arrays.terminated[e, t], arrays.truncated[e, t] = step.terminated, step.truncated
        arrays.truncation_values[e, t] = actor.value(stream.observation) if step.truncated else 0.0
        if step.terminated or step.truncated:
            episodes.append(stream.episode())
            stream.begin(order["acts"], order["weights"])
    arrays.bootstrap_values[e] = actor.value(stream.observation)
    stream.suspend()
    return episodes


class RolloutPool:
    """Worker processes that play rollouts of E environments with the weights they are given."""

    def __init__(
        self, config: EnvConfig, actor: Actor, parameters: int, envs: int, steps: int, seed: int, workers: int = 0
    ) -> None:
        self._config, self._seed = config, seed
        count = min(workers or core_count(), envs)
        self._shares = [list(range(envs))[i::count] for i in range(count)]
        pairs = {name: shared_array(*layout) for name, layout in _layout(config, envs, steps).items()}
        weights, self._weights = shared_array((parameters,), np.float32)
        memory = {name: handle for name, (handle, _) in pairs.items()} | {"weights": weights}
        self.trajectories = Trajectories(**{name: array for name, (_, array) in pairs.items()})
        self.restarts = 0
        self._workers = [
            Worker(_serve_rollouts, config, actor, memory, envs, steps, share, seed) for share in self._shares
        ]

    @property
    def process_ids(self) -> list[int]:
        """Of the worker processes."""
        return [worker.process.pid or 0 for worker in self._workers]

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
        order = {"rollout": rollout, "acts": list(acts), "weights": list(act_weights), "first_number": 0}
        for worker in self._workers:
            self._try_send(worker, ("rollout", order))
        episodes = [self._answer(worker, order) for worker in self._workers]
        return self.trajectories, [episode for share in episodes for found in share for episode in found]

    def _answer(self, worker: Worker, order: dict[str, Any]) -> list[list[Episode]]:
        """A worker's answer; when it died, of a new one that begins new episodes in its place."""
        for death in range(MAX_DEATHS):
            try:
                return worker.receive()
            except WorkerDied as error:
                if death == MAX_DEATHS - 1:
                    raise WorkerDied(f"{error}, {MAX_DEATHS} times in one rollout") from error
                self.restarts += 1
                worker.start()
                self._try_send(worker, ("rollout", order | {"first_number": 1_000_000 * self.restarts}))
        raise AssertionError("unreachable")

    @staticmethod
    def _try_send(worker: Worker, message: Any) -> None:
        with contextlib.suppress(WorkerDied):  # `receive` notices, and restarts it
            worker.send(message)

    def get_state(self) -> str:
        """All running episodes as JSON text."""
        for worker in self._workers:
            worker.send(("states", None))
        states = [worker.receive() for worker in self._workers]
        by_index = {
            i: s for share, found in zip(self._shares, states, strict=True) for i, s in zip(share, found, strict=True)
        }
        return json.dumps([by_index[i] for i in sorted(by_index)])

    def set_state(self, text: str) -> None:
        """Bring all episodes back to where `get_state` saw them (they are played again; it takes a while)."""
        states = json.loads(text)
        for worker, share in zip(self._workers, self._shares, strict=True):
            worker.send(("restore", [states[i] for i in share]))
        for worker in self._workers:
            worker.receive()

    def close(self) -> None:
        for worker in self._workers:
            worker.close()


def _serve_steps(connection: Connection, config: EnvConfig, memory: dict, envs: int, index: int) -> None:
    observations = view(memory["observations"], (envs, *config.observation.shape), np.uint8)
    env = make_env(config)
    while True:
        command, argument = connection.recv()
        if command == "reset":
            seed, act = argument
            observations[index], info = env.reset(seed=seed, options={"act": act})
            connection.send(("done", info))
        else:
            observation, reward, terminated, truncated, info = env.step(argument)
            if terminated or truncated:
                info = info | {"final_observation": observation}
                observation, _ = env.reset()
            observations[index] = observation
            connection.send(("done", (reward, terminated, truncated, info)))


class VectorEnv:
    """Environments stepped together; an episode that ends is followed by the next one of the same act at once.

    The observation after an end is the next episode's first; the last one lies in info["final_observation"].
    """

    def __init__(self, config: EnvConfig, acts: Sequence[str]) -> None:
        self.num_envs = len(acts)
        self._config, self._acts = config, list(acts)
        handle, self._observations = shared_array((self.num_envs, *config.observation.shape), np.uint8)
        memory = {"observations": handle}
        self._workers = [Worker(_serve_steps, config, memory, self.num_envs, i) for i in range(self.num_envs)]

    def reset(self, seed: int) -> tuple[np.ndarray, list[dict]]:
        """Begin all episodes: observations uint8 [E, height, width, stack], infos."""
        for i, (worker, act) in enumerate(zip(self._workers, self._acts, strict=True)):
            worker.send(("reset", (seed + i, act)))
        infos = [worker.receive() for worker in self._workers]
        return self._observations.copy(), infos

    def step(self, actions: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, list[dict]]:
        """One step of all: observations, rewards float32 [E], terminated and truncated bool [E], infos."""
        for worker, action in zip(self._workers, actions, strict=True):
            RolloutPool._try_send(worker, ("step", int(action)))
        results = [self._result(i) for i in range(self.num_envs)]
        rewards, terminated, truncated, infos = zip(*results, strict=True)
        observations = self._observations.copy()
        return observations, np.array(rewards, np.float32), np.array(terminated), np.array(truncated), list(infos)

    def _result(self, index: int) -> tuple[float, bool, bool, dict]:
        worker = self._workers[index]
        try:
            return worker.receive()
        except WorkerDied:
            last = self._observations[index].copy()
            worker.start()
            worker.send(("reset", (index, self._acts[index])))
            info = worker.receive()
            return 0.0, False, True, info | {"final_observation": last, "restarted": True}

    def close(self) -> None:
        for worker in self._workers:
            worker.close()

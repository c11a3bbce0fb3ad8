"""Environments stepped together, one process each, meeting in shared memory.

For whoever must choose all actions in one place (a library's own agent, a comparison). Training does not: workers that
play whole rollouts (game.rollouts) wait for nobody and are faster.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from game.env import EnvConfig, make_env
from game.workers import Worker, WorkerDied, shared_array, shared_view


class VectorEnv:
    """E environments; an episode that ends is followed by the next one of the same act at once.

    The observation after an end is the next episode's first; the last one lies in info["final_observation"].
    """

    def __init__(self, config: EnvConfig, acts: Sequence[str]) -> None:
        self.num_envs = len(acts)
        self._acts = list(acts)
        shape = (self.num_envs, *config.observation.shape)
        handle, self._observations = shared_array(shape, np.uint8)
        self._workers = [Worker(_Stepper, config, handle, shape, i) for i in range(self.num_envs)]

    def reset(self, seed: int) -> tuple[np.ndarray, list[dict]]:
        """Begin all episodes: observations uint8 [E, height, width, stack], infos."""
        for i, (worker, act) in enumerate(zip(self._workers, self._acts, strict=True)):
            worker.send(("reset", (seed + i, act)))
        infos = [worker.receive() for worker in self._workers]
        return self._observations.copy(), infos

    def step(self, actions: Sequence[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, list[dict]]:
        """One step of all: observations, rewards float32 [E], terminated and truncated bool [E], infos."""
        for worker, action in zip(self._workers, actions, strict=True):
            worker.try_send(("step", int(action)))
        results = [self._result(i) for i in range(self.num_envs)]
        rewards, terminated, truncated, infos = zip(*results, strict=True)
        observations = self._observations.copy()
        return observations, np.array(rewards, np.float32), np.array(terminated), np.array(truncated), list(infos)

    def _result(self, index: int) -> tuple[float, bool, bool, dict]:
        """(reward, terminated, truncated, info) of one environment; one that died begins its act again, truncated."""
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
        """End the processes."""
        for worker in self._workers:
            worker.close()


class _Stepper:
    """What a worker does: answers ("reset", (seed, act)) and ("step", combo); the observation goes to shared memory."""

    def __init__(self, config: EnvConfig, handle: object, shape: tuple[int, ...], index: int) -> None:
        self._observations = shared_view(handle, shape, np.uint8)
        self._env = make_env(config)
        self._index = index

    def __call__(self, message: tuple[str, Any]) -> Any:
        command, argument = message
        if command == "reset":
            seed, act = argument
            self._observations[self._index], info = self._env.reset(seed=seed, options={"act": act})
            return info
        observation, reward, terminated, truncated, info = self._env.step(argument)
        if terminated or truncated:
            info = info | {"final_observation": observation}
            observation, _ = self._env.reset()
        self._observations[self._index] = observation
        return reward, terminated, truncated, info

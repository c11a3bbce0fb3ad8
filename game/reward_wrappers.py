"""What an environment pays, as wrappers: each takes the contest's reward and gives another."""

from collections.abc import Callable, Mapping
from typing import Any

import gymnasium
import numpy as np

from game.rewards import PROGRESS_REWARD, SPARSE_REWARD, advance_reward, backtracking_reward, tiered_reward

Info = Mapping[str, Any]


class BacktrackingReward(gymnasium.Wrapper):
    """Pays for new ground only, so that walking back to try again costs nothing; the time bonus as in the contest."""

    def __init__(self, env: gymnasium.Env) -> None:
        super().__init__(env)
        self._furthest = 0.0
        self._paid = False

    def reset(self, **kwargs: Any) -> tuple[np.ndarray, dict]:
        observation, info = self.env.reset(**kwargs)
        self._furthest = info["furthest"]
        self._paid = info["passed_end_x"]
        return observation, info

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        observation, _, terminated, truncated, info = self.env.step(action)
        reward = 0.0
        if not self._paid:
            reward = backtracking_reward(self._furthest, info["progress"], info["frame"])
        self._furthest = max(self._furthest, info["progress"])
        self._paid = info["passed_end_x"]
        return observation, reward, terminated, truncated, info


class PaidByInfo(gymnasium.Wrapper):
    """Pays what a function makes of the infos before and after a step; nothing once the end x was passed.

    Args:
        pay: (info before, info after) -> reward.
    """

    def __init__(self, env: gymnasium.Env, pay: Callable[[Info, Info], float]) -> None:
        super().__init__(env)
        self._pay = pay
        self._before: Info = {}

    def reset(self, **kwargs: Any) -> tuple[np.ndarray, dict]:
        observation, info = self.env.reset(**kwargs)
        self._before = info
        return observation, info

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        observation, _, terminated, truncated, info = self.env.step(action)
        reward = 0.0
        if not self._before["passed_end_x"]:
            reward = self._pay(self._before, info)
        self._before = info
        return observation, reward, terminated, truncated, info


def sparse(before: Info, now: Info) -> float:
    """1 for the act's end and nothing else (kimbring2's IMPALA); paid in the step that passes it, before the episode ends."""
    return SPARSE_REWARD if now["passed_end_x"] else 0.0


def tiers(before: Info, now: Info) -> float:
    """What the game's own score gained, by tiers."""
    return tiered_reward(now["score"] - before["score"])


def fitness(before: Info, now: Info) -> float:
    """NEAT's fitness, step by step."""
    return advance_reward(now["advancing_frames"] - before["advancing_frames"], now["passed_end_x"])


OTHER_REWARDS: dict[str, Callable[[Info, Info], float]] = {"sparse": sparse, "tiers": tiers, "fitness": fitness}
"""The names of rewards that have nothing to do with the contest's."""


class ScaledReward(gymnasium.RewardWrapper):
    """Rewards times a factor, so that returns have a size a critic learns well."""

    def __init__(self, env: gymnasium.Env, scale: float) -> None:
        super().__init__(env)
        self._scale = scale

    def reward(self, reward: Any) -> float:
        return float(reward) * self._scale


class PricedLife(gymnasium.Wrapper):
    """Takes from the reward of a lost life a share of what the ground not covered would have paid."""

    def __init__(self, env: gymnasium.Env, price: float) -> None:
        super().__init__(env)
        self._price = price

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        paid = float(reward)
        if info["died"]:
            paid -= self._price * PROGRESS_REWARD * (1.0 - info["furthest"])
        return observation, paid, terminated, truncated, info

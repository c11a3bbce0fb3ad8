"""When an episode is over before its game says so: wrappers of the environment that truncate it."""

from abc import ABC, abstractmethod
from typing import Any

import gymnasium
import numpy as np


class Limit(gymnasium.Wrapper, ABC):
    """Truncates an episode by what is known of it."""

    def reset(self, **kwargs: Any) -> tuple[np.ndarray, dict]:
        observation, info = self.env.reset(**kwargs)
        self.begin(info)
        return observation, info

    def step(self, action: int) -> tuple[np.ndarray, float, bool, bool, dict]:
        observation, reward, terminated, truncated, info = self.env.step(action)
        is_over = self.is_over(info)
        return observation, float(reward), terminated, truncated or (is_over and not terminated), info

    def begin(self, info: dict[str, Any]) -> None:
        """An episode begins."""

    @abstractmethod
    def is_over(self, info: dict[str, Any]) -> bool:
        """Whether it is, after a step; called once for each."""


class FrameLimit(Limit):
    """Truncates an episode after so many frames; those of the act before it began do not count."""

    def __init__(self, env: gymnasium.Env, max_frames: int) -> None:
        super().__init__(env)
        self._max_frames = max_frames
        self._last_frame = max_frames

    def begin(self, info: dict[str, Any]) -> None:
        self._last_frame = info["frame"] + self._max_frames

    def is_over(self, info: dict[str, Any]) -> bool:
        return info["frame"] >= self._last_frame


class StallLimit(Limit):
    """Truncates an episode in which no new ground was won for so many frames: for training, where waiting teaches nothing."""

    def __init__(self, env: gymnasium.Env, stall_frames: int) -> None:
        super().__init__(env)
        self._stall_frames = stall_frames
        self._furthest = 0
        self._won_at = 0

    def begin(self, info: dict[str, Any]) -> None:
        self._furthest = info["max_x"]
        self._won_at = info["frame"]

    def is_over(self, info: dict[str, Any]) -> bool:
        if info["max_x"] > self._furthest:
            self.begin(info)
        return info["frame"] - self._won_at >= self._stall_frames


class PracticeLimit(Limit):
    """Truncates an episode that began inside its act once it has won this share of the act's way."""

    def __init__(self, env: gymnasium.Env, length: float) -> None:
        super().__init__(env)
        self._length = length
        self._goal = np.inf

    def begin(self, info: dict[str, Any]) -> None:
        self._goal = info["furthest"] + self._length if info["furthest"] > 0 else np.inf

    def is_over(self, info: dict[str, Any]) -> bool:
        return info["furthest"] >= self._goal

"""Baselines: players without skill, which any claim of learning is measured against."""

from collections.abc import Callable

import numpy as np

from game.actions import COMBO_COUNT, COMBO_NAMES
from game.rollout import Player
from game.seeds import Stream, stream

RIGHT = COMBO_NAMES.index("RIGHT")
JUMP_RIGHT = COMBO_NAMES.index("B+RIGHT")


class RandomPlayer:
    """Every combo alike, at every step."""

    def __init__(self) -> None:
        self._rng = stream(Stream.RANDOM_PLAYER, 0)

    def reset(self, act: str, seed: int) -> None:
        self._rng = stream(Stream.RANDOM_PLAYER, seed)

    def act(self, observation: np.ndarray) -> int:
        return int(self._rng.integers(COMBO_COUNT))


class RightPlayer:
    """Holds RIGHT."""

    def reset(self, act: str, seed: int) -> None:
        pass

    def act(self, observation: np.ndarray) -> int:
        return RIGHT


class RightAndJumpPlayer:
    """Holds RIGHT and jumps now and then: short and long jumps, at random moments."""

    def __init__(self) -> None:
        self.reset("", 0)

    def reset(self, act: str, seed: int) -> None:
        self._rng = stream(Stream.JUMPING_PLAYER, seed)
        self._jumping = False
        self._left = 0

    def act(self, observation: np.ndarray) -> int:
        if self._left == 0:
            self._jumping = not self._jumping
            shortest, longest = (2, 8) if self._jumping else (1, 15)
            self._left = int(self._rng.integers(shortest, longest))
        self._left -= 1
        return JUMP_RIGHT if self._jumping else RIGHT


BASELINES: dict[str, Callable[[], Player]] = {
    "random": RandomPlayer,
    "right": RightPlayer,
    "right-and-jump": RightAndJumpPlayer,
}

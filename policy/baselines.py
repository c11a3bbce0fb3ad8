"""Control players: what any claim of learning is measured against."""

from collections.abc import Callable

import numpy as np

from game.actions import COMBO_COUNT, COMBO_NAMES
from game.rollout import Player

RIGHT = COMBO_NAMES.index("RIGHT")
JUMP_RIGHT = COMBO_NAMES.index("B+RIGHT")


class RandomPlayer:
    """Every combo alike, at every step."""

    def __init__(self) -> None:
        self._rng = np.random.default_rng(0)

    def reset(self, act: str, seed: int) -> None:
        self._rng = np.random.default_rng([seed, 3])

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
        self._rng = np.random.default_rng([seed, 4])
        self._jumping = False
        self._left = 0

    def act(self, observation: np.ndarray) -> int:
        if self._left == 0:
            self._jumping = not self._jumping
            self._left = int(self._rng.integers(2, 8) if self._jumping else self._rng.integers(1, 15))
        self._left -= 1
        return JUMP_RIGHT if self._jumping else RIGHT


CONTROLS: dict[str, Callable[[], Player]] = {
    "random": RandomPlayer,
    "right": RightPlayer,
    "right-and-jump": RightAndJumpPlayer,
}

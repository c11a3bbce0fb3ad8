"""RAM traces made by hand, and an emulator that plays one: for rules that Quillrush has no place to show.

Quillrush gives no extra lives and no special stages, and its own end lies on the contest's end x.
"""

import numpy as np

from game.acts import Act, find_act
from game.emulator import Emulator
from game.ram import VARIABLES

ACT = find_act("EmeraldHillZone.Act1")
START_X = 96


def ram(x: int = START_X, **changed: int) -> dict[str, int]:
    """RAM variables of a player alive in the first act."""
    here = {"x": x, "lives": 3, "game_mode": 0x0C, "zone": 0, "act_number": 0, "level_end_bonus": 0}
    return dict.fromkeys(VARIABLES, 0) | here | changed


class _TraceGame:
    """Where a traced act starts does not matter."""

    def start_state(self, act: Act) -> bytes:
        return b""


class TraceEmulator(Emulator):
    """Has an emulator's methods and no core: each step shows the next frame of the trace, after its end the last one.

    The trace's first frame is what the idle step of a reset shows.
    """

    def __init__(self, *trace: dict[str, int]) -> None:
        self.game = _TraceGame()  # type: ignore[assignment]
        self.trace = trace
        self.masks: list[int] = []
        """Everything pressed since the last savestate was set."""

    def set_state(self, state: bytes) -> None:
        self.masks = []

    def step(self, mask: int) -> None:
        self.masks.append(mask)

    def variables(self) -> dict[str, int]:
        frame = min(len(self.masks), len(self.trace)) - 1
        return dict(self.trace[frame])

    def screen(self) -> np.ndarray:
        return np.zeros((224, 320, 3), np.uint8)

    def get_state(self) -> bytes:
        return b""

    def close(self) -> None:
        pass

"""What a spin dash is, counted from RAM frame by frame; and the look of one in a movie's pad log, without any RAM.

A spin dash: the charge begins on the ground (the game raises its spin-dash flag when a jump button is pressed while
crouching), presses of A, B or C rev it, and letting DOWN go launches the player at 8 pixels a frame or more. A charge that
ends without such a launch (hurt, pushed off a ledge) is not one.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from game.actions import BIT, JUMP_BITS

LAUNCH_INERTIA = 0x800
"""8.8 fixed point: 8 pixels a frame, the slowest launch."""


@dataclass(frozen=True)
class SpinDash:
    """One spin dash. `frame` is the first charging frame of the episode, `frames` the charge's length."""

    frame: int
    frames: int
    revs: int
    inertia: int
    x: int


class SpinDashCounter:
    """Watches every frame and collects the spin dashes."""

    def __init__(self) -> None:
        self.dashes: list[SpinDash] = []
        self._began: int | None = None
        self._revs = 0
        self._previous_mask = 0

    def update(self, frame: int, mask: int, flag: int, inertia: int, x: int) -> SpinDash | None:
        """One frame further.

        Args:
            frame: frames since the episode began.
            mask: the pad pressed in this frame.
            flag, inertia, x: RAM after the frame (`spindash_flag`, `inertia`, `x`).

        Returns:
            The spin dash launched in this frame, if any.
        """
        pressed = bool(mask & JUMP_BITS & ~self._previous_mask)
        self._previous_mask = mask
        if flag:
            if self._began is None:
                self._began, self._revs = frame, 0
            self._revs += pressed
            return None
        if self._began is None:
            return None
        began, self._began = self._began, None
        if abs(inertia) < LAUNCH_INERTIA:
            return None
        dash = SpinDash(began, frame - began, max(self._revs, 1), inertia, x)
        self.dashes.append(dash)
        return dash

    def get_state(self) -> dict[str, Any]:
        """What a resumed episode needs; give it to `set_state`."""
        return {
            "dashes": list(self.dashes),
            "began": self._began,
            "revs": self._revs,
            "previous_mask": self._previous_mask,
        }

    def set_state(self, state: dict[str, Any]) -> None:
        self.dashes = list(state["dashes"])
        self._began, self._revs, self._previous_mask = state["began"], state["revs"], state["previous_mask"]


def pad_spin_dashes(masks: np.ndarray) -> list[SpinDash]:
    """Spin dashes as they look on the pad: DOWN held without a direction, jump pressed once or more, DOWN let go.

    Args:
        masks: integer [frames], one pad mask a frame.

    Returns:
        Candidates with `inertia` and `x` 0; a crouch in the air looks the same, so only RAM can confirm them.
    """
    down = (masks & BIT["DOWN"]) != 0
    jump = (masks & JUMP_BITS) != 0
    edges = jump & ~np.concatenate([[False], jump[:-1]])
    dashes = []
    boundaries = np.flatnonzero(np.diff(np.concatenate([[0], down.astype(np.int8), [0]])))
    for start, end in zip(boundaries[::2], boundaries[1::2], strict=True):
        presses = np.flatnonzero(edges[start + 1 : end])
        if len(presses) and end < len(masks):
            first = int(start) + 1 + int(presses[0])
            dashes.append(SpinDash(first, int(end) - first, len(presses), 0, 0))
    return dashes

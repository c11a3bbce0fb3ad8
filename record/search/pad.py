"""What the search player presses, frame by frame, and the contest's sticky frames between hand and game."""

import numpy as np

from record.search.moves import Move, in_steps

STEP = 4
"""Frames of a step, as in the contest."""


class Pad:
    """The masks of a movie as they come about.

    The hand decides once a step, as a policy in the contest does (game.env): changes of buttons fall on steps, counted from
    the movie's second frame on (the first is idle). The first frame of a step may hold the mask before instead. What is kept
    is what was really pressed.

    Args:
        sticky: the chance of that, 0 to 1.
        rng: of the chance alone, so that it says nothing about the hand.

    Attributes:
        masks: pressed so far.
    """

    def __init__(self, sticky: float, rng: np.random.Generator) -> None:
        self.masks: list[int] = []
        self._sticky = sticky
        self._rng = rng

    @property
    def begins_step(self) -> bool:
        """Whether the next frame is the first of a step."""
        return len(self.masks) % STEP == 1

    def fit(self, move: Move) -> Move:
        """The move as this hand can make it."""
        return in_steps(move, STEP)

    def press(self, mask: int) -> int:
        """The mask that is held in the next frame, where this one is wanted."""
        if self.begins_step and self._sticky and self._rng.random() < self._sticky:
            mask = self.masks[-1]
        self.masks.append(mask)
        return mask

    def go_back(self, frames: int) -> None:
        """Keep only so many."""
        del self.masks[frames:]

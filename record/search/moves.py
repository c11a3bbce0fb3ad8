"""Moves a person makes with a pad, as runs of held buttons: (pad mask, frames).

Holds and releases have human lengths; a `Hand` draws them from a seed, so that no two takes are alike.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from game.actions import mask_of

NOTHING = 0
RIGHT = mask_of(("RIGHT",))
LEFT = mask_of(("LEFT",))
DOWN = mask_of(("DOWN",))
JUMP = mask_of(("B",))
JUMP_RIGHT = mask_of(("B", "RIGHT"))
JUMP_LEFT = mask_of(("B", "LEFT"))
JUMP_DOWN = mask_of(("B", "DOWN"))

Move = tuple[tuple[int, int], ...]
"""Runs of (pad mask, frames)."""


def frames_of(move: Move) -> int:
    """The length of a move."""
    return sum(frames for _, frames in move)


def masks_of(move: Move) -> list[int]:
    """One mask per frame."""
    masks = []
    for mask, frames in move:
        masks += [mask] * frames
    return masks


def without_tail(masks: Sequence[int], mask: int) -> int:
    """How many masks there are before the run of this one at the end."""
    frames = len(masks)
    while frames and masks[frames - 1] == mask:
        frames -= 1
    return frames


def in_steps(move: Move, step: int) -> Move:
    """The move with every run as long as a whole number of steps, at least one.

    Args:
        step: frames; 1 leaves the move as it is.
    """
    return tuple((mask, step * max(round(frames / step), 1)) for mask, frames in move)


@dataclass
class Hand:
    """Draws the lengths of holds; all randomness comes from `rng`."""

    rng: np.random.Generator

    def about(self, frames: int, spread: float = 0.2) -> int:
        """A length near this one, never under 2 frames (nobody taps faster)."""
        scale = 1.0 + spread * float(self.rng.normal())
        return max(2, round(frames * scale))

    def hold(self, mask: int, frames: int) -> tuple[int, int]:
        """A run of about this length."""
        return mask, self.about(frames)

    def run(self, frames: int) -> Move:
        """Hold right for just so long."""
        return ((RIGHT, frames),)

    def jump(self, delay: int, hold: int) -> Move:
        """Run on for `delay` frames, jump with the button held, keep right."""
        jump = (self.hold(JUMP_RIGHT, hold), self.hold(RIGHT, 16))
        if delay == 0:
            return jump
        return ((RIGHT, delay), *jump)

    def jumps(self, delay: int, holds: tuple[int, int]) -> Move:
        """Two jumps, the second as soon as the first has landed on level ground."""
        first, second = holds
        return (*self.jump(delay, first), (RIGHT, 20), *self.jump(0, second))

    def hop_up(self, hold: int) -> Move:
        """Jump on the spot, then drift right: up a wall one stands against."""
        return (
            self.hold(NOTHING, 6),
            self.hold(JUMP, 8),
            self.hold(JUMP_RIGHT, hold),
            self.hold(RIGHT, 16),
        )

    def roll(self, delay: int) -> Move:
        """Curl up while running."""
        return ((RIGHT, delay), self.hold(DOWN, 24), self.hold(RIGHT, 12))

    def wait(self, frames: int) -> Move:
        """Let go of everything."""
        return (self.hold(NOTHING, frames),)

    def step_back(self, frames: int) -> Move:
        """Run to the left, then let go."""
        return (self.hold(LEFT, frames), self.hold(NOTHING, 6))

    def run_up(self, frames: int) -> Move:
        """Run to the left for about so long, turn, and come back at speed: from rest 90 frames lead 200 pixels away."""
        back = self.about(frames, spread=0.05)
        return ((LEFT, back), (RIGHT, back + 24))  # as long again, and the time it takes to turn

    def spin_dash(self, revs: int, pause: int) -> Move:
        """Let go for `pause` frames until at rest, crouch, press jump `revs` times, let DOWN go and lean right."""
        return (self.hold(NOTHING, pause), self.hold(DOWN, 9), *self.rev(revs))

    def rev(self, revs: int) -> Move:
        """Press jump `revs` times while crouching, let DOWN go and lean right."""
        runs = []
        for _ in range(revs):
            runs.append((JUMP_DOWN, max(4, self.about(5))))
            runs.append((DOWN, max(4, self.about(5))))
        return (*runs, self.hold(RIGHT, 40))

    def steer(self, mask: int, frames: int) -> Move:
        """Hold something in the air, then right."""
        return (self.hold(mask, frames), self.hold(RIGHT, 16))

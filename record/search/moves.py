"""Moves a person makes with a pad, as runs of held buttons: (pad mask, frames).

Holds and releases have human lengths; a `Hand` draws them from a seed, so that no two takes are alike.
"""

from dataclasses import dataclass

import numpy as np

from game.actions import mask_of

RIGHT, LEFT, DOWN, NOTHING = mask_of(("RIGHT",)), mask_of(("LEFT",)), mask_of(("DOWN",)), 0
JUMP, JUMP_RIGHT, JUMP_LEFT, JUMP_DOWN = (
    mask_of(("B",)),
    mask_of(("B", "RIGHT")),
    mask_of(("B", "LEFT")),
    mask_of(("B", "DOWN")),
)

Move = tuple[tuple[int, int], ...]
"""Runs of (pad mask, frames)."""


def frames_of(move: Move) -> int:
    return sum(frames for _, frames in move)


def masks_of(move: Move) -> list[int]:
    """One mask a frame."""
    return [mask for mask, frames in move for _ in range(frames)]


@dataclass
class Hand:
    """Draws the lengths of holds; all randomness comes from `rng`."""

    rng: np.random.Generator

    def about(self, frames: int, spread: float = 0.2) -> int:
        """A length near this one, never under 2 frames (nobody taps faster)."""
        return max(2, round(frames * (1.0 + spread * float(self.rng.normal()))))

    def run(self, frames: int) -> Move:
        return ((RIGHT, frames),)

    def jump(self, delay: int, hold: int) -> Move:
        """Run on for `delay` frames, jump with the button held, keep right."""
        runs = ((RIGHT, delay), (JUMP_RIGHT, self.about(hold)), (RIGHT, self.about(16)))
        return tuple(run for run in runs if run[1] > 0)

    def hop_up(self, hold: int) -> Move:
        """Jump on the spot, then drift right: up a wall one stands against."""
        return (
            (NOTHING, self.about(6)),
            (JUMP, self.about(8)),
            (JUMP_RIGHT, self.about(hold)),
            (RIGHT, self.about(16)),
        )

    def roll(self, delay: int) -> Move:
        """Curl up while running."""
        return ((RIGHT, delay), (DOWN, self.about(24)), (RIGHT, self.about(12)))

    def wait(self, frames: int) -> Move:
        return ((NOTHING, self.about(frames)),)

    def step_back(self, frames: int) -> Move:
        return ((LEFT, self.about(frames)), (NOTHING, self.about(6)))

    def spin_dash(self, revs: int, pause: int) -> Move:
        """Let go for `pause` frames until at rest, crouch, press jump `revs` times, let DOWN go and lean right."""
        runs = [(NOTHING, self.about(pause)), (DOWN, self.about(9))]
        for _ in range(revs):
            runs += [(JUMP_DOWN, max(4, self.about(5))), (DOWN, max(4, self.about(5)))]
        return (*runs, (RIGHT, self.about(40)))

"""How far two players without skill come in each act: RIGHT held, and RIGHT with jumps at random.

An act is balanced when the first of them ends below 30 % of the way on average over the acts, and the second below 60 %:
what is left has to be learnt. Played in the real core until the end, a life lost, or the contest's 4,500 frames.

python -m game.quillrush.balance [EPISODES]
"""

import random
import sys
from collections.abc import Iterator

from game.actions import BIT
from game.acts import ACTS, Act
from game.emulator import Emulator
from game.games import find_game
from game.rules import ActTracker, rule_variables

FRAMES = 4500
"""The contest's limit for an episode."""
RIGHT = BIT["RIGHT"]
JUMP = BIT["B"]
MOST_HOLDING_RIGHT = 0.30
MOST_JUMPING = 0.60
"""Bounds of the two averages."""


def hold_right() -> Iterator[int]:
    """RIGHT throughout; pad masks, one per frame."""
    while True:
        yield RIGHT


def jump_at_random(seed: int) -> Iterator[int]:
    """RIGHT throughout, with jumps held 5 to 30 frames, 5 to 60 frames apart; pad masks, one per frame."""
    rng = random.Random(seed)
    while True:
        yield from [RIGHT] * rng.randint(5, 60)
        yield from [RIGHT | JUMP] * rng.randint(5, 30)


def way(emulator: Emulator, act: Act, masks: Iterator[int]) -> float:
    """The part of the act's way that the masks lead, 0 to 1."""
    emulator.set_state(emulator.game.start_state(act))
    tracker = ActTracker.begin(act, rule_variables(emulator.peek))
    for _, mask in zip(range(FRAMES), masks, strict=False):
        emulator.step(mask)
        tracker.update(rule_variables(emulator.peek))
        if tracker.died or tracker.passed:
            break
    return tracker.furthest


def main(episodes: int = 8) -> int:
    """Print one line per act and the averages; 1 when a bound is broken. `episodes` is of random jumps per act."""
    holding: list[float] = []
    jumping: list[float] = []
    with Emulator(find_game("quillrush")) as emulator:
        for act in ACTS:
            right = way(emulator, act, hold_right())
            ways = [way(emulator, act, jump_at_random(seed)) for seed in range(episodes)]
            jumps = sum(ways) / len(ways)
            print(f"{act.name:24} right {right:4.0%}   jumps {jumps:4.0%}   best {max(ways):4.0%}", flush=True)
            holding.append(right)
            jumping.append(jumps)
    mean_right = sum(holding) / len(ACTS)
    mean_jumps = sum(jumping) / len(ACTS)
    print(f"{'all':24} right {mean_right:4.0%}   jumps {mean_jumps:4.0%}")
    return int(mean_right >= MOST_HOLDING_RIGHT or mean_jumps >= MOST_JUMPING)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))

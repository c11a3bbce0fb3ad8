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

FRAMES = 4500
RIGHT, JUMP = BIT["RIGHT"], BIT["B"]
MOST_HOLDING_RIGHT, MOST_JUMPING = 0.30, 0.60


def hold_right() -> Iterator[int]:
    """Pad masks, one a frame."""
    while True:
        yield RIGHT


def jump_at_random(seed: int) -> Iterator[int]:
    """RIGHT throughout; jumps held 5 to 30 frames, 5 to 60 frames apart."""
    rng = random.Random(seed)
    while True:
        yield from [RIGHT] * rng.randint(5, 60)
        yield from [RIGHT | JUMP] * rng.randint(5, 30)


def way(emulator: Emulator, act: Act, masks: Iterator[int]) -> float:
    """The part of the act's way that the masks lead, 0 to 1."""
    emulator.set_state(find_game("quillrush").start_state(act))
    start_x = furthest = emulator.peek("x")
    for _, mask in zip(range(FRAMES), masks, strict=False):
        emulator.step(mask)
        furthest = max(furthest, emulator.peek("x"))
        if emulator.peek("lives") < 3 or furthest >= act.end_x:
            break
    return min(1.0, (furthest - start_x) / (act.end_x - start_x))


def main(episodes: int) -> int:
    """Print one line an act and the averages; 1 when a bound is broken."""
    holding: list[float] = []
    jumping: list[float] = []
    with Emulator(find_game("quillrush")) as emulator:
        for act in ACTS:
            ways = [way(emulator, act, jump_at_random(seed)) for seed in range(episodes)]
            holding.append(way(emulator, act, hold_right()))
            jumping.append(sum(ways) / len(ways))
            print(
                f"{act.name:24} right {holding[-1]:4.0%}   jumps {jumping[-1]:4.0%}   best {max(ways):4.0%}", flush=True
            )
    right, jumps = sum(holding) / len(ACTS), sum(jumping) / len(ACTS)
    print(f"{'all':24} right {right:4.0%}   jumps {jumps:4.0%}")
    return int(right >= MOST_HOLDING_RIGHT or jumps >= MOST_JUMPING)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 8))

"""Is a place passed only by whoever goes back? A search with savestates that presses anything but LEFT.

The archive of Go-Explore (arXiv 1901.10995): the savestate of every cell reached (x, y, in the air, levers thrown), from
which random presses go on. A place of places.json holds when the search does not get past it; that it can be passed, the
demonstrations show. With --back the search may press LEFT, too: how soon it passes then says how thorough it is.

python -m game.quillrush.explore [ACT ...] [--frames 150000] [--seed 0] [--back]
"""

import argparse
import random
import sys
from dataclasses import dataclass

from game.actions import BIT
from game.acts import ALL_ACTS, Act, act_called
from game.emulator import Emulator
from game.games import find_game
from game.places import Place, places
from game.quillrush.teleport import stand_at
from game.ram import STATUS_AIRBORNE

RIGHT, LEFT, DOWN, JUMP = BIT["RIGHT"], BIT["LEFT"], BIT["DOWN"], BIT["B"]
FORWARD = (RIGHT, RIGHT, RIGHT | JUMP, RIGHT | JUMP, RIGHT | DOWN, JUMP, DOWN, DOWN | JUMP, 0)
"""What a player presses who never goes back; repeated ones are pressed more often."""
BACKWARD = (LEFT, LEFT, LEFT | JUMP, LEFT | JUMP)
BEFORE = 700
"""Pixels before the place at which the search begins."""
PAST = 64
"""Pixels behind the place that count as past it."""
CELL = 24
"""Pixels of a cell's sides."""
PRESSES = 3
"""Presses in a row, from a cell on."""
DEAD = 6
"""The player's routine from which on he does not live."""


Key = tuple[int, int, bool, int]
"""x and y in cells, in the air, levers thrown."""


@dataclass
class Cell:
    """A moment to go on from, and how often that was done."""

    state: bytes
    tried: int = 0


def passes(emulator: Emulator, act: Act, place: Place, *, masks: tuple[int, ...], frames: int, seed: int) -> int | None:
    """Frames of search until the player stood behind the place; None when he did not within `frames`."""
    rng = random.Random(seed)
    stand_at(emulator, act, place.from_x - BEFORE)
    cells = {_key(emulator): Cell(emulator.get_state())}
    spent = 0
    while spent < frames:
        cell = _chosen(cells, rng)
        cell.tried += 1
        emulator.set_state(cell.state)
        for _ in range(PRESSES):
            spent += _press(emulator, rng.choice(masks), rng.choice((2, 4, 8, 16, 24, 40)))
            if not _alive(emulator):
                break
            if emulator.peek("x") > place.block_x + PAST:
                return spent
            cells.setdefault(_key(emulator), Cell(emulator.get_state()))
    return None


def _press(emulator: Emulator, mask: int, frames: int) -> int:
    for _ in range(frames):
        emulator.step(mask)
    return frames


def _alive(emulator: Emulator) -> bool:
    return emulator.peek("routine") < DEAD and emulator.peek("y") < 560


def _key(emulator: Emulator) -> Key:
    airborne = bool(emulator.peek("status") & STATUS_AIRBORNE)
    return emulator.peek("x") // CELL, emulator.peek("y") // CELL, airborne, emulator.switches()


def _chosen(cells: dict[Key, Cell], rng: random.Random) -> Cell:
    """One of eight, the one from which least was tried."""
    return min(rng.choices(list(cells.values()), k=8), key=lambda cell: cell.tried)


def main(arguments: list[str]) -> int:
    """Print one line per place; 1 when one does not hold."""
    parser = argparse.ArgumentParser(prog="python -m game.quillrush.explore", description=__doc__)
    parser.add_argument("acts", nargs="*", help="names or titles; all by default")
    parser.add_argument("--frames", type=int, default=150_000, help="of search per place")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--back", action="store_true", help="press LEFT, too")
    options = parser.parse_args(arguments)
    masks = FORWARD + BACKWARD if options.back else FORWARD
    game = find_game("quillrush")
    passed = 0
    with Emulator(game) as emulator:
        for act in [act_called(name) for name in options.acts] or ALL_ACTS:
            for place in places(game, act):
                spent = passes(emulator, act, place, masks=masks, frames=options.frames, seed=options.seed)
                found = "not passed" if spent is None else f"passed after {spent:,} frames"
                print(f"{act.name:22} {place.kind:6} at {place.block_x:5}: {found}", flush=True)
                passed += spent is not None
    return int(passed > 0 and not options.back)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

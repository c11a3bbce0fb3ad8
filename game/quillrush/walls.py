"""Does any wall or scree slope fall to something else than a spin dash? Every run, jump and landing roll before it is tried.

From several distances before each gate the player runs at it; from every 8 pixels of that run he jumps, with the button
held short, middling or long, and comes down with DOWN held, so that he lands rolling. Whoever stands behind the gate has
passed it.

python -m game.quillrush.walls [ACT ...]
"""

import sys
from collections.abc import Iterator

from game.actions import BIT
from game.acts import ALL_ACTS, Act, act_called
from game.emulator import Emulator
from game.games import find_game
from game.quillrush.builder.acts import lay_acts
from game.quillrush.builder.course import SCREE, Course, Kind
from game.quillrush.builder.plans import TEST_SEED
from game.quillrush.teleport import stand_at

RIGHT, DOWN, JUMP = BIT["RIGHT"], BIT["DOWN"], BIT["B"]
DISTANCES = (1200, 900, 600, 300)
"""Pixels before the gate at which a run begins, at rest."""
HOLDS = (2, 10, 24)
"""Frames the button is held."""
EVERY = 8
"""Pixels between two places to jump from."""
RUN_FRAMES = 300
TRY_FRAMES = 200
PAST = 300
"""Pixels behind the gate's foot that only who passed it can stand at: a scree slope is 112 wide."""


def gates(course: Course) -> list[int]:
    """x (pixels) of every wall and of the foot of every scree slope."""
    walls = [thing.x for thing in course.things if thing.kind == Kind.WALL]
    scree = [i * 8 for i, column in enumerate(course.columns) if column.flags == SCREE]
    feet = [x for x in scree if x - 8 not in scree]
    return sorted(walls + feet)


def runs(emulator: Emulator, act: Act, gate: int) -> Iterator[bytes]:
    """Savestates along runs at the gate, one every 8 pixels."""
    for distance in DISTANCES:
        stand_at(emulator, act, gate - distance)
        last = emulator.peek("x") - EVERY
        for _ in range(RUN_FRAMES):
            if emulator.peek("x") >= last + EVERY:
                last = emulator.peek("x")
                state = emulator.get_state()
                yield state
                emulator.set_state(state)
            emulator.step(RIGHT)


def passes(emulator: Emulator, state: bytes, hold: int, gate: int) -> bool:
    """Whether a jump from here, landing in a roll, ends behind the gate."""
    emulator.set_state(state)
    for frame in range(TRY_FRAMES):
        rolls = DOWN if frame > hold + 6 else 0
        emulator.step((RIGHT if not rolls else 0) | (JUMP if frame < hold else 0) | rolls)
        if emulator.peek("x") > gate + PAST:
            return True
    return False


def main(names: list[str]) -> int:
    """Print one line per gate; 1 when one falls."""
    laid = {act.plan.act: act.course for act in lay_acts(TEST_SEED)}
    fallen = 0
    with Emulator(find_game("quillrush")) as emulator:
        for act in [act_called(name) for name in names] or ALL_ACTS:
            for gate in gates(laid[act]):
                tries = [passes(emulator, state, hold, gate) for state in runs(emulator, act, gate) for hold in HOLDS]
                print(f"{act.name:22} gate at {gate:5}: {sum(tries)} of {len(tries)} tries pass", flush=True)
                fallen += any(tries)
    return int(fallen > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

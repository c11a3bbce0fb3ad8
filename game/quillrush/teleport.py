"""Standing somewhere in an act without having played there: for checks of its places, never for movies."""

from game.acts import Act
from game.emulator import Emulator
from game.ram import STATUS_AIRBORNE

FLIGHT = 14
"""Pixels a frame: the camera follows no more than 16."""
HEIGHT = 40
"""Screen y at which the player is carried: above everything that could hurt him."""
CONTROL = 2


def stand_at(emulator: Emulator, act: Act, x: int) -> None:
    """Carry the player of the act's start state to x (pixels), and let him come to rest on the ground there."""
    emulator.set_state(emulator.game.start_state(act))
    here = emulator.peek("x")
    while here < x:
        here = min(here + FLIGHT, x)
        for name, value in {"x": here, "y": HEIGHT, "x_vel": 0, "y_vel": 0, "inertia": 0}.items():
            emulator.poke(name, value)
        emulator.poke("status", STATUS_AIRBORNE)
        emulator.poke("routine", CONTROL)
        emulator.step(0)
    for _ in range(90):
        emulator.step(0)

"""The emulator as a search uses it: what the situation is, where a move would lead, and what all of it has cost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from game.acts import Act
from game.emulator import Emulator
from game.ram import ROUTINE_DEAD, STATUS_AIRBORNE
from game.rules import is_dead, is_finished, rule_variables
from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES

LOOK_FRAMES = 4
"""How often a trial looks at the situation: a death and the end of an act show for longer than that."""
FEET = 19
"""Pixels from the player's middle, which RAM keeps, to the feet."""

_PADDING = bytes(CORE_STATE_BYTES - CORE_DATA_BYTES)


@dataclass(frozen=True)
class Situation:
    """What matters of one moment.

    Attributes:
        x, feet: pixels.
        inertia: speed along the ground, 8.8 fixed point; in the air, sideways.
        alive: the player lives and is not about to die.
        charging: a spin dash is being charged.
        switches: bit n is set once switch n was thrown.
    """

    x: int
    feet: int
    inertia: int
    rings: int
    alive: bool
    finished: bool
    airborne: bool
    charging: bool
    switches: int


@dataclass(frozen=True)
class Trial:
    """Where a move led that was only tried.

    Attributes:
        end: the situation in its last frame.
        fewest_rings: on the way.
        frames: until its end, a death or the end of the act.
        grounded: frames until the feet were last seen on the ground; 0 when they never were.
    """

    end: Situation
    fewest_rings: int
    frames: int
    grounded: int = 0


def never(now: Situation) -> bool:
    """No situation ends the trial."""
    return False


class Sandbox:
    """One act in the emulator, from wherever it stands when this is made.

    Attributes:
        frames: all frames that were emulated.
    """

    def __init__(self, emulator: Emulator, act: Act) -> None:
        self.frames = 0
        self._emulator = emulator
        self._act = act
        self._lives = emulator.peek("lives")

    def press(self, mask: int) -> None:
        """One frame."""
        self._emulator.step(mask)
        self.frames += 1

    def save(self) -> bytes:
        """A savestate, as short as it can be: searches keep hundreds."""
        return self._emulator.get_state()[:CORE_DATA_BYTES]

    def load(self, state: bytes) -> None:
        """Go back to one of `save`."""
        self._emulator.set_state(state + _PADDING)

    def look(self) -> Situation:
        """The situation as it is."""
        peek = self._emulator.peek
        rules = rule_variables(peek)
        y, routine = peek("y"), peek("routine")
        # a death shows in `lives` only after its animation; falling out of the picture shows at once
        is_dying = y > peek("screen_y") + 232 or routine >= ROUTINE_DEAD
        airborne = bool(peek("status") & STATUS_AIRBORNE)
        return Situation(
            x=rules["x"],
            feet=y + FEET,
            inertia=peek("x_vel" if airborne else "inertia"),
            rings=peek("rings"),
            alive=not is_dying and not is_dead(rules, self._lives),
            finished=is_finished(rules, self._act),
            airborne=airborne,
            charging=bool(peek("spindash_flag")),
            switches=self._emulator.switches(),
        )

    def attempt(
        self, state: bytes, masks: Sequence[int], until: Callable[[Situation], bool] = never, at_least: int = 0
    ) -> Trial:
        """Press masks from a savestate on. The emulator is left where that ends.

        Args:
            until: ends the trial, as the end of the act and the player's death do; asked after `at_least` frames.
        """
        self.load(state)
        return self.go_on(masks, until, at_least)

    def go_on(self, masks: Sequence[int], until: Callable[[Situation], bool] = never, at_least: int = 0) -> Trial:
        """The same from where the emulator stands."""
        now = self.look()
        fewest_rings = now.rings
        grounded = 0
        for number, mask in enumerate(masks, start=1):
            self.press(mask)
            fewest_rings = min(fewest_rings, self._emulator.peek("rings"))
            if number % LOOK_FRAMES == 0 or number == len(masks):
                now = self.look()
                if not now.airborne:
                    grounded = number
                if now.finished or not now.alive or (number >= at_least and until(now)):
                    return Trial(now, fewest_rings, number, grounded)
        return Trial(now, fewest_rings, len(masks), grounded)

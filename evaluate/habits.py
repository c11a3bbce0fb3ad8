"""How somebody plays, read off a movie: the way taken, and the habits of the hand. No scores here."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from game.actions import JUMP_BITS, mask_of
from game.emulator import Emulator
from game.movie import Movie, replay
from game.ram import MODE_IN_PLAY, STATUS_AIRBORNE, STATUS_ROLLING
from game.rules import FRAMES_PER_MINUTE
from game.spindash import SpinDashCounter

ROUTE_FRAMES = 12
"""Frames between two points of a route."""
LEFT = mask_of(("LEFT",))


@dataclass
class Play:
    """One play of an act.

    Attributes:
        route: (frame, x, y) every ROUTE_FRAMES frames, in the game's pixels.
        frames: in play.
        jumps: where jumps began, x; holds: frames the button was held in each.
        dashes: where spin dashes were launched, x; revs: presses in each.
        rolling, airborne, left: frames spent so, and with LEFT held.
    """

    route: list[tuple[int, int, int]] = field(default_factory=list)
    frames: int = 0
    jumps: list[int] = field(default_factory=list)
    holds: list[int] = field(default_factory=list)
    dashes: list[int] = field(default_factory=list)
    revs: list[int] = field(default_factory=list)
    rolling: int = 0
    airborne: int = 0
    left: int = 0


@dataclass(frozen=True)
class Habit:
    """One habit of a player: a figure per play, and what it is called and counted in."""

    name: str
    unit: str
    values: tuple[float, ...]

    @property
    def mean(self) -> float:
        """Over the plays; 0 without any."""
        return float(np.mean(self.values)) if self.values else 0.0


def watch(emulator: Emulator, movie: Movie) -> Play:
    """Replay a movie and look at the hand."""
    play = Play()
    counter = SpinDashCounter()
    peek = emulator.peek
    grounded = True
    pressed_before = False
    for frame in replay(emulator, movie):
        mask = int(movie.masks[frame])
        status, x, flag = peek("status"), peek("x"), peek("spindash_flag")
        if peek("game_mode") != MODE_IN_PLAY or peek("level_end_bonus"):
            continue
        play.frames += 1
        if frame % ROUTE_FRAMES == 0:
            play.route.append((frame, x, peek("y")))
        pressed = bool(mask & JUMP_BITS)
        airborne = bool(status & STATUS_AIRBORNE)
        if pressed and not pressed_before and grounded and airborne and not flag:
            play.jumps.append(x)
            play.holds.append(0)
        if pressed and play.holds and airborne:
            play.holds[-1] += 1
        dash = counter.update(frame, mask, flag, inertia=peek("inertia"), x=x)
        if dash:
            play.dashes.append(dash.x)
            play.revs.append(dash.revs)
        play.airborne += airborne
        play.rolling += bool(status & STATUS_ROLLING) and not airborne
        play.left += bool(mask & LEFT)
        grounded, pressed_before = not airborne, pressed
    return play


def habits_of(plays: Sequence[Play]) -> list[Habit]:
    """A player's habits over plays, always in the same order."""
    long_enough = [play for play in plays if play.frames]

    def per_play(name: str, unit: str, values: Sequence[float]) -> Habit:
        return Habit(name, unit, tuple(values))

    minutes = [play.frames / FRAMES_PER_MINUTE for play in long_enough]
    held = [float(np.mean(play.holds)) for play in long_enough if play.holds]
    revved = [float(np.mean(play.revs)) for play in long_enough if play.revs]
    return [
        per_play("jumps", "a minute", [len(p.jumps) / m for p, m in zip(long_enough, minutes, strict=True)]),
        per_play("jump held", "frames", held),
        per_play("spin dashes", "a minute", [len(p.dashes) / m for p, m in zip(long_enough, minutes, strict=True)]),
        per_play("presses per spin dash", "", revved),
        per_play("rolling", "% of the time", [100 * p.rolling / p.frames for p in long_enough]),
        per_play("in the air", "% of the time", [100 * p.airborne / p.frames for p in long_enough]),
        per_play("LEFT held", "% of the time", [100 * p.left / p.frames for p in long_enough]),
    ]

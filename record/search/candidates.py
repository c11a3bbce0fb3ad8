"""Moves worth trying where plain running ends, the likeliest first."""

from collections.abc import Iterator
from dataclasses import dataclass

from record.search.moves import JUMP_RIGHT, LEFT, NOTHING, RIGHT, Hand, Move
from record.search.sandbox import Situation

NEARLY_AT_REST = 0x40
"""Inertia, 8.8 fixed point: a quarter of a pixel per frame."""


@dataclass(frozen=True)
class Taste:
    """What a player likes to do where several things would do. The default is nobody in particular."""

    hops: float = 0.06
    """Chance of a hop or a pause, whenever the way is free."""
    hop_frames: tuple[int, int] = (4, 16)
    """How long the button is held in a hop, from and to below."""
    rolls: float = 0.0
    """Chance of curling up in full run, whenever the way is free."""
    holds: tuple[int, ...] = ()
    """How long a jump is held, what is tried first at the head; empty: in any order."""
    early: bool = False
    """Jump as early as will do, instead of as late."""
    revs: tuple[int, ...] = ()
    """Presses of a spin dash, what is tried first at the head; empty: in any order."""


def candidates(hand: Hand, taste: Taste, now: Situation, survived: int) -> Iterator[Move]:
    """Moves to the right from this situation.

    Args:
        survived: frames of plain running until it got into trouble.
    """
    if now.charging:
        for revs in (0, 1, 3):
            yield hand.rev(revs)
    elif now.airborne:
        yield from _in_the_air(hand)
    yield from _on_the_way(hand, taste, now, survived)
    yield from _waiting(hand)
    yield from _from_further_back(hand)


def _in_the_air(hand: Hand) -> Iterator[Move]:
    """Steering; where the jump's button is held, it may be held for longer."""
    for mask in (JUMP_RIGHT, NOTHING, LEFT):
        for frames in (6, 14, 24):
            yield hand.steer(mask, frames)


def _on_the_way(hand: Hand, taste: Taste, now: Situation, survived: int) -> Iterator[Move]:
    """Jumps from late to early, spin dashes, a hop up, a roll."""
    latest = max(survived - 6, 0)  # a jump takes some frames to clear what stopped the run
    delays = range(0, latest + 1, 6) if taste.early else range(latest, -1, -6)
    holds = list(taste.holds) or hand.rng.permutation([18, 8, 26, 13]).tolist()  # frames: they set the height
    for delay in delays:
        for hold in holds[:2]:
            varied = max(delay + int(hand.rng.integers(-2, 3)), 0)
            yield hand.jump(varied, hold)
    approach: Move = ()  # up to the trouble; at rest the player stands before it already
    if abs(now.inertia) > NEARLY_AT_REST and survived >= 3:
        approach = ((RIGHT, survived),)
    order_of_revs = list(taste.revs) or hand.rng.permutation([1, 2, 3, 4]).tolist()
    for revs, pause in zip(order_of_revs, (7, 7, 24, 40), strict=True):
        yield approach + hand.spin_dash(revs, pause)
    for delay in delays:
        for hold in holds[2:]:
            yield hand.jump(delay, hold)
    yield hand.hop_up(22)
    yield hand.roll(2)
    for delay in (0, latest):
        yield hand.jumps(delay, (20, 20))
        yield hand.jumps(delay, (8, 24))


def _waiting(hand: Hand) -> Iterator[Move]:
    """Let something pass, or come."""
    for frames in (20, 45, 80, 130):
        yield hand.wait(frames) + hand.jump(4, 20)
        yield hand.wait(frames) + hand.run(24)


def _from_further_back(hand: Hand) -> Iterator[Move]:
    """A few steps back and a jump or a dash; a run-up of 100 to 400 pixels."""
    for frames in (16, 34, 60):
        back = hand.step_back(frames)
        for delay in (6, 18, 32):
            yield back + hand.jump(delay, 22)
        for revs in (2, 4):
            yield back + hand.spin_dash(revs, pause=20)
        yield (*back, hand.hold(JUMP_RIGHT, 24), hand.hold(RIGHT, 20))
    for frames in (90, 120, 60):
        run_up = hand.run_up(frames)
        yield run_up
        yield run_up + hand.jump(0, 24)
    yield hand.run_up(90) + hand.roll(0)

"""Whether two takes are the same play: where the player was over time, kept in the sidecar of each."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from game.certificate import read_sidecar
from game.emulator import Emulator
from game.movie import MovieError, read_movie, replay

TRACE_FRAMES = 60
"""Frames between two of a trace's positions."""
NEAR = 4
"""Pixels by which two takes may differ everywhere and still be the same."""
MOST_POSITIONS = 86
"""Of a trace, so that it takes less than 0.5 KB: 85 seconds of play, and what comes after is not compared."""

Trace = Annotated[list[Annotated[int, msgspec.Meta(ge=0, le=0xFFFF)]], msgspec.Meta(max_length=MOST_POSITIONS)]


def trace_of(positions: Iterable[int]) -> list[int]:
    """The trace of a play: every TRACE_FRAMES-th x (pixels) from where the player first moves, and the last.

    Args:
        positions: x after every frame.
    """
    xs = list(positions)
    first = next((frame for frame, x in enumerate(xs) if x != xs[0]), 0)
    return [*xs[first::TRACE_FRAMES][: MOST_POSITIONS - 1], *xs[-1:]]


def is_same_play(one: Sequence[int], other: Sequence[int]) -> bool:
    """Whether two traces are within NEAR pixels of each other for their whole length."""
    if len(one) != len(other):
        return False
    return all(abs(x - y) <= NEAR for x, y in zip(one, other, strict=True))


def same_take(emulator: Emulator, folder: Path, trace: Sequence[int]) -> str:
    """The name of a movie in a folder that plays the same as this trace, "" when there is none."""
    for path in sorted(folder.glob("*.bk2")):
        try:
            known = _known_trace(read_sidecar(path).facts) or _replayed_trace(emulator, path)
        except MovieError:
            continue  # what cannot be read is nobody's twin
        if is_same_play(known, trace):
            return path.name
    return ""


def _known_trace(facts: dict[str, Any]) -> list[int]:
    """The trace in a sidecar's facts; empty where there is none that could be one."""
    try:
        return msgspec.convert(facts.get("trace", []), Trace)
    except msgspec.ValidationError:
        return []


def _replayed_trace(emulator: Emulator, path: Path) -> list[int]:
    """The trace of a movie that was written without one."""
    movie = read_movie(path)
    if movie.game_id != emulator.game.retro_id:
        return []
    return trace_of([emulator.peek("x") for _ in replay(emulator, movie)])

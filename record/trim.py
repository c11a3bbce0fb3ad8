"""Cuts the head or the tail off a movie, into a new one; the old one stays."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from game.acts import Act, act_of
from game.certificate import Sidecar, certify, read_sidecar
from game.emulator import Emulator
from game.movie import Movie, MovieError, read_movie
from record.cutting import AROUND_FRAMES, NEAR_PIXELS, Found, find_beginning, nearest_idle
from record.library import save_new

PLAYERS = ("search", "human", "policy", "takeover", "correction")
KEPT_FACTS = ("device", "checkpoint", "seed", "recorded", "skill", "sticky")


@dataclass(frozen=True)
class Cut:
    """A movie cut out of another.

    Attributes:
        path: the new movie.
        first, last: frames of the old movie that are in it.
        how: what was done about the idle frame that every movie begins with, and how exact the rest is; for people.
    """

    path: Path
    first: int
    last: int
    how: str


def trim(emulator: Emulator, movies: Path, path: Path, first: int, last: int) -> Cut:
    """Write frames `first` to `last` (both included; last -1: to the end) of a movie as a new one.

    The head is cut at `first`, or as near to it (AROUND_FRAMES) as the rest still plays as it did.

    Raises:
        MovieError: the movie is unreadable or not that long, or nothing near `first` plays as it did.
    """
    movie = read_movie(path)
    sidecar = read_sidecar(path)
    if last < 0:
        last = movie.frames - 1
    if not 0 <= first < last < movie.frames:
        raise MovieError(f"{path}: expected 0 <= first < last < {movie.frames} frames. Received: {first}, {last}")
    act = _act_at_start(emulator, path, movie)
    found = find_beginning(emulator, movie, act, first, last)
    if found is None:
        raise MovieError(f"{path}: {_refusal(movie, first, last)}")
    cut = Movie(emulator.game.retro_id, found.state, found.beginning.masks(movie, last))
    facts = _kept_facts(path, sidecar.facts, found, last)
    certificate = certify(emulator, cut)
    facts |= found.facts | {"act": act.name, "frames": cut.frames}
    facts["trimmed_from"] = {"file": path.name, "first": found.beginning.frame, "last": last} | _lead_facts(found)
    label = "movie-cut"
    if sidecar.player in PLAYERS:  # else it could be anything, and it becomes part of a file's name
        label = f"{sidecar.player}-cut"
    cut_sidecar = Sidecar(sidecar.player, certificate, facts)
    saved = save_new(movies, emulator.game.name, act.name, label, movie=cut, sidecar=cut_sidecar)
    return Cut(saved, found.beginning.frame, last, _how(found))


def _act_at_start(emulator: Emulator, path: Path, movie: Movie) -> Act:
    emulator.set_state(movie.state)
    act = act_of(emulator.peek("zone"), emulator.peek("act_number"))
    if act is None:
        raise MovieError(f"{path}: it begins in none of the 18 acts")
    return act


def _refusal(movie: Movie, first: int, last: int) -> str:
    around = f"from frame {max(first - AROUND_FRAMES, 0)} to {first + AROUND_FRAMES}"
    why = f"behind one idle frame the rest plays otherwise {around}: the player leaves the old way or ends elsewhere"
    idle = nearest_idle(movie.masks, first, last)
    if not idle:
        return f"{why}. No frame of it is idle, so only its tail can be cut: --first 0."
    return f"{why}. Cut at the nearest idle frame: --first {' or --first '.join(map(str, idle))}."


def _how(found: Found) -> str:
    frame = found.beginning.frame
    if found.beginning.idle == "own":
        return f"frame {frame} is idle, so it plays exactly as it did"
    place = f"in place of frame {frame - 1}" if found.beginning.idle == "replaced" else "as one frame more"
    if found.exact:
        return f"an idle frame put in front, {place}; the rest plays exactly as it did"
    return (
        f"an idle frame put in front, {place}; the rest comes to the same end, never more than {found.apart} pixels "
        f"from the old way ({NEAR_PIXELS} are allowed)"
    )


def _lead_facts(found: Found) -> dict[str, Any]:
    """What the sidecar says of an idle frame put in front; nothing where the movie's own is there."""
    if found.beginning.idle == "own":
        return {}
    return {"idle": found.beginning.idle, "apart": found.apart}


def _kept_facts(path: Path, facts: dict[str, Any], found: Found, last: int) -> dict[str, Any]:
    """What stays true of the cut: who pressed which frames, the device, the seed. MovieError when that makes no sense."""
    kept: dict[str, Any] = {name: facts[name] for name in KEPT_FACTS if name in facts}
    if "segments" in facts:
        try:
            segments = msgspec.convert(facts["segments"], list[tuple[str, int]])
        except msgspec.ValidationError as error:
            raise MovieError(f"{path.with_suffix('.json')}: facts.segments: {error}") from error
        cut = _cut_segments(segments, found.beginning.frame, last)
        if cut:
            cut[0][1] += found.beginning.lead  # the idle frame is of whoever presses the next
        kept["segments"] = cut
    return kept


def _cut_segments(segments: list[tuple[str, int]], first: int, last: int) -> list[list[Any]]:
    """Those of the frames `first` to `last`, as runs again: [["policy", 812], ["human", 240], …]."""
    cut = []
    begins = 0
    for who, count in segments:
        ends = begins + count
        inside = min(ends, last + 1) - max(begins, first)
        if inside > 0:
            cut.append([who, inside])
        begins = ends
    return cut

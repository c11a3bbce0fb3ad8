"""Cuts the head or the tail off a movie, into a new one; the old one stays."""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from game.acts import act_of
from game.certificate import Sidecar, certify, read_sidecar
from game.emulator import Emulator
from game.movie import Movie, MovieError, read_movie, replay
from game.savestate import clean_state
from record.library import save_new

PLAYERS = ("search", "human", "policy", "takeover")
KEPT_FACTS = ("device", "checkpoint", "seed", "recorded")


def trim(emulator: Emulator, movies: Path, path: Path, first: int, last: int) -> tuple[Path, int, int]:
    """Write lines `first` to `last` (both included; last -1: to the end) of a movie as a new one.

    A movie's line 0 must be idle, so the head is cut at the nearest idle line at or before `first`.

    Returns:
        (file, first, last) as cut.

    Raises:
        MovieError: the movie is unreadable, or not that long.
    """
    movie = read_movie(path)
    sidecar = read_sidecar(path)
    if last < 0:
        last = movie.frames - 1
    if not 0 <= first < last < movie.frames:
        raise MovieError(f"{path}: expected 0 <= first < last < {movie.frames} frames. Received: {first}, {last}")
    idle = np.flatnonzero(movie.masks[: first + 1] == 0)
    if not len(idle):
        raise MovieError(
            f"{path}: no idle frame at or before {first}, and a movie must begin with one. Choose a later one."
        )
    first = int(idle[-1])
    state = clean_state(_state_before(emulator, movie, first))
    cut = Movie(emulator.game.retro_id, state, movie.masks[first : last + 1])
    emulator.set_state(state)
    act = act_of(emulator.peek("zone"), emulator.peek("act_number"))
    if act is None:
        raise MovieError(f"{path}: frame {first} is in none of the 18 acts")
    certificate = certify(emulator, cut)  # its replay leaves the emulator at the cut's end
    facts = _kept_facts(path, sidecar.facts, first, last) | {
        "act": act.name,
        "frames": cut.frames,
        "rings": emulator.peek("rings"),
        "score": emulator.peek("score"),
        "trimmed_from": {"file": path.name, "first": first, "last": last},
    }
    label = "movie-cut"
    if sidecar.player in PLAYERS:  # else it could be anything, and it becomes part of a file's name
        label = f"{sidecar.player}-cut"
    cut_sidecar = Sidecar(sidecar.player, certificate, facts)
    game = emulator.game.name
    saved = save_new(movies, game, act.name, label, movie=cut, sidecar=cut_sidecar)
    return saved, first, last


def _state_before(emulator: Emulator, movie: Movie, first: int) -> bytes:
    """The savestate from which frame `first` is played next."""
    if first == 0:
        return movie.state
    for frame in replay(emulator, movie):
        if frame == first - 1:
            break
    return emulator.get_state()


def _kept_facts(path: Path, facts: dict[str, Any], first: int, last: int) -> dict[str, Any]:
    """What stays true of the cut: who pressed which frames, the device, the seed. MovieError when that makes no sense."""
    kept: dict[str, Any] = {name: facts[name] for name in KEPT_FACTS if name in facts}
    if "segments" in facts:
        try:
            segments = msgspec.convert(facts["segments"], list[tuple[str, int]])
        except msgspec.ValidationError as error:
            raise MovieError(f"{path.with_suffix('.json')}: facts.segments: {error}") from error
        kept["segments"] = _cut_segments(segments, first, last)
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

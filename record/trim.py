"""Cuts the head or the tail off a movie, into a new one; the old one stays."""

from pathlib import Path
from typing import Any

import numpy as np

from game.acts import act_of
from game.emulator import Emulator
from game.games import clean_state
from game.movie import Movie, MovieError, Sidecar, certify, read_movie, read_sidecar, replay
from record.journal import WHO
from record.library import save_new


def trim(emulator: Emulator, movies: Path, path: Path, first: int, last: int) -> tuple[Path, int, int]:
    """Write lines `first` to `last` (both included; last -1: to the end) of a movie as a new one.

    A movie's line 0 must be idle, so the head is cut at the nearest idle line at or before `first`.

    Returns:
        (file, first, last) as cut.

    Raises:
        MovieError: the movie is unreadable, or not that long.
    """
    movie, sidecar = read_movie(path), read_sidecar(path)
    last = movie.frames - 1 if last < 0 else last
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
    act = act_of(emulator.peek("zone"), emulator.peek("act"))
    if act is None:
        raise MovieError(f"{path}: frame {first} is in none of the 18 acts")
    certificate = certify(emulator, cut)
    facts = _facts(sidecar.facts, first, last) | {
        "act": act.name,
        "frames": cut.frames,
        "rings": emulator.peek("rings"),
        "score": emulator.peek("score"),
        "trimmed_from": {"file": path.name, "first": first, "last": last},
    }
    label = f"{sidecar.player if sidecar.player != 'unknown' else 'movie'}-cut"
    saved = save_new(movies, emulator.game.name, act.name, label, cut, Sidecar(sidecar.player, certificate, facts))
    return saved, first, last


def _state_before(emulator: Emulator, movie: Movie, first: int) -> bytes:
    if first == 0:
        return movie.state
    for frame in replay(emulator, movie):
        if frame == first - 1:
            break
    return emulator.get_state()


def _facts(facts: dict[str, Any], first: int, last: int) -> dict[str, Any]:
    """What stays true of the cut: who pressed which frames, the device, the seed."""
    kept: dict[str, Any] = {name: facts[name] for name in ("device", "checkpoint", "seed", "recorded") if name in facts}
    if "segments" in facts:
        who = np.repeat([WHO.index(name) for name, _ in facts["segments"]], [count for _, count in facts["segments"]])
        who = who[first : last + 1]
        edges = np.flatnonzero(np.diff(who)) + 1
        runs = np.split(who, edges)
        kept["segments"] = [[WHO[int(run[0])], len(run)] for run in runs]
    return kept

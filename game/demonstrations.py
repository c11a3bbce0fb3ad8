"""Movies of whole acts as demonstrations: which there are, and any moment of one as the start of an episode.

A *keyframe* is a savestate along a movie. Keyframes lie in a cache that is made again from the movies when it is missing;
from the one before a moment, the movie's own masks lead up to it, so that a stack of frames looks back on what the
demonstration showed.
"""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np

from common.files import whole_file
from game.acts import Act, find_act
from game.certificate import check_frame, read_sidecar
from game.emulator import Emulator
from game.movie import Movie, MovieError, read_movie, replay
from game.rules import ActTracker, has_left
from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES, clean_state

MOVIES = Path("movies")
NO_DEMONSTRATION = ("policy", "takeover", "correction")
"""Players of a sidecar whose movies show nothing of a whole act, or are a policy's own play."""

KEYFRAME_EVERY = 120
"""Frames between two keyframes of a movie: replaying half of them takes 12 ms, a quarter of a percent of an episode."""
DOOMED_FRAMES = 240
"""So long before a life is lost, what is pressed is what loses it: nothing begins there, and a person is not cloned there."""
FORMAT = 1
"""Of the cache's files; others are made anew."""
IN_MEMORY = 64
"""Movies whose keyframes a process keeps: half a megabyte each."""


def movies_of(game: str, act: str) -> list[Path]:
    """The whole takes of an act, by whomever; drills, takeovers, corrections and a policy's own play are none."""
    found = []
    for path in sorted((MOVIES / game / act).glob("[!.]*.bk2")):
        try:
            sidecar = read_sidecar(path)
        except MovieError:
            continue
        if sidecar.player not in NO_DEMONSTRATION and not sidecar.facts.get("skill"):
            found.append(path)
    return found


@dataclass(frozen=True)
class Keyframes:
    """One movie of a whole act, any moment of which can be a start.

    Attributes:
        masks: uint16 [N], pressed in each frame that can be started behind, the idle first one included; what comes
            before a death, or after the act's end, is left out.
        max_x: int32 [N], the furthest x after each frame.
        start_x: of the act.
        states: the savestate before every KEYFRAME_EVERY-th frame, compressed.
    """

    act: Act
    masks: np.ndarray
    max_x: np.ndarray
    start_x: int
    states: tuple[bytes, ...]

    def frames_between(self, least: float, most: float) -> np.ndarray:
        """The frames behind which the furthest progress lies in [least, most), integer [any]; 0 to 1 both."""
        low, high = (self.start_x + share * (self.act.end_x - self.start_x) for share in (least, most))
        return np.flatnonzero((self.max_x >= low) & (self.max_x < high))

    def start(self, frame: int, look_back: int) -> dict[str, Any]:
        """Options of `ActEnv.reset` for an episode that begins behind this frame.

        Args:
            look_back: frames that a stack looks back; at least so many are played from a keyframe on.
        """
        keyframe = max(frame - look_back, 0) // KEYFRAME_EVERY
        first = keyframe * KEYFRAME_EVERY
        return {
            "act": self.act.name,
            "state": zlib.decompress(self.states[keyframe]).ljust(CORE_STATE_BYTES, b"\0"),
            "lead": self.masks[first : frame + 1].tolist(),
            "frame": frame,
            "start_x": self.start_x,
            "max_x": int(self.max_x[frame]),
        }


def keyframes_of(movie: Path, act: str, cache: Path, emulator: Emulator) -> Keyframes:
    """The keyframes of a movie, from the cache or by replaying it (the emulator is then left at its end).

    Raises:
        MovieError: it cannot be read, does not begin where the act does, or replays otherwise than its certificate says.
    """
    game = emulator.game
    key = hashlib.blake2b(movie.read_bytes() + game.sha1.encode(), digest_size=8).hexdigest()
    file = cache / game.name / f"{movie.stem}-{key}.npz"
    try:
        return _read(file, act)
    except (OSError, ValueError, EOFError, BadZipFile):  # not there, or damaged
        pass
    try:
        replayed = _replayed(emulator, movie, find_act(act))
    except ValueError as error:
        raise MovieError(f"{movie}: {error}") from error
    with whole_file(file) as beside, beside.open("wb") as opened:
        np.savez(opened, **replayed)
    return _read(file, act)


@lru_cache(maxsize=IN_MEMORY)
def _read(file: Path, act: str) -> Keyframes:
    """A file of the cache. ValueError for one of another format."""
    with file.open("rb") as opened, np.load(opened, allow_pickle=False) as arrays:  # closed when it is damaged, too
        stored = {name: arrays[name] for name in arrays.files}
    if stored.get("format") != FORMAT:
        raise ValueError(f"{file}: expected format {FORMAT}. Received: {stored.get('format')}")
    ends = np.cumsum(stored["sizes"]).tolist()
    starts = [0, *ends[:-1]]
    states = stored["states"].tobytes()
    return Keyframes(
        act=find_act(act),
        masks=stored["masks"],
        max_x=stored["max_x"],
        start_x=int(stored["start_x"]),
        states=tuple(states[start:end] for start, end in zip(starts, ends, strict=True)),
    )


def from_its_beginning(emulator: Emulator, movie: Movie, act: Act) -> Iterator[int]:
    """The movie's frames after the idle first one, behind which the emulator stands; ValueError when that is elsewhere."""
    emulator.set_state(emulator.game.start_state(act))
    emulator.step(0)
    start_x = emulator.peek("x")
    frames = replay(emulator, movie)
    next(frames)
    variables = emulator.variables()
    if has_left(variables, act) or variables["x"] != start_x:
        raise ValueError(f"expected a movie from the beginning of {act.name}. Received: one that begins elsewhere")
    return frames


def _replayed(emulator: Emulator, path: Path, act: Act) -> dict[str, Any]:
    """A movie's arrays for the cache, by replaying it."""
    movie = read_movie(path)
    certificate = read_sidecar(path).certificate
    frames = from_its_beginning(emulator, movie, act)
    tracker = ActTracker.begin(act, emulator.variables())
    states = [_packed(movie.state)]
    max_x = [tracker.max_x]
    for frame in frames:
        tracker.update(emulator.variables())
        check_frame(emulator, frame, certificate)
        if tracker.died or tracker.finished or tracker.passed:
            break
        max_x.append(tracker.max_x)
        if (frame + 1) % KEYFRAME_EVERY == 0:
            states.append(_packed(emulator.get_state()))
    played = len(max_x)
    if tracker.died:
        played = max(played - DOOMED_FRAMES, 1)
    return {
        "format": FORMAT,
        "masks": movie.masks[:played],
        "max_x": np.array(max_x[:played], np.int32),
        "start_x": tracker.start_x,
        "states": np.frombuffer(b"".join(states), np.uint8),
        "sizes": np.array([len(state) for state in states]),
    }


def _packed(state: bytes) -> bytes:
    """A savestate as the cache holds it: 10 kB."""
    return zlib.compress(clean_state(state)[:CORE_DATA_BYTES], level=1)

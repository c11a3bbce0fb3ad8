"""Places to practise a spin dash: moments shortly before the spin dashes of movies there are, or else quiet ground."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from game.acts import Act
from game.emulator import Emulator
from game.games import GameError, game_of_id
from game.movie import Movie, MovieError, read_movie, replay
from game.ram import MODE_IN_PLAY, ROUTINE_HURT, STATUS_AIRBORNE, STATUS_ROLLING
from game.savestate import clean_state
from game.spindash import SpinDash, SpinDashCounter, pad_spin_dashes
from record.library import act_folder, movie_files
from record.window.setup import Start

BEFORE_FRAMES = 100
"""How long before the movie's spin dash a drill begins."""
APART_PIXELS = 300
"""How far apart two drills begin at least."""
MOST_PLACES = 8
FLAT_ANGLES = (0xFE, 0xFF, 0x00, 0x01, 0x02)
"""The game's angles of level ground, 256 to the full turn."""

_MOMENT_FRAMES = 10
"""Frames between two calm moments kept while a movie replays."""
_MOMENTS_KEPT = 60
"""Ten seconds of calm: a drill need not begin longer before."""
_WITHIN_PIXELS = 900
"""How far before the movie's spin dash a drill may begin."""
_QUIET_FRAMES = 30
"""Frames between two looks for quiet ground."""


@dataclass(frozen=True)
class Place:
    """Where a drill begins.

    Attributes:
        x: of the player, in pixels.
        state: a savestate.
        source: the movie it was found in.
    """

    x: int
    state: bytes
    source: str


def _nobody_waits() -> None:
    """For a search that no window shows."""


def find_places(
    emulator: Emulator, movies: Path, act: Act, still_busy: Callable[[], None] = _nobody_waits
) -> list[Place]:
    """Up to MOST_PLACES places of an act, by x: before the spin dashes of its movies; where those hold none, quiet
    ground they pass; without any movie, the act's start. `still_busy` is called for every frame replayed."""
    readable = list(_movies_of(emulator, movies, act))
    places: list[Place] = []
    for name, movie in readable:
        # replaying takes seconds, so only movies whose pad looks like a spin dash are replayed
        if len(places) < MOST_PLACES and pad_spin_dashes(movie.masks):
            _add(places, _before_dashes(emulator, movie, name, still_busy))
    if not places:
        for name, movie in readable:
            if len(places) < MOST_PLACES:
                _add(places, _quiet_ground(emulator, movie, name, still_busy))
    if not places:
        state = clean_state(emulator.game.start_state(act))
        places = [Place(0, state, "the act's start")]
    return sorted(places, key=lambda place: place.x)


def drill_starts(
    emulator: Emulator, movies: Path, act: Act, still_busy: Callable[[], None] = _nobody_waits
) -> list[Start]:
    """A start for each of the act's places, each ending with the first spin dash."""
    places = find_places(emulator, movies, act, still_busy)
    how = "stand still, hold DOWN, tap jump, let go of DOWN"
    starts = []
    for number, place in enumerate(places, 1):
        note = f"spin dash drill, place {number} of {len(places)}: {how}"
        source = place.source if place.source.endswith(".bk2") else ""
        starts.append(Start(act, place.state, note, label="spindash", goal="spindash", source=source))
    return starts


def _movies_of(emulator: Emulator, movies: Path, act: Act) -> Iterator[tuple[str, Movie]]:
    """(file name, movie) of all that can be read and are of this game."""
    folder = act_folder(movies, emulator.game.name, act.name)
    for path in movie_files(folder):
        try:
            movie = read_movie(path)
            if game_of_id(movie.game_id) is emulator.game:
                yield path.name, movie
        except (MovieError, GameError):
            continue


def _add(places: list[Place], found: Iterator[Place]) -> None:
    """Add the places found that are not too near to one already there, while there is room."""
    for place in found:
        is_apart = all(abs(place.x - known.x) >= APART_PIXELS for known in places)
        if is_apart and len(places) < MOST_PLACES:
            places.append(place)


def _before_dashes(emulator: Emulator, movie: Movie, name: str, still_busy: Callable[[], None]) -> Iterator[Place]:
    """For each launch, the last calm moment at least BEFORE_FRAMES before it; where there is none, any before it."""
    counter = SpinDashCounter()
    peek = emulator.peek
    moments: list[tuple[int, Place]] = []
    for frame in replay(emulator, movie):
        still_busy()
        if frame % _MOMENT_FRAMES == 0 and is_calm(emulator):
            moments.append((frame, _place(emulator, name)))
            del moments[:-_MOMENTS_KEPT]
        mask = int(movie.masks[frame])
        flag = peek("spindash_flag")
        dash = counter.update(frame, mask, flag, inertia=peek("inertia"), x=peek("x"))
        if dash is None:
            continue
        place = _place_before(dash, moments)
        if place:
            yield place


def _place_before(dash: SpinDash, moments: list[tuple[int, Place]]) -> Place | None:
    """Of the calm moments, (frame, place) each, the best one to begin a drill of this spin dash at, if there is any."""
    earlier = [(frame, place) for frame, place in moments if frame < dash.frame]
    for frame, place in reversed(earlier):
        if frame <= dash.frame - BEFORE_FRAMES and abs(place.x - dash.x) < _WITHIN_PIXELS:
            return place
    if not earlier:
        return None
    # all of them are late or far away: the oldest leaves the most time
    _, oldest = earlier[0]
    return oldest


def _quiet_ground(emulator: Emulator, movie: Movie, name: str, still_busy: Callable[[], None]) -> Iterator[Place]:
    for frame in replay(emulator, movie):
        still_busy()
        if frame % _QUIET_FRAMES == 0 and is_calm(emulator) and emulator.peek("angle") in FLAT_ANGLES:
            yield _place(emulator, name)


def _place(emulator: Emulator, source: str) -> Place:
    """Where the emulator stands."""
    state = clean_state(emulator.get_state())
    return Place(emulator.peek("x"), state, source)


def is_calm(emulator: Emulator) -> bool:
    """On the ground, on foot, in play, the spin dash not begun."""
    peek = emulator.peek
    if peek("status") & (STATUS_AIRBORNE | STATUS_ROLLING) or peek("spindash_flag"):
        return False
    if peek("game_mode") != MODE_IN_PLAY or peek("level_end_bonus"):
        return False
    return peek("routine") < ROUTINE_HURT

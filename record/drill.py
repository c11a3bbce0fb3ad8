"""Places to practise a spin dash: moments shortly before the spin dashes of movies there are, or else quiet ground."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from game.acts import Act
from game.emulator import Emulator
from game.games import GameError, clean_state, game_of_id
from game.movie import Movie, MovieError, read_movie, replay
from game.ram import MODE_IN_PLAY, STATUS_AIRBORNE, STATUS_ROLLING
from game.spindash import SpinDashCounter, pad_spin_dashes
from record.library import act_folder, movie_files
from record.window.setup import Start

BEFORE_FRAMES = 100
"""How long before the spin dash of the movie a drill begins."""
APART_PIXELS = 300
"""Two drills begin at least so far apart."""
MOST_PLACES = 8
FLAT_ANGLES = (0xFE, 0xFF, 0x00, 0x01, 0x02)


@dataclass(frozen=True)
class Place:
    """Where a drill begins."""

    x: int
    state: bytes
    source: str


def find_places(emulator: Emulator, movies: Path, act: Act) -> list[Place]:
    """Up to MOST_PLACES places of an act, by x: before the spin dashes of its movies; where those hold none, quiet
    ground they pass; without any movie, the act's start."""
    readable = list(_movies_of(emulator, movies, act))
    places: list[Place] = []
    for name, movie in readable:
        if len(places) < MOST_PLACES and pad_spin_dashes(movie.masks):
            _add(places, _before_dashes(emulator, movie, name))
    for name, movie in readable if not places else []:
        if len(places) < MOST_PLACES:
            _add(places, _quiet_ground(emulator, movie, name))
    if not places:
        places = [Place(0, clean_state(emulator.game.start_state(act)), "the act's start")]
    return sorted(places, key=lambda place: place.x)


def drill_starts(emulator: Emulator, movies: Path, act: Act) -> list[Start]:
    places = find_places(emulator, movies, act)
    how = "stand still, hold DOWN, tap jump, let go of DOWN"
    return [
        Start(
            act, place.state, f"spin dash drill, place {i} of {len(places)}: {how}", label="spindash", goal="spindash"
        )
        for i, place in enumerate(places, 1)
    ]


def _movies_of(emulator: Emulator, movies: Path, act: Act) -> Iterator[tuple[str, Movie]]:
    for path in movie_files(act_folder(movies, emulator.game.name, act.name)):
        try:
            movie = read_movie(path)
            if game_of_id(movie.game_id) is emulator.game:
                yield path.name, movie
        except (MovieError, GameError):
            continue


def _add(places: list[Place], found: Iterator[Place]) -> None:
    for place in found:
        if len(places) < MOST_PLACES and all(abs(place.x - known.x) >= APART_PIXELS for known in places):
            places.append(place)


def _before_dashes(emulator: Emulator, movie: Movie, name: str) -> Iterator[Place]:
    """The last calm moment at least BEFORE_FRAMES before each launch; a moment is kept every 10 frames."""
    counter, peek = SpinDashCounter(), emulator.peek
    moments: list[tuple[int, Place]] = []
    for frame in replay(emulator, movie):
        if frame % 10 == 0 and _is_calm(emulator):
            moments.append((frame, Place(peek("x"), clean_state(emulator.get_state()), name)))
            del moments[:-60]
        flag, inertia, x = peek("spindash_flag"), peek("inertia"), peek("x")
        dash = counter.update(frame, int(movie.masks[frame]), flag, inertia, x)
        if dash is None:
            continue
        early = [place for when, place in moments if when <= dash.frame - BEFORE_FRAMES and abs(place.x - dash.x) < 900]
        late = [place for when, place in moments if when < dash.frame]
        if early or late:
            yield (early or late[:1])[-1]


def _quiet_ground(emulator: Emulator, movie: Movie, name: str) -> Iterator[Place]:
    for frame in replay(emulator, movie):
        if frame % 30 == 0 and _is_calm(emulator) and emulator.peek("angle") in FLAT_ANGLES:
            yield Place(emulator.peek("x"), clean_state(emulator.get_state()), name)


def _is_calm(emulator: Emulator) -> bool:
    """On the ground, on foot, in play, the spin dash not begun."""
    peek = emulator.peek
    busy = peek("status") & (STATUS_AIRBORNE | STATUS_ROLLING) or peek("spindash_flag")
    return not busy and peek("game_mode") == MODE_IN_PLAY and peek("routine") < 4 and not peek("level_end_bonus")

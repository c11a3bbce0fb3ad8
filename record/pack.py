"""Packs movies that begin alike: one savestate beside them all, which is nine tenths of each."""

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from game.movie import Movie, MovieError, leave_state_beside, read_movie
from game.state_files import state_file_name


def pack(paths: Iterable[Path]) -> str:
    """Pack the movies of each folder that share their savestate with another there; returns a line about it.

    What a movie plays, and its sidecar, stay the same. Movies that cannot be read are left as they are.
    """
    alike: dict[tuple[Path, str], list[Path]] = defaultdict(list)
    for path in paths:
        movie = _readable(path)
        if movie is not None:
            alike[path.parent, state_file_name(movie.state)].append(path)
    groups = [group for group in alike.values() if len(group) > 1]
    movies = [path for group in groups for path in group]
    before = _bytes_of(movies)
    for path in movies:
        leave_state_beside(path, read_movie(path))
    saved = before - _bytes_of(movies)
    return f"{len(movies)} movies with {len(groups)} savestates beside them: {saved / 1e6:.2f} MB less"


def _readable(path: Path) -> Movie | None:
    try:
        return read_movie(path)
    except MovieError:
        return None


def _bytes_of(paths: Iterable[Path]) -> int:
    return sum(path.stat().st_size for path in paths)

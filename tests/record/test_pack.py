"""Movies that begin alike share a savestate."""

import shutil
from pathlib import Path

from game.emulator import Emulator
from game.movie import Movie, read_movie, write_movie
from record.collection import verify
from record.library import movie_files
from record.pack import pack


def add_movie(source: Path, to: Path) -> Path:
    """A movie with its savestate inside, and its sidecar."""
    write_movie(to, read_movie(source))
    shutil.copy(source.with_suffix(".json"), to.with_suffix(".json"))
    return to


def test_what_movies_play_stays_the_same(emulator: Emulator, shipped_movie: Path, tmp_path: Path) -> None:
    paths = [add_movie(shipped_movie, tmp_path / name) for name in ("a.bk2", "b.bk2")]
    line = pack(movie_files(tmp_path))
    assert line.startswith("2 movies with 1 savestates beside them")
    assert all(path.stat().st_size < 2_000 for path in paths)
    assert len(list(tmp_path.glob("*.state"))) == 1
    assert verify(paths, workers=1) == 0
    before = [path.read_bytes() for path in paths]
    pack(movie_files(tmp_path))  # again
    assert [path.read_bytes() for path in paths] == before


def test_a_movie_that_shares_with_none_and_one_that_is_damaged_are_left(shipped_movie: Path, tmp_path: Path) -> None:
    movie = read_movie(shipped_movie)
    alone = add_movie(shipped_movie, tmp_path / "alone.bk2")
    add_movie(shipped_movie, tmp_path / "elsewhere" / "a.bk2")  # shared states are one folder's
    write_movie(tmp_path / "other.bk2", Movie(movie.game_id, bytes(len(movie.state)), movie.masks))
    (tmp_path / "damaged.bk2").write_bytes(b"damaged")
    before = {path: path.read_bytes() for path in movie_files(tmp_path)}
    assert pack(movie_files(tmp_path)).startswith("0 movies")
    assert {path: path.read_bytes() for path in movie_files(tmp_path)} == before
    assert alone in before
    assert not list(tmp_path.rglob("*.state"))

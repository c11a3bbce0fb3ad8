"""Savestates beside the movies that begin with them."""

import gzip
from pathlib import Path

import pytest

from game.movie import MovieError, leave_state_beside, read_movie, write_movie
from game.savestate import CORE_STATE_BYTES
from game.state_files import read_state_file, state_file_name, write_state_file


@pytest.fixture
def packed(shipped_movie: Path, tmp_path: Path) -> Path:
    """A movie whose savestate lies beside it."""
    movie = read_movie(shipped_movie)
    path = tmp_path / "a.bk2"
    write_movie(path, movie)
    leave_state_beside(path, movie)
    return path


def test_a_movie_with_its_state_beside_it_is_the_same_movie(shipped_movie: Path, packed: Path) -> None:
    whole = read_movie(shipped_movie)
    again = read_movie(packed)
    assert again.state == whole.state
    assert (again.masks == whole.masks).all()
    assert again.game_id == whole.game_id
    assert packed.stat().st_size < 2_000


def test_written_again_it_is_whole(packed: Path, tmp_path: Path) -> None:
    movie = read_movie(packed)
    write_movie(tmp_path / "other" / "b.bk2", movie)  # no state file there
    assert read_movie(tmp_path / "other" / "b.bk2").state == movie.state


def test_the_same_state_gives_the_same_file(tmp_path: Path) -> None:
    state = bytes(CORE_STATE_BYTES)
    first, second = write_state_file(tmp_path / "a", state), write_state_file(tmp_path / "b", state)
    assert first.name == second.name == state_file_name(state)
    assert first.read_bytes() == second.read_bytes()


def test_a_state_that_is_missing_is_named(packed: Path) -> None:
    (state_file,) = packed.parent.glob("*.state")
    state_file.unlink()
    with pytest.raises(MovieError, match=f"{state_file.name}, which is not beside it: copy that file along"):
        read_movie(packed)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"no gzip", "not a readable state file"),
        (gzip.compress(b"\1" * CORE_STATE_BYTES)[:500], "not a readable state file"),
        (gzip.compress(b"\1" * CORE_STATE_BYTES), "another savestate than its name says"),
        (gzip.compress(bytes(100 * CORE_STATE_BYTES)), "another savestate than its name says"),
        (b"\1" * (2 * CORE_STATE_BYTES), "larger than"),
    ],
)
def test_a_state_that_is_not_what_its_name_says_is_refused(packed: Path, content: bytes, reason: str) -> None:
    (state_file,) = packed.parent.glob("*.state")
    state_file.write_bytes(content)
    with pytest.raises(MovieError, match=reason):
        read_movie(packed)


@pytest.mark.parametrize("name", ["../start-0123456789abcdef.state", "/etc/passwd", "start-x.state", ""])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"expected a state file named start-"):
        read_state_file(tmp_path, name)

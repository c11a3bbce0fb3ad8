"""When two takes are the same play."""

import json
from pathlib import Path

import pytest

from game.certificate import Sidecar, write_sidecar
from game.emulator import Emulator
from game.movie import Movie, read_movie, replay, write_movie
from record.search.traces import MOST_POSITIONS, TRACE_FRAMES, is_same_play, same_take, trace_of


def run(frames: int, idle: int = 0, speed: int = 3) -> list[int]:
    return [96] * (idle + 1) + [96 + speed * frame for frame in range(1, frames)]


def test_a_trace_begins_where_the_player_moves() -> None:
    assert trace_of(run(100, idle=17)) == trace_of(run(100)) == [99, 279, 393]
    assert trace_of([96] * 100) == [96, 96, 96]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ([96, 200, 300], [96, 204, 296], True),
        ([96, 200, 300], [96, 205, 300], False),
        ([96, 200, 300], [96, 200, 300, 400], False),
        ([], [], True),
    ],
)
def test_the_same_play_is_near_everywhere(one: list[int], other: list[int], same: bool) -> None:
    assert is_same_play(one, other) is same


def test_a_trace_takes_less_than_a_kilobyte() -> None:
    trace = trace_of(range(0, 60_000))
    assert len(trace) == MOST_POSITIONS
    assert len(json.dumps(trace)) <= 1200
    assert trace[1] - trace[0] == TRACE_FRAMES


def test_a_twin_is_found_with_and_without_its_trace(emulator: Emulator, shipped_movie: Path, tmp_path: Path) -> None:
    movie = read_movie(shipped_movie)
    trace = trace_of([emulator.peek("x") for _ in replay(emulator, movie)])
    assert same_take(emulator, tmp_path, trace) == ""
    write_movie(tmp_path / "a.bk2", movie)
    assert same_take(emulator, tmp_path, trace) == "a.bk2"
    write_sidecar(tmp_path / "a.bk2", Sidecar("search", None, {"trace": [x + 5 for x in trace]}))
    assert same_take(emulator, tmp_path, trace) == ""  # the sidecar's word counts
    write_sidecar(tmp_path / "a.bk2", Sidecar("search", None, {"trace": "nonsense"}))
    assert same_take(emulator, tmp_path, trace) == "a.bk2"
    (tmp_path / "b.bk2").write_bytes(b"no movie")
    assert same_take(emulator, tmp_path, trace[:-1]) == ""


def test_a_movie_of_another_game_is_no_twin(emulator: Emulator, shipped_movie: Path, tmp_path: Path) -> None:
    movie = read_movie(shipped_movie)
    write_movie(tmp_path / "a.bk2", Movie("SonicTheHedgehog2-Genesis-v0", movie.state, movie.masks))
    assert same_take(emulator, tmp_path, [96]) == ""

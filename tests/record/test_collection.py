"""The collection: what is missing, what still replays, where a drill begins."""

import json
from pathlib import Path

import numpy as np
import pytest

from game.emulator import Emulator
from game.games import Game
from game.movie import MovieError, read_movie, write_movie
from record.collection import acts_without_dash, show, verify_movie
from record.drill import find_places
from record.library import act_folder, save_take
from record.take import Take
from tests.record.conftest import ACT
from tests.record.test_journal_reader import damaged

RIGHT, DOWN, JUMP_DOWN = 128, 32, 33
DASH = ((0, 10), (DOWN, 10), (JUMP_DOWN, 4), (DOWN, 4), (RIGHT, 60))


def saved(emulator: Emulator, movies: Path, *runs: tuple[int, int], who: str = "human") -> Path:
    take = Take(emulator, ACT, who=who)
    for mask, frames in runs:
        for _ in range(frames):
            take.press(mask, who)
    return save_take(movies, take)


def test_the_list_says_what_is_missing(emulator: Emulator, quillrush: Game, tmp_path: Path) -> None:
    saved(emulator, tmp_path, (RIGHT, 100))
    text = "\n".join(show(tmp_path, quillrush, each=True))
    assert f"{ACT.name}-human-000.bk2" in text
    without = next(line for line in text.splitlines() if line.startswith("acts without movies"))
    assert ACT.name not in without
    assert without.endswith("and 11 more")
    assert f"acts whose movies hold no spin dash: {ACT.name}" in text
    assert ACT.name in acts_without_dash(tmp_path, quillrush)
    saved(emulator, tmp_path, *DASH)
    assert ACT.name not in acts_without_dash(tmp_path, quillrush)
    assert "acts whose movies hold no spin dash: none" in "\n".join(show(tmp_path, quillrush))


def test_a_damaged_movie_is_listed_by_name(quillrush: Game, tmp_path: Path) -> None:
    folder = act_folder(tmp_path, "quillrush", ACT.name)
    folder.mkdir(parents=True)
    (folder / "torn.bk2").write_bytes(b"PK\x03\x04 torn")
    assert any("torn.bk2" in line and "UNUSABLE" in line for line in show(tmp_path, quillrush))


@pytest.mark.parametrize("counted", ["3", -1, [], True, 2.5, 1e300, {}])
def test_a_sidecar_with_a_senseless_count_is_listed_by_name(
    emulator: Emulator, quillrush: Game, tmp_path: Path, counted: object
) -> None:
    path = saved(emulator, tmp_path, (RIGHT, 60))
    sidecar = json.loads(path.with_suffix(".json").read_text())
    sidecar["facts"]["spin_dashes"] = counted
    path.with_suffix(".json").write_text(json.dumps(sidecar))
    lines = show(tmp_path, quillrush, each=True)
    assert any("UNUSABLE" in line and "facts.spin_dashes" in line for line in lines)


@pytest.mark.parametrize("count", [60, pytest.param(5_000, marks=pytest.mark.slow)])
def test_no_damaged_movie_or_sidecar_stops_the_list(
    emulator: Emulator, quillrush: Game, tmp_path: Path, count: int
) -> None:
    path = saved(emulator, tmp_path, (RIGHT, 30))
    movie, sidecar = path.read_bytes(), path.with_suffix(".json").read_bytes()
    rng = np.random.default_rng(count)
    for number in range(count):
        other = path.with_stem(f"{path.stem}-{number:05d}")
        other.write_bytes(damaged(rng, movie) if number % 2 else movie)
        other.with_suffix(".json").write_bytes(sidecar if number % 2 else damaged(rng, sidecar))
    lines = show(tmp_path, quillrush, each=True)
    listed = [line for line in lines if line.startswith("    ") and path.stem in line]
    assert len(listed) == count + 1
    unusable = [line for line in listed if "UNUSABLE" in line]
    assert 0 < len(unusable) <= count
    assert all(".bk2" in line or ".json" in line for line in unusable)


def test_verify_finds_a_movie_that_was_changed(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # there can be one emulator per process, and the fixture is it
    monkeypatch.setattr("record.collection.shared_emulator", lambda game: emulator)
    path = saved(emulator, tmp_path, (RIGHT, 150))
    assert "exact" in verify_movie(path)
    other = json.loads(path.with_suffix(".json").read_text())
    other["certificate"]["hashes"][1] = "0" * 16
    path.with_suffix(".json").write_text(json.dumps(other))
    with pytest.raises(MovieError, match="at frame 60"):
        verify_movie(path)
    path.with_suffix(".json").unlink()
    assert "no certificate" in verify_movie(path)


def test_drills_without_any_movie_begin_with_the_act(emulator: Emulator, tmp_path: Path) -> None:
    (place,) = find_places(emulator, tmp_path, ACT)
    assert place.source == "the act's start"


def test_drills_where_no_movie_holds_a_spin_dash_begin_on_quiet_ground(emulator: Emulator, tmp_path: Path) -> None:
    path = saved(emulator, tmp_path, (RIGHT, 120))
    places = find_places(emulator, tmp_path, ACT)
    assert {place.source for place in places} == {path.name}


def test_damaged_movies_do_not_stop_a_drill(emulator: Emulator, tmp_path: Path, shipped_movie: Path) -> None:
    folder = act_folder(tmp_path, "quillrush", ACT.name)
    folder.mkdir(parents=True)
    (folder / "a.bk2").write_bytes(b"no movie")
    write_movie(folder / "b.bk2", read_movie(shipped_movie))
    assert {place.source for place in find_places(emulator, tmp_path, ACT)} == {"b.bk2"}

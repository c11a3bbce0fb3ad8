"""The collection: what is missing, what still replays, cutting."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from game.certificate import certify, read_sidecar
from game.emulator import Emulator
from game.games import Game
from game.movie import MovieError, read_movie, replay
from record.collection import acts_without_dash, show, verify_movie
from record.drill import find_places
from record.library import act_folder, save_take
from record.take import Take
from record.trim import trim
from tests.record.conftest import ACT

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
    assert "WingFortressZone" in without
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


def test_a_cut_plays_the_same_frames(emulator: Emulator, tmp_path: Path) -> None:
    path = saved(emulator, tmp_path, (RIGHT, 50), (0, 20), (RIGHT, 60), (0, 30))
    whole = read_movie(path)
    frames = [emulator.ram() for _ in replay(emulator, whole)]
    cut, first, last = trim(emulator, tmp_path, path, 90, 139)
    assert (first, last) == (70, 139)  # the nearest idle frame before 90
    movie, sidecar = read_movie(cut), read_sidecar(cut)
    assert movie.masks[0] == 0
    assert np.array_equal(movie.masks, whole.masks[70:140])
    assert [emulator.ram() for _ in replay(emulator, movie)] == frames[70:140]
    assert sidecar.certificate == certify(emulator, movie)
    assert sidecar.facts["segments"] == [["human", 70]]
    assert sidecar.facts["trimmed_from"] == {"file": path.name, "first": 70, "last": 139}
    assert path.is_file()


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (9, 9), (20, 10), (0, 10_000)])
def test_a_cut_outside_the_movie_is_refused(emulator: Emulator, tmp_path: Path, first: int, last: int) -> None:
    path = saved(emulator, tmp_path, (RIGHT, 50))
    with pytest.raises(MovieError, match="expected 0 <= first"):
        trim(emulator, tmp_path, path, first, last if last >= 0 else 5)


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
    shutil.copy(shipped_movie, folder / "b.bk2")
    assert {place.source for place in find_places(emulator, tmp_path, ACT)} == {"b.bk2"}

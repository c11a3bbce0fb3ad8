"""Cutting a movie at any frame."""

import json
from pathlib import Path

import numpy as np
import pytest

from game.certificate import certify, read_sidecar
from game.emulator import Emulator
from game.movie import MovieError, read_movie, replay
from record import cutting
from record.trim import trim
from tests.record.conftest import ACT
from tests.record.test_collection import DASH, RIGHT, saved

JUMP_RIGHT = 129


def rams(emulator: Emulator, path: Path) -> list[bytes]:
    """RAM after every frame of a movie's replay."""
    return [emulator.ram() for _ in replay(emulator, read_movie(path))]


@pytest.mark.parametrize("asked", [70, 60, 51])
def test_a_cut_at_an_idle_frame_plays_the_same_frames(emulator: Emulator, tmp_path: Path, asked: int) -> None:
    path = saved(emulator, tmp_path, (RIGHT, 50), (0, 20), (RIGHT, 60), (0, 30))
    whole = read_movie(path)
    frames = rams(emulator, path)
    cut = trim(emulator, tmp_path, path, asked, 139)
    assert (cut.first, cut.last) == (asked, 139)
    movie, sidecar = read_movie(cut.path), read_sidecar(cut.path)
    assert movie.masks[0] == 0
    assert np.array_equal(movie.masks, whole.masks[asked:140])
    assert rams(emulator, cut.path) == frames[asked:140]
    assert sidecar.certificate == certify(emulator, movie)
    assert sidecar.facts["segments"] == [["human", 140 - asked]]
    assert sidecar.facts["trimmed_from"] == {"file": path.name, "first": asked, "last": 139}
    assert "exactly" in cut.how
    assert path.is_file()


def test_a_cut_of_a_drill_is_a_drill(emulator: Emulator, tmp_path: Path) -> None:
    """And a noisy take's is noisy: both decide what is learnt from it."""
    path = saved(emulator, tmp_path, (RIGHT, 50), (0, 20), (RIGHT, 60))
    known = path.with_suffix(".json")
    sidecar = json.loads(known.read_text())
    known.write_text(json.dumps(sidecar | {"facts": sidecar["facts"] | {"skill": "spindash", "sticky": 0.25}}))
    facts = read_sidecar(trim(emulator, tmp_path, path, 60, 120).path).facts
    assert (facts["skill"], facts["sticky"]) == ("spindash", 0.25)


def test_a_cut_right_after_an_idle_frame_begins_with_that(emulator: Emulator, tmp_path: Path) -> None:
    path = saved(emulator, tmp_path, (RIGHT, 50), (0, 20), (RIGHT, 60))
    frames = rams(emulator, path)
    cut = trim(emulator, tmp_path, path, 71, 120)
    assert cut.first == 70
    assert rams(emulator, cut.path) == frames[70:121]


@pytest.mark.parametrize("asked", [20, 45, 90, 130])
def test_a_cut_in_the_middle_of_a_run_gets_an_idle_frame_in_front(
    emulator: Emulator, tmp_path: Path, asked: int
) -> None:
    path = saved(emulator, tmp_path, (RIGHT, 60), (JUMP_RIGHT, 20), (RIGHT, 80))
    whole = read_movie(path)
    places = [(emulator.peek("x"), emulator.peek("y")) for _ in replay(emulator, whole)]
    cut = trim(emulator, tmp_path, path, asked, -1)
    movie, sidecar = read_movie(cut.path), read_sidecar(cut.path)
    assert cut.first == asked
    assert movie.masks[0] == 0
    assert np.array_equal(movie.masks[1:], whole.masks[asked:])
    assert sidecar.certificate == certify(emulator, movie)
    source = sidecar.facts["trimmed_from"]
    assert (source["file"], source["first"], source["last"]) == (path.name, asked, 160)
    assert source["idle"] in ("replaced", "added")
    assert sidecar.facts["segments"] == [["human", movie.frames]]
    assert "idle frame put in front" in cut.how
    replayed = [(emulator.peek("x"), emulator.peek("y")) for _ in replay(emulator, movie)][1:]
    apart = max(max(abs(a[0] - b[0]), abs(a[1] - b[1])) for a, b in zip(replayed, places[asked:], strict=True))
    assert apart == source["apart"] <= cutting.NEAR_PIXELS


def test_a_spin_dash_that_was_kept_is_still_one(emulator: Emulator, tmp_path: Path) -> None:
    """Cut while it is charged, the rest launches; cut after it, there is none."""
    path = saved(emulator, tmp_path, *DASH)
    whole = read_sidecar(path).facts
    assert whole["spin_dashes"] == 1
    charged = trim(emulator, tmp_path, path, 24, -1)
    facts = read_sidecar(charged.path).facts
    assert facts["spin_dashes"] == 1
    assert abs(facts["x"] - whole["x"]) <= cutting.NEAR_PIXELS
    after = trim(emulator, tmp_path, path, 60, -1)
    assert read_sidecar(after.path).facts["spin_dashes"] == 0


def test_what_plays_otherwise_is_looked_for_around_and_then_refused(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cutting, "NEAR_PIXELS", -1)  # nothing is near enough
    path = saved(emulator, tmp_path, (RIGHT, 50), (0, 5), (RIGHT, 120))
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(MovieError, match=r"--first 55\."):
        trim(emulator, tmp_path, path, 150, -1)
    assert sorted(tmp_path.rglob("*")) == before


def test_the_whole_act_still_finishes_cut_anywhere(emulator: Emulator, tmp_path: Path, shipped_movie: Path) -> None:
    """A minute of play after the cut: gates, jumps, the end of the act."""
    whole = read_sidecar(shipped_movie)
    frames = read_movie(shipped_movie).frames
    for asked in range(150, frames - 200, 700):
        cut = trim(emulator, tmp_path, shipped_movie, asked, -1)
        facts = read_sidecar(cut.path).facts
        assert abs(cut.first - asked) <= cutting.AROUND_FRAMES
        assert facts["finished"]
        assert facts["rings"] == whole.facts["rings"]
        assert facts["reached"] == 1.0


def with_sidecar(path: Path, **changes: object) -> Path:
    fields = json.loads(path.with_suffix(".json").read_text())
    path.with_suffix(".json").write_text(json.dumps(fields | changes))
    return path


def test_a_player_of_any_name_leads_no_cut_out_of_the_folder(emulator: Emulator, tmp_path: Path) -> None:
    path = with_sidecar(saved(emulator, tmp_path, (RIGHT, 50)), player="../../../elsewhere")
    cut = trim(emulator, tmp_path, path, 0, 30)
    assert cut.path.name == f"{ACT.name}-movie-cut-000.bk2"


@pytest.mark.parametrize("segments", [3, "ab", [["human"]], [["human", "9"]], [[9, "human"]], {"human": 9}, None])
def test_a_cut_of_senseless_segments_is_refused_by_name(emulator: Emulator, tmp_path: Path, segments: object) -> None:
    path = with_sidecar(saved(emulator, tmp_path, (RIGHT, 50)), facts={"segments": segments})
    with pytest.raises(MovieError, match=r"json: facts\.segments"):
        trim(emulator, tmp_path, path, 0, 30)
    assert len(list(tmp_path.rglob("*.bk2"))) == 1


def test_a_cut_on_a_full_disk_leaves_nothing(
    emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "the disk is full")

    path = saved(emulator, tmp_path, (RIGHT, 50))
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setattr("record.library.write_sidecar", no_room)
    with pytest.raises(OSError, match="full"):
        trim(emulator, tmp_path, path, 0, 30)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(("first", "last"), [(-1, 5), (9, 9), (20, 10), (0, 10_000)])
def test_a_cut_outside_the_movie_is_refused(emulator: Emulator, tmp_path: Path, first: int, last: int) -> None:
    path = saved(emulator, tmp_path, (RIGHT, 50))
    with pytest.raises(MovieError, match="expected 0 <= first"):
        trim(emulator, tmp_path, path, first, last if last >= 0 else 5)


def test_the_command_says_what_was_asked_and_what_was_done(
    workdir: Path, shipped_movie: Path, capsys: pytest.CaptureFixture
) -> None:
    from record.cli import main

    assert main(["trim", str(shipped_movie), "--first", "301", "--last", "420"]) == 0
    asked, done = capsys.readouterr().out.splitlines()
    assert "asked for frames 301 to 420" in asked
    (path,) = (workdir / "movies").rglob("*.bk2")
    first = read_sidecar(path).facts["trimmed_from"]["first"]
    assert f"{path.relative_to(workdir)}: frames {first} to 420;" in done

"""The figures of movies: hand-computed ones on small pads, and the command on shipped movies."""

import json
from itertools import pairwise
from pathlib import Path

import h5py
import matplotlib.image
import numpy as np
import pytest

from dataset.cli import main
from dataset.inspection import as_text, expand, inspect_file, inspect_masks, repeat_last, run_lengths, totals_text
from dataset.store import DatasetError
from dataset.windows import window_labels
from game.actions import mask_of
from game.movie import Movie, read_movie, write_movie
from tests.conftest import MOVIES

RIGHT, DOWN, A, B = mask_of(("RIGHT",)), mask_of(("DOWN",)), mask_of(("A",)), mask_of(("B",))
UP_RIGHT = mask_of(("UP", "RIGHT"))


def masks_of(*runs: tuple[int, int]) -> np.ndarray:
    """Pads held for so many frames, one after the other."""
    return np.concatenate([np.full(frames, mask, np.uint16) for mask, frames in runs])


def test_pads_combos_and_changes() -> None:
    figures = inspect_masks(
        "x", "sonic2", masks_of((0, 4), (RIGHT, 10), (UP_RIGHT, 3), (mask_of(("C",)), 2), (RIGHT, 1))
    )
    assert figures.frames == 20
    assert figures.raw_pads == {"RIGHT": 11, "none": 4, "RIGHT+UP": 3, "C": 2}
    assert figures.combos == {"RIGHT": 14, "none": 4, "B": 2}
    assert figures.jump_buttons == {"A": 0, "B": 0, "C": 2}
    assert (figures.changed_frames, figures.lossy_frames) == (5, 3)
    assert figures.change_reasons == {"up_dropped": 3, "c_as_b": 2}
    assert figures.changes == [
        {"held": "RIGHT+UP", "label": "RIGHT", "reasons": ["up_dropped"], "frames": 3},
        {"held": "C", "label": "B", "reasons": ["c_as_b"], "frames": 2},
    ]


def test_runs_of_held_combos() -> None:
    """RIGHT with and without UP is one combo, so one run of 13 frames."""
    figures = inspect_masks("x", "sonic2", masks_of((0, 4), (RIGHT, 10), (UP_RIGHT, 3), (0, 2), (RIGHT, 1)))
    assert {key: figures.runs[key] for key in ("count", "median", "mean", "longest")} == {
        "count": 4,
        "median": 3.0,
        "mean": 5.0,
        "longest": 13,
    }
    assert figures.runs["by_combo"]["RIGHT"] == {"count": 2, "median": 7.0, "mean": 7.0, "longest": 13}


def test_run_lengths_add_up() -> None:
    combos = np.random.default_rng(0).integers(0, 3, 500)
    held, lengths = run_lengths(combos)
    np.testing.assert_array_equal(np.repeat(held, lengths), combos)
    assert (held[1:] != held[:-1]).all()
    assert [len(part) for part in run_lengths(np.empty(0, int))] == [0, 0]


def test_spin_dashes_with_revs_and_length() -> None:
    """DOWN, three presses of A, DOWN let go: from the first press to the release."""
    crouched, pressed = (DOWN, 3), (DOWN | A, 2)
    masks = masks_of((0, 5), (DOWN, 4), pressed, crouched, pressed, crouched, pressed, (DOWN, 6), (RIGHT, 9))
    assert inspect_masks("x", "sonic2", masks).spin_dashes == [{"frame": 9, "frames": 18, "revs": 3}]


def test_repeat_last_by_hand() -> None:
    masks = masks_of((0, 4), (RIGHT, 4), (DOWN, 4))
    assert repeat_last(masks, 1) == pytest.approx(9 / 11, abs=1e-4)
    # frame skip 2: phase 0 has windows 0 0 R R D D, phase 1 has 0 0/R R R/D D, ties going to the combo that came first
    assert repeat_last(masks, 2) == pytest.approx((3 + 2) / (5 + 4), abs=1e-4)
    assert repeat_last(masks[:1], 4) == 0.0


def test_repeat_last_counts_a_as_b() -> None:
    assert repeat_last(masks_of((A, 5), (B, 5)), 1) == 1.0


@pytest.mark.parametrize("skip", [2, 3, 4, 6])
def test_repeat_last_is_that_of_training_windows(skip: int, shipped_movie: Path) -> None:
    masks = read_movie(shipped_movie).masks
    same = [a == b for p in range(skip) for a, b in pairwise(window_labels(masks, p, skip).tolist())]
    assert repeat_last(masks, skip) == pytest.approx(np.mean(same), abs=1e-4)


def test_a_movie_of_one_frame() -> None:
    figures = inspect_masks("x", "sonic2", masks_of((0, 1)))
    assert figures.runs["count"] == 1
    assert "1 (0 s)" in as_text(figures)


def test_old_ids_resolve(shipped_movie: Path, tmp_path: Path) -> None:
    movie = read_movie(shipped_movie)
    write_movie(tmp_path / "old.bk2", Movie("SonicTheHedgehog2-Genesis", movie.state, movie.masks))
    assert inspect_file(tmp_path / "old.bk2")[0].game == "sonic2"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two short movies of different length."""
    for number, frames in enumerate((300, 240)):
        movie = read_movie(MOVIES / "EmeraldHillZone.Act1" / f"EmeraldHillZone.Act1-search-{number:03d}.bk2")
        write_movie(tmp_path / "in" / f"{number}.bk2", Movie(movie.game_id, movie.state, movie.masks[:frames]))
    return tmp_path / "in"


def test_a_folder_of_movies(folder: Path, capsys) -> None:
    assert main(["inspect", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "0.bk2  (quillrush)" in out
    assert "together: 2 movies, 540 frames" in out
    (folder / "empty").mkdir()
    with pytest.raises(DatasetError, match="neither bk2 movies nor a data set"):
        expand(folder / "empty")


def test_a_bad_file_is_named_and_the_others_are_shown(folder: Path, capsys) -> None:
    (folder / "2.bk2").write_bytes(b"no")
    assert main(["inspect", str(folder), "nowhere.bk2"]) == 1
    captured = capsys.readouterr()
    assert "2.bk2: not a readable bk2" in captured.err
    assert "nowhere.bk2: not a file" in captured.err
    assert "together: 2 movies" in captured.out


def test_without_a_file_it_says_what_it_wants(capsys) -> None:
    assert main(["inspect"]) == 2
    assert "expected movies or data sets to inspect. Received: none" in capsys.readouterr().err


def test_a_users_own_file_is_never_to_be_deleted(tmp_path: Path, capsys) -> None:
    mine = tmp_path / "mine.hdf5"
    with h5py.File(mine, "w") as file:
        file["measurements"] = np.zeros(3)
    (tmp_path / "README.md").write_text("read me")
    assert main(["inspect", str(mine), str(tmp_path / "README.md")]) == 2
    captured = capsys.readouterr()
    assert "mine.hdf5: episode: expected a group. Received: nothing.\n" in captured.err
    assert "README.md: not a converted movie" in captured.err
    assert "elete" not in captured.err
    assert captured.out == ""
    ours = tmp_path / "data" / "movies" / "mine.hdf5"
    ours.parent.mkdir(parents=True)
    mine.rename(ours)
    assert main(["inspect", str(ours)]) == 2
    assert "make dataset" in capsys.readouterr().err


def test_json_holds_every_figure(folder: Path, capsys) -> None:
    assert main(["inspect", str(folder / "0.bk2"), "--json"]) == 0
    (figures,) = json.loads(capsys.readouterr().out)
    assert figures["frames"] == 300
    assert set(figures["repeat_last"]) == {"1", "2", "3", "4", "6", "8"}
    assert "masks" not in figures
    assert sum(run["count"] for run in figures["runs"]["by_combo"].values()) == figures["runs"]["count"]


def test_the_picture_is_drawn(folder: Path, tmp_path: Path) -> None:
    assert main(["inspect", str(folder), "--picture", str(tmp_path / "p.png")]) == 0
    picture = matplotlib.image.imread(tmp_path / "p.png")
    assert picture.shape[1] == 1540
    assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 20


def test_a_picture_that_cannot_be_written_says_so(folder: Path, capsys) -> None:
    assert main(["inspect", str(folder), "--picture", str(folder / "no" / "p.png")]) == 2
    assert "Cannot write the picture" in capsys.readouterr().err


def test_totals_weigh_by_length() -> None:
    still, restless = masks_of((0, 301)), np.tile(np.array([0, RIGHT], np.uint16), 50)
    text = totals_text([inspect_masks("a", "sonic2", still), inspect_masks("b", "sonic2", restless)])
    assert "repeat-last 75.1% at 60 Hz" in text

"""Takes of the search player where they cannot be written, or were cut off between movie and sidecar."""

import shutil
from pathlib import Path

import pytest

from game.certificate import Sidecar, certify, read_sidecar
from game.emulator import Emulator
from game.games import Game
from game.movie import read_movie
from record import library
from record.search import takes
from record.search.takes import plan_takes, search_all
from tests.record.conftest import ACT


def planned(game: Game) -> list[takes.SearchTake]:
    return plan_takes(game, ACT.name, takes=1, seed=0, tries=1, budget=10)


def no_workers(*_: object) -> None:
    raise AssertionError("minutes of searching for a movie that cannot be written")


def test_a_full_disk_is_told_before_the_search(quillrush: Game, workdir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(takes, "run_tasks", no_workers)
    monkeypatch.setattr(library, "MOVIE_BYTES", 1 << 60)
    with pytest.raises(OSError, match="MB free") as caught:
        search_all(planned(quillrush), workers=1)
    assert ACT.name in str(caught.value)


def test_a_read_only_folder_is_told_before_the_search(
    quillrush: Game, workdir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(takes, "run_tasks", no_workers)
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(OSError, match="read-only"):
        search_all(planned(quillrush), workers=1)


def test_a_movie_whose_sidecar_was_never_written_gets_one(
    quillrush: Game, workdir: Path, emulator: Emulator, shipped_movie: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (take,) = planned(quillrush)
    take.path.parent.mkdir(parents=True)
    shutil.copy(shipped_movie, take.path)
    assert planned(quillrush) == [take]
    takes._certify_found(take, emulator)
    sidecar = read_sidecar(take.path)
    assert sidecar.player == "search"
    assert sidecar.certificate == certify(emulator, read_movie(shipped_movie))
    assert planned(quillrush) == []


def test_a_sidecar_that_cannot_be_written_takes_its_movie_along(
    workdir: Path, shipped_movie: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object) -> None:
        raise OSError(28, "the disk is full")

    monkeypatch.setattr(library, "write_sidecar", no_room)
    with pytest.raises(OSError, match="full"):
        library.write_pair(workdir / "a.bk2", read_movie(shipped_movie), Sidecar())
    assert list(workdir.iterdir()) == []


def test_no_two_takes_share_a_seed(quillrush: Game, workdir: Path) -> None:
    planned = plan_takes(quillrush, ACT.name, takes=3, seed=5, tries=4, budget=10)
    assert [take.seeds for take in planned] == [(5, 6, 7, 8), (9, 10, 11, 12), (13, 14, 15, 16)]

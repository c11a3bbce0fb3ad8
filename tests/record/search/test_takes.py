"""Takes of the search player where they cannot be written, or were cut off between movie and sidecar."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from game.acts import Act
from game.certificate import Sidecar, certify, read_sidecar
from game.emulator import Emulator
from game.games import Game
from game.movie import Movie, read_movie, write_movie
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
    write_movie(take.path, read_movie(shipped_movie))
    assert planned(quillrush) == [take]
    takes._certify_found(take, emulator)
    sidecar = read_sidecar(take.path)
    assert sidecar.player == "search"
    assert sidecar.facts["trace"]
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


def test_the_first_half_is_noise_free(quillrush: Game, workdir: Path) -> None:
    def sticky(count: int, noise: takes.Noise) -> list[float]:
        return [take.sticky for take in plan_takes(quillrush, ACT.name, count, 0, tries=1, budget=10, noise=noise)]

    assert sticky(4, "both") == [0, 0, 0.25, 0.25]
    assert sticky(5, "both") == [0, 0, 0, 0.25, 0.25]
    assert sticky(1, "both") == [0]
    assert sticky(2, "none") == [0, 0]
    assert sticky(2, "sticky") == [0.25, 0.25]


def searching(monkeypatch: pytest.MonkeyPatch, plays: dict[int, Movie]) -> None:
    """Let the search find these movies, by seed."""

    class Found:
        setbacks = 0

        def __init__(self, emulator: Emulator, act: Act, seed: int, budget: int, sticky: float) -> None:
            self.play = lambda: plays[seed]

    monkeypatch.setattr("record.search.planner.Search", Found)


def test_a_take_that_plays_as_another_is_searched_again(
    quillrush: Game, workdir: Path, shipped_movie: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    movie = read_movie(shipped_movie)
    twin = Movie(movie.game_id, movie.state, np.append(np.zeros(1, np.uint16), movie.masks[:-1]))  # a frame later
    other = Movie(movie.game_id, movie.state, movie.masks[:-600])
    searching(monkeypatch, {0: movie, 1: movie, 2: twin, 3: other})
    first, second = plan_takes(quillrush, ACT.name, takes=2, seed=0, tries=2, budget=10)
    takes.search_take(first)
    with pytest.raises(RuntimeError, match="plays otherwise than"):
        takes.search_take(replace(second, seeds=(1, 2)))
    assert not second.path.exists()
    takes.search_take(replace(second, seeds=(1, 2, 3)))
    facts = read_sidecar(second.path).facts
    assert facts["seed"] == 3
    assert facts["setbacks"] == 0
    assert facts["sticky"] == 0


def test_workers_that_find_the_same_play_write_it_once(quillrush: Game, workdir: Path) -> None:
    first, second = plan_takes(quillrush, "MetropolisZone.Act1", takes=2, seed=0, tries=1, budget=200_000)
    assert search_all([first, replace(second, seeds=first.seeds)], workers=2) == 1
    (path,) = first.path.parent.glob("*.bk2")
    assert read_sidecar(path).facts["finished"]

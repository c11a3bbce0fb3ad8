"""A movie in the window: every way through it, and playing on from it."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pygame
import pytest

from game.certificate import certify, read_sidecar
from game.emulator import Emulator
from game.movie import Movie, read_movie, replay
from record.library import recover
from record.window import watching
from record.window.bar import line_area
from record.window.setup import Setup, Start, Watched
from record.window.view import card_of, hud_of, status_of
from tests.record.conftest import ACT, Desk, key

FRAMES = 1000


@pytest.fixture
def viewer(emulator: Emulator, workdir: Path, shipped_movie: Path) -> Iterator[Desk]:
    """Somebody who has begun to watch the first FRAMES frames of a movie, and stopped at the first."""
    whole = read_movie(shipped_movie)
    movie = Movie(whole.game_id, whole.state, whole.masks[:FRAMES])
    watched = Watched("shipped.bk2", movie, certify(emulator, movie))
    setup = Setup("watch", (Start(ACT, movie.state),), watched=watched, movies=workdir / "movies")
    desk = Desk(emulator, workdir, setup)
    desk.tap("return")
    desk.tap("p")
    desk.tap("home")
    yield desk
    desk.window.close()


def at(desk: Desk) -> int:
    assert desk.state.playback
    return desk.state.playback.at


def arrive(desk: Desk) -> int:
    """Let a jump come to its end; returns the frame."""
    for _ in range(10_000):
        if desk.state.target is None:
            return at(desk)
        desk.tick()
    raise AssertionError("the jump does not end")


def test_a_movie_is_watched_to_its_certificate(viewer: Desk, workdir: Path) -> None:
    viewer.tap("space")
    viewer.tick(200)
    viewer.hold("backspace", 30)
    viewer.tick(FRAMES)
    assert viewer.state.ended
    assert viewer.state.keeper.verdict == "exact"
    card = card_of(viewer.state, viewer.controls)
    assert card
    assert card.title == "End of the movie"
    assert "% of the act" in dict(card.rows)["Ending"]
    viewer.draw()
    viewer.tap("return")
    viewer.tick(5)
    assert at(viewer) < 10, "watched again"
    viewer.tap("escape")
    viewer.tap("escape")
    assert viewer.state.screen == "quit"
    assert not (workdir / "movies").exists()


def test_a_movie_that_does_not_replay_is_said_to_differ(emulator: Emulator, workdir: Path, shipped_movie: Path) -> None:
    movie = read_movie(shipped_movie)
    watched = Watched(
        "x.bk2", Movie(movie.game_id, movie.state, movie.masks[:400]), read_sidecar(shipped_movie).certificate
    )
    desk = Desk(emulator, workdir, Setup("watch", (Start(ACT, movie.state),), watched=watched))
    desk.tap("return")
    desk.tick(401)
    assert "differs from its certificate" in desk.state.keeper.verdict


def test_frame_by_frame_both_ways(viewer: Desk, emulator: Emulator) -> None:
    movie = viewer.state.setup.watched.movie
    viewer.tap("space")
    viewer.tick(50)
    viewer.tap("n")
    here = arrive(viewer)
    for expected in (here + 1, here + 2):
        viewer.tap("n")
        assert arrive(viewer) == expected
    for expected in (here + 1, here, here - 1):
        viewer.tap("b")
        assert arrive(viewer) == expected
    viewer.tick(30)
    assert at(viewer) == here - 1, "it stands still"
    shown = viewer.state.picture
    for frame in replay(emulator, movie):
        if frame == here - 1:
            assert np.array_equal(shown, emulator.screen())
            break


def test_jumps_of_five_seconds_and_to_either_end(viewer: Desk) -> None:
    viewer.tap("right")
    assert arrive(viewer) == 300
    viewer.tap("right")
    viewer.tap("right")
    assert arrive(viewer) == 900, "pressed twice before it was there"
    viewer.tap("left")
    assert arrive(viewer) == 600
    viewer.tap("end")
    assert arrive(viewer) == FRAMES - 1
    viewer.tap("right")
    assert arrive(viewer) == FRAMES - 1
    viewer.tap("home")
    assert arrive(viewer) == 0
    viewer.tap("left")
    assert arrive(viewer) == 0


def test_a_key_held_goes_on_jumping(viewer: Desk) -> None:
    viewer.tick(24 + 8, key("right"))
    viewer.tick(1, key("right", False))
    assert arrive(viewer) >= 600


def test_frame_after_frame_while_the_key_is_held(viewer: Desk) -> None:
    viewer.tick(24 + 60, key("n"))
    viewer.tick(1, key("n", False))
    assert 8 <= arrive(viewer) <= 12
    assert viewer.state.paused


def test_to_a_frame_by_its_number(viewer: Desk) -> None:
    viewer.tap("g")
    assert viewer.state.message.startswith("go to frame: _")
    for digit in "5x1":
        viewer.tap(digit)
    viewer.tap("backspace")
    for digit in "23":
        viewer.tap(digit)
    assert viewer.state.message.startswith("go to frame: 523_")
    viewer.draw()
    viewer.tap("return")
    assert arrive(viewer) == 523
    assert viewer.state.message == ""
    viewer.tap("g")
    viewer.tap("7")
    viewer.tap("escape")
    assert arrive(viewer) == 523
    viewer.tap("g")
    for _ in range(12):
        viewer.tap("9")
    viewer.tap("return")
    assert arrive(viewer) == FRAMES - 1


def mouse(kind: int, x: int, y: int) -> pygame.event.Event:
    return pygame.event.Event(kind, button=1, pos=(x, y))


def test_the_mouse_on_the_line(viewer: Desk) -> None:
    line = line_area(viewer.window.bar_area())
    viewer.tick(1, mouse(pygame.MOUSEBUTTONDOWN, line.left + line.width // 2, line.centery))
    assert arrive(viewer) == pytest.approx(FRAMES / 2, abs=4)
    viewer.tick(1, mouse(pygame.MOUSEMOTION, line.left + line.width // 4, line.centery + 300))
    assert arrive(viewer) == pytest.approx(FRAMES / 4, abs=4), "dragged, wherever the hand wanders"
    viewer.tick(1, mouse(pygame.MOUSEMOTION, line.left - 500, 0))
    assert arrive(viewer) == 0
    viewer.tick(1, mouse(pygame.MOUSEBUTTONUP, 0, 0))
    viewer.tick(1, mouse(pygame.MOUSEMOTION, line.right, line.centery))
    viewer.tick(1, mouse(pygame.MOUSEBUTTONDOWN, line.centerx, 20))
    assert arrive(viewer) == 0, "the picture is not the line"
    viewer.tick(1, mouse(pygame.MOUSEBUTTONDOWN, line.right + 5, line.centery))
    assert arrive(viewer) == 0


def test_a_jump_takes_its_time_in_slices_and_says_so(viewer: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watching, "SEEK_SECONDS", 0.0)
    viewer.tap("end")
    viewer.tick(20)
    assert at(viewer) < 150
    assert status_of(viewer.state) == "SEEKING"
    hud = hud_of(viewer.state, rings=0)
    assert hud.mark == 1.0
    assert hud.line < 0.15
    viewer.draw()
    viewer.tap("home")
    assert arrive(viewer) == 0, "another jump takes its place"


def test_fast_forward_and_slow_motion(viewer: Desk) -> None:
    viewer.tap("space")
    began = at(viewer)
    viewer.tap("f")
    viewer.tap("f")
    before = at(viewer)
    assert before > began
    viewer.tick(20)
    assert at(viewer) - before == 80
    assert hud_of(viewer.state, rings=0).speed == "fast, 4x"
    viewer.tap("s")
    before = at(viewer)
    viewer.tick(20)
    assert at(viewer) - before == 10


def test_what_is_only_watched_cannot_be_saved_or_thrown_away(viewer: Desk, workdir: Path) -> None:
    for name in ("f2", "delete", "f6", "f4", "w"):
        viewer.tap(name)
        assert viewer.state.screen == "watch"
    viewer.tap("f5")
    assert at(viewer) < 5
    assert not (workdir / "movies").exists()


def test_playing_on_from_a_frame_makes_a_movie_of_its_own(viewer: Desk, workdir: Path, emulator: Emulator) -> None:
    viewer.tap("g")
    for digit in "400":
        viewer.tap(digit)
    viewer.tap("return")
    arrive(viewer)
    x = emulator.peek("x")
    viewer.tap("tab")
    assert viewer.state.screen == "play"
    assert viewer.state.waiting
    viewer.tick(100)
    assert viewer.take.frames == 1, "it waits for the player"
    assert "press a button" in viewer.state.message
    assert viewer.take.progress > 0.05, "of the whole act"
    viewer.hold("left", 40)
    viewer.tap("f2")
    viewer.finish_check()
    (path,) = (workdir / "movies").rglob("*.bk2")
    assert path.name == f"{ACT.name}-human-branch-000.bk2"
    movie, sidecar = read_movie(path), read_sidecar(path)
    assert sidecar.player == "human"
    assert sidecar.facts["made_from"] == {"file": "shipped.bk2", "frame": 400}
    assert sidecar.facts["replay"] == "exact"
    assert sidecar.certificate == certify(emulator, movie)
    emulator.set_state(movie.state)
    assert emulator.peek("x") == x
    viewer.tap("return")
    assert viewer.state.waiting, "again from the same frame"
    assert viewer.take.frames == 1


def test_a_killed_branch_still_says_what_it_was_made_from(viewer: Desk, workdir: Path, emulator: Emulator) -> None:
    viewer.tap("right")
    arrive(viewer)
    viewer.tap("tab")
    viewer.hold("right", 30)
    viewer.take.journal.close()  # as a kill leaves it
    assert len(list(recover(emulator, workdir / "movies"))) == 1
    (path,) = (workdir / "movies").rglob("*.bk2")
    assert read_sidecar(path).facts["made_from"] == {"file": "shipped.bk2", "frame": 300}


def test_where_the_act_is_over_nobody_plays_on(emulator: Emulator, workdir: Path, shipped_movie: Path) -> None:
    movie = read_movie(shipped_movie)
    watched = Watched(shipped_movie.name, movie)
    desk = Desk(emulator, workdir, Setup("watch", (Start(ACT, movie.state),), watched=watched, movies=workdir))
    desk.tap("return")
    desk.tap("end")
    arrive(desk)
    desk.tap("tab")
    assert desk.state.screen == "watch"
    assert "the act is over here" in desk.state.message


def test_a_take_that_has_ended_is_watched_and_gone_on_from(desk: Desk, workdir: Path) -> None:
    """From the card at its end, saved on the way there; Escape leads back to the start card."""
    desk.tap("right")  # the second act, so that the way back is seen
    desk.tap("return")
    desk.hold("right", 120)
    desk.tap("f2")
    desk.finish_check()
    desk.tap("w")
    assert desk.state.screen == "watch"
    (whole,) = (workdir / "movies").rglob("*.bk2")
    desk.tap("end")
    arrive(desk)
    desk.tick()
    assert desk.state.ended
    desk.tap("space")  # from the beginning
    desk.tick(200)
    assert desk.state.keeper.verdict == "exact"
    desk.tap("escape")
    assert desk.state.screen == "start"
    assert desk.state.start.act.name == "EmeraldHillZone.Act2"
    assert len(desk.state.setup.starts) == 2
    desk.tap("return")
    desk.hold("right", 60)
    desk.recorder.state.screen = "summary"
    desk.recorder.state.keeper.ending = desk.take.facts()
    desk.tap("w")
    desk.finish_check()
    assert desk.state.screen == "watch"
    desk.tap("space")
    desk.tick(20)
    desk.tap("tab")
    assert desk.state.screen == "play"
    assert desk.state.start.is_branch
    assert len(desk.state.setup.starts) == 3
    desk.hold("left", 30)
    desk.tap("f2")
    desk.finish_check()
    assert len(list((workdir / "movies").rglob("*.bk2"))) == 3
    desk.tap("f6")
    assert desk.state.start.act is ACT
    assert whole.is_file()


@pytest.mark.parametrize("size", [(320, 300), (640, 524), (960, 748)])
def test_watching_can_be_drawn(viewer: Desk, size: tuple[int, int]) -> None:
    pygame.display.set_mode(size)
    for name in ("n", "f1", "f1", "end", "space"):
        viewer.tap(name)
        arrive(viewer)
        assert pygame.surfarray.array3d(viewer.draw()).std() > 10

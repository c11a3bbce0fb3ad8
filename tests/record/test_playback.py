"""A movie gone through in any direction."""

from pathlib import Path

import numpy as np
import pytest

from game.certificate import read_sidecar
from game.emulator import Emulator
from game.movie import Movie, read_movie, replay
from record.playback import Playback
from record.take import Take
from tests.record.conftest import ACT


@pytest.fixture
def movie(shipped_movie: Path) -> Movie:
    whole = read_movie(shipped_movie)
    return Movie(whole.game_id, whole.state, whole.masks[:400])


def test_every_frame_is_shown_as_it_was(emulator: Emulator, movie: Movie) -> None:
    """In whatever order they are asked for; picture, RAM and everything counted."""
    seen = [(emulator.screen(), emulator.ram()) for _ in replay(emulator, movie)]
    playback = Playback(emulator, ACT, movie)
    rng = np.random.default_rng(0)
    reached = {}
    for frame in (0, 1, 399, 398, 10, 11, 9, 0, *rng.integers(0, 400, 60).tolist()):
        assert playback.towards(frame)
        assert playback.at == frame
        assert np.array_equal(emulator.screen(), seen[frame][0])
        assert emulator.ram() == seen[frame][1]
        assert playback.mask == movie.masks[frame]
        counted = (playback.progress, playback.furthest, len(playback.spin_dashes))
        assert reached.setdefault(frame, counted) == counted


def test_what_lies_ahead_comes_in_slices(emulator: Emulator, movie: Movie) -> None:
    playback = Playback(emulator, ACT, movie)
    slices = 0
    while not playback.towards(399, seconds=0.0):
        slices += 1
    assert slices == 398, "without time, one frame at a time"
    assert not playback.towards(5, seconds=0.0)
    assert playback.at <= 5


def test_no_jump_leaves_the_movie(emulator: Emulator, movie: Movie) -> None:
    playback = Playback(emulator, ACT, movie)
    assert playback.towards(10_000)
    assert playback.is_at_end
    playback.step()
    assert playback.at == 399
    playback.towards(-5)
    assert playback.at == 0


def test_going_back_replays_a_moment_and_not_the_movie(
    emulator: Emulator, movie: Movie, monkeypatch: pytest.MonkeyPatch
) -> None:
    playback = Playback(emulator, ACT, movie)
    playback.towards(399)
    steps = []
    real = emulator.step
    monkeypatch.setattr(emulator, "step", lambda mask: steps.append(mask) or real(mask))
    for frame in (398, 200, 30, 377, 399):
        steps.clear()
        playback.towards(frame)
        assert len(steps) <= 10


def test_what_lies_ahead_is_seen_while_it_stands_still(
    emulator: Emulator, movie: Movie, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of that shows: picture, RAM and counts of every frame are those of a plain replay."""
    seen = [(emulator.screen(), emulator.ram()) for _ in replay(emulator, movie)]
    playback = Playback(emulator, ACT, movie)
    playback.towards(200)
    progress = playback.progress
    playback.look_ahead(0.0)
    assert (playback.at, playback.seen) == (200, 200)
    playback.towards(150)
    for _ in range(40):
        playback.look_ahead(0.01)
        assert playback.at == 150
        assert emulator.ram() == seen[150][1]
    assert playback.seen == playback.last
    assert playback.progress < progress
    steps = []
    real = emulator.step
    monkeypatch.setattr(emulator, "step", lambda mask: steps.append(mask) or real(mask))
    for frame in (150, 151, 380, 150, 399):
        steps.clear()
        playback.towards(frame)
        assert len(steps) <= 10
        assert np.array_equal(emulator.screen(), seen[frame][0])
        assert emulator.ram() == seen[frame][1]
        playback.look_ahead(0.01)


def test_seen_to_its_end_it_gives_its_certificate_however_it_was_gone_through(
    emulator: Emulator, shipped_movie: Path
) -> None:
    movie = read_movie(shipped_movie)
    playback = Playback(emulator, ACT, movie)
    playback.towards(700)
    playback.towards(130)
    assert playback.certificate() is None
    playback.towards(playback.last)
    assert playback.facts()["finished"]
    assert playback.facts()["reached"] == 1.0
    playback.towards(61)
    assert playback.certificate() == read_sidecar(shipped_movie).certificate


def test_a_take_begun_where_it_stands_goes_on_from_there(emulator: Emulator, movie: Movie) -> None:
    playback = Playback(emulator, ACT, movie)
    playback.towards(250)
    x, progress = emulator.peek("x"), playback.progress
    take = Take(emulator, ACT, playback.state())
    assert abs(emulator.peek("x") - x) < 16
    assert take.progress == pytest.approx(progress, abs=0.005)

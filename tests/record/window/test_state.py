"""The recorder's state by itself: no window, no emulator."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from record.window.saving import Keeper
from record.window.setup import Setup, Start
from record.window.state import MESSAGE_TICKS, RecorderState
from tests.record.conftest import ACT


@pytest.fixture
def state(tmp_path: Path) -> RecorderState:
    return RecorderState(Setup("human", (Start(ACT),)), "quillrush", Keeper(tmp_path), screen="play")


def test_frames_go_by_only_while_nothing_stops_them(state: RecorderState) -> None:
    assert state.is_playing
    for stop in ("paused", "waiting", "rewinding"):
        setattr(state, stop, True)
        assert not state.is_playing
        setattr(state, stop, False)
    state.screen = "summary"
    assert not state.is_playing


def test_the_pause_key_also_ends_the_wait_after_a_rewind(state: RecorderState) -> None:
    state.waiting = True
    state.toggle_pause()
    assert state.is_playing
    state.toggle_pause()
    assert state.paused


def test_a_single_frame_is_seen_without_the_card(state: RecorderState) -> None:
    state.stop_at_frame()
    assert state.paused
    assert state.stepped
    state.toggle_pause()
    assert not state.stepped


def test_slow_motion_goes_round(state: RecorderState) -> None:
    seen = []
    for _ in range(3):
        state.slow_down()
        seen.append(state.slow)
    assert seen == [2, 4, 1]


def test_a_message_goes_after_a_while_and_is_kept(state: RecorderState) -> None:
    assert state.message == ""
    state.say("saved")
    assert state.message == "saved"
    state.ticks += MESSAGE_TICKS
    assert state.message == ""
    assert state.messages == ["saved"]


def test_a_new_take_begins_with_nothing_of_the_one_before(state: RecorderState, tmp_path: Path) -> None:
    state.dropped, state.waiting, state.paused, state.warned_of = 20, True, True, "leave"
    state.begin(SimpleNamespace(), Keeper(tmp_path))
    assert (state.dropped, state.waiting, state.paused, state.warned_of) == (0, False, False, "")

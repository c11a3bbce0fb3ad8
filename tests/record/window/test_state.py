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
    state.say("picture: somewhere")
    state.begin(SimpleNamespace(), Keeper(tmp_path))
    assert (state.dropped, state.waiting, state.paused, state.warned_of) == (0, False, False, "")
    assert state.message == ""
    assert state.messages == ["picture: somewhere"], "it is still printed at the end"


def test_a_hint_stays_as_long_as_it_holds_and_not_longer(state: RecorderState) -> None:
    state.waiting = True
    state.ticks += 10 * MESSAGE_TICKS
    assert "press a button" in state.message
    state.waiting = False
    assert state.message == ""
    assert state.messages == []


def test_a_warning_is_only_good_while_it_is_read(state: RecorderState) -> None:
    state.warned_of = "discard"
    state.say("press Delete once more")
    assert state.is_warned("discard")
    assert not state.is_warned("restart")
    state.ticks += MESSAGE_TICKS
    assert not state.is_warned("discard")


def test_fast_and_slow_motion_exclude_each_other(state: RecorderState) -> None:
    state.slow_down()
    state.speed_up()
    assert (state.slow, state.fast) == (1, 2)
    for _ in range(3):
        state.speed_up()
    assert state.fast == 1
    state.speed_up()
    state.slow_down()
    assert (state.slow, state.fast) == (2, 1)

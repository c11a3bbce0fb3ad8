"""The journal: whatever cuts it off, what was written comes back."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES
from record.journal import Journal, JournalError, abandoned, read_journal

STATE = bytes(range(256)) * 566 + bytes(CORE_STATE_BYTES - 256 * 566)
STATE = STATE[:CORE_DATA_BYTES] + bytes(CORE_STATE_BYTES - CORE_DATA_BYTES)


def new_journal(folder: Path) -> Journal:
    return Journal(folder, "Quillrush-Genesis-v0", "EmeraldHillZone.Act1", STATE, {"label": "x"})


def test_what_was_pressed_comes_back(tmp_path: Path) -> None:
    journal = new_journal(tmp_path)
    for i in range(100):
        journal.frame(i, "policy" if i >= 60 else "human")
    journal.rewind(79)
    journal.frame(4095, "human")
    read = read_journal(journal.path)
    assert read.masks.tolist() == [*range(80), 4095]
    assert read.who.tolist() == [0] * 60 + [1] * 20 + [0]
    assert read.state == STATE
    assert (read.game_id, read.act, read.facts) == ("Quillrush-Genesis-v0", "EmeraldHillZone.Act1", {"label": "x"})
    journal.close()


def test_a_journal_being_written_is_not_abandoned(tmp_path: Path) -> None:
    journal = new_journal(tmp_path)
    assert abandoned(tmp_path) == []
    journal.close()
    assert abandoned(tmp_path) == [journal.path]
    journal.remove()
    assert abandoned(tmp_path) == []


def test_a_torn_tail_is_left_out(tmp_path: Path) -> None:
    journal = new_journal(tmp_path)
    for i in range(50):
        journal.frame(i, "human")
    journal.close()
    whole = journal.path.read_bytes()
    for tail in (whole[:-3], whole[:-4] + bytes(4), whole + bytes(4000), whole + b"\xff" * 9):
        journal.path.write_bytes(tail)
        assert read_journal(journal.path).masks.tolist()[:49] == list(range(49))
        assert len(read_journal(journal.path).masks) <= 50


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.integers(0, 400))
def test_no_garbage_does_worse_than_a_refusal(tmp_path: Path, garbage: bytes, keep: int) -> None:
    journal = new_journal(tmp_path)
    journal.frame(0, "human")
    journal.close()
    path = journal.path
    path.write_bytes(path.read_bytes()[-keep:] + garbage)
    try:
        assert isinstance(read_journal(path).masks, np.ndarray)
    except JournalError as error:
        assert str(path) in str(error)  # noqa: PT017
    path.unlink()


def test_a_full_disk_does_not_stop_the_play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = new_journal(tmp_path)
    journal.frame(0, "human")
    real = os.write

    def full(handle: int, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    journal.frame(1, "human")
    journal.frame(2, "human")
    assert "No space left" in journal.trouble
    monkeypatch.setattr(os, "write", lambda handle, content: real(handle, content[:3]))  # and then slowly
    for i in range(3, 9):
        journal.frame(i, "human")
    monkeypatch.setattr(os, "write", real)
    journal.frame(9, "human")
    assert journal.trouble == ""
    assert read_journal(journal.path).masks.tolist() == list(range(10))
    journal.close()

"""The journal: whatever cuts it off, what was written comes back."""

import os
import threading
from pathlib import Path

import pytest

from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES
from record import journal as journal_module
from record.journal import Journal, abandoned, claimed
from record.journal_reader import read_journal

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


def test_what_a_full_disk_did_not_take_is_written_at_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int, content: bytes) -> int:
        raise OSError(28, "No space left on device")

    journal = new_journal(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        journal.frame(0, "human")
        assert not journal.is_whole
    journal.close()
    assert journal.is_whole
    assert read_journal(journal.path).masks.tolist() == [0]


def test_a_closed_journal_writes_to_nobody_elses_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = new_journal(tmp_path)
    monkeypatch.setattr(os, "write", lambda handle, content: 0)
    journal.frame(0, "human")
    journal.close()
    handles = []
    monkeypatch.setattr(os, "write", lambda handle, content: handles.append(handle) or 0)
    assert not journal.is_whole
    assert handles == []


def test_it_is_forced_to_the_disk_every_second(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Against a power cut: nothing in a test can tell a synced file from another, but the call can be seen."""
    synced = threading.Event()
    files = []

    def sync(handle: int) -> None:
        files.append(os.fstat(handle).st_ino)
        synced.set()

    monkeypatch.setattr(journal_module, "SYNC_SECONDS", 0.02)
    monkeypatch.setattr(os, "fdatasync", sync)
    journal = new_journal(tmp_path)
    assert synced.wait(10)
    journal.close()
    assert files[0] == journal.path.stat().st_ino


def test_a_sync_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failed = threading.Event()

    def fail(handle: int) -> None:
        failed.set()
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(journal_module, "SYNC_SECONDS", 0.02)
    monkeypatch.setattr(os, "fdatasync", fail)
    journal = new_journal(tmp_path)
    assert failed.wait(10)
    journal.close()
    assert "Input/output error" in journal.trouble


def test_an_abandoned_journal_is_claimed_by_one_process_only(tmp_path: Path) -> None:
    journal = new_journal(tmp_path)
    journal.close()
    with claimed(journal.path) as first, claimed(journal.path) as second:
        assert (first, second) == (True, False)
    journal.path.unlink()
    with claimed(journal.path) as gone:
        assert not gone


def test_what_is_no_file_is_no_journal(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.journal")  # it would be waited for without end
    (tmp_path / "b.journal").mkdir()
    assert abandoned(tmp_path) == []


def test_the_oldest_abandoned_journal_comes_first(tmp_path: Path) -> None:
    journals = [new_journal(tmp_path) for _ in range(5)]
    for journal in journals:
        journal.close()
    assert abandoned(tmp_path) == [journal.path for journal in journals]

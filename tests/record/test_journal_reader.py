"""Journals that were cut off, damaged, or made up to do harm: a take, or a refusal that names the file."""

import base64
import json
import time
import tracemalloc
import zlib
from pathlib import Path

import numpy as np
import pytest

from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES
from record.journal_reader import HEADER_BYTES, LONGEST_TAKE, JournalError, read_journal
from tests.record.test_journal import new_journal


@pytest.fixture
def written(tmp_path: Path) -> tuple[Path, bytes]:
    """A journal's file, and the fifty frames in it: masks 0 to 49."""
    journal = new_journal(tmp_path)
    for i in range(50):
        journal.frame(i, "human")
    journal.close()
    return journal.path, journal.path.read_bytes()


def record(kind: int, value: int) -> bytes:
    return (kind << 24 | value).to_bytes(4, "little")


def test_a_torn_tail_is_left_out(written: tuple[Path, bytes]) -> None:
    path, whole = written
    for tail in (whole[:-3], whole[:-4] + bytes(4), whole + bytes(4000), whole + b"\xff" * 9):
        path.write_bytes(tail)
        assert read_journal(path).masks.tolist()[:49] == list(range(49))
        assert len(read_journal(path).masks) <= 50


@pytest.mark.parametrize("senseless", [record(1, 0x1000), record(4, 0), record(3, 52)])
def test_nothing_counts_after_a_senseless_record(written: tuple[Path, bytes], senseless: bytes) -> None:
    path, whole = written
    path.write_bytes(whole + record(2, 7) + record(3, 50) + record(1, 4095) + senseless + record(1, 1))
    read = read_journal(path)
    assert read.masks.tolist() == [*range(50), 7, 4095]
    assert read.who.tolist() == [0] * 50 + [1, 0]


def test_records_are_the_same_across_chunks(written: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    path, whole = written
    tail = b"".join(record(1, i) for i in range(30)) + record(3, 60) + record(2, 9)
    path.write_bytes(whole + tail)
    expected = read_journal(path)
    monkeypatch.setattr("record.journal_reader._CHUNK_BYTES", 8)
    received = read_journal(path)
    assert received.masks.tolist() == expected.masks.tolist() == [*range(50), *range(11), 9]
    assert received.who.tolist() == expected.who.tolist()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "1"}, "format"),
        ({"format": 2}, "journal format 1"),
        ({"game": None}, "game"),
        ({"act": ["EmeraldHillZone.Act1"]}, "act"),
        ({"facts": []}, "facts"),
        ({"state": 3}, "state"),
        ({"state": "AAAA"}, "state"),
        ({"state": "\u00e9"}, "ASCII"),
        ({"state": ""}, "state"),
    ],
)
def test_the_first_line_is_read_by_its_types(written: tuple[Path, bytes], change: dict[str, object], said: str) -> None:
    path, whole = written
    header = json.loads(whole.split(b"\n")[0])
    path.write_text(json.dumps(header | change) + "\n")
    with pytest.raises(JournalError, match=said) as caught:
        read_journal(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "line",
    [
        b"[" * 100_000 + b"\n",
        b'{"facts":' * 50_000 + b"\n",
        b"x" * (HEADER_BYTES + 1) + b"\n",
        b"\xff\xfe\n",
        b"[]\n",
        b"\n",
        b"{}",
    ],
)
def test_a_hostile_first_line_is_refused(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "a.journal"
    path.write_bytes(line)
    with pytest.raises(JournalError, match=r"a\.journal"):
        read_journal(path)


def test_a_state_that_unpacks_to_gigabytes_is_refused(written: tuple[Path, bytes]) -> None:
    path, whole = written
    header = json.loads(whole.split(b"\n")[0])
    header["state"] = base64.b64encode(zlib.compress(bytes(CORE_DATA_BYTES * 400), 9)).decode()
    path.write_text(json.dumps(header) + "\n")
    tracemalloc.start()
    with pytest.raises(JournalError, match="state"):
        read_journal(path)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5 << 20


def test_only_as_much_is_read_as_makes_sense(written: tuple[Path, bytes]) -> None:
    path, whole = written
    with path.open("ab") as file:
        file.write(record(3, 0) * 1000)
        file.truncate(500 << 20)  # sparse: half a gigabyte of senseless records
    began = time.monotonic()
    assert len(read_journal(path).masks) == 1
    assert time.monotonic() - began < 5
    path.write_bytes(whole + record(1, 1) * LONGEST_TAKE)
    with pytest.raises(JournalError, match=f"at most {LONGEST_TAKE} frames"):
        read_journal(path)


def test_a_journal_larger_than_any_take_is_refused(
    written: tuple[Path, bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, whole = written
    monkeypatch.setattr("record.journal_reader.JOURNAL_BYTES", 200_000)
    monkeypatch.setattr("record.journal_reader._CHUNK_BYTES", 4096)
    pairs = record(1, 1) + record(3, 0)  # there and back, so that the take itself never gets long
    path.write_bytes((whole + pairs * 25_000)[:200_000])
    read_journal(path)
    path.write_bytes((whole + pairs * 25_000)[:200_001])
    with pytest.raises(JournalError, match="at most 200000 bytes"):
        read_journal(path)


def damaged(rng: np.random.Generator, content: bytes) -> bytes:
    """A file with some bytes changed, cut out, doubled or put in."""
    changed = bytearray(content)
    for _ in range(int(rng.integers(1, 6))):
        place = int(rng.integers(0, len(changed) + 1))
        if rng.random() < 0.5:
            place = min(place, int(rng.integers(0, 400)))  # where the first line is
        length = int(rng.integers(1, 9))
        match int(rng.integers(4)):
            case 0:
                changed[place : place + length] = rng.bytes(length)
            case 1:
                del changed[place : place + length]
            case 2:
                changed[place:place] = changed[place : place + 40 * length]
            case 3:
                changed[place:place] = bytes(rng.choice(list(b'{}[]",:0e-\n\\'), length).tolist())
    return bytes(changed)


@pytest.mark.parametrize("count", [150, pytest.param(10_000, marks=pytest.mark.slow)])
def test_no_damage_does_worse_than_a_refusal(written: tuple[Path, bytes], count: int) -> None:
    path, whole = written
    rng = np.random.default_rng(count)
    read = 0
    for _ in range(count):
        path.write_bytes(damaged(rng, whole))
        try:
            taken = read_journal(path)
        except JournalError as error:
            assert str(path) in str(error)  # noqa: PT017
            continue
        read += 1
        assert len(taken.masks) == len(taken.who) <= 200
        assert len(taken.state) == CORE_STATE_BYTES
        assert set(taken.who.tolist()) <= {0, 1}
    assert 0 < read < count

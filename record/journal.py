"""The journal of a take: every pad mask goes to an append-only file as it is pressed, so that nothing can lose it.

    one line of JSON (game, act, start state, device), then records of four bytes, little-endian: kind << 24 | value
    kind 1: a frame of the human, 2: of the policy, value its pad mask; 3: rewound, value the last frame that stays

Each record is handed to the operating system at once (a killed recorder loses nothing) and forced to the disk once per second
(a power cut loses at most that). A file that somebody is writing is locked, and the lock dies with its process.
"""

import base64
import fcntl
import json
import os
import threading
import time
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES

WHO = ("human", "policy")
SYNC_SECONDS = 1.0
FORMAT = 1
_RECORD_BYTES = 4
_REWOUND = 3
_ALL_BUTTONS = 0xFFF  # twelve of them
_LARGEST_HEADER = 4 << 20
_BIRTH_SECONDS = 10.0


class JournalError(ValueError):
    """A journal cannot be read; the message names the file and the reason."""


class NullJournal:
    """For takes that nobody needs back: watching a movie, looking at the policy."""

    trouble = ""

    def frame(self, mask: int, who: str) -> None:
        """Not written down."""

    def rewind(self, frame: int) -> None:
        """Not written down."""

    def close(self) -> None:
        """There is no file."""

    def remove(self) -> None:
        """There is no file."""


class Journal:
    """Writes one take's journal.

    Attributes:
        path: the file.
        trouble: why nothing can be written at the moment ("" when all is well); what is pending is tried again.
    """

    def __init__(self, folder: Path, game_id: str, act: str, state: bytes, facts: dict[str, Any] | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        # names sort by age, and no two takes of any two recorders share one
        stamp = time.strftime("%Y%m%d-%H%M%S")
        self.path = folder / f"{stamp}-{os.getpid()}-{time.monotonic_ns() % 10**9:09d}.journal"
        self.trouble = ""
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND
        self._file = os.open(self.path, flags, mode=0o644)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        packed = zlib.compress(state[:CORE_DATA_BYTES], 6)
        text = base64.b64encode(packed).decode()
        header = {"format": FORMAT, "game": game_id, "act": act, "facts": facts or {}, "state": text}
        self._pending = bytearray(json.dumps(header).encode() + b"\n")
        self._closed = threading.Event()
        self._flush()
        # in a thread of its own: the disk may take longer than a frame lasts
        self._syncer = threading.Thread(target=self._keep_syncing, daemon=True, name="journal")
        self._syncer.start()

    def frame(self, mask: int, who: str) -> None:
        """A frame was pressed."""
        self._append(WHO.index(who) + 1, mask)

    def rewind(self, frame: int) -> None:
        """The take now ends with this frame."""
        self._append(_REWOUND, frame)

    def _append(self, kind: int, value: int) -> None:
        self._pending += (kind << 24 | value).to_bytes(_RECORD_BYTES, "little")
        self._flush()

    def _flush(self) -> None:
        try:
            written = os.write(self._file, self._pending)
            del self._pending[:written]
            self.trouble = ""
        except OSError as error:  # a full disk: the play goes on, and so does trying
            self.trouble = f"cannot write {self.path}: {error.strerror}"

    def _keep_syncing(self) -> None:
        while not self._closed.wait(SYNC_SECONDS):
            try:
                os.fdatasync(self._file)
            except OSError as error:
                self.trouble = f"cannot write {self.path}: {error.strerror}"

    def close(self) -> None:
        """Stop writing; the file stays, and the next start recovers it."""
        if not self._closed.is_set():
            self._closed.set()
            self._syncer.join()  # it must not sync a handle that is closed, or another file's by then
            os.close(self._file)

    def remove(self) -> None:
        """The take is safe elsewhere, or not wanted."""
        # removed while it is still locked: a moment later another recorder would take it for abandoned
        self.path.unlink(missing_ok=True)
        self.close()


@dataclass(frozen=True)
class Journaled:
    """What a journal holds: the take as it stood at its last record.

    Attributes:
        masks: uint16 [frames].
        who: uint8 [frames], index into WHO.
    """

    game_id: str
    act: str
    state: bytes
    facts: dict[str, Any]
    masks: np.ndarray
    who: np.ndarray


def read_journal(path: Path) -> Journaled:
    """The take of a journal, however it was cut off. JournalError when not even its first line is whole."""
    with path.open("rb") as file:
        line = file.readline(_LARGEST_HEADER)
        records = np.frombuffer(_whole(file.read()), "<u4")
    try:
        if not line.endswith(b"\n"):
            raise ValueError("its first line is cut off")
        header = json.loads(line)
        if header["format"] != FORMAT:
            raise ValueError(f"expected journal format {FORMAT}. Received: {header['format']}")
        unpacker = zlib.decompressobj()
        # a damaged header may unpack to any size, so never more than a state is taken
        state = unpacker.decompress(base64.b64decode(header["state"]), CORE_STATE_BYTES)
        masks, who = _played(records)
        return Journaled(
            game_id=str(header["game"]),
            act=str(header["act"]),
            state=state.ljust(CORE_STATE_BYTES, b"\0"),
            facts=dict(header["facts"]),
            masks=masks,
            who=who,
        )
    except (ValueError, KeyError, TypeError, zlib.error) as error:
        raise JournalError(f"{path}: not a readable journal ({error})") from error


def _whole(content: bytes) -> bytes:
    """The whole records, without a torn last one."""
    return content[: len(content) // _RECORD_BYTES * _RECORD_BYTES]


def _played(records: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(masks, who) after all records; anything after the first senseless one is a torn tail."""
    masks: list[int] = []
    who: list[int] = []
    for record in records.tolist():
        kind = record >> 24
        value = record & 0xFFFFFF
        if kind == _REWOUND and value < len(masks):
            del masks[value + 1 :]
            del who[value + 1 :]
        elif kind in (1, 2) and value <= _ALL_BUTTONS:
            masks.append(value)
            who.append(kind - 1)
        else:
            break
    return np.array(masks, np.uint16), np.array(who, np.uint8)


def abandoned(folder: Path) -> list[Path]:
    """Journals that no living process is writing, oldest first."""
    return [path for path in sorted(folder.glob("*.journal")) if _is_abandoned(path)]


def _is_abandoned(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            status = os.fstat(file.fileno())
    except (BlockingIOError, FileNotFoundError):  # being written, or recovered by another process
        return False
    # a file this young and still empty may be about to be locked by its writer
    return status.st_size > 0 or time.time() - status.st_mtime > _BIRTH_SECONDS

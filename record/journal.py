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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from game.savestate import CORE_DATA_BYTES

WHO = ("human", "policy")
SYNC_SECONDS = 1.0
FORMAT = 1
RECORD_BYTES = 4
REWOUND = 3
_BIRTH_SECONDS = 10.0


class NullJournal:
    """For takes that nobody needs back: watching a movie, looking at the policy."""

    trouble = ""
    is_whole = True

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
        seconds, nanoseconds = divmod(time.time_ns(), 10**9)
        stamp = time.strftime("%Y%m%d-%H%M%S", time.localtime(seconds))
        self.path = folder / f"{stamp}-{nanoseconds:09d}-{os.getpid()}.journal"
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

    @property
    def is_whole(self) -> bool:
        """Whether everything pressed so far has been written; what has not is tried once more."""
        if self._pending and not self._closed.is_set():
            self._flush()
        return not self._pending

    def frame(self, mask: int, who: str) -> None:
        """A frame was pressed."""
        self._append(WHO.index(who) + 1, mask)

    def rewind(self, frame: int) -> None:
        """The take now ends with this frame."""
        self._append(REWOUND, frame)

    def _append(self, kind: int, value: int) -> None:
        self._pending += (kind << 24 | value).to_bytes(RECORD_BYTES, "little")
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
            if self._pending:
                self._flush()  # what a disk without room did not take may fit by now
            self._syncer.join()  # it must not sync a handle that is closed, or another file's by then
            os.close(self._file)

    def remove(self) -> None:
        """The take is safe elsewhere, or not wanted."""
        try:
            # removed while it is still locked: a moment later another recorder would take it for abandoned
            self.path.unlink(missing_ok=True)
        finally:
            self.close()


def abandoned(folder: Path) -> list[Path]:
    """Journals that no living process is writing, oldest first."""
    return [path for path in sorted(folder.glob("*.journal")) if path.is_file() and _is_abandoned(path)]


def _is_abandoned(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            status = os.fstat(file.fileno())
    except (BlockingIOError, FileNotFoundError):  # being written, or recovered by another process
        return False
    except OSError:  # not ours to read: whoever recovers it names it
        return True
    # a file this young and still empty may be about to be locked by its writer
    return status.st_size > 0 or time.time() - status.st_mtime > _BIRTH_SECONDS


@contextmanager
def claimed(path: Path) -> Iterator[bool]:
    """Hold an abandoned journal while it is recovered, so that two recorders that start at once do not both do it.

    Yields:
        whether it is ours; False when another process has it, or has just recovered it.

    Raises:
        OSError: it cannot be opened.
    """
    try:
        file = path.open("rb")
    except FileNotFoundError:
        yield False
        return
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            # the other may have let go of it a moment ago, with the file removed or renamed
            yield path.exists()

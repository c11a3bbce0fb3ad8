"""Reading a take's journal back, however it was cut off, damaged or made up.

Nothing in it is trusted: at most JOURNAL_BYTES are read, a chunk at a time; the first line is at most HEADER_BYTES of them and
is parsed by declared types; no take is longer than LONGEST_TAKE.
"""

import base64
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from common.files import parse_json
from game.savestate import CORE_DATA_BYTES, CORE_STATE_BYTES
from record.journal import FORMAT, RECORD_BYTES, REWOUND

HEADER_BYTES = 1 << 20
"""Of the first line; the packed state is a fifth of it at most."""
JOURNAL_BYTES = 16 << 20
"""Of the whole file: four million records, nineteen hours of play without a pause."""
LONGEST_TAKE = 4 * 60 * 60 * 60
"""Frames: four hours, which is also about all that a bk2 movie can hold when it is read."""

_CHUNK_BYTES = 1 << 20
_ALL_BUTTONS = 0xFFF  # twelve of them


class JournalError(ValueError):
    """A journal cannot be read; the message names the file and the reason."""


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


@dataclass(frozen=True)
class _Header:
    """The first line."""

    format: int
    game: str
    act: str
    facts: dict[str, Any]
    state: str


def read_journal(path: Path) -> Journaled:
    """The take of a journal, however it was cut off.

    Raises:
        JournalError: not even its first line is whole, or it is larger than any take.
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            header = _read_header(file)
            state = _unpacked(header.state)
            masks, who = _read_records(file)
    except ValueError as error:
        raise JournalError(f"{path}: not a readable journal ({error})") from error
    return Journaled(header.game, header.act, state, header.facts, masks, who)


def _read_header(file: BinaryIO) -> _Header:
    line = file.readline(HEADER_BYTES)
    if not line.endswith(b"\n"):
        raise ValueError(
            f"expected a first line of at most {HEADER_BYTES} bytes. Received: one that is cut off or longer"
        )
    header = parse_json(line, _Header, "its first line")
    if header.format != FORMAT:
        raise ValueError(f"expected journal format {FORMAT}. Received: {header.format}")
    return header


def _unpacked(text: str) -> bytes:
    """The start state of CORE_STATE_BYTES bytes. ValueError unless it holds all of the core's own data, undamaged."""
    unpacker = zlib.decompressobj()
    try:
        # a damaged line may unpack to any size, so never more than belongs there is taken
        state = unpacker.decompress(base64.b64decode(text, validate=True), CORE_DATA_BYTES + 1)
    except zlib.error as error:
        raise ValueError(f"state: {error}") from error
    if len(state) != CORE_DATA_BYTES or not unpacker.eof:
        raise ValueError(f"state: expected {CORE_DATA_BYTES} packed bytes. Received: fewer, more, or damaged ones")
    return state.ljust(CORE_STATE_BYTES, b"\0")


def _read_records(file: BinaryIO) -> tuple[np.ndarray, np.ndarray]:
    """(masks, who) after all records; anything after the first senseless one is a torn tail."""
    played = _Played()
    left = JOURNAL_BYTES - file.tell()
    while chunk := file.read(min(_CHUNK_BYTES, left + 1)):
        left -= len(chunk)
        if left < 0:
            raise ValueError(f"expected at most {JOURNAL_BYTES} bytes. Received: more")
        whole = len(chunk) // RECORD_BYTES * RECORD_BYTES  # only the file's end can be torn
        if not played.add(np.frombuffer(chunk[:whole], "<u4")):
            break
    return np.frombuffer(played.masks, np.uint16), np.frombuffer(played.who, np.uint8)


class _Played:
    """What was pressed, as bytes: a list of Python numbers would take eight times as much.

    Attributes:
        masks: uint16 [frames].
        who: uint8 [frames], index into WHO.
    """

    def __init__(self) -> None:
        self.masks = bytearray()
        self.who = bytearray()

    def add(self, records: np.ndarray) -> bool:
        """Some more records, uint32 [n]. False when one was senseless: it and all after it do not count."""
        kinds = records >> 24
        values = records & 0xFFFFFF
        is_frame = ((kinds == 1) | (kinds == 2)) & (values <= _ALL_BUTTONS)
        others = np.flatnonzero(~is_frame)
        begin = 0
        for other, kind, value in zip(others.tolist(), kinds[others].tolist(), values[others].tolist(), strict=True):
            if begin < other:
                self._press(values[begin:other], kinds[begin:other])
            if kind != REWOUND or value >= len(self.who):
                return False
            self._rewind(value)
            begin = other + 1
        self._press(values[begin:], kinds[begin:])
        return True

    def _press(self, masks: np.ndarray, kinds: np.ndarray) -> None:
        self.masks += masks.astype(np.uint16).tobytes()
        self.who += (kinds - 1).astype(np.uint8).tobytes()
        if len(self.who) > LONGEST_TAKE:
            raise ValueError(f"expected a take of at most {LONGEST_TAKE} frames. Received: a longer one")

    def _rewind(self, frame: int) -> None:
        del self.masks[2 * (frame + 1) :]
        del self.who[frame + 1 :]

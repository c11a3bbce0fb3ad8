"""VCDIFF patches (RFC 3284), decoded: a patch and the source it was made against give the target.

The plain format with the default code table, as xdelta3 writes it without secondary compression; its two extensions that
patches of ROMs carry are read: an Adler-32 checksum per window, and a header of the application's own, which is passed over.
Nothing in a patch is believed: sizes are bounded before anything is allocated, and whatever does not fit is a ValueError
that names the window and the reason.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from game.rom.vcdiff_codes import (
    CODE_TABLE,
    FIRST_NEAR,
    FIRST_SAME,
    HERE,
    NEAR_ADDRESSES,
    SAME_ADDRESSES,
    SELF,
    Instruction,
    Kind,
)

MAX_TARGET_BYTES = 16 << 20
"""Of a target, unless its reader allows more; the largest cartridge is 5 MiB."""
MAX_NUMBER = (1 << 32) - 1
MAGIC = b"\xd6\xc3\xc4"  # "VCD" with the high bits set
VERSION = 0

SECONDARY_COMPRESSION, OWN_CODE_TABLE, APPLICATION_HEADER = 1, 2, 4
"""Bits of the header's indicator (section 4.1); the third is xdelta3's."""
FROM_SOURCE, FROM_TARGET, HAS_CHECKSUM = 1, 2, 4
"""Bits of a window's indicator (section 4.2); the third is xdelta3's."""
CHECKSUM_BYTES = 4


@dataclass(frozen=True)
class Window:
    """One window of a patch: how a stretch of the target is made.

    Attributes:
        name: what messages call it.
        indicator: where its segment lies (FROM_SOURCE, FROM_TARGET or neither).
        segment_start, segment_bytes: the stretch of source or target so far that it may copy from.
        target_bytes: how much it makes.
        checksum: Adler-32 of what it makes, or None.
        data, codes, addresses: its three sections.
    """

    name: str
    indicator: int
    segment_start: int
    segment_bytes: int
    target_bytes: int
    checksum: int | None
    data: bytes
    codes: bytes
    addresses: bytes


class _Reader:
    """Reads bytes from the front; ValueError with the reader's name when they run out."""

    def __init__(self, content: bytes, name: str) -> None:
        self._content = content
        self._name = name
        self._at = 0

    @property
    def left(self) -> int:
        """Bytes not read yet."""
        return len(self._content) - self._at

    def take(self, count: int) -> bytes:
        """The next bytes."""
        if count > self.left:
            raise ValueError(f"{self._name}: expected {count} bytes at byte {self._at}. Received: {self.left}")
        taken = self._content[self._at : self._at + count]
        self._at += count
        return taken

    def byte(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def number(self) -> int:
        """An integer in base 128, the highest digit first; all bytes but the last have their high bit set (section 2)."""
        start = self._at
        value = 0
        while value <= MAX_NUMBER:
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if byte < 0x80 and value <= MAX_NUMBER:
                return value
        raise ValueError(f"{self._name}: expected a number of at most 32 bits at byte {start}. Received: a longer one")


def read_windows(patch: bytes) -> Iterator[Window]:
    """The windows of a patch, as they stand in it; what is inside their sections is not looked at.

    Raises:
        ValueError: no patch, one of a kind that is not read, or a damaged one.
    """
    reader = _Reader(patch, "the patch")
    _read_header(reader)
    number = 0
    while reader.left:
        number += 1
        yield _read_window(reader, f"window {number}")


def _read_header(reader: _Reader) -> None:
    if reader.left < len(MAGIC) or reader.take(len(MAGIC)) != MAGIC:
        raise ValueError("the patch: expected the first bytes of VCDIFF (d6 c3 c4). Received: others")
    version = reader.byte()
    if version != VERSION:
        raise ValueError(f"the patch: expected version {VERSION} of VCDIFF. Received: {version}")
    indicator = reader.byte()
    if indicator & SECONDARY_COMPRESSION:
        raise ValueError("the patch: expected one without secondary compression. Received: one that is compressed")
    if indicator & OWN_CODE_TABLE:
        raise ValueError("the patch: expected the default code table. Received: one of the patch's own")
    if indicator & ~APPLICATION_HEADER:
        raise ValueError(f"the patch: expected a header indicator of 0 or 4. Received: {indicator}")
    if indicator & APPLICATION_HEADER:
        reader.take(reader.number())


def _read_window(reader: _Reader, name: str) -> Window:
    indicator = reader.byte()
    segment = indicator & (FROM_SOURCE | FROM_TARGET)
    if indicator & ~HAS_CHECKSUM != segment or segment == FROM_SOURCE | FROM_TARGET:
        raise ValueError(f"{name}: expected an indicator of 0, 1 or 2, or 4 more for a checksum. Received: {indicator}")
    segment_bytes = 0
    segment_start = 0
    if segment:
        segment_bytes = reader.number()
        segment_start = reader.number()
    body = _Reader(reader.take(reader.number()), name)
    target_bytes = body.number()
    compressed = body.byte()
    if compressed:
        raise ValueError(f"{name}: expected sections that are not compressed (0). Received: {compressed}")
    sizes = [body.number() for _ in range(3)]
    checksum = None
    if indicator & HAS_CHECKSUM:
        checksum = int.from_bytes(body.take(CHECKSUM_BYTES), "big")
    data, codes, addresses = [body.take(size) for size in sizes]
    if body.left:
        raise ValueError(f"{name}: expected its sections to fill it. Received: {body.left} bytes more")
    return Window(
        name=name,
        indicator=segment,
        segment_start=segment_start,
        segment_bytes=segment_bytes,
        target_bytes=target_bytes,
        checksum=checksum,
        data=data,
        codes=codes,
        addresses=addresses,
    )


def decode(patch: bytes, source: bytes, limit: int = MAX_TARGET_BYTES) -> bytes:
    """The target that a patch makes of a source.

    Args:
        limit: bytes of the target.

    Raises:
        ValueError: as `read_windows`; a larger target; a window that reaches outside what there is, does not make what it
            says, or whose checksum is another (a source that the patch is not for, as a rule).
    """
    windows = list(read_windows(patch))
    total = sum(window.target_bytes for window in windows)
    if total > limit:
        raise ValueError(f"the patch: expected a target of at most {limit} bytes. Received: {total}")
    target = bytearray(total)
    done = 0
    for window in windows:
        _WindowDecoder(window, source, target, done).run()
        done += window.target_bytes
    return bytes(target)


class _WindowDecoder:
    """Makes one window. Addresses count through its segment, then through what it makes (section 3)."""

    def __init__(self, window: Window, source: bytes, target: bytearray, start: int) -> None:
        self._window = window
        self._target = target
        self._start = start
        self._at = start  # where the next byte goes
        self._end = start + window.target_bytes
        origin = memoryview(source)
        if window.indicator == FROM_TARGET:
            origin = memoryview(target)[:start]
        if window.segment_start + window.segment_bytes > len(origin):
            raise ValueError(
                f"{window.name}: expected a segment within the {len(origin)} bytes it is taken from. "
                f"Received: {window.segment_bytes} bytes from {window.segment_start} on"
            )
        self._segment = origin[window.segment_start : window.segment_start + window.segment_bytes]
        self._data = _Reader(window.data, f"{window.name}, data")
        self._codes = _Reader(window.codes, f"{window.name}, instructions")
        self._addresses = _AddressReader(window.addresses, f"{window.name}, addresses")

    def run(self) -> None:
        """All instructions, and the checks."""
        while self._codes.left:
            for instruction in CODE_TABLE[self._codes.byte()]:
                self._carry_out(instruction)
        window = self._window
        made = self._at - self._start
        if made != window.target_bytes:
            raise ValueError(f"{window.name}: expected {window.target_bytes} bytes. Received instructions for {made}")
        unread = self._data.left + self._addresses.left
        if unread:
            raise ValueError(f"{window.name}: expected instructions for all of its sections. Received: {unread} unread")
        self._check_sum()

    def _check_sum(self) -> None:
        window = self._window
        checksum = zlib.adler32(memoryview(self._target)[self._start : self._end])
        if window.checksum not in (None, checksum):
            raise ValueError(
                f"{window.name}: expected the checksum {window.checksum:08x}. Received: {checksum:08x}; "
                "the source is another than the patch is for, or the patch is damaged"
            )

    def _carry_out(self, instruction: Instruction) -> None:
        size = instruction.size or self._codes.number()
        room = self._end - self._at
        if size > room:
            kind = instruction.kind.value
            raise ValueError(f"{self._window.name}: expected at most {room} bytes more. Received: {kind} of {size}")
        if instruction.kind is Kind.ADD:
            self._put(self._data.take(size))
        elif instruction.kind is Kind.RUN:
            self._put(self._data.take(1) * size)
        else:
            self._copy(size, instruction.mode)

    def _put(self, content: bytes | memoryview) -> None:
        self._target[self._at : self._at + len(content)] = content
        self._at += len(content)

    def _copy(self, size: int, mode: int) -> None:
        here = len(self._segment) + self._at - self._start
        address = self._addresses.next(here, mode)
        from_segment = self._segment[address : address + size]
        self._put(from_segment)
        left = size - len(from_segment)
        if left:
            self._repeat(self._start + address + len(from_segment) - len(self._segment), left)

    def _repeat(self, start: int, size: int) -> None:
        """Copy from the window itself; what is copied may be longer than what is there, and then repeats (section 3)."""
        there = bytes(self._target[start : self._at])[:size]
        times = -(-size // len(there))
        self._put((there * times)[:size])


class _AddressReader(_Reader):
    """Reads addresses of COPY instructions, with the caches of those used before (section 5.1 and 5.3)."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content, name)
        self._near = [0] * NEAR_ADDRESSES
        self._same = [0] * SAME_ADDRESSES
        self._next_near = 0

    def next(self, here: int, mode: int) -> int:
        """The next address, written in this mode; `here` is the address of the byte to be made. ValueError beyond it."""
        if mode == SELF:
            address = self.number()
        elif mode == HERE:
            address = here - self.number()
        elif mode < FIRST_SAME:
            address = self._near[mode - FIRST_NEAR] + self.number()
        else:
            address = self._same[(mode - FIRST_SAME) * 256 + self.byte()]
        if not 0 <= address < here:
            raise ValueError(f"{self._name}: expected an address from 0 to below {here}. Received: {address}")
        self._near[self._next_near] = address
        self._next_near = (self._next_near + 1) % NEAR_ADDRESSES
        self._same[address % SAME_ADDRESSES] = address
        return address

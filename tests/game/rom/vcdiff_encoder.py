"""A VCDIFF encoder for tests, written from RFC 3284 by itself: it shares no table and no cache with the decoder.

A window is a list of instructions; of a COPY one says which of the nine modes writes its address, or leaves that to chance.
"""

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

HEADER = b"\xd6\xc3\xc4\x00\x00"


@dataclass(frozen=True)
class Add:
    content: bytes


@dataclass(frozen=True)
class Run:
    byte: int
    size: int


@dataclass(frozen=True)
class Copy:
    address: int
    size: int
    mode: int | None = None


Step = Add | Run | Copy


def number(value: int) -> bytes:
    """Base 128, the highest digit first (section 2)."""
    digits = [value & 0x7F]
    while value := value >> 7:
        digits.append(value & 0x7F | 0x80)
    return bytes(reversed(digits))


@dataclass
class Addresses:
    """Section 5.3, line by line."""

    near: list[int] = field(default_factory=lambda: [0, 0, 0, 0])
    same: dict[int, int] = field(default_factory=dict)
    slot: int = 0

    def ways(self, address: int, here: int) -> dict[int, bytes]:
        """Each mode that can write this address, and how it does."""
        found = {0: number(address), 1: number(here - address)}
        for i, known in enumerate(self.near):
            if address >= known:
                found[2 + i] = number(address - known)
        if self.same.get(address % 768, 0) == address:
            found[6 + address % 768 // 256] = bytes([address % 256])
        return found

    def used(self, address: int) -> None:
        self.near[self.slot] = address
        self.slot = (self.slot + 1) % 4
        self.same[address % 768] = address


@dataclass
class Sections:
    """One window's sections while they grow, and the modes that were used."""

    segment: int
    rng: Random
    data: bytes = b""
    codes: bytes = b""
    addresses: bytes = b""
    made: int = 0
    modes: set[int] = field(default_factory=set)
    cache: Addresses = field(default_factory=Addresses)

    def add(self, step: Step, following: Step | None) -> bool:
        """Write a step; True when its code took the following one along."""
        if isinstance(step, Run):
            self.data += bytes([step.byte])
            self.codes += b"\x00" + number(step.size)
            self.made += step.size
            return False
        if isinstance(step, Add):
            return self._add(step, following)
        mode = self._address(step)
        if step.size == 4 and isinstance(following, Add) and len(following.content) == 1:
            self.codes += bytes([247 + mode])  # COPY 4, ADD 1
            self._literal(following)
            return True
        self.codes += self._copy_code(step.size, mode)
        return False

    def _add(self, step: Add, following: Step | None) -> bool:
        self._literal(step)
        size = len(step.content)
        if 1 <= size <= 4 and isinstance(following, Copy):
            mode = self._address(following)
            if following.size in (4, 5, 6) and mode < 6:
                self.codes += bytes([163 + 12 * mode + 3 * (size - 1) + following.size - 4])
                return True
            if following.size == 4:
                self.codes += bytes([235 + 4 * (mode - 6) + size - 1])
                return True
            self.codes += self._add_code(size) + self._copy_code(following.size, mode)
            return True
        self.codes += self._add_code(size)
        return False

    def _literal(self, step: Add) -> None:
        self.data += step.content
        self.made += len(step.content)

    def _add_code(self, size: int) -> bytes:
        if 1 <= size <= 17 and self.rng.random() < 0.7:
            return bytes([1 + size])
        return b"\x01" + number(size)

    def _copy_code(self, size: int, mode: int) -> bytes:
        if 4 <= size <= 18 and self.rng.random() < 0.7:
            return bytes([19 + 16 * mode + size - 3])
        return bytes([19 + 16 * mode]) + number(size)

    def _address(self, step: Copy) -> int:
        ways = self.cache.ways(step.address, self.segment + self.made)
        mode = self.rng.choice(sorted(ways)) if step.mode is None else step.mode
        self.addresses += ways[mode]
        self.cache.used(step.address)
        self.made += step.size
        self.modes.add(mode)
        return mode


def window(
    steps: Sequence[Step],
    made: bytes,
    segment: tuple[int, int, int] | None = None,
    checksum: bool = True,
    rng: Random | None = None,
) -> tuple[bytes, set[int]]:
    """A window as bytes, and the address modes in it.

    Args:
        made: what it makes, for its size and checksum.
        segment: (1 for source or 2 for target, where it begins, its length).
    """
    kind, start, length = segment or (0, 0, 0)
    sections = Sections(length, rng or Random(0))
    at = 0
    while at < len(steps):
        following = steps[at + 1] if at + 1 < len(steps) else None
        at += 2 if sections.add(steps[at], following) else 1
    body = number(len(made)) + b"\x00"
    for part in (sections.data, sections.codes, sections.addresses):
        body += number(len(part))
    if checksum:
        body += zlib.adler32(made).to_bytes(4, "big")
    body += sections.data + sections.codes + sections.addresses
    head = bytes([kind | 4 * checksum])
    if kind:
        head += number(length) + number(start)
    return head + number(len(body)) + body, sections.modes


def patch(source: bytes, target: bytes, seed: int = 0, window_bytes: int = 1 << 14) -> bytes:
    """A patch from source to target, as xdelta3 lays it out: windows with all of the source as their segment."""
    rng = Random(seed)
    encoded = HEADER
    for start in range(0, len(target), window_bytes):
        made = target[start : start + window_bytes]
        encoded += window(differences(source, made), made, (1, 0, len(source)), rng=rng)[0]
    return encoded


def differences(source: bytes, made: bytes) -> list[Step]:
    """Instructions that make `made`: copies of four bytes and more that were seen before, runs, and the rest added."""
    known: dict[bytes, int] = {}
    for place in range(len(source) - 3):
        known.setdefault(source[place : place + 4], place)
    whole = source + made
    steps: list[Step] = []
    pending = b""
    at = 0
    while at < len(made):
        step = _best(whole, len(source) + at, known)
        size = 1 if step is None else step.size
        if step is None:
            pending += made[at : at + 1]
        else:
            steps += [Add(pending)] if pending else []
            steps.append(step)
            pending = b""
        for place in range(len(source) + at, len(source) + at + size):
            known.setdefault(whole[place : place + 4], place)
        at += size
    return steps + ([Add(pending)] if pending else [])


def _best(whole: bytes, here: int, known: dict[bytes, int]) -> Run | Copy | None:
    alike = len(whole) - here - len(whole[here:].lstrip(whole[here : here + 1]))
    if alike >= 8:
        return Run(whole[here], alike)
    found = known.get(whole[here : here + 4])
    if found is None or len(whole) - here < 4:
        return None
    size = 4
    while here + size < len(whole) and whole[found + size] == whole[here + size]:
        size += 1  # past `here` itself, where the copy repeats what it has just made
    return Copy(found, size)

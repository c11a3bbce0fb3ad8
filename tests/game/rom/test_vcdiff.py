"""The VCDIFF decoder: RFC 3284's own example, an encoder of the tests', stable-retro's patches, and hostile bytes."""

from pathlib import Path
from random import Random

import pytest
import stable_retro.data
from hypothesis import given, settings
from hypothesis import strategies as st

from game.rom import vcdiff
from game.rom.vcdiff import decode, read_windows
from game.rom.vcdiff_codes import CODE_TABLE, Instruction, Kind
from tests.game.rom.vcdiff_encoder import HEADER, Add, Copy, Run, Step, number, patch, window

SOURCE = b"abcdefghijklmnop"
TARGET = b"abcdwxyzefghefghefghefghzzzz"
EXAMPLE: list[Step] = [Copy(0, 4), Add(b"wxyz"), Copy(4, 4), Copy(24, 12), Run(ord("z"), 4)]
CONTRIB = Path(stable_retro.data.path()) / "contrib"
PATCHES = sorted(CONTRIB.glob("*/rom.delta"))


def test_the_example_of_the_rfc() -> None:
    """Section 3: its third copy begins in what it makes itself."""
    for seed in range(20):
        encoded, _ = window(EXAMPLE, TARGET, (1, 0, 16), rng=Random(seed))
        assert decode(HEADER + encoded, SOURCE) == TARGET


def test_the_same_example_byte_by_byte() -> None:
    """Written by hand: indicator, segment, sizes; data; instructions; addresses (SELF, SELF, then HERE: 28 - 4)."""
    data, codes, addresses = b"wxyzz", bytes([20, 5, 20, 35, 12, 0, 4]), bytes([0, 4, 4])
    body = bytes([28, 0, len(data), len(codes), len(addresses)]) + data + codes + addresses
    encoded = HEADER + bytes([1, 16, 0, len(body)]) + body
    assert decode(encoded, SOURCE) == TARGET


@pytest.mark.parametrize(
    ("code", "instructions"),
    [
        (0, [("RUN", 0, 0)]),
        (1, [("ADD", 0, 0)]),
        (18, [("ADD", 17, 0)]),
        (19, [("COPY", 0, 0)]),
        (34, [("COPY", 18, 0)]),
        (35, [("COPY", 0, 1)]),
        (162, [("COPY", 18, 8)]),
        (163, [("ADD", 1, 0), ("COPY", 4, 0)]),
        (174, [("ADD", 4, 0), ("COPY", 6, 0)]),
        (234, [("ADD", 4, 0), ("COPY", 6, 5)]),
        (235, [("ADD", 1, 0), ("COPY", 4, 6)]),
        (246, [("ADD", 4, 0), ("COPY", 4, 8)]),
        (247, [("COPY", 4, 0), ("ADD", 1, 0)]),
        (255, [("COPY", 4, 8), ("ADD", 1, 0)]),
    ],
)
def test_the_code_table_is_the_rfcs(code: int, instructions: list[tuple[str, int, int]]) -> None:
    """The lines of the table in section 5.6, at their first and last codes."""
    assert len(CODE_TABLE) == 256
    assert CODE_TABLE[code] == tuple(Instruction(Kind(kind), size, mode) for kind, size, mode in instructions)


@pytest.mark.parametrize("mode", range(9))
def test_every_way_to_write_an_address(mode: int) -> None:
    """Four addresses fill the near cache and the three same caches; the fifth copy is written in the mode."""
    source = bytes(range(256)) * 8
    places = [20, 300, 560, 900]
    again = {0: 77, 1: 78, 2: 25, 3: 310, 4: 570, 5: 905, 6: 20, 7: 300, 8: 560}[mode]
    steps: list[Step] = [Copy(place, 5, 0) for place in places]
    made = b"".join(source[place : place + 5] for place in [*places, again])
    encoded, modes = window([*steps, Copy(again, 5, mode)], made, (1, 0, len(source)))
    assert mode in modes
    assert decode(HEADER + encoded, source) == made


def test_windows_may_copy_from_the_target_so_far() -> None:
    """The second window's segment is "4567"; its last copy begins in there and goes on in what it has made."""
    first, _ = window([Add(b"0123456789")], b"0123456789")
    second, _ = window([Copy(1, 3), Copy(2, 7)], b"567" + b"6756767", (2, 4, 4))
    assert decode(HEADER + first + second, b"") == b"0123456789" + b"567" + b"6756767"
    ahead, _ = window([Copy(0, 7)], b"4567890", (2, 4, 7))
    with pytest.raises(ValueError, match="window 2: expected a segment within the 10 bytes it is taken from"):
        decode(HEADER + first + ahead, b"")


@st.composite
def pairs(draw: st.DrawFn) -> tuple[bytes, bytes]:
    """A source, and a target made of stretches of it, runs and new bytes."""
    source = draw(st.binary(min_size=1, max_size=600))
    parts = []
    for _ in range(draw(st.integers(0, 12))):
        start = draw(st.integers(0, len(source) - 1))
        part = source[start : start + draw(st.integers(1, 60))]
        parts.append(draw(st.sampled_from([part, part[:2] * 9, part[:1] * 20, draw(st.binary(max_size=9))])))
    return source, b"".join(parts)


@given(pair=pairs(), seed=st.integers(0, 1000), window_bytes=st.sampled_from((40, 300, 1 << 14)))
@settings(max_examples=300, deadline=None)
def test_fuzz_what_is_encoded_is_decoded(pair: tuple[bytes, bytes], seed: int, window_bytes: int) -> None:
    source, target = pair
    assert decode(patch(source, target, seed, window_bytes), source) == target


LARGE = bytes(Random(1).randbytes(3000))
WHOLE = patch(LARGE, LARGE[700:1900] + b"new" * 40 + LARGE[:900], window_bytes=700)
CHANGE = st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))


@given(changes=st.lists(CHANGE, max_size=8), cut=st.integers(0, len(WHOLE)), tail=st.binary(max_size=40))
@settings(max_examples=400, deadline=2_000)
def test_fuzz_a_damaged_patch_is_refused_by_name(changes: list[tuple[int, int]], cut: int, tail: bytes) -> None:
    content = bytearray(WHOLE)
    for at, value in changes:
        content[at] = value
    content[cut:] = tail
    problem = ""
    try:
        assert len(decode(bytes(content), LARGE, limit=1 << 16)) <= 1 << 16
    except ValueError as error:
        problem = str(error)
    assert problem == "" or problem.startswith(("the patch: ", "window "))


@given(st.binary(max_size=200))
@settings(max_examples=300, deadline=2_000)
def test_fuzz_any_window_is_decoded_or_refused(content: bytes) -> None:
    problem = ""
    try:
        decode(HEADER + content, SOURCE, limit=1 << 16)
    except ValueError as error:
        problem = str(error)
    assert problem == "" or problem.startswith(("the patch: ", "window "))


def raw(target: int, data: bytes = b"", codes: bytes = b"", addresses: bytes = b"", compressed: int = 0) -> bytes:
    """A window without a checksum, as it is told."""
    sizes = number(len(data)) + number(len(codes)) + number(len(addresses))
    body = number(target) + bytes([compressed]) + sizes + data + codes + addresses
    return HEADER + bytes([1]) + number(16) + number(0) + number(len(body)) + body


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", r"first bytes of VCDIFF"),
        (b"BSDIFF40", r"first bytes of VCDIFF"),
        (b"\xd6\xc3\xc4S\x00", "version 0 of VCDIFF. Received: 83"),
        (b"\xd6\xc3\xc4\x00\x01\x02", "without secondary compression"),
        (b"\xd6\xc3\xc4\x00\x02", "the default code table"),
        (b"\xd6\xc3\xc4\x00\x08", "header indicator of 0 or 4. Received: 8"),
        (HEADER + b"\x03", "window 1: expected an indicator of 0, 1 or 2"),
        (HEADER + b"\x08", "window 1: expected an indicator of 0, 1 or 2, or 4 more for a checksum. Received: 8"),
        (HEADER + b"\x00\x05\x01", "the patch: expected 5 bytes at byte 7. Received: 1"),
        (HEADER + b"\x00\xff\xff\xff\xff\x7f", "number of at most 32 bits at byte 6"),
        (HEADER + b"\x01\x11\x00\x05\x00\x00\x00\x00\x00", "segment within the 16 bytes .* Received: 17 bytes from 0 on"),
        (HEADER + b"\x02\x01\x00\x05\x00\x00\x00\x00\x00", "segment within the 0 bytes it is taken from"),
        (HEADER + b"\x00\x06\x00\x00\x00\x00\x00\x00", "window 1: expected its sections to fill it. Received: 1 bytes more"),
        (raw(2, compressed=1), "sections that are not compressed"),
        (raw(1 << 25), "the patch: expected a target of at most 16777216 bytes. Received: 33554432"),
        (raw(5, b"abc", b"\x04"), "window 1: expected 5 bytes. Received instructions for 3"),
        (raw(2, b"abc", b"\x04"), "window 1: expected at most 2 bytes more. Received: ADD of 3"),
        (raw(9, b"a", b"\x00\x0a"), "at most 9 bytes more. Received: RUN of 10"),
        (raw(3, b"ab", b"\x04"), "window 1, data: expected 3 bytes at byte 0. Received: 2"),
        (raw(3, b"abcd", b"\x04"), "instructions for all of its sections. Received: 1 unread"),
        (raw(4, b"", b"\x14", b"\x10"), "window 1, addresses: expected an address from 0 to below 16. Received: 16"),
        (raw(4, b"", b"\x24", b"\x11"), "address from 0 to below 16. Received: -1"),
        (raw(4, b"", b"\x14"), "window 1, addresses: expected 1 bytes at byte 0. Received: 0"),
        (raw(40, b"", b"\x13"), "window 1, instructions: expected 1 bytes at byte 1. Received: 0"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(content: bytes, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        decode(content, SOURCE)


def test_a_header_of_the_applications_own_is_passed_over() -> None:
    encoded, _ = window(EXAMPLE, TARGET, (1, 0, 16))
    assert decode(b"\xd6\xc3\xc4\x00\x04\x03abc" + encoded, SOURCE) == TARGET


def test_another_source_shows_in_the_checksum() -> None:
    encoded, _ = window(EXAMPLE, TARGET, (1, 0, 16))
    with pytest.raises(ValueError, match=r"window 1: expected the checksum .* the source is another"):
        decode(HEADER + encoded, SOURCE.upper())
    unchecked, _ = window(EXAMPLE, TARGET, (1, 0, 16), checksum=False)
    assert decode(HEADER + unchecked, SOURCE.upper()) == b"ABCDwxyzEFGHEFGHEFGHEFGHzzzz"


def test_stable_retro_brings_the_contests_patches() -> None:
    assert len(PATCHES) == 6


@pytest.mark.parametrize("file", PATCHES, ids=lambda file: file.parent.name)
def test_real_patches_are_whole_and_of_the_kind_that_is_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every window decodes to its size with all of its sections used up; only what it copies needs the real source.

    Where an address cache or a code were read otherwise, addresses would soon lie outside, or bytes be left over.
    """
    content = file.read_bytes()
    windows = list(read_windows(content))
    assert all(window.checksum is not None for window in windows)
    assert all(window.target_bytes <= 1 << 14 for window in windows)
    sizes = sum(window.target_bytes for window in windows)
    needed = max(window.segment_start + window.segment_bytes for window in windows)
    if "Hedgehog2" in file.parent.name:
        assert (sizes, needed, len(windows)) == (1 << 20, 1 << 20, 65)
    with pytest.raises(ValueError, match=r"window \d+: expected the checksum .* the source is another"):
        decode(content, bytes(needed))
    monkeypatch.setattr(vcdiff._WindowDecoder, "_check_sum", lambda decoder: None)
    assert len(decode(content, bytes(needed))) == sizes

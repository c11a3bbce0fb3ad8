"""Mega Drive ROM dumps: the forms that copiers and shops gave them, and the header that all ROMs share.

Sources: Bart Trzynadlowski, "SMD ROM format documentation" (1999); Sega Retro, "ROM header". Nothing here touches a disk.
"""

import string
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

HEADER_AT = 0x100
CHECKSUM_AT = 0x18E
ROM_END_AT = 0x1A4
CODE_AT = 0x200
"""Places in a ROM; its numbers are big-endian, as the 68000's."""
COPIER_HEADER_BYTES = 512
SMD_BLOCK_BYTES = 16_384

ARCHIVES = {
    b"7z\xbc\xaf\x27\x1c": "a 7z archive",
    b"Rar!\x1a\x07": "a rar archive",
    b"\x1f\x8b": "a gzip archive",
    b"PK\x03\x04": "a zip inside a zip",
    b"\xfd7zXZ": "an xz archive",
    b"BZh": "a bzip2 archive",
}
"""First bytes of what must be unpacked before it can be looked at."""

_PRINTABLE = set(string.printable.encode()) - set(b"\t\n\r\x0b\x0c")


@dataclass(frozen=True)
class Header:
    """What a Mega Drive ROM says about itself.

    Attributes:
        title: the name for the world outside Japan, or else the Japanese one.
        serial: maker and number with the revision, as "GM 00001051-01".
        rom_bytes: the size it claims.
        missing_bytes: how much of that is not there.
        checksum_fits: whether its words add up to the sum it states; those of a damaged or changed dump seldom do.
    """

    title: str
    serial: str
    rom_bytes: int
    missing_bytes: int
    checksum_fits: bool


def has_header(image: bytes) -> bool:
    """Whether the console would take this for a cartridge."""
    return b"SEGA" in image[HEADER_AT : HEADER_AT + 5]


def read_header(image: bytes) -> Header | None:
    """The header of a ROM in plain order; None when there is none."""
    if not has_header(image) or len(image) < CODE_AT:
        return None
    (stated_sum,) = struct.unpack_from(">H", image, CHECKSUM_AT)
    (last_byte,) = struct.unpack_from(">L", image, ROM_END_AT)
    rom_bytes = last_byte + 1
    size = min(rom_bytes, len(image))
    words = np.frombuffer(image, ">u2", count=max(size - CODE_AT, 0) // 2, offset=CODE_AT)
    title_abroad = _text(image[0x150:0x180])
    title_in_japan = _text(image[0x120:0x150])
    return Header(
        title=title_abroad or title_in_japan or "untitled",
        serial=_text(image[0x180:CHECKSUM_AT]),
        rom_bytes=rom_bytes,
        missing_bytes=rom_bytes - size,
        checksum_fits=int(words.sum(dtype=np.uint64)) & 0xFFFF == stated_sum,
    )


def _text(field: bytes) -> str:
    """A field without control characters, which a hostile file may hold, and with single spaces."""
    kept = bytes(byte for byte in field if byte in _PRINTABLE)
    return " ".join(kept.decode("ascii").split())


def readings(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Every way to read a file as a ROM: (what it then is, the image in plain order).

    The file as it stands always comes first, with "" for what it is; the others only when they show a header.
    """
    yield "", content
    for form, image in _reordered(content):
        if has_header(image):
            yield form, image
            yield from _trimmed(form, image)
    if has_header(content):
        yield from _trimmed("", content)


def _trimmed(form: str, image: bytes) -> Iterator[tuple[str, bytes]]:
    """The image without what follows the end that its header names."""
    header = read_header(image)
    if header and CODE_AT < header.rom_bytes < len(image):
        yield f"{form}, over-dumped".removeprefix(", "), image[: header.rom_bytes]


def _reordered(content: bytes) -> Iterator[tuple[str, bytes]]:
    """The content in every other order that is known; most of what comes is nonsense and shows no header."""
    body = content[COPIER_HEADER_BYTES:]  # empty for a shorter file
    if has_header(body):
        yield "with a copier's 512-byte header", body
    if len(content) % 2 == 0:
        yield "byte-swapped", byte_swapped(content)
    for form, blocks in (("smd-interleaved", body), ("smd-interleaved without its header", content)):
        if blocks and len(blocks) % SMD_BLOCK_BYTES == 0:
            image = deinterleaved(blocks, SMD_BLOCK_BYTES)
            yield form, image
            yield f"{form}, byte-swapped", byte_swapped(image)
    if content and len(content) % 2 == 0:
        image = deinterleaved(content, len(content))  # one block: all odd bytes, then all even ones
        yield "mgd-interleaved", image
        yield "mgd-interleaved, byte-swapped", byte_swapped(image)


def byte_swapped(content: bytes) -> bytes:
    """The two bytes of every 16-bit word exchanged; the length must be even."""
    words = np.frombuffer(content, np.uint8).reshape(-1, 2)  # [words, high and low byte]
    return words[:, ::-1].tobytes()


def deinterleaved(content: bytes, block: int) -> bytes:
    """Blocks that hold their odd bytes first and their even bytes second, put in order; whole blocks of even size."""
    halves = np.frombuffer(content, np.uint8).reshape(-1, 2, block // 2)  # [blocks, odd and even, half a block]
    return halves[:, ::-1].transpose(0, 2, 1).tobytes()


def archive_kind(content: bytes) -> str:
    """What kind of archive begins like this, in words; "" for none."""
    for magic, kind in ARCHIVES.items():
        if content.startswith(magic):
            return kind
    return ""

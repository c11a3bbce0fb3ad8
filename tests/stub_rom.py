"""A ROM image of our own making under which Sonic 2's real savestates load and show their real picture and RAM.

Every word is a branch to itself, so whatever address a savestate's processor stands at, it stays there; the interrupts
return at once. No byte of it comes from the game.
"""

import dataclasses
import hashlib
import struct
from pathlib import Path

from game.games import GAMES, Game

ROM_BYTES = 1 << 20
BRANCH_TO_SELF = b"\x60\xfe"
RETURN_FROM_EXCEPTION = b"\x4e\x73"
STACK_TOP = 0xFFFE00
LOOP, RETURN = 0x200, 0x210
INTERRUPT_VECTORS = range(24, 32)


def make_stub_rom(title: str = "STUB IMAGE WITHOUT A GAME") -> bytes:
    """The image: 1 MiB, with a valid header that says it is a stub."""
    image = bytearray(BRANCH_TO_SELF * (ROM_BYTES // 2))
    vectors = [STACK_TOP] + [RETURN if number in INTERRUPT_VECTORS else LOOP for number in range(1, 64)]
    image[:0x100] = struct.pack(">64L", *vectors)
    image[RETURN : RETURN + 2] = RETURN_FROM_EXCEPTION
    image[0x100:0x200] = make_header(title)
    struct.pack_into(">H", image, 0x18E, sum(struct.unpack(f">{(ROM_BYTES - 0x200) // 2}H", image[0x200:])) & 0xFFFF)
    return bytes(image)


def make_header(title: str, serial: str = "GM 00000000-00") -> bytes:
    """The 256 bytes at 0x100 that every Mega Drive ROM has."""
    text = title[:48].ljust(48)
    fields = f"SEGA MEGA DRIVE (C)OURS 2025.JAN{text}{text}{serial:<14}".encode("ascii")
    numbers = struct.pack(">H16sLLLL", 0, b"J".ljust(16), 0, ROM_BYTES - 1, 0xFF0000, 0xFFFFFF)
    return (fields + numbers).ljust(240) + b"JUE".ljust(16)


def make_stub_game(folder: Path) -> Game:
    """sonic2 with the stub image in place of the game, written into a folder."""
    image = make_stub_rom()
    path = folder / "rom.md"
    path.write_bytes(image)
    return dataclasses.replace(GAMES["sonic2"], sha1=hashlib.sha1(image).hexdigest(), roms=(path,))

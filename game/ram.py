"""The RAM variables the project reads, in one table: Sonic 2's addresses, honoured by Quillrush.

data.json of stable-retro names a dozen (`act_number` is its `act`); the rest (speeds, status, spin dash, timer) are
documented by the game's public disassembly. Speeds are 8.8 fixed point, pixels per frame.
"""

import struct
from dataclasses import dataclass

RAM_START = 0xFF0000
RAM_SIZE = 0x10000


@dataclass(frozen=True)
class Variable:
    """One big-endian integer in 68000 work RAM."""

    address: int
    size: int
    signed: bool = False


VARIABLES = {
    "x": Variable(0xFFB008, 2),
    "y": Variable(0xFFB00C, 2),
    "x_vel": Variable(0xFFB010, 2, signed=True),
    "y_vel": Variable(0xFFB012, 2, signed=True),
    "inertia": Variable(0xFFB014, 2, signed=True),
    "status": Variable(0xFFB022, 1),
    "routine": Variable(0xFFB024, 1),
    "angle": Variable(0xFFB026, 1),
    "spindash_flag": Variable(0xFFB039, 1),
    "spindash_counter": Variable(0xFFB03A, 2),
    "screen_x": Variable(0xFFEE00, 2),
    "screen_y": Variable(0xFFEE04, 2),
    "screen_x_end": Variable(0xFFEECA, 2),
    "game_mode": Variable(0xFFF600, 1),
    "level_end_bonus": Variable(0xFFF7D6, 1),
    "zone": Variable(0xFFFE10, 1),
    "act_number": Variable(0xFFFE11, 1),
    "lives": Variable(0xFFFE12, 1),
    "rings": Variable(0xFFFE20, 2),
    "time_minutes": Variable(0xFFFE23, 1),
    "time_seconds": Variable(0xFFFE24, 1),
    "time_frames": Variable(0xFFFE25, 1),
    "score": Variable(0xFFFE26, 4),
}

SWITCHES = 0xFFF7E0
"""The first of SWITCH_COUNT bytes, one a switch: not 0 once it was thrown (Sonic 2's button triggers)."""
SWITCH_COUNT = 16

STATUS_AIRBORNE = 1 << 1
STATUS_ROLLING = 1 << 2
MODE_SPECIAL_STAGE = 0x10
MODE_IN_PLAY = 0x0C
ROUTINE_HURT = 4
"""The player object's `routine` from which on it is out of the player's hands: 4 hurt, 6 dying, 8 gone."""
ROUTINE_DEAD = 6


def _stored_at(variable: Variable) -> int:
    """Where the core keeps it: the bytes of each 16-bit word are swapped on a little-endian host."""
    return (variable.address - RAM_START) ^ (variable.size == 1)


def _layout(variables: list[Variable]) -> struct.Struct:
    """One struct over variables in the order they are stored in."""
    layout, end = "<", 0
    for v in variables:
        code = {1: "b", 2: "h", 4: "i"}[v.size]
        layout += f"{_stored_at(v) - end}x{code if v.signed else code.upper()}"
        end = _stored_at(v) + v.size
    return struct.Struct(layout)


_stored = sorted(VARIABLES.items(), key=lambda item: _stored_at(item[1]))
_unpack = _layout([variable for _, variable in _stored]).unpack_from
_LONGS = tuple(name for name, v in _stored if v.size == 4)

VARIABLE_NAMES = tuple(name for name, _ in _stored)
"""In the order they are read in."""


def read_variables(block: bytes) -> dict[str, int]:
    """Every variable of the table from one copy of work RAM.

    Args:
        block: 65,536 bytes as Genesis Plus GX keeps them on a little-endian host, the two bytes of each 16-bit word
            swapped; so a byte stands at its address xor 1, a word reads little-endian.

    Returns:
        name -> value, in the order of VARIABLE_NAMES.
    """
    if len(block) != RAM_SIZE:
        raise ValueError(f"Expected {RAM_SIZE} bytes of work RAM. Received: {len(block)}")
    values = dict(zip(VARIABLE_NAMES, _unpack(block), strict=True))
    for name in _LONGS:
        values[name] = (values[name] & 0xFFFF) << 16 | values[name] >> 16
    return values

"""What the codes of a VCDIFF patch stand for: the default code table of RFC 3284, and the modes of addresses."""

from enum import Enum
from typing import NamedTuple

NEAR_ADDRESSES = 4
SAME_ADDRESSES = 3 * 256
SELF, HERE = 0, 1
FIRST_NEAR = 2
FIRST_SAME = FIRST_NEAR + NEAR_ADDRESSES
MODES = FIRST_SAME + SAME_ADDRESSES // 256
"""Ways to write the address of a COPY (section 5.3)."""


class Kind(Enum):
    """What an instruction does."""

    ADD = "ADD"
    RUN = "RUN"
    COPY = "COPY"


class Instruction(NamedTuple):
    """One half of a code: `size` 0 is written out after the code; `mode` is of a COPY's address."""

    kind: Kind
    size: int
    mode: int = SELF


def _default_code_table() -> tuple[tuple[Instruction, ...], ...]:
    """What each of the 256 codes stands for: one instruction or two (section 5.6)."""
    copy_sizes = (0, *range(4, 19))
    table = [(Instruction(Kind.RUN, 0),)]
    table += [(Instruction(Kind.ADD, size),) for size in range(18)]
    for mode in range(MODES):
        table += [(Instruction(Kind.COPY, size, mode),) for size in copy_sizes]
    pairs: list[tuple[Instruction, ...]] = []
    for mode in range(MODES):
        longest = 6 if mode < FIRST_SAME else 4
        for added in range(1, 5):
            copies = [Instruction(Kind.COPY, size, mode) for size in range(4, longest + 1)]
            pairs += [(Instruction(Kind.ADD, added), copy) for copy in copies]
    pairs += [(Instruction(Kind.COPY, 4, mode), Instruction(Kind.ADD, 1)) for mode in range(MODES)]
    return (*table, *pairs)


CODE_TABLE = _default_code_table()

"""All acts as the bytes that src/game.h reads at ACTS_BASE; no compiler is needed to change them.

A table of levels (32 bytes each), then every level's columns, things, scenery and name, big-endian as the 68000 is.
"""

import struct
from dataclasses import dataclass
from typing import Any

from game.quillrush.builder.course import PIT, SCREE, TAR, Course
from game.quillrush.builder.levels import build_act, decorated
from game.quillrush.builder.music import SONGS
from game.quillrush.builder.ornaments import DECORS
from game.quillrush.builder.plans import PLANS, ActPlan, drawn_plans

ACTS_BASE = 0x40000
ROM_SIZE = 0x80000
"""Bytes; the acts take the second half."""
MOST_THINGS = 400
"""As in src/things.c."""
START_X = 96
"""Where the player begins, in pixels; src/main.c says so too."""
LEVEL_BYTES = 32
HEADER_BYTES = 4
MUSIC = {
    "Fernfall": "meadow", "Copperworks": "works", "Mosswater": "grotto", "Neonmile": "neon", "Emberpeak": "sky",
    "Glowcave": "grotto", "Tarflats": "meadow", "Gearholm": "works", "Cloudkeep": "sky",
}  # fmt: skip
"""Which song a zone has."""


@dataclass(frozen=True)
class LaidAct:
    """A plan and what came of it. ValueError when it has more things than the game can keep track of."""

    plan: ActPlan
    course: Course

    @classmethod
    def of(cls, plan: ActPlan) -> "LaidAct":
        course = build_act(plan)
        if len(course.things) > MOST_THINGS:
            raise ValueError(f"{plan.act.name}: expected at most {MOST_THINGS} things. Received: {len(course.things)}")
        return cls(plan, course)

    def columns(self) -> bytes:
        """Four bytes a column: the left height, the rise, and the flags with the ornament in the high four bits."""
        decors = decorated(self.course, self.plan.seed, kinds=DECORS)
        packed = b""
        for (left, right, flags), decor in zip(self.course.columns, decors, strict=True):
            rise = 0 if left == PIT else right - left
            packed += struct.pack(">hbB", left, rise, flags | decor << 4)
        return packed

    def things(self) -> bytes:
        """Eight bytes each."""
        return b"".join(struct.pack(">HHBBH", *thing, 0) for thing in self.course.things)

    def scenery(self) -> bytes:
        """Eight bytes each."""
        return b"".join(struct.pack(">HHhBB", *piece, 0) for piece in self.course.scenery)

    def name(self) -> bytes:
        """What its card says: ASCII capitals, ended by a zero."""
        text = (self.plan.title or self.plan.look).upper().encode("ascii") + b"\0"
        return text + b"\0" * (len(text) % 2)

    def level(self, addresses: tuple[int, int, int, int]) -> bytes:
        """Its row in the table; the addresses of columns, things, scenery and name."""
        act, course = self.plan.act, self.course
        _, _, number = act.name.rpartition(".Act")
        return struct.pack(
            ">4I5H6B", *addresses,
            len(course.columns), len(course.things), len(course.scenery), course.height_at(START_X), act.end_x,
            act.zone, act.number, self.plan.theme, self.plan.late,
            int(number) if number.isdigit() else 0, SONGS.index(MUSIC[self.plan.look]),
        )  # fmt: skip


def lay_acts(test_seed: int) -> list[LaidAct]:
    """The 18 and the five test acts of this seed, in the order of their slots."""
    return [LaidAct.of(plan) for plan in [*PLANS, *drawn_plans(test_seed)]]


def packed_acts(acts: list[LaidAct]) -> bytes:
    """The block at ACTS_BASE. ValueError when it does not fit."""
    table = struct.pack(">HH", len(acts), 0)
    body = b""
    first = ACTS_BASE + HEADER_BYTES + LEVEL_BYTES * len(acts)
    for act in acts:
        addresses = []
        for part in (act.columns(), act.things(), act.scenery(), act.name()):
            addresses.append(first + len(body))
            body += part
        columns, things, scenery, name = addresses
        table += act.level((columns, things, scenery, name))
    block = table + body
    if len(block) > ROM_SIZE - ACTS_BASE:
        raise ValueError(f"expected acts of at most {ROM_SIZE - ACTS_BASE} bytes. Received: {len(block)}")
    return block


def whole_rom(code: bytes, acts: list[LaidAct]) -> bytes:
    """The ROM: code and art, padding, the acts. ValueError when the code reaches into them."""
    if len(code) > ACTS_BASE:
        raise ValueError(f"expected code and art of at most {ACTS_BASE} bytes. Received: {len(code)}")
    return code.ljust(ACTS_BASE, b"\xff") + packed_acts(acts)


def places(acts: list[LaidAct]) -> dict[str, list[dict[str, Any]]]:
    """Where the way turns back, by act: what places.json holds."""
    return {act.plan.act.name: act.course.places for act in acts if act.course.places}


assert SCREE | TAR < 16  # the flags share their byte with the ornament

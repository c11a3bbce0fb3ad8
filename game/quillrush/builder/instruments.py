"""What the game plays its songs and effects with: FM voices, and bursts of noise."""

from dataclasses import dataclass, replace

TWO_PAIRS = 4
"""The chip's algorithm in which the first operator modulates the second, and the third the fourth."""
SIDES = {"left": 0x80, "right": 0x40, "middle": 0xC0}


@dataclass(frozen=True)
class Operator:
    """One of an instrument's four oscillators, in the chip's units.

    Attributes:
        multiple: frequency as a multiple of the note's, 0 (a half) to 15.
        level: how far below full, 0.75 dB each, 0 to 127.
        attack, decay, fade: rates to full, down to `sustain` and from there on, 0 to 31.
        sustain: 3 dB each below full, 0 to 15.
        release: rate after the note, 0 to 15.
        detune: 0 to 3 upwards, 4 to 7 downwards.
    """

    multiple: int = 1
    level: int = 0
    attack: int = 31
    decay: int = 0
    sustain: int = 0
    fade: int = 0
    release: int = 9
    detune: int = 0


@dataclass(frozen=True)
class Instrument:
    """An FM voice of two pairs.

    Attributes:
        feedback: of the first operator on itself, 0 to 7.
        operators: modulator and carrier, modulator and carrier.
        side: where it is heard: "left", "right" or "middle".
        vibrato: 0 to 7.
    """

    feedback: int
    operators: tuple[Operator, Operator, Operator, Operator]
    side: str = "middle"
    vibrato: int = 0

    def softer(self, steps: int, side: str = "middle") -> "Instrument":
        """The same instrument, 0.75 dB softer with every step, heard from that side."""
        first, second, third, fourth = self.operators
        second = replace(second, level=min(second.level + steps, 127))
        fourth = replace(fourth, level=min(fourth.level + steps, 127))
        return replace(self, operators=(first, second, third, fourth), side=side)

    def packed(self) -> bytes:
        """26 bytes: registers 0xB0 and 0xB4, then 0x30 to 0x8C."""
        first, second, third, fourth = self.operators
        order = (first, third, second, fourth)  # as the chip counts them
        groups = (
            [o.detune << 4 | o.multiple for o in order],
            [o.level for o in order],
            [o.attack for o in order],
            [o.decay for o in order],
            [o.fade for o in order],
            [o.sustain << 4 | o.release for o in order],
        )
        head = [self.feedback << 3 | TWO_PAIRS, SIDES[self.side] | self.vibrato]
        return bytes(head + [value for group in groups for value in group])


@dataclass(frozen=True)
class Hit:
    """A burst of noise.

    Attributes:
        colour: 0 rumbles, 1 is between, 2 hisses.
        loudness: at first, 1 to 15, 2 dB each.
        decay: sixteenths of 2 dB per frame.
    """

    colour: int
    loudness: int
    decay: int


BRASS = Instrument(
    5,
    (
        Operator(level=30, decay=9, sustain=3),
        Operator(attack=24, decay=6, sustain=1),
        Operator(multiple=2, level=38, decay=12, sustain=4),
        Operator(level=2, attack=24, decay=6, sustain=1, detune=2),
    ),
    vibrato=2,
)
SAW = Instrument(
    7,
    (
        Operator(level=24, decay=4, sustain=2),
        Operator(attack=26, decay=5, sustain=1),
        Operator(level=27, decay=4, sustain=2, detune=3),
        Operator(level=2, attack=26, decay=5, sustain=1, detune=6),
    ),
    vibrato=3,
)
REED = Instrument(
    3,
    (
        Operator(multiple=2, level=32, attack=26, decay=5, sustain=2),
        Operator(attack=20, decay=5, sustain=1),
        Operator(multiple=4, level=48, attack=28, decay=10, sustain=4),
        Operator(multiple=2, level=14, attack=20, decay=6, sustain=2),
    ),
    vibrato=3,
)
BELL = Instrument(
    0,
    (
        Operator(multiple=4, level=38, decay=13, sustain=6, fade=6),
        Operator(decay=9, sustain=4, fade=8, release=5),
        Operator(multiple=7, level=46, decay=16, sustain=8, fade=8),
        Operator(multiple=2, level=12, decay=11, sustain=5, fade=9, release=5),
    ),
)
PLUCK = Instrument(
    2,
    (
        Operator(multiple=3, level=36, decay=16, sustain=8, fade=6),
        Operator(decay=13, sustain=5, fade=10, release=7),
        Operator(level=32, decay=14, sustain=6, fade=4),
        Operator(level=6, decay=13, sustain=5, fade=10, release=7, detune=2),
    ),
)
PIANO = Instrument(
    1,
    (
        Operator(multiple=14, level=56, decay=18, sustain=9, fade=8),
        Operator(decay=9, sustain=3, fade=7, release=8),
        Operator(level=40, decay=9, sustain=3, fade=5),
        Operator(level=4, decay=9, sustain=3, fade=7, release=8, detune=2),
    ),
)
PAD = Instrument(
    2,
    (
        Operator(level=40, attack=14, decay=3, sustain=1),
        Operator(attack=13, decay=3, sustain=1, release=5),
        Operator(multiple=2, level=46, attack=14, decay=3, sustain=1),
        Operator(level=3, attack=13, decay=3, sustain=1, release=5, detune=3),
    ),
    vibrato=2,
)
FINGER = Instrument(
    5,
    (
        Operator(level=28, decay=12, sustain=4, fade=3),
        Operator(decay=7, sustain=2, fade=5, release=10),
        Operator(multiple=0, level=42, decay=10, sustain=3),
        Operator(level=8, decay=8, sustain=3, fade=5, release=10, detune=1),
    ),
)
GRIT = Instrument(
    7,
    (
        Operator(level=20, decay=8, sustain=3, fade=2),
        Operator(decay=6, sustain=2, fade=4, release=11),
        Operator(multiple=2, level=34, decay=12, sustain=4),
        Operator(level=6, decay=6, sustain=2, fade=4, release=11, detune=2),
    ),
)
KICK = Instrument(
    3,
    (
        Operator(multiple=2, level=34, decay=22, sustain=14),
        Operator(decay=16, sustain=10, fade=12, release=12),
        Operator(level=127),
        Operator(level=127),
    ),
)
BUZZ = Instrument(
    7,
    (
        Operator(level=18),
        Operator(decay=4, sustain=2, fade=6, release=10),
        Operator(multiple=2, level=30),
        Operator(level=2, decay=4, sustain=2, fade=6, release=10, detune=3),
    ),
)
FLUTE = Instrument(
    1,
    (
        Operator(multiple=2, level=44, decay=8, sustain=3),
        Operator(decay=5, sustain=2, fade=5, release=9),
        Operator(level=48, decay=8, sustain=3),
        Operator(level=3, decay=5, sustain=2, fade=5, release=9, detune=1),
    ),
)
CHIME = Instrument(
    0,
    (
        Operator(multiple=3, level=34, decay=12, sustain=5, fade=6),
        Operator(decay=8, sustain=3, fade=9, release=7),
        Operator(multiple=7, level=44, decay=16, sustain=8, fade=8),
        Operator(level=2, decay=8, sustain=3, fade=9, release=7, detune=2),
    ),
)
KNOCK = Instrument(
    4,
    (
        Operator(multiple=5, level=26, decay=20, sustain=9, fade=8),
        Operator(decay=15, sustain=6, fade=13, release=10),
        Operator(multiple=2, level=30, decay=18, sustain=9, fade=8),
        Operator(multiple=2, level=4, decay=16, sustain=6, fade=13, release=10),
    ),
)
THUD = Instrument(
    5,
    (
        Operator(level=20, decay=14, sustain=6),
        Operator(decay=10, sustain=5, fade=10, release=10),
        Operator(multiple=2, level=30, decay=16, sustain=8),
        Operator(multiple=0, decay=10, sustain=5, fade=10, release=10),
    ),
)

DRUMS = {"h": Hit(2, 7, 40), "o": Hit(2, 7, 12), "s": Hit(1, 10, 14), "t": Hit(2, 5, 64), "c": Hit(1, 12, 6)}
"""Percussion by its letter: hat, open hat, snare, tick and crash."""

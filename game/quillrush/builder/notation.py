"""How music and effects are written down, and the bytes that src/sound.c plays.

A line is a string of `pitch:rows` ("c5:4 eb5:2 -:2": notes and a rest); `|` stands between bars and is checked. `~n`
bends what follows by n units of the chip per frame, upwards positive. A figure plays chords instead: one character per
row, the degrees of the chord of the bar, `.` to hold and `-` to rest. How long a row lasts is the song's affair.

A piece is its number of tracks and, for each of them, its channel, its number of bytes (16 bits), its instrument where
the channel is FM, and its events: a note (octave * 16 + semitone) or a noise (0 to 2, low first), each with how many
frames it lasts, or one of the commands below.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, cycle, islice, pairwise

from game.quillrush.builder.instruments import Hit, Instrument

END, LOOP, REST, BEND, ENVELOPE = range(0x80, 0x85)
"""Events that are no note, with 0, 0, 1 (frames), 1 (signed) and 2 (loudness, decay) bytes behind them."""
TONE, NOISE, MUSIC_NOISE = 6, 9, 10
"""The first of three square waves, and noise, as effects and as music play it; the channels below are FM."""
LOWEST_NOTE, LOWEST_TONE, HIGHEST = 12, 33, 95
"""Semitones above C0 that the chips can play: C1, A2 for square waves, B7."""
FM_BASE = (644, 682, 723, 766, 811, 859, 910, 965, 1022, 1083, 1147, 1215)
"""Frequency number of the FM chip for each semitone of an octave; the octave is the chip's block. As in src/sound.c."""
TONE_BASE = (6841, 6457, 6095, 5753, 5430, 5125, 4837, 4566, 4310, 4068, 3839, 3624)
"""Period of a square wave for each semitone of octave 0, halved by every octave. As in src/sound.c."""

SEMITONES = dict(c=0, d=2, e=4, f=5, g=7, a=9, b=11)
ACCIDENTALS = {"": 0, "#": 1, "b": -1}
QUALITIES = {
    "": (0, 4, 7, 9),
    "m": (0, 3, 7, 9),
    "7": (0, 4, 7, 10),
    "m7": (0, 3, 7, 10),
    "maj7": (0, 4, 7, 11),
}
"""What is named 1, 3, 5 and 7 of a chord, in semitones above its root; without a seventh, 7 is the sixth."""
DEGREES = "1357"


@dataclass(frozen=True)
class Note:
    """`rows` of a pitch (semitones above C0) or, where it is None, of silence; bent by `bend` units per frame."""

    pitch: int | None
    rows: int
    bend: int = 0


@dataclass(frozen=True)
class Voice:
    """What one channel plays: notes with the length of each in frames."""

    channel: int
    events: bytes
    instrument: Instrument | None = None

    def packed(self, ending: int) -> bytes:
        """The track with END or LOOP behind its events."""
        instrument = self.instrument.packed() if self.instrument else b""
        stream = self.events + bytes([ending])
        return bytes([self.channel]) + len(stream).to_bytes(2, "big") + instrument + stream


def pack(voices: Sequence[Voice], loops: bool) -> bytes:
    """A whole piece as src/sound.c reads it."""
    return bytes([len(voices)]) + b"".join(voice.packed(LOOP if loops else END) for voice in voices)


def pitch_of(name: str) -> int:
    """Semitones above C0: "c0" is 0, "a4" 57. ValueError for anything that is no note."""
    found = re.fullmatch(r"([a-g])([#b]?)(\d)", name)
    if not found:
        raise ValueError(f"expected a note such as eb5. Received: {name!r}")
    letter, accidental, octave = found.groups()
    return SEMITONES[letter] + ACCIDENTALS[accidental] + 12 * int(octave)


def line(text: str, bar: int = 0) -> list[Note]:
    """The notes of a line. ValueError when it does not parse, or when a bar has another number of rows than `bar`."""
    notes: list[Note] = []
    for number, part in enumerate(text.split("|"), start=1):
        found = _bar(part)
        rows = sum(note.rows for note in found)
        if bar and rows != bar:
            raise ValueError(f"bar {number}, {part.strip()!r}: expected {bar} rows. Received: {rows}")
        notes += found
    return notes


def _bar(text: str) -> list[Note]:
    notes = []
    bend = 0
    for token in text.split():
        if token.startswith("~"):
            bend = int(token[1:])
            continue
        name, _, rows = token.partition(":")
        notes.append(Note(None if name == "-" else pitch_of(name), int(rows), bend))
    return notes


def later(notes: Sequence[Note], rows: int) -> list[Note]:
    """The same notes that many rows later: an echo. ValueError unless so many rows are silent at the end."""
    last = notes[-1]
    if last.pitch is not None or last.rows < rows:
        raise ValueError(f"expected {rows} rows of silence at the end. Received: {last}")
    rest = [replace(last, rows=last.rows - rows)] if last.rows > rows else []
    return [Note(None, rows), *notes[:-1], *rest]


def figure(chords: str, pattern: str, lowest: str) -> list[Note]:
    """A pattern of chord degrees, once for every chord.

    Args:
        chords: one per bar: "C Am7 F#m Bbmaj7".
        pattern: a character per row: a degree of the chord (1, 3, 5, 7; 8 is the octave), "." holds, "-" rests.
        lowest: roots are the first at or above this note.

    Raises:
        ValueError: when a chord or the pattern does not parse.
    """
    if not re.fullmatch(r"([13578-]\.*)+", pattern):
        raise ValueError(f"expected a pattern of 1, 3, 5, 7, 8, '-' and '.'. Received: {pattern!r}")
    notes = []
    for chord in chords.split():
        root, degrees = _chord(chord, pitch_of(lowest))
        for symbol, held in re.findall(r"([13578-])(\.*)", pattern):
            pitch = None if symbol == "-" else root + degrees[symbol]
            notes.append(Note(pitch, 1 + len(held)))
    return notes


def _chord(name: str, lowest: int) -> tuple[int, dict[str, int]]:
    found = re.fullmatch(r"([A-G][#b]?)(.*)", name)
    if not found or found[2] not in QUALITIES:
        raise ValueError(f"expected a chord such as Am7. Received: {name!r}")
    root = pitch_of(f"{found[1].lower()}0")
    degrees = dict(zip(DEGREES, QUALITIES[found[2]], strict=True)) | {"8": 12}
    return lowest + (root - lowest) % 12, degrees


def frames_of(lengths: Sequence[int], row_frames: Sequence[int]) -> list[int]:
    """Frames of successive lengths in rows, where rows last as many frames as `row_frames` says, over and over."""
    starts = [0, *accumulate(islice(cycle(row_frames), sum(lengths)))]
    ends = [0, *accumulate(lengths)]
    return [starts[end] - starts[begin] for begin, end in pairwise(ends)]


def beats(pattern: str, rows: int, row_frames: Sequence[int]) -> list[tuple[str, int]]:
    """A bar's pattern, repeated to that many rows, as symbols with their frames; "-" prolongs what is before it.

    Raises:
        ValueError: when it holds anything else, or does not fit.
    """
    if not re.fullmatch(r"[a-z-]+", pattern):
        raise ValueError(f"expected letters and '-'. Received: {pattern!r}")
    times, rest = divmod(rows, len(pattern))
    if rest:
        raise ValueError(f"expected a pattern that fits {rows} rows. Received: {pattern!r}")
    found = re.findall(r"([a-z]|^-)(-*)", pattern * times)
    frames = frames_of([1 + len(held) for _, held in found], row_frames)
    return [(symbol, length) for (symbol, _), length in zip(found, frames, strict=True)]


def fm(
    channel: int, instrument: Instrument, notes: Sequence[Note], row_frames: Sequence[int] = (1,), gap: int = 0
) -> Voice:
    """A voice on the FM chip; the last `gap` frames of every note are silent. ValueError when it cannot be played."""
    events = b""
    bend = 0
    for note, frames in zip(notes, frames_of([note.rows for note in notes], row_frames), strict=True):
        if note.pitch is None:
            events += _timed(REST, frames)
            continue
        _check(note, frames, LOWEST_NOTE, FM_BASE[note.pitch % 12] + note.bend * frames, most=0x7FF)
        if note.bend != bend:
            events += bytes([BEND, note.bend & 0xFF])
            bend = note.bend
        events += _timed(_key(note.pitch), frames - gap)
        if gap:
            events += _timed(REST, gap)
    return Voice(channel, events, instrument)


def tone(number: int, notes: Sequence[Note], loudness: int, decay: int) -> Voice:
    """A square wave, 0 to 2, with rows of one frame; `loudness` and `decay` as in Hit. ValueError as in `fm`."""
    events = bytes([ENVELOPE, loudness, decay])
    bend = 0
    for note in notes:
        if note.pitch is None:
            events += _timed(REST, note.rows)
            continue
        period = (TONE_BASE[note.pitch % 12] >> note.pitch // 12) - note.bend * note.rows
        _check(note, note.rows, LOWEST_TONE, period, most=0x3FF)
        if note.bend != bend:
            events += bytes([BEND, -note.bend & 0xFF])
            bend = note.bend
        events += _timed(_key(note.pitch), note.rows)
    return Voice(TONE + number, events)


def noise(*bursts: tuple[Hit | None, int], channel: int = NOISE) -> Voice:
    """Noise: bursts, or silence, each with how many frames it lasts."""
    events = b""
    for hit, frames in bursts:
        if hit is None:
            events += _timed(REST, frames)
        else:
            events += bytes([ENVELOPE, hit.loudness, hit.decay]) + _timed(hit.colour, frames)
    return Voice(channel, events)


def _key(pitch: int) -> int:
    return pitch // 12 << 4 | pitch % 12


def _timed(event: int, frames: int) -> bytes:
    if not 1 <= frames <= 255:
        raise ValueError(f"expected 1 to 255 frames. Received: {frames}")
    return bytes([event, frames])


def _check(note: Note, frames: int, lowest: int, bent: int, most: int) -> None:
    if note.pitch is not None and not lowest <= note.pitch <= HIGHEST:
        raise ValueError(f"expected semitones {lowest} to {HIGHEST}. Received: {note}")
    if not (-128 < note.bend < 128 and 0 < bent <= most):
        raise ValueError(f"{note}: expected a bend to 1 to {most} units after {frames} frames. Received: {bent}")

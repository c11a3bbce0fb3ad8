"""The game's songs and their C text. How they are written down: builder/notation.py."""

from dataclasses import dataclass, replace

from game.quillrush.builder.effects import EFFECTS
from game.quillrush.builder.instruments import (
    BELL,
    BRASS,
    DRUMS,
    FINGER,
    FLUTE,
    GRIT,
    KICK,
    PAD,
    PIANO,
    PLUCK,
    REED,
    SAW,
    Instrument,
)
from game.quillrush.builder.notation import (
    MUSIC_NOISE,
    Note,
    Voice,
    beats,
    figure,
    fm,
    later,
    line,
    noise,
    pack,
    pitch_of,
)

KICK_NOTE = Note(pitch_of("d3"), rows=5, bend=-100)
"""A kick drum falls from 147 to 45 Hz; its rows are frames."""


@dataclass(frozen=True)
class Part:
    """What one FM channel plays in a song: `notes` on an `instrument`, the last `gap` frames of each silent."""

    instrument: Instrument
    notes: list[Note]
    gap: int = 1


@dataclass(frozen=True)
class Song:
    """A piece of music.

    Attributes:
        row_frames: how long rows last in turn, in frames; two unequal ones swing.
        parts: FM channels 0, 1, 2 ... in turn, all of one length.
        kicks: a bar's pattern of "k" and "-"; repeated to the end.
        drums: a bar's pattern of "-" and the letters of DRUMS.
        loops: whether it begins again.
    """

    row_frames: tuple[int, ...]
    parts: tuple[Part, ...]
    kicks: str
    drums: str
    loops: bool = True

    @property
    def rows(self) -> int:
        """Its length. ValueError when the parts do not agree."""
        lengths = {sum(note.rows for note in part.notes) for part in self.parts}
        if len(lengths) != 1:
            raise ValueError(f"expected parts of equal length. Received: {sorted(lengths)} rows")
        return lengths.pop()

    def voices(self) -> list[Voice]:
        """Everything that sounds."""
        voices = [
            fm(channel, part.instrument, part.notes, self.row_frames, part.gap)
            for channel, part in enumerate(self.parts)
        ]
        kicks = []
        for symbol, frames in beats(self.kicks, self.rows, self.row_frames):
            kicks += _kick(frames) if symbol == "k" else [Note(None, frames)]
        hits = [
            (None if symbol == "-" else DRUMS[symbol], frames)
            for symbol, frames in beats(self.drums, self.rows, self.row_frames)
        ]
        return [*voices, fm(len(voices), KICK.softer(14), kicks), noise(*hits, channel=MUSIC_NOISE)]

    def packed(self) -> bytes:
        """As src/sound.c reads it."""
        return pack(self.voices(), self.loops)


def _kick(frames: int) -> list[Note]:
    sounding = min(frames, KICK_NOTE.rows)
    rest = [Note(None, frames - sounding)] if frames > sounding else []
    return [replace(KICK_NOTE, rows=sounding), *rest]


def meadow() -> Song:
    """Bright: G major, a skipping tune over plucked chords."""
    chords = "G D Em C G D C D C D Bm Em C D G D"
    melody = line(
        "b4:2 d5:2 g5:4 f#5:2 g5:2 d5:4 | a5:4 f#5:2 e5:2 d5:6 -:2 | e5:2 g5:2 b5:4 a5:2 g5:2 e5:4 |"
        "g5:4 e5:2 d5:2 c5:6 -:2 | b4:2 d5:2 g5:4 a5:2 b5:2 d6:4 | c6:2 a5:2 f#5:4 d5:4 e5:2 f#5:2 |"
        "g5:4 e5:2 g5:2 c6:4 b5:2 a5:2 | a5:6 g5:2 f#5:6 -:2 | e5:3 g5:3 c6:2 b5:4 g5:4 |"
        "a5:3 f#5:3 a5:2 d6:4 -:4 | d6:3 b5:3 f#5:2 b5:4 a5:4 | g5:3 e5:3 g5:2 b5:6 -:2 |"
        "c6:3 b5:3 a5:2 g5:4 e5:4 | f#5:3 g5:3 a5:2 c6:4 a5:4 | b5:6 d6:2 b5:4 g5:4 | a5:4 b5:2 a5:2 f#5:4 -:4",
        bar=16,
    )
    return Song(
        row_frames=(7,),
        parts=(
            Part(BRASS.softer(21), melody, gap=2),
            Part(FLUTE.softer(34, "right"), later(melody, 3), gap=2),
            Part(PLUCK.softer(21, "left"), figure(chords, "1-5-3-5-8-5-3-5-", "f#4")),
            Part(FINGER.softer(18), figure(chords, "1..1..5-1..15.3.", "c2")),
        ),
        kicks="k-------k-k-----",
        drums="h-h-s-h-h-h-s-ho",
    )


def works() -> Song:
    """Industrial and driving: E minor with a Phrygian turn, a stamping bass."""
    chords = "Em Em C D Em Em C B Am Am Em Em F F B B"
    melody = line(
        "e5:3 e5:3 g5:2 -:2 a5:2 b5:4 | b5:3 a5:3 g5:2 -:2 e5:2 d5:2 e5:2 | g5:3 g5:3 e5:2 -:2 c5:2 e5:2 g5:2 |"
        "f#5:3 a5:3 f#5:2 d5:6 -:2 | e5:3 e5:3 g5:2 -:2 a5:2 b5:4 | d6:3 b5:3 a5:2 -:2 g5:2 a5:2 b5:2 |"
        "c6:3 b5:3 g5:2 e5:4 g5:4 | f#5:3 d#5:3 f#5:2 b5:6 -:2 | c6:6 b5:2 a5:4 e5:4 | a5:6 b5:2 c6:8 |"
        "b5:6 a5:2 g5:4 e5:4 | g5:6 a5:2 b5:8 | a5:3 f5:3 a5:2 c6:4 a5:4 | c6:3 a5:3 f5:2 a5:6 -:2 |"
        "b5:3 f#5:3 b5:2 d#6:4 b5:4 | d#6:3 b5:3 f#5:2 b5:4 -:4",
        bar=16,
    )
    return Song(
        row_frames=(6,),
        parts=(
            Part(SAW.softer(15), melody),
            Part(SAW.softer(25, "left"), later(melody, 3)),
            Part(BELL.softer(24, "right"), figure(chords, "1-8-5-1-8-5-3-5-", "e4")),
            Part(GRIT.softer(16), figure(chords, "1-118-1-11185-3-", "a1")),
        ),
        kicks="k---k---k---k-k-",
        drums="t-hts-htt-hts-hc",
    )


def grotto() -> Song:
    """Mysterious: A minor and chords a third away, bells with long echoes."""
    chords = "Am Am Fm Fm Am Am Dm E C Ab Am E"
    melody = line(
        "e5:6 c5:2 a4:8 | -:4 b4:4 c5:4 e5:4 | f5:6 c5:2 ab4:8 | -:4 g4:4 ab4:4 c5:4 | e5:6 c5:2 a4:4 e5:4 |"
        "a5:8 g5:4 e5:4 | f5:6 d5:2 a4:8 | g#4:4 b4:4 e5:8 | g5:6 e5:2 c5:8 | ab5:6 eb5:2 c5:8 |"
        "a5:4 e5:4 c5:4 b4:4 | g#4:6 b4:2 e5:4 -:4",
        bar=16,
    )
    return Song(
        row_frames=(8,),
        parts=(
            Part(BELL.softer(15), melody),
            Part(BELL.softer(23, "right"), later(melody, 3)),
            Part(PAD.softer(30, "left"), figure(chords, "3.......5.......", "e3"), gap=4),
            Part(FINGER.softer(18), figure(chords, "1.....5-8...5.3.", "a1")),
        ),
        kicks="k-----------k---",
        drums="t-----t---t-----",
    )


def neon() -> Song:
    """A city at night: swinging eighths over a walking bass, with the chords' thirds and sevenths off the beat."""
    chords = "Dm7 G7 Cmaj7 A7 Dm7 G7 C A7 Fmaj7 Fm Em7 A7 Dm7 G7 Cmaj7 A7"
    melody = line(
        "-:1 a4:1 d5:1 f5:1 a5:2 g5:1 f5:1 | e5:1 d5:1 b4:2 -:1 d5:1 f5:1 e5:1 | g5:3 e5:1 c5:2 -:2 |"
        "-:1 c#5:1 e5:1 g5:1 bb5:2 a5:2 | -:1 a4:1 d5:1 f5:1 a5:2 c6:1 a5:1 | b5:1 a5:1 f5:2 -:1 d5:1 e5:1 f5:1 |"
        "e5:2 g5:1 a5:3 g5:2 | e5:3 c#5:1 -:4 | a5:2 c6:1 a5:3 e5:2 | ab5:2 c6:1 ab5:3 f5:2 | g5:2 b5:1 g5:3 d5:2 |"
        "g5:1 e5:1 c#5:2 bb4:2 a4:2 | f5:1 e5:1 d5:1 f5:1 a5:2 -:1 a5:1 | b5:1 a5:1 g5:1 f5:1 e5:1 d5:1 b4:2 |"
        "c5:2 e5:1 g5:3 b5:2 | a5:1 g5:1 e5:2 c#5:2 -:2",
        bar=8,
    )
    walk = line(
        "d2:2 f2:2 a2:2 ab2:2 | g2:2 b2:2 d3:2 db3:2 | c3:2 b2:2 g2:2 e2:2 | a2:2 g2:2 e2:2 c#2:2 |"
        "d2:2 e2:2 f2:2 f#2:2 | g2:2 a2:2 b2:2 b1:2 | c2:2 e2:2 g2:2 bb2:2 | a2:2 e2:2 c#2:2 e2:2 |"
        "f2:2 a2:2 c3:2 a2:2 | f2:2 ab2:2 c3:2 f2:2 | e2:2 g2:2 b2:2 bb2:2 | a2:2 g2:2 e2:2 c#2:2 |"
        "d2:2 a2:2 f2:2 ab2:2 | g2:2 f2:2 d2:2 b1:2 | c2:2 g2:2 b2:2 g2:2 | a2:2 e2:2 g2:2 c#2:2",
        bar=8,
    )
    return Song(
        row_frames=(16, 8),
        parts=(
            Part(REED.softer(20), melody, gap=2),
            Part(PIANO.softer(18, "left"), figure(chords, "---3-3--", "f3")),
            Part(PIANO.softer(18, "right"), figure(chords, "---7-7--", "f2")),
            Part(FINGER.softer(18), walk, gap=3),
        ),
        kicks="k---k---",
        drums="t-shh-sh",
    )


def sky() -> Song:
    """Fast and heroic: D major, with chords borrowed from minor in its second half."""
    chords = "D A Bm G D A G A Bb C D D Bb C A A"
    melody = line(
        "d5:6 a5:6 g5:2 f#5:2 | e5:6 c#5:2 a4:4 c#5:2 e5:2 | d5:6 f#5:6 b5:4 | b5:4 a5:2 g5:2 d5:8 |"
        "f#5:6 d6:6 c#6:2 d6:2 | e6:6 c#6:2 a5:8 | b5:3 a5:3 g5:2 b5:4 d6:4 | c#6:6 d6:2 e6:6 -:2 |"
        "d6:6 bb5:2 f5:4 bb5:4 | e6:6 c6:2 g5:4 c6:4 | f#6:6 e6:2 d6:4 a5:4 | d6:2 e6:2 d6:2 a5:2 f#5:4 a5:4 |"
        "bb5:3 d6:3 f6:6 d6:4 | c6:3 e6:3 g6:6 e6:4 | e6:3 c#6:3 a5:2 c#6:3 e6:3 a6:2 | g6:4 e6:4 c#6:4 -:4",
        bar=16,
    )
    return Song(
        row_frames=(5,),
        parts=(
            Part(BRASS.softer(22), melody),
            Part(SAW.softer(26, "right"), later(melody, 3)),
            Part(PLUCK.softer(24, "left"), figure(chords, "135835813583581-", "a3")),
            Part(GRIT.softer(15), figure(chords, "1-1-8-1-1-8-1-5-", "a1")),
        ),
        kicks="k---k-k-k---k---",
        drums="h-h-s-h-h-hhs-o-",
    )


def clear() -> Song:
    """An act is done: four short bars and a last chord."""
    melody = line("g5:2 c6:2 e6:2 c6:2 | d6:3 bb5:3 f5:2 | f6:3 d6:3 bb5:2 | g6:3 e6:3 d6:2 | e6:8", bar=8)
    below = line("e5:2 g5:2 c6:2 g5:2 | bb5:3 f5:3 d5:2 | d6:3 bb5:3 f5:2 | e6:3 c6:3 b5:2 | c6:8", bar=8)
    chords = "C Bb Bb C C"
    return Song(
        row_frames=(5,),
        parts=(
            Part(BRASS.softer(19), melody),
            Part(SAW.softer(21, "right"), below),
            Part(PLUCK.softer(21, "left"), figure(chords, "13583581", "g4")),
            Part(FINGER.softer(16), figure(chords, "1..1..1.", "g1")),
        ),
        kicks="k--k--k-",
        drums="s-hhs-hh",
        loops=False,
    )


COMPOSITIONS = {
    "meadow": meadow(),
    "works": works(),
    "grotto": grotto(),
    "neon": neon(),
    "sky": sky(),
    "clear": clear(),
}
SONGS = tuple(COMPOSITIONS)
"""Names of the songs in the order of their numbers; C knows them as MUSIC_MEADOW and so on."""


def music_defines() -> list[str]:
    """Lines of tiles.h: the number of every song."""
    return [f"#define MUSIC_{name.upper()} {number}" for number, name in enumerate(SONGS)]


def music_source() -> str:
    """Lines of data.c: `songs` and `effects`, the same text every time."""
    songs = {f"song_{name}": song.packed() for name, song in COMPOSITIONS.items()}
    effects = {f"effect_{name}": pack(voices, loops=False) for name, voices in EFFECTS.items()}
    lines = [f"static const u8 {name}[] = {{{', '.join(map(str, data))}}};" for name, data in (songs | effects).items()]
    lines.append(f"const u8 *const songs[] = {{{', '.join(songs)}}};")
    lines.append(f"const u8 *const effects[] = {{{', '.join(effects)}}};")
    return "\n".join(lines) + "\n"

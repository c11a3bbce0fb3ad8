"""The embedded game's songs and effects: what is written is what the player's bytes say, and it can be played."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, cycle, islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.quillrush.builder import notation
from game.quillrush.builder.effects import CHANNEL, EFFECTS
from game.quillrush.builder.instruments import BELL, DRUMS, Hit, Instrument, Operator
from game.quillrush.builder.music import COMPOSITIONS, Song, music_defines, music_source
from game.quillrush.builder.notation import Note, Voice, beats, figure, fm, later, line, noise, pack, pitch_of, tone
from tests.conftest import ROOT

SOURCES = ROOT / "game" / "quillrush" / "src"
PLAYER = (SOURCES / "sound.c").read_text()
FM_RATE = 7_670_454 / 144 / 2**20
"""Hz per unit of frequency number in block 1."""
TONE_CLOCK = 3_579_545 / 32


@dataclass(frozen=True)
class Track:
    """One track as the player reads it: its notes as (first frame, event, frames, bend), and whether it loops."""

    notes: list[tuple[int, int, int, int]]
    frames: int
    loops: bool


def decode(piece: bytes) -> dict[int, Track]:
    """The tracks of a packed piece by channel, read as src/sound.c does."""
    tracks = {}
    at = 1
    for _ in range(piece[0]):
        channel, length = piece[at], int.from_bytes(piece[at + 1 : at + 3], "big")
        at += 3 + (26 if channel < 6 else 0)
        assert channel not in tracks
        tracks[channel] = decode_track(piece[at : at + length])
        at += length
    assert at == len(piece)
    return tracks


def decode_track(stream: bytes) -> Track:
    notes = []
    at = frame = bend = 0
    while stream[at] not in (notation.END, notation.LOOP):
        if stream[at] == notation.BEND:
            bend = int.from_bytes(stream[at + 1 : at + 2], "big", signed=True)
            at += 2
            continue
        if stream[at] == notation.ENVELOPE:
            at += 3
            continue
        event, frames = stream[at], stream[at + 1]
        assert frames
        if event != notation.REST:
            notes.append((frame, event, frames, bend))
        frame += frames
        at += 2
    assert at == len(stream) - 1
    return Track(notes, frame, stream[at] == notation.LOOP)


def pitches(track: Track) -> list[tuple[int, int]]:
    """First frame and semitones above C0 of its notes."""
    return [(frame, (event >> 4) * 12 + (event & 15)) for frame, event, *_ in track.notes]


def expected_pitches(notes: Sequence[Note], row_frames: Sequence[int]) -> list[tuple[int, int]]:
    row = 0
    found = []
    starts = [0, *accumulate(islice(cycle(row_frames), sum(note.rows for note in notes)))]
    for note in notes:
        if note.pitch is not None:
            found.append((starts[row], note.pitch))
        row += note.rows
    return found


@pytest.mark.parametrize("song", COMPOSITIONS.values(), ids=COMPOSITIONS)
def test_the_bytes_of_a_song_decode_to_its_notes(song: Song) -> None:
    tracks = decode(song.packed())
    for channel, part in enumerate(song.parts):
        assert pitches(tracks[channel]) == expected_pitches(part.notes, song.row_frames)
    for symbol, channel in (("k", len(song.parts)), ("[a-z]", notation.MUSIC_NOISE)):
        pattern = song.kicks if symbol == "k" else song.drums
        hits = len(re.findall(symbol, pattern)) * song.rows // len(pattern)
        assert len(tracks[channel].notes) == hits


@pytest.mark.parametrize("song", COMPOSITIONS.values(), ids=COMPOSITIONS)
def test_all_voices_of_a_song_last_equally_long(song: Song) -> None:
    tracks = decode(song.packed())
    assert len(tracks) >= 5  # tune, harmony, bass, drum, noise
    assert set(tracks) <= {0, 1, 2, 3, 4, notation.MUSIC_NOISE}  # the others are the effects'
    assert len({track.frames for track in tracks.values()}) == 1
    assert {track.loops for track in tracks.values()} == {song.loops}


def test_songs_loop_after_twenty_to_thirty_seconds_and_the_jingle_ends_before_four() -> None:
    seconds = {name: decode(song.packed())[0].frames / 60 for name, song in COMPOSITIONS.items()}
    assert seconds.pop("clear") < 4
    assert len(seconds) == 5
    assert all(20 < length < 30 for length in seconds.values())
    assert [name for name, song in COMPOSITIONS.items() if not song.loops] == ["clear"]


@pytest.mark.parametrize("voices", EFFECTS.values(), ids=EFFECTS)
def test_an_effect_is_short_and_leaves_the_music_its_channels(voices: list[Voice]) -> None:
    tracks = decode(pack(voices, loops=False))
    assert set(tracks) <= {5, 6, 7, 8, notation.NOISE}
    assert all(track.notes and track.frames <= 60 and not track.loops for track in tracks.values())


@pytest.mark.parametrize("raised", range(int(re.search(r"#define MOST_REV (\d+)", PLAYER)[1]) + 1))  # type: ignore[index]
def test_a_raised_rev_is_bent_no_further_than_the_chips_reach(raised: int) -> None:
    for channel, track in decode(pack(EFFECTS["rev"], loops=False)).items():
        ((_, event, frames, bend),) = track.notes
        octave, semitone = divmod((event >> 4) * 12 + (event & 15) + raised, 12)
        if channel == CHANNEL:
            assert notation.FM_BASE[semitone] + bend * frames <= 0x7FF
        else:
            assert (notation.TONE_BASE[semitone] >> octave) + bend * frames > 0


def test_the_bytes_of_a_track() -> None:
    first, second = Operator(2, 10, 31, 9, 3, 6, 8, 1), Operator(1, 20, 30, 8, 2, 5, 7)
    third, fourth = Operator(3, 30, 29, 7, 1, 4, 6), Operator(4, 40, 28, 6, 0, 3, 5)
    registers = [0x2C, 0x82, 0x12, 3, 1, 4, 10, 30, 20, 40, 31, 29, 30, 28]  # operators 1, 3, 2, 4
    registers += [9, 7, 8, 6, 6, 4, 5, 3, 0x38, 0x16, 0x27, 0x05]
    instrument = Instrument(5, (first, second, third, fourth), side="left", vibrato=2)
    assert fm(3, instrument, line("c4:2 ~-5 f#4:3 -:1"), gap=1).packed(notation.END) == bytes(
        [3, 0, 13, *registers, 0x40, 1, 0x82, 1, 0x83, 251, 0x46, 2, 0x82, 1, 0x82, 1, 0x80]
    )
    # a square wave rises as its period shrinks
    assert tone(1, line("~5 a4:3"), 13, 8).packed(notation.LOOP) == bytes(
        [7, 0, 8, 0x84, 13, 8, 0x83, 251, 0x49, 3, 0x81]
    )
    assert noise((Hit(2, 9, 30), 4), (None, 1)).packed(notation.END) == bytes(
        [9, 0, 8, 0x84, 9, 30, 2, 4, 0x82, 1, 0x80]
    )


def test_the_chips_are_in_tune() -> None:
    for semitone in range(12):
        hertz = 440 * 2 ** ((semitone - 9) / 12)  # octave 4
        assert abs(cents(notation.FM_BASE[semitone] * 2**3 * FM_RATE, hertz)) < 2
        assert abs(cents(TONE_CLOCK / (notation.TONE_BASE[semitone] >> 4), hertz)) < 8


def cents(found: float, wanted: float) -> float:
    return 1200 * math.log2(found / wanted)


def test_python_and_c_say_the_same() -> None:
    header = (SOURCES / "game.h").read_text()
    names = re.findall(r"SOUND_(\w+)", re.search(r"enum \{\s*(SOUND_JUMP.*?)\}", header, re.DOTALL)[1])  # type: ignore[index]
    assert [name.lower() for name in names] == list(EFFECTS)
    assert "enum { END = 0x80, LOOP, REST, BEND, ENVELOPE };" in PLAYER
    commands = [notation.END, notation.LOOP, notation.REST, notation.BEND, notation.ENVELOPE]
    assert commands == [0x80, 0x81, 0x82, 0x83, 0x84]
    assert f"#define INSTRUMENT_BYTES {len(BELL.packed())}\n" in PLAYER
    assert f"fm_base[12] = {{{', '.join(map(str, notation.FM_BASE))}}}" in PLAYER
    assert f"tone_base[12] = {{{', '.join(map(str, notation.TONE_BASE))}}}" in PLAYER


def test_the_generated_c_holds_every_byte_in_order() -> None:
    source = music_source()
    assert source == music_source()
    assert music_defines() == [f"#define MUSIC_{name.upper()} {number}" for number, name in enumerate(COMPOSITIONS)]
    pieces = {f"song_{name}": song.packed() for name, song in COMPOSITIONS.items()}
    pieces |= {f"effect_{name}": pack(voices, loops=False) for name, voices in EFFECTS.items()}
    for name, piece in pieces.items():
        numbers = re.search(rf"const u8 {name}\[\] = {{(.*)}};", source)[1]  # type: ignore[index]
        assert bytes(map(int, numbers.split(", "))) == piece
    assert f"songs[] = {{{', '.join(n for n in pieces if n.startswith('song_'))}}};" in source
    assert f"effects[] = {{{', '.join(n for n in pieces if n.startswith('effect_'))}}};" in source


def test_how_notes_are_written() -> None:
    assert [pitch_of(name) for name in ("c0", "a4", "eb5", "f#3")] == [0, 57, 63, 42]
    assert line("c4:2 -:1 ~-3 d4:1 | e4:4", bar=4) == [Note(48, 2), Note(None, 1), Note(50, 1, -3), Note(52, 4)]
    assert later(line("c4:2 -:2"), 1) == [Note(None, 1), Note(48, 2), Note(None, 1)]
    assert figure("Am F7", "1.3-", "e2") == [
        *(Note(33, 2), Note(36, 1), Note(None, 1)),
        *(Note(29, 2), Note(33, 1), Note(None, 1)),
    ]
    assert beats("-k--s-", 6, (3, 1)) == [("-", 3), ("k", 5), ("s", 4)]


@pytest.mark.parametrize(
    ("write", "message"),
    [
        (lambda: line("h4:1"), "expected a note"),
        (lambda: line("c4:3 | c4:4", bar=4), "bar 1, 'c4:3': expected 4 rows. Received: 3"),
        (lambda: later(line("c4:2 -:2"), 3), "3 rows of silence"),
        (lambda: figure("Hm", "1", "c2"), "expected a chord"),
        (lambda: figure("C", ".1", "c2"), "expected a pattern"),
        (lambda: beats("k-", 3, (1,)), "fits 3 rows"),
        (lambda: beats("K-", 2, (1,)), "expected letters"),
        (lambda: fm(0, BELL, line("c4:256")), "1 to 255 frames"),
        (lambda: fm(0, BELL, line("c4:2"), gap=2), "1 to 255 frames"),
        (lambda: fm(0, BELL, line("c0:1")), "expected semitones 12 to 95"),
        (lambda: fm(0, BELL, line("~100 c4:20")), "expected a bend"),
        (lambda: fm(0, BELL, line("~-130 c4:1")), "expected a bend"),
        (lambda: tone(0, line("g2:1"), 15, 1), "expected semitones 33 to 95"),
        (lambda: tone(0, line("~20 a4:20"), 15, 1), "expected a bend"),
    ],
)
def test_what_cannot_be_played_is_refused(write: object, message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        write()  # type: ignore[operator]


@given(
    st.lists(st.tuples(st.one_of(st.none(), st.integers(12, 95)), st.integers(1, 16)), min_size=1),
    st.lists(st.integers(2, 15), min_size=1, max_size=3),
)
def test_any_notes_come_back_from_their_bytes(written: list[tuple[int | None, int]], row_frames: list[int]) -> None:
    notes = [Note(pitch, rows) for pitch, rows in written]
    track = decode(pack([fm(0, BELL, notes, row_frames, gap=1)], loops=True))[0]
    assert pitches(track) == expected_pitches(notes, row_frames)
    assert track.frames == sum(islice(cycle(row_frames), sum(note.rows for note in notes)))


def test_drums_and_instruments_fit_the_chips() -> None:
    assert all(0 <= hit.colour <= 2 and 1 <= hit.loudness <= 15 and 0 <= hit.decay <= 255 for hit in DRUMS.values())
    voices = [voice for song in COMPOSITIONS.values() for voice in song.voices()]
    voices += [voice for effect in EFFECTS.values() for voice in effect]
    for instrument in {voice.instrument for voice in voices if voice.instrument}:
        for operator in instrument.operators:
            assert 0 <= operator.multiple <= 15
            assert 0 <= operator.level <= 127
            assert max(operator.attack, operator.decay, operator.fade) <= 31
            assert max(operator.sustain, operator.release) <= 15
            assert operator.detune <= 7
        assert instrument.feedback <= 7
        assert instrument.vibrato <= 7
        assert instrument.softer(8).operators[1].level == min(instrument.operators[1].level + 8, 127)

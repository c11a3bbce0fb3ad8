"""The game's sound effects, in the order of their numbers in src/game.h; their rows are frames."""

from game.quillrush.builder.instruments import BUZZ, CHIME, FLUTE, KNOCK, THUD, Hit, Instrument
from game.quillrush.builder.notation import Voice, fm, line, noise, tone

CHANNEL = 5
"""The FM channel of effects."""


def _fm(instrument: Instrument, text: str) -> Voice:
    return fm(CHANNEL, instrument, line(text))


EFFECTS: dict[str, list[Voice]] = {
    "jump": [_fm(FLUTE, "~40 c5:14"), tone(0, line("~5 c5:14"), 13, 10)],
    "ring": [_fm(CHIME, "b5:4 f#6:24"), tone(0, line("b5:4 f#6:14"), 12, 12)],
    "rev": [_fm(BUZZ, "~24 a3:16"), tone(0, line("~9 a3:16"), 13, 8)],
    "dash": [_fm(BUZZ, "~-22 a5:26"), noise((Hit(2, 15, 6), 30))],
    "hurt": [_fm(BUZZ, "a4:5 ~-14 eb4:20"), tone(0, line("bb4:5 ~-6 e4:20"), 14, 7)],
    "break": [_fm(THUD, "~-32 c4:18"), noise((Hit(1, 15, 20), 5), (Hit(0, 15, 6), 30))],
    "spring": [_fm(FLUTE, "~46 d4:9 ~30 a4:7 ~-30 d5:6 ~30 a4:6 ~0 d5:6"), tone(0, line("~12 d4:9 ~8 a4:19"), 13, 6)],
    "goal": [
        _fm(CHIME, "c6:5 e6:5 g6:5 c7:5 g6:5 c7:28"),
        tone(0, line("c5:5 e5:5 g5:5 c6:5 g5:5 c6:20"), 12, 6),
        tone(1, line("e5:5 g5:5 c6:5 e6:5 c6:5 e6:20"), 12, 6),
    ],
    "pop": [_fm(FLUTE, "~60 e4:6 ~-50 c5:8"), noise((Hit(1, 14, 26), 10))],
    "scatter": [
        _fm(CHIME, "f#6:3 b6:3 e6:3 a6:3 d6:3 g6:3 b5:3 e6:3 a5:3 d6:14"),
        tone(0, line("b6:3 f#6:3 a6:3 e6:3 g6:3 d6:3 e6:3 b5:3 d6:3 a5:12"), 12, 14),
    ],
    "switch": [_fm(KNOCK, "e4:5 b4:12"), tone(0, line("e5:5 b5:10"), 13, 18)],
    "door": [_fm(BUZZ.softer(2), "~-2 c2:18 ~3 a1:22"), noise((Hit(0, 13, 0), 26), (Hit(0, 13, 10), 20))],
    "post": [
        _fm(CHIME, "g5:5 d6:5 g6:5 b6:26"),
        tone(0, line("d5:5 g5:5 b5:5 d6:18"), 13, 8),
    ],
    "tally": [_fm(KNOCK, "c6:5"), tone(0, line("g6:4"), 13, 40)],
    "bump": [_fm(THUD, "~-40 g3:8"), tone(0, line("~-20 g3:6"), 13, 30)],
    "skid": [_fm(FLUTE.softer(4), "~-6 d7:5 ~6 c7:5 ~-6 c7:6"), noise((Hit(2, 13, 12), 18))],
    "jet": [_fm(BUZZ.softer(5), "~6 e2:20 ~-8 g2:16"), noise((Hit(1, 11, 0), 8), (Hit(2, 15, 7), 34))],
}
"""By name; C knows them as SOUND_JUMP and so on."""

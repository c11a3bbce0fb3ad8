"""Letters and digits: 5 x 7 with a shadow for the score display, twice as large for titles."""

import numpy as np

from game.quillrush.builder.canvas import outlined

SHADOW = 1
BIG_INK = 2

LETTERS = {
    " ": "00000 00000 00000 00000 00000 00000 00000",
    "0": "01110 10001 10011 10101 11001 10001 01110",
    "1": "00100 01100 00100 00100 00100 00100 01110",
    "2": "01110 10001 00001 00110 01000 10000 11111",
    "3": "01110 10001 00001 00110 00001 10001 01110",
    "4": "00010 00110 01010 10010 11111 00010 00010",
    "5": "11111 10000 11110 00001 00001 10001 01110",
    "6": "00110 01000 10000 11110 10001 10001 01110",
    "7": "11111 00001 00010 00100 01000 01000 01000",
    "8": "01110 10001 10001 01110 10001 10001 01110",
    "9": "01110 10001 10001 01111 00001 00010 01100",
    ":": "00000 00100 00100 00000 00100 00100 00000",
    "A": "01110 10001 10001 11111 10001 10001 10001",
    "B": "11110 10001 10001 11110 10001 10001 11110",
    "C": "01110 10001 10000 10000 10000 10001 01110",
    "D": "11110 10001 10001 10001 10001 10001 11110",
    "E": "11111 10000 10000 11110 10000 10000 11111",
    "F": "11111 10000 10000 11110 10000 10000 10000",
    "G": "01110 10001 10000 10111 10001 10001 01110",
    "H": "10001 10001 10001 11111 10001 10001 10001",
    "I": "01110 00100 00100 00100 00100 00100 01110",
    "J": "00111 00010 00010 00010 00010 10010 01100",
    "K": "10001 10010 10100 11000 10100 10010 10001",
    "L": "10000 10000 10000 10000 10000 10000 11111",
    "M": "10001 11011 10101 10101 10001 10001 10001",
    "N": "10001 11001 10101 10101 10011 10001 10001",
    "O": "01110 10001 10001 10001 10001 10001 01110",
    "P": "11110 10001 10001 11110 10000 10000 10000",
    "Q": "01110 10001 10001 10001 10101 10010 01101",
    "R": "11110 10001 10001 11110 10100 10010 10001",
    "S": "01111 10000 10000 01110 00001 00001 11110",
    "T": "11111 00100 00100 00100 00100 00100 00100",
    "U": "10001 10001 10001 10001 10001 10001 01110",
    "V": "10001 10001 10001 10001 10001 01010 00100",
    "W": "10001 10001 10001 10101 10101 11011 10001",
    "X": "10001 10001 01010 00100 01010 10001 10001",
    "Y": "10001 10001 01010 00100 00100 00100 00100",
    "Z": "11111 00001 00010 00100 01000 10000 11111",
}


def text(words: str, width: int, ink: int, pitch: int) -> np.ndarray:
    """Words as uint8 [8, width], one letter every `pitch` pixels, dark shadow below and right."""
    picture = np.zeros((9, width + 8), np.uint8)  # room for the shadow, and for a last letter that is cut off
    for i, letter in enumerate(words):
        bits = _bits(letter)
        x = i * pitch
        shadow = picture[1:8, x + 1 : x + 6]
        shadow[bits & (shadow == 0)] = SHADOW
        picture[0:7, x : x + 5][bits] = ink
    return picture[:8, :width]


def big(letter: str) -> np.ndarray:
    """A bold letter for titles, uint8 [16, 16]: twice the size, corners rounded, outlined."""
    bits = np.pad(_bits(letter), 1)
    doubled = bits.repeat(2, axis=0).repeat(2, axis=1)
    filled = _smooth(bits, doubled)[2:-2, 2:-2]
    picture = np.zeros((16, 16), np.uint8)
    picture[1:15, 2:12][filled] = BIG_INK
    picture[1:15, 3:13][filled] = BIG_INK  # bold
    return outlined(picture, ink=SHADOW)


def _smooth(bits: np.ndarray, doubled: np.ndarray) -> np.ndarray:
    """Fill the notches of diagonal strokes (Scale2x): a quarter takes the value its two outer neighbours share."""
    up, down = np.roll(bits, 1, 0), np.roll(bits, -1, 0)
    left, right = np.roll(bits, 1, 1), np.roll(bits, -1, 1)
    quarters = {(0, 0): (up, left, down, right), (0, 1): (up, right, down, left),
                (1, 0): (down, left, up, right), (1, 1): (down, right, up, left)}  # fmt: skip
    for (dy, dx), (a, b, opposite_a, opposite_b) in quarters.items():
        take = (a == b) & (a != opposite_b) & (b != opposite_a)
        doubled[dy::2, dx::2][take] = a[take]
    return doubled


def _bits(letter: str) -> np.ndarray:
    """bool [7, 5], true where the letter has ink."""
    rows = LETTERS[letter].split()
    return np.array([list(row) for row in rows]) == "1"

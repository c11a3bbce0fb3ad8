"""Digits and the three words of the score display: 5 x 7 letters with a shadow."""

import numpy as np

SHADOW = 1

LETTERS = {
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
    "C": "01110 10001 10000 10000 10000 10001 01110",
    "E": "11111 10000 10000 11110 10000 10000 11111",
    "G": "01110 10001 10000 10111 10001 10001 01110",
    "I": "01110 00100 00100 00100 00100 00100 01110",
    "M": "10001 11011 10101 10101 10001 10001 10001",
    "N": "10001 11001 10101 10101 10011 10001 10001",
    "O": "01110 10001 10001 10001 10001 10001 01110",
    "R": "11110 10001 10001 11110 10100 10010 10001",
    "S": "01111 10000 10000 01110 00001 00001 11110",
    "T": "11111 00100 00100 00100 00100 00100 00100",
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


def _bits(letter: str) -> np.ndarray:
    """bool [7, 5], true where the letter has ink."""
    rows = LETTERS[letter].split()
    return np.array([list(row) for row in rows]) == "1"

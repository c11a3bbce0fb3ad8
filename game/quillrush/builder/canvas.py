"""A canvas of palette indices, four times as large as the picture and reduced by majority, which rounds the edges off."""

import math
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

SCALE = 4
COLOURS = 16

Point = tuple[float, float]
"""(x, y) in pixels of the finished picture, fractions allowed, y downwards."""


class Canvas:
    """Shapes painted one over the other; `ink` is a palette index, 0 erases. Nothing is anti-aliased."""

    def __init__(self, width: int, height: int) -> None:
        self._width = width
        self._height = height
        self._image = Image.new("L", (width * SCALE, height * SCALE), 0)
        self._pen = ImageDraw.Draw(self._image)

    def oval(self, centre: Point, radii: Point, ink: int) -> None:
        """An ellipse with upright axes."""
        x, y = centre
        x_radius, y_radius = radii
        corners = [(x - x_radius, y - y_radius), (x + x_radius, y + y_radius)]
        self._pen.ellipse(_scaled(corners), fill=ink)

    def polygon(self, points: Sequence[Point], ink: int) -> None:
        """A closed shape with straight sides."""
        self._pen.polygon(_scaled(points), fill=ink)

    def box(self, corner: Point, opposite: Point, ink: int) -> None:
        """A rectangle from its top left corner to its bottom right one, which is left out as in a slice."""
        right, bottom = opposite
        last_pixel = (right - 1 / SCALE, bottom - 1 / SCALE)  # Pillow paints the last row and column too
        self._pen.rectangle(_scaled([corner, last_pixel]), fill=ink)

    def line(self, points: Sequence[Point], ink: int, width: int) -> None:
        """A line through all points, `width` pixels thick."""
        self._pen.line(_scaled(points), fill=ink, width=width * SCALE)

    def turn(self, degrees: int) -> None:
        """Turn all that has been painted anticlockwise about the middle; what leaves the canvas is lost."""
        self._image = self._image.rotate(degrees)
        self._pen = ImageDraw.Draw(self._image)

    def picture(self) -> np.ndarray:
        """What has been painted, uint8 [height, width]: of each SCALE x SCALE block the index that most of it has."""
        pixels = np.asarray(self._image).reshape(self._height, SCALE, self._width, SCALE)
        blocks = pixels.swapaxes(1, 2).reshape(self._height, self._width, SCALE * SCALE)
        counts = np.stack([(blocks == index).sum(axis=-1) for index in range(COLOURS)], axis=-1)
        return counts.argmax(axis=-1).astype(np.uint8)  # the lowest index where two have the same count


def _scaled(points: Sequence[Point]) -> list[Point]:
    return [(x * SCALE, y * SCALE) for x, y in points]


def on_ellipse(centre: Point, radii: Point, angle: float) -> Point:
    """The point of an ellipse at an angle in radians, clockwise from the right."""
    x, y = centre
    x_radius, y_radius = radii
    return x + x_radius * math.cos(angle), y + y_radius * math.sin(angle)


def outlined(picture: np.ndarray, ink: int = 1) -> np.ndarray:
    """The picture with a line of `ink` around what is painted; uint8 of the same shape, the line stays inside it."""
    solid = np.pad(picture != 0, 1)
    beside = solid[1:-1, :-2] | solid[1:-1, 2:]
    above_or_below = solid[:-2, 1:-1] | solid[2:, 1:-1]
    border = (picture == 0) & (beside | above_or_below)
    return np.where(border, ink, picture).astype(np.uint8)

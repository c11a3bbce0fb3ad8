"""Where values lie in a chart's picture, and the axes that say so."""

from collections.abc import Callable
from dataclasses import dataclass

from evaluate.report.svg import horizontal, text, ticks

Formatter = Callable[[float], str]
"""Writes a value the way a chart's axes and tooltips show it."""


@dataclass(frozen=True)
class Plane:
    """Where values lie in a picture: a rectangle of it, and the ranges shown there (of shares, unless others are given)."""

    left: float
    top: float
    width: float
    height: float
    x_range: tuple[float, float] = (0.0, 1.0)
    y_range: tuple[float, float] = (0.0, 1.0)

    @property
    def right(self) -> float:
        """The right edge, in the picture's units."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The bottom edge, in the picture's units."""
        return self.top + self.height

    def x(self, value: float) -> float:
        """Where a value of the x axis lies in the picture."""
        low, high = self.x_range
        extent = (high - low) or 1.0  # when all values are alike, any extent will do
        return self.left + self.width * (value - low) / extent

    def y(self, value: float) -> float:
        """Where a value of the y axis lies in the picture; SVG counts downwards."""
        low, high = self.y_range
        extent = (high - low) or 1.0
        share = (value - low) / extent
        return self.top + self.height * (1.0 - share)

    def y_axis(self, formatter: Formatter, count: int = 5) -> list[str]:
        """Horizontal lines with their values on the left."""
        parts = []
        for tick in ticks(*self.y_range, count):
            y = self.y(tick)
            parts.append(horizontal(y, self.left, self.right, "grid"))
            parts.append(text(self.left - 8, y + 4, formatter(tick), "axis", "end"))
        return parts

    def x_axis(self, formatter: Formatter, name: str, count: int = 5) -> list[str]:
        """The values below, and the axis' name at the right end."""
        parts = []
        for tick in ticks(*self.x_range, count):
            parts.append(text(self.x(tick), self.bottom + 16, formatter(tick), "axis", "middle"))
        parts.append(text(self.right, self.bottom + 32, name, "axis", "end"))
        return parts

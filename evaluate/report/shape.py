"""The two shapes that a chart across the page is drawn in: one for screens, one for phones (the style sheet shows one)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """How a chart of rows is laid out, in its own units; the page scales it.

    Attributes:
        width: of the picture.
        left: of the rows' names, where they stand beside the rows.
        right: for figures at the rows' ends.
        names_above: names stand above their rows, which then begin at the picture's edge.
        map_rows: how many pieces an act's map is cut into, one below the other.
    """

    width: float
    left: float
    right: float
    names_above: bool
    map_rows: int

    @property
    def inside(self) -> float:
        """The width between names and figures."""
        return self.width - self.left - self.right


WIDE = Shape(width=960, left=150, right=64, names_above=False, map_rows=1)
PHONE = Shape(width=340, left=8, right=58, names_above=True, map_rows=2)
"""Its units are about a phone's own pixels."""

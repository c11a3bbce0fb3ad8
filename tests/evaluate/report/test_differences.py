"""Differences lie on their side of the line, and only sure ones are filled."""

import pytest

from evaluate.report.differences import Difference, difference_chart
from evaluate.report.shape import PHONE, WIDE, Shape
from evaluate.report.svg import short
from experiment.statistics import Interval
from tests.evaluate.report.drawn import NASTY, of_class


@pytest.mark.parametrize("shape", [WIDE, PHONE])
def test_sides_and_signs(shape: Shape) -> None:
    better = Difference("clone", "v0", 0.5, Interval(0.2, 0.8), sure=True)
    worse = Difference(NASTY, "v1", -0.5, Interval(-1.0, -0.1), sure=True)
    unsure = Difference("lone", "v2", 0.0, None, sure=False)
    svg = difference_chart("x", [(NASTY, [better, worse, unsure])], short, shape)
    zero = float(of_class(svg, "zero")[0].get("x1", ""))
    filled = [float(mark.get("cx", "")) for mark in of_class(svg, "mark")]
    assert filled[0] > zero > filled[1]
    assert [float(mark.get("cx", "")) for mark in of_class(svg, "diamond")] == [zero]
    assert [flag.text for flag in of_class(svg, "flag")] == ["▲", "▼"]
    assert len(of_class(svg, "whisker")) == 2


def test_no_difference_at_all_is_drawn() -> None:
    nothing = Difference("clone", "v0", 0.0, Interval(0.0, 0.0), sure=False)
    assert len(of_class(difference_chart("x", [("act", [nothing])], short, WIDE), "diamond")) == 1

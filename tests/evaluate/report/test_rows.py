"""Charts of rows draw what they are given, in either shape, inside the picture."""

from xml.etree import ElementTree

import pytest

from evaluate.report.rows import Bars, Lane, Row, bar_rows, interval_chart, lane_chart
from evaluate.report.shape import PHONE, WIDE, Shape
from evaluate.report.svg import short
from experiment.statistics import Estimate, Interval
from tests.evaluate.report.drawn import NASTY, of_class

KNOWN = Estimate(0.5, 0.6, Interval(0.4, 0.7), Interval(0.5, 0.7))
BOTH = pytest.mark.parametrize("shape", [WIDE, PHONE])


@BOTH
def test_intervals(shape: Shape) -> None:
    lone = Estimate(0.1, 0.1, None, None)
    svg = interval_chart("x", [Row("clone", "v0", KNOWN), Row(NASTY, "v1", lone)], short, top=1.0, shape=shape)
    ends = [(float(whisker.get("x1", "")), float(whisker.get("x2", ""))) for whisker in of_class(svg, "whisker")]
    at = [shape.left + share * shape.inside for share in (0.4, 0.7, 0.5, 0.7)]
    assert [*ends[0], *ends[1]] == pytest.approx(at, abs=0.06)
    assert len(of_class(svg, "mark")) == 2


@BOTH
def test_every_player_is_in_the_picture(shape: Shape) -> None:
    """What a phone shows of the main chart: names, marks and figures lie within its width."""
    players = [Row(f"player {i}", "v0", KNOWN) for i in range(4)]
    svg = interval_chart("x", players, short, top=1.0, shape=shape)
    _, _, width, height = (float(part) for part in ElementTree.fromstring(svg).get("viewBox", "").split())
    assert width == shape.width
    for element in [*of_class(svg, "name"), *of_class(svg, "figure"), *of_class(svg, "mark")]:
        assert 0 <= float(element.get("x") or element.get("cx") or -1) < width
        assert 0 <= float(element.get("y") or element.get("cy") or -1) < height
    assert [name.text for name in of_class(svg, "name")] == [player.label for player in players]


@BOTH
def test_lanes_end_at_the_end(shape: Shape) -> None:
    through = Lane("clone", "v0", 1.0, [1.0, 1.0], completed=1)
    backwards = Lane("b", "v1", -0.1, [-0.1])
    svg = lane_chart("x", [(NASTY, [through, backwards])], shape)
    assert [float(way.get("x2", "")) for way in of_class(svg, "way")] == [shape.width - shape.right, shape.left]
    assert [flag.text for flag in of_class(svg, "flag")] == ["⚑ 1/2"]


def test_lying_bars_carry_their_figures() -> None:
    series = [Bars("clone", "v0", [50.0, 100.0]), Bars(NASTY, "v1", [None, -25.0])]
    svg = bar_rows(NASTY, ["Emerald Hill 1", "Emerald Hill 2"], series, short, top=100.0)
    widths = [float(bar.get("width", "")) for bar in of_class(svg, "bar")]
    assert widths == [PHONE.inside / 2, PHONE.inside, 0.0]
    assert [figure.text for figure in of_class(svg, "axis")] == ["50", "100", "-25"]
    assert [name.text for name in of_class(svg, "name")] == ["Emerald Hill 1", "Emerald Hill 2"]

"""Charts are well-formed and draw what they are given."""

from xml.etree import ElementTree

import pytest

from evaluate.report.charts import Curve, bar_chart, line_chart, scatter_chart
from evaluate.report.rows import Bars
from evaluate.report.svg import short, tag, text, ticks
from evaluate.report.training_sections import correlation_in_words
from tests.evaluate.report.drawn import NASTY, of_class


def test_bars_stand_as_high_as_their_values() -> None:
    series = [Bars("clone", "v0", [50.0, 100.0]), Bars(NASTY, "v1", [None, 25.0])]
    groups = [("Emerald Hill", "1"), ("Emerald Hill", "2")]
    svg = bar_chart(NASTY, groups, series, short, top=100.0)
    heights = [float(bar.get("height", "")) for bar in of_class(svg, "bar")]
    assert heights == [125.0, 250.0, 62.5]
    assert [name.text for name in of_class(svg, "zone")] == ["Emerald Hill"]


def test_single_values_are_dots() -> None:
    svg = bar_chart("x", [("A", "1")], [Bars("clone", "v0", [2.0], [[1.0, 3.0]])], short)
    assert [dot.get("cy") for dot in of_class(svg, "dot")] == ["180.7", "14"]


def test_lines() -> None:
    curves = [
        Curve(NASTY, "v0", [(0, 0), (10, 5)]),
        Curve("one", "v1", [(5, 5)]),
        Curve("f", "v2", [(0, 1), (1, 1)], faint=True),
    ]
    svg = line_chart("x", curves, "steps", finish=8.0)
    drawn = of_class(svg, "curve")
    assert ["faint" in line.get("class", "") for line in drawn] == [True, False]
    assert len(of_class(svg, "mark")) == 1
    assert len(of_class(svg, "finish")) == 1


def test_points_lie_where_their_values_are() -> None:
    groups = [Curve(NASTY, "n0", [(100.0, -1.0), (300.0, 3.0)]), Curve("late", "v1", [(200.0, 1.0)])]
    dots = of_class(scatter_chart(NASTY, groups, "score", "return"), "mark")
    # 296 x 150 units from (46, 24), SVG's y downwards
    assert [(dot.get("cx"), dot.get("cy")) for dot in dots] == [("46", "174"), ("342", "24"), ("194", "99")]
    assert ["v1" in dot.get("class", "") for dot in dots] == [False, False, True]
    of_class(scatter_chart("one alone", [Curve("a", "v0", [(1.0, 1.0)])], "x", "y"), "mark")


def test_whether_two_metrics_rise_together_is_a_number() -> None:
    assert correlation_in_words(((0.0, 1.0), (1.0, 3.0), (2.0, 5.0))) == "Correlation over 3 updates: 1.00."
    assert correlation_in_words(((0.0, 5.0), (1.0, 3.0), (2.0, 1.0))) == "Correlation over 3 updates: -1.00."
    assert correlation_in_words(((0.0, 1.0), (1.0, 1.0), (2.0, 1.0))).startswith("Too few")
    assert correlation_in_words(((0.0, 1.0),)).startswith("Too few")


def test_flat_and_empty_values_are_drawn() -> None:
    ElementTree.fromstring(line_chart("x", [Curve("a", "v0", [(0, 0), (1, 0)])], "steps"))
    ElementTree.fromstring(bar_chart("x", [("A", "")], [Bars("a", "v0", [0.0])], short))


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (0, 10, [0, 2, 4, 6, 8, 10]),
        (0, 1, [0, 0.2, 0.4, 0.6, 0.8, 1]),
        (0, 9000, [0, 2000, 4000, 6000, 8000]),
        (3, 3, [3]),
    ],
)
def test_ticks_are_round(low: float, high: float, expected: list[float]) -> None:
    assert ticks(low, high) == pytest.approx(expected)


def test_numbers_on_axes() -> None:
    assert [short(value) for value in (0, 0.25, 999, 1500, 2e6)] == ["0", "0.25", "999", "1.5k", "2M"]


def test_everything_is_escaped() -> None:
    assert NASTY not in text(0, 0, NASTY)
    assert tag("g", fill='"><script>') == '<g fill="&quot;&gt;&lt;script&gt;"></g>'

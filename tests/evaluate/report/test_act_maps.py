"""Marks on maps: in their lanes, at their places, told apart by shape, counted where they cover each other."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from evaluate.maps import ActMap
from evaluate.report.act_maps import Mark, map_chart, map_section, marks_of
from evaluate.report.html import colours_of
from evaluate.report.shape import PHONE, WIDE, Shape
from evaluate.results import Results
from tests.evaluate.report.drawn import NASTY, of_class
from tests.evaluate.report.test_page import written

ACT = "WingFortressZone"
MAP = ActMap(x0=0, y0=100, scale=0.25, width=2725, height=128, webp="UklGRg==")


@pytest.mark.parametrize("shape", [WIDE, PHONE])
def test_shapes_and_numbers(shape: Shape) -> None:
    marks = [
        Mark(0, 3000, "died", "v0", NASTY),
        Mark(0, 3001, "died", "v0", "again"),
        Mark(0, 5000, "time ran out", "v0", ""),
        Mark(1, 10_000, "completed", "v1", ""),
        Mark(1, 99_999, "died", "v1", "beyond the end"),
        Mark(1, -50, "died", "v1", "before the start"),
    ]
    svg = map_chart("x", ACT, MAP, marks, (NASTY, "b"), shape)
    assert len(of_class(svg, "cross")) == 2 * 3
    assert len(of_class(svg, "square")) == len(of_class(svg, "triangle")) == 1
    assert [count.text for count in of_class(svg, "count")] == ["×2"]
    assert len(of_class(svg, "hair")) == 4  # none for the completed one
    assert svg.count("<use") == shape.map_rows
    xs = [float(hair.get("x1", "")) for hair in of_class(svg, "hair")]
    assert all(0 <= x <= shape.width for x in xs)


def test_every_episode_has_its_mark(results: Results) -> None:
    marks = marks_of(results, ACT, colours_of(results))
    assert len(marks) == 4 * 3
    assert {mark.lane for mark in marks} == {0, 1, 2, 3}
    assert re.search(r"random, seed 10000: died at \d+", marks[0].tip)


def test_acts_without_a_map_are_left_out(results: Results) -> None:
    assert map_section(results, {}, colours_of(results)) == ""
    section = map_section(results, {ACT: MAP}, colours_of(results))
    assert section.count("<figure") == 1
    assert section.count("data:image/webp") == 1  # once, however many windows


def test_maps_in_the_page(results_of: Callable[..., Results], tmp_path: Path) -> None:
    results = results_of((NASTY, "random"), (ACT,))
    page = written(results, tmp_path, maps={ACT: MAP})
    assert 'href="#maps"' in page
    assert f'href="#map-{ACT}"' in page

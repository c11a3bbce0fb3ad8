"""The bench itself: a pair is measured in processes, a side that fails says so, and the table holds what was measured."""

from pathlib import Path

import pytest

from bench.rows import Measured, Row, measure
from bench.side import Side, SideError
from bench.table import markdown


def test_a_pair_is_measured_round_by_round(tmp_path: Path) -> None:
    found = measure(Row("core", "itself", ("bare-frames",), ("bare-frames",), 1.0), 2, tmp_path)
    assert len(found.ratios) == 2
    assert 0.1 < found.ratio < 10


def test_a_side_that_ends_shows_why(tmp_path: Path) -> None:
    with pytest.raises(SideError, match="no-such-side"):
        Side("no-such-side", tmp_path)
    assert "no-such-side" in measure(Row("a", "b", ("no-such-side",), ("bare-frames",), 1.0), 1, tmp_path).problem


def test_the_table_holds_medians_and_problems() -> None:
    row = Row("converter", "bare core", ("a",), ("b",), 0.9, "frames/s")
    whole = Measured(row, "a", "b", [80.0, 90.0, 100.0], [100.0, 100.0, 100.0]).to_json()
    broken = Measured(row, problem="not installed").to_json()
    machine = {"cores": 2, "processor": "x", "load": 0.0, "python": "3.11", "versions": {"numpy": "2"}}
    text = markdown({"machine": machine, "rows": [whole, broken]})
    assert "| converter | bare core | 90 | 100 | frames/s | **0.90** (0.80 to 1.00) | 0.9 |" in text
    assert "not installed" in text

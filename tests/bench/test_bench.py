"""The bench itself: a pair is measured in processes, a side that fails says so, and the table holds what was measured."""

from pathlib import Path

import pytest

import bench
from bench.rows import ROWS, Measured, Row, comparisons, measure
from bench.side import Side, SideError
from bench.table import markdown

BARE = ("environments.bare_frames",)


def test_a_pair_is_measured_round_by_round(tmp_path: Path) -> None:
    found = measure(Row("core", "itself", BARE, BARE, 1.0), 2, tmp_path)
    assert len(found.ratios) == 2
    assert 0.1 < found.ratio < 10


def test_a_side_that_ends_shows_why(tmp_path: Path) -> None:
    with pytest.raises(SideError, match="no_such_side"):
        Side("environments.no_such_side", tmp_path)
    row = Row("a", "b", ("environments.no_such_side",), BARE, 1.0)
    assert "no_such_side" in measure(row, 1, tmp_path).problem


def test_every_side_of_the_table_exists() -> None:
    """By text, because importing the peers' modules needs their packages."""
    for row in ROWS:
        for name in row.ours + row.theirs:
            module, function = name.partition(":")[0].split(".")
            source = (Path(bench.__file__).parent / f"{module}.py").read_text()
            assert f"\ndef {function}(" in source


def test_rows_name_the_precision_of_training() -> None:
    stages = {row.stage for row in comparisons("bf16")}
    assert {"PPO, end to end, bf16", "cloning, loader included, bf16", "one environment"} <= stages


def test_the_table_holds_medians_and_problems() -> None:
    row = Row("converter", "bare core", ("a",), ("b",), 0.9, "frames/s")
    whole = Measured(row, "a", "b", [80.0, 90.0, 100.0], [100.0, 100.0, 100.0]).to_json()
    broken = Measured(row, problem="not installed").to_json()
    machine = {"cores": 2, "processor": "x", "load": 0.0, "python": "3.11", "versions": {"numpy": "2"}}
    text = markdown({"machine": machine, "rows": [whole, broken]})
    assert "| converter | bare core | 90 | 100 | frames/s | **0.90** (0.80 to 1.00) | 0.9 |" in text
    assert "not installed" in text

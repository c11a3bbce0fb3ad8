"""Training runs' files, whole and damaged: read by declared types, and what is wrong is named."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from evaluate.report.curves import read_training
from evaluate.report.recorded import read_curves, read_noted, read_spin_dash_check
from experiment.run import Run

LINE: Mapping[str, Any] = {
    "act": "HillTopZone.Act1",
    "expected": 4.0,
    "dashes": 3,
    "progress": 0.5,
    "rate": 6.0,
    "verdict": "pass",
    "episodes": 3,
}


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run(tmp_path / "supervised" / "mine")
    run.path.mkdir(parents=True)
    return run


def test_the_first_check_among_the_runs_is_read(run: Run, tmp_path: Path) -> None:
    said: list[str] = []
    assert read_spin_dash_check([run], said.append) == []
    (run.path / "spindash.json").write_text(json.dumps([LINE, LINE | {"expected": 0.0}]))
    lines = read_spin_dash_check([Run(tmp_path / "none"), run], said.append)
    assert [line.has_reference for line in lines] == [True, False]
    assert lines[0].act == "HillTopZone.Act1"
    assert said == []


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{}", "Expected `array`, got `object`"),
        ("[3]", "Expected `object`, got `int` - at `$[0]`"),
        (json.dumps([LINE | {"rate": "6"}]), "Expected `float`, got `str` - at `$[0].rate`"),
        (json.dumps([LINE | {"progress": 1.2}]), "Expected `float` <= 1.0 - at `$[0].progress`"),
        (json.dumps([LINE | {"dashes": 1e300}]), "Expected `float` <= 1000000.0 - at `$[0].dashes`"),
        (json.dumps([LINE | {"act": "HillTop"}]), "name of an act at `$[0].act`. Received: 'HillTop'"),
        (json.dumps([LINE | {"verdict": None}]), "Expected `str`, got `null` - at `$[0].verdict`"),
        ('[{"act": "HillTopZone.Act1"}]', "missing required field `expected` - at `$[0]`"),
        ("[" * 100_000, "Expected `object`, got `array` - at `$[0]`"),
        ("", "truncated"),
        (" " * (1 << 20) + "[]", "at most 1048576 bytes"),
    ],
)
def test_a_damaged_check_is_named(run: Run, content: str, message: str) -> None:
    file = run.path / "spindash.json"
    file.write_text(content)
    said: list[str] = []
    assert read_spin_dash_check([run], said.append) == []
    assert len(said) == 1
    assert said[0].startswith(f"left out the spin-dash check: {file}")
    assert message in said[0]


def test_the_machine_of_a_run(run: Run) -> None:
    said: list[str] = []
    file = run.path / "config.json"
    file.write_text('{"config": {}}')
    assert read_noted(run, said.append).machine == {}
    run.note_machine({"precision": "bfloat16", "threads": 2})
    assert read_noted(run, said.append).machine == {"precision": "bfloat16", "threads": 2}
    assert said == []
    file.write_text('{"machine": {"threads": [2]}}')
    assert read_noted(run, said.append).machine == {}
    assert f"{file}: Expected" in said[0]
    assert "got `array` - at `$.machine[...]`" in said[0]


def test_damaged_steps_cost_themselves_only(run: Run) -> None:
    file = run.path / "metrics.jsonl"
    said: list[str] = []
    file.write_text('{"step": 1, "a": 0.5, "b": 1}\n[]\n{"a": 1}\n{"step": 4, "a": 2}\n{"step": 5, "a')
    assert read_curves(run, ["a", "c"], said.append) == {"a": [(1.0, 0.5), (4.0, 2.0)]}
    assert said == [f"left out 2 of 4 steps of the learning curves: {file} line 2: Expected `object`, got `array`"]


def test_a_metric_that_is_no_number_is_named(run: Run) -> None:
    file = run.path / "metrics.jsonl"
    for value, expected in (
        ('"1"', "got `str`"),
        ("NaN", "malformed"),
        ("1e999", "out of range"),
        ("true", "got `bool`"),
    ):
        said: list[str] = []
        file.write_text(f'{{"step": 1, "loss/train": {value}}}\n')
        assert read_curves(run, ["loss/train"], said.append) == {}
        assert expected in said[0]
        assert value == "NaN" or "line 1, 'loss/train'" in said[0]


def test_what_no_axis_can_show_is_not_drawn(run: Run) -> None:
    lines = [
        {"step": 1, "eval/progress": 0.5},
        {"step": 2, "eval/progress": 1e300},
        {"step": -1e300, "eval/progress": 0.4},
    ]
    (run.path / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (run.path / "config.json").write_text("{}")
    (training,) = read_training([run], print)
    ((_, series),) = training.charts
    assert series == (("mean progress", ((1.0, 0.5),)),)


def test_an_endless_file_is_not_read_to_its_end(run: Run) -> None:
    said: list[str] = []
    for name in ("spindash.json", "config.json", "metrics.jsonl"):
        (run.path / name).symlink_to("/dev/zero")
    assert read_spin_dash_check([run], said.append) == []  # a device is no file
    assert read_noted(run, said.append).machine == {}
    assert read_curves(run, ["a"], said.append) == {}
    assert "expected at most" in said[0]

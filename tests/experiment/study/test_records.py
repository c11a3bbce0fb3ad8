"""Records come back as they were written; damaged ones are named and left out."""

import json
from pathlib import Path

import pytest

from experiment.study.definition import Cell
from experiment.study.records import PROGRESS, read_record, read_records, record_path, write_record
from tests.experiment.study.made_up import STUDY, record


def test_a_record_comes_back(workdir: Path) -> None:
    path = write_record(record("base", 2, 0.4))
    assert path == Path("results/made-up/base-s2.json")
    assert read_record(path) == record("base", 2, 0.4)
    assert path.read_text().count("\n") > 10  # a line per act, so that a change can be read


def test_figures_are_taken_act_by_act() -> None:
    rows = record("base", 1, 0.4).values("finetune", PROGRESS)
    assert [row.tolist() for row in rows] == [[0.4, 0.4], [0.5, 0.5]]


@pytest.mark.parametrize(
    ("damage", "told"),
    [
        ({"episodes": {}, "curves": {}}, "expected episodes or curves"),
        ({"episodes": {"finetune": {"A": []}}}, "at least one episode"),
        ({"episodes": {"evaluate": {"A": [[1, 0.5, 0, 0, 9, 0]]}}}, "expected episodes or curves of"),
        ({"seed": -1}, "seed"),
        ({"seconds": {"finetune": "long"}}, "seconds"),
    ],
)
def test_a_damaged_record_is_named_and_left_out(workdir: Path, capsys, damage: dict, told: str) -> None:
    write_record(record("base", 1, 0.4))
    write_record(record("base", 2, 0.4))
    path = record_path("made-up", Cell("base", 2))
    path.write_text(json.dumps(json.loads(path.read_text()) | damage))
    found = read_records(STUDY)
    assert [cell.name for cell in found] == ["base-s1"]
    words = capsys.readouterr().out
    assert "base-s2.json" in words
    assert told in words

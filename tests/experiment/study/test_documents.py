"""Tables in the documents are those of the records, to the letter."""

from pathlib import Path

import pytest

from experiment.study.definition import RESULTS, find_study, study_names
from experiment.study.records import read_record
from experiment.study.sweep import TRIALS
from experiment.study.table import fill_blocks
from tests.conftest import ROOT


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_tables_are_made_from_the_records(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    text = page.read_text()
    assert fill_blocks(text) == text, "python -m experiment docs makes them anew"


def test_every_record_is_of_a_cell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    for name in study_names():
        cells = {cell.name for cell in find_study(name).cells}
        for path in sorted((RESULTS / name).glob("*.json")):
            if path.name == TRIALS:  # find_study has read it
                continue
            assert path.stem in cells
            assert read_record(path).study == name

"""A cell of a study worked off: run unless it is done or in other hands, and reported on."""

from dataclasses import dataclass

from experiment.lock import Busy, exclusive
from experiment.run import RUNS
from experiment.statistics import mean
from experiment.study.chain import StageFailed, run_cell
from experiment.study.definition import Cell, Study
from experiment.study.records import PROGRESS, Record, read_record, record_path, write_record


@dataclass(frozen=True)
class Report:
    """What became of a cell: whether it is done or in other hands, and that in words."""

    cell: Cell
    ok: bool
    words: str


def work_off(study: Study, cell: Cell, patience: float = 0.0) -> Report:
    """Run a cell unless it has a record.

    Args:
        patience: seconds to wait for whoever is at work on it.
    """
    path = record_path(study.name, cell)
    try:
        with exclusive(RUNS / "study" / study.name / f".{cell.name}", patience):
            if path.is_file():
                return Report(cell, True, f"done: {path} ({read_record(path).commits})")
            record = run_cell(study, cell)
            write_record(record)
    except Busy as busy:
        return Report(cell, True, f"left to others: {busy}")
    except StageFailed as failure:
        return Report(cell, False, f"failed: {failure}")
    return Report(cell, True, f"{path}: {_progress(record)}, {sum(record.seconds.values()) / 60:.0f} minutes")


def _progress(record: Record) -> str:
    """By stage, of the scored episodes; of the last evaluation on schedule where none were scored."""
    shares = {stage: float(mean(record.values(stage, PROGRESS))) for stage in record.episodes}
    shares = shares or {stage: curve[-1][2] for stage, curve in record.curves.items() if curve}
    return ", ".join(f"{stage} {share:.1%}" for stage, share in shares.items())

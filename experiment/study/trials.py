"""The trials of a sweep: how each did while it was training, best first, and which cell comes next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import numpy as np

from experiment.lock import exclusive
from experiment.run import RUNS, write_json
from experiment.statistics import RunsEstimate, over_runs
from experiment.study.definition import RESULTS, TRAINING_STAGES, Cell, Study, StudyError, find_study
from experiment.study.records import Record, read_records, record_path
from experiment.study.sweep import TRIALS, Sweep, Values, arm_name, read_trials
from experiment.study.tpe import suggest


@dataclass(frozen=True)
class Ranked:
    """An arm by what its sweep maximises.

    Attributes:
        progress: on the schedule's seeds, over training runs.
        gain: against the base arm in pairs of training seeds; None for the base arm, and where no seed has both.
        minutes: of all stages, per run.
    """

    arm: str
    progress: RunsEstimate
    gain: RunsEstimate | None
    minutes: float


def ranked(study: Study, sweep: Sweep, records: Mapping[Cell, Record]) -> list[Ranked]:
    """Every arm that has a record, the base among them, best first."""
    base = _progresses(sweep, records, study.base)
    found = []
    for arm in study.arms:
        ours = _progresses(sweep, records, arm)
        if not ours:
            continue
        gains = [progress - base[seed] for seed, progress in ours.items() if seed in base]
        seconds = [sum(record.seconds.values()) for cell, record in records.items() if cell.arm == arm]
        found.append(
            Ranked(
                arm=arm,
                progress=over_runs(list(ours.values()), (0.0, 1.0)),
                gain=over_runs(gains) if gains and arm != study.base else None,
                minutes=float(np.mean(seconds)) / 60,
            )
        )
    return sorted(found, key=lambda one: -one.progress.mean)


def _progresses(sweep: Sweep, records: Mapping[Cell, Record], arm: str) -> dict[int, float]:
    """Training seed -> progress on the schedule's seeds."""
    return {cell.seed: objective(sweep, record) for cell, record in records.items() if cell.arm == arm}


def objective(sweep: Sweep, record: Record) -> float:
    """What a sweep maximises: mean progress on the schedule's seeds, 0 to 1, of the last stage that was evaluated there.

    Raises:
        StudyError: the record has no evaluation during training.
    """
    curves = [record.curves[stage] for stage in TRAINING_STAGES if record.curves.get(stage)]
    if not curves:
        raise StudyError(
            f"{record.study}: expected a stage that is evaluated during training, which a sweep goes by. "
            f"Received: none in the record of {record.arm}, seed {record.seed}"
        )
    progresses = [progress for _, _, progress in curves[-1]]
    return max(progresses) if sweep.objective == "best" else progresses[-1]


def next_cell(name: str, tried: Collection[Cell]) -> tuple[Study, Cell] | None:
    """The next cell without a record, after asking for another trial where there is none; None when all is done.

    Args:
        tried: cells that this process has had in hand already: in other hands, or failed.
    """
    study = find_study(name)
    for cell in study.cells:
        if cell not in tried and not record_path(name, cell).is_file():
            return study, cell
    if study.sweep is None or study.sweep.sampler != "tpe" or not _ask(study, study.sweep):
        return None
    return next_cell(name, tried)


def _ask(study: Study, sweep: Sweep) -> bool:
    """Ask for one more trial, and write it beside the records; returns whether there was one to ask for.

    It is there before it runs, so that a killed one goes on, and others know of it.
    """
    path = RESULTS / study.name / TRIALS
    with exclusive(RUNS / "study" / study.name / ".trials", wait=-1):
        so_far = read_trials(path)
        if len(so_far) >= (sweep.trials or 0):
            return False
        records = read_records(find_study(study.name))
        told = [(values, _outcome(study, sweep, records, values)) for values in so_far]
        write_json(path, [*so_far, suggest(sweep, told)])
    return True


def _outcome(study: Study, sweep: Sweep, records: Mapping[Cell, Record], values: Values) -> float | None:
    """A trial's mean over the training seeds; None until all are there."""
    found = _progresses(sweep, records, arm_name(values))
    if found.keys() != set(study.seeds):
        return None
    return float(np.mean(list(found.values())))

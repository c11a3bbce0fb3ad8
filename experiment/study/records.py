"""Records: what a cell of a study came to, a few KB of JSON that are committed, results/<study>/<arm>-s<seed>.json."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np

from common.files import read_json, whole_file
from experiment.study.definition import LAST, RESULTS, TRAINING_STAGES, Cell, Study

Outcome = tuple[float, float, float, float, int, float]
"""Of an episode: contest score, furthest progress (0 to 1), completed, died (0 or 1, shares in a mean), frames, spin dashes."""
SCORE, PROGRESS, COMPLETED, DIED, FRAMES, SPIN_DASHES = range(6)

CurvePoint = tuple[float, float, float]
"""Of an evaluation during training: the learner's steps, seconds of training so far, mean progress."""


@dataclass(frozen=True)
class Record:
    """What a cell came to.

    Attributes:
        commands: stage -> its command line; commits: stage -> the commit it ran at; seconds: stage -> of its processes.
        machine: what it was scored on, or trained on where it was not scored.
        episodes: training stage, or LAST -> act -> its player's scored episodes; {} where the study does not score. Of the
            contest, one of each act: the mean of all that ended on the way. Of an arm that trains nothing, its player's, as of
            the last.
        curves: training stage -> its evaluations on schedule.
        facts: stage -> what its run said of itself in the end (JSON values).
        teacher: the demonstrations' mean contest score, None without any.
    """

    study: str
    arm: str
    seed: Annotated[int, msgspec.Meta(ge=0)]
    commands: dict[str, str]
    commits: dict[str, str]
    seconds: dict[str, float]
    machine: dict[str, Any]
    episodes: dict[str, dict[str, list[Outcome]]]
    curves: dict[str, list[CurvePoint]] = field(default_factory=dict)
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    teacher: float | None = None

    @property
    def stage(self) -> str:
        """The last training stage: the player that the cell is about."""
        known = self.episodes or self.curves
        return [stage for stage in TRAINING_STAGES if stage in known][-1]

    def values(self, stage: str, which: int) -> list[np.ndarray]:
        """One figure of every episode, float64 [E] per act in order of the acts' names; `which` is SCORE, PROGRESS …"""
        by_act = self.episodes[stage]
        rows = []
        for act in sorted(by_act):
            rows.append(np.array([episode[which] for episode in by_act[act]], float))
        return rows


def record_path(study: str, cell: Cell) -> Path:
    """Where a cell's record lies."""
    return RESULTS / study / f"{cell.name}.json"


def write_record(record: Record) -> Path:
    """Write a record, whole: one line per act, so that a change can be read."""
    path = record_path(record.study, Cell(record.arm, record.seed))
    fields = asdict(record)
    episodes = fields.pop("episodes")
    head = json.dumps(fields, indent=1).removesuffix("\n}")
    stages = []
    for stage, by_act in episodes.items():
        acts = ",\n".join(f"   {json.dumps(act)}: {json.dumps(_rounded(by_act[act]))}" for act in by_act)
        stages.append(f"  {json.dumps(stage)}: {{\n{acts}\n  }}")
    body = ",\n".join(stages)
    with whole_file(path) as beside:
        beside.write_text(f'{head},\n "episodes": {{\n{body}\n }}\n}}\n')
    return path


def _rounded(outcomes: list[Outcome]) -> list[list[float]]:
    """A contest score to a tenth and progress to 1/10,000 are finer than any difference that could be claimed."""
    rows = []
    for score, progress, completed, died, frames, spin_dashes in outcomes:
        shares = [int(share) if share in (0, 1) else round(share, 4) for share in (completed, died)]
        rows.append([round(score, 1), round(progress, 4), *shares, frames, spin_dashes])
    return rows


def read_record(path: Path) -> Record:
    """A record. ValueError names the file and the field that is not as it should be."""
    record = read_json(path, Record)
    known = record.episodes or record.curves
    if not set(known) & set(TRAINING_STAGES) or not set(known) <= {*TRAINING_STAGES, LAST}:
        raise ValueError(
            f"{path}: expected episodes or curves of {' or '.join(TRAINING_STAGES)}. Received: {list(known)}"
        )
    for stage, by_act in record.episodes.items():
        if not by_act or not all(by_act.values()):
            raise ValueError(f"{path}: expected at least one episode of every act. Received: none ({stage})")
    return record


def read_records(study: Study) -> Mapping[Cell, Record]:
    """The records of a study's cells that are there; one that is damaged is named and left out."""
    found = {}
    for cell in study.cells:
        path = record_path(study.name, cell)
        if not path.is_file():
            continue
        try:
            found[cell] = read_record(path)
        except (OSError, ValueError) as error:
            print(f"note: left out: {error}")
    return found

"""A study's tables in Markdown, made from its records; and in documents, between two marks, made anew by a command."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from common.files import whole_file
from common.words import counted
from experiment.markdown import between, markdown_table
from experiment.statistics import RunsEstimate
from experiment.study.comparison import (
    LEAST_PAIRS,
    AgainstClone,
    ArmResult,
    ClaimResult,
    Difference,
    compare_arms,
    compare_claims,
    compare_with_clones,
    progress_after,
)
from experiment.study.definition import LAST, TRAINING_STAGES, Cell, Side, Study, StudyError, find_study
from experiment.study.records import Record, read_records
from experiment.study.sweep import Sweep
from experiment.study.trials import ranked

HEADINGS = {
    "supervised": "The clone",
    "finetune": "Fine-tuned",
    "contest": "The contest, all episodes on the way",
    LAST: "At its last checkpoint",
}
BLOCK = re.compile(
    r"(?P<head><!-- study (?P<name>[a-z0-9.-]+)(: (?P<arms>[a-z0-9., -]+))? -->\n).*?(?P<end><!-- end of study -->)",
    re.DOTALL,
)
"""Where a document holds a study's tables; with arms, what was seen of their claims."""
NOT_MEASURED = "not measured yet"
TOO_FEW = f"nothing said yet (a claim needs {LEAST_PAIRS} pairs)"


@dataclass(frozen=True)
class Table:
    """A table as text: one row per arm, whose name is in the first column."""

    heading: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


def study_tables(study: Study, records: Mapping[Cell, Record]) -> str:
    """All tables of a study in Markdown, between what is asked and what they rest on."""
    parts = [study.about.strip() + "\n"]
    parts += [f"{table.heading}:\n\n{_drawn(table)}" for table in tables(study, records)]
    parts.append(notes(study, records))
    return "\n".join(parts)


def _drawn(table: Table) -> str:
    return markdown_table(table.columns, table.rows, figures=len(table.columns) - 1) + "\n"


def tables(study: Study, records: Mapping[Cell, Record]) -> list[Table]:
    """A sweep's trials, best first; then one table per training stage that players were scored of; the fine-tuned against their
    clones; the arms at equal minutes; then the claims."""
    found = []
    if study.sweep is not None and records:
        found.append(_trials(study, study.sweep, records))
    for stage in TRAINING_STAGES:
        results = compare_arms(study, records, stage)
        if results:
            found.append(_table(study, stage, results))
    against_clones = compare_with_clones(study, records)
    if against_clones:
        found.append(_against_clones(against_clones))
    if study.minutes and records:
        found.append(_at_equal_minutes(study, records))
    if study.claims:
        found.append(_claims(study, compare_claims(study, records)))
    return found


def _against_clones(results: Sequence[AgainstClone]) -> Table:
    rows = []
    for result in results:
        difference = result.difference
        figures = (str(difference.score.runs), _gain(difference), _more_points(difference), _probability(difference))
        rows.append((result.arm, *figures, _named(result.above), _named(result.below)))
    columns = ("arm", "pairs", "progress, points", "contest score", "P(better)", "acts above", "acts below")
    return Table(
        "Fine-tuned against the clone each took its network from; acts beyond the interval (by chance alone, about one of 18)",
        columns,
        rows,
    )


def _at_equal_minutes(study: Study, records: Mapping[Cell, Record]) -> Table:
    after = [progress_after(study, records, 60 * minutes) for minutes in study.minutes]
    rows = []
    for arm in study.arms:
        if any(arm in found for found in after):
            rows.append((arm, *(_percent(found[arm]) if arm in found else "" for found in after)))
    return Table(
        "At equal minutes of training: progress on schedule at the last evaluation until then (empty: none yet)",
        ("arm", *(f"{minutes:g} min" for minutes in study.minutes)),
        rows,
    )


def _named(acts: Sequence[str] | None) -> str:
    return "" if acts is None else ", ".join(acts) or "none"


def _claims(study: Study, results: Sequence[ClaimResult]) -> Table:
    columns = ("claim", "better", "than", "pairs", "progress, points", "contest score", "P(better)", "seen")
    rows = []
    for result in results:
        claim = result.claim
        names = (claim.name, _side(study, claim.ours), _side(study, claim.theirs))
        difference = result.difference
        if difference is None:
            rows.append((*names, "0", "", "", "", NOT_MEASURED))
            continue
        figures = (_gain(difference), _more_points(difference), _probability(difference))
        rows.append((*names, str(difference.score.runs), *figures, result.verdict or TOO_FEW))
    return Table("Claims, in pairs of training seeds; what is seen is by the contest score", columns, rows)


def seen(study: Study, records: Mapping[Cell, Record], arms: Sequence[str]) -> str:
    """What was seen of the claims that these arms are better than others, as a list in Markdown. StudyError for no such arm."""
    unknown = [arm for arm in arms if arm not in study.arms]
    if unknown:
        raise StudyError(f"{study.name}: expected arms among {', '.join(study.arms)}. Received: {', '.join(unknown)}")
    lines = []
    for result in compare_claims(study, records):
        if result.claim.ours.arm in arms:
            lines.append(f"- {result.claim.name}: {_in_words(result)}")
    return "\n".join(lines) + "\n"


def _in_words(result: ClaimResult) -> str:
    """ "better, by +812 [310, 1314] of contest score and +7.9 [0.4, 15.3] points of progress in 3 pairs" """
    difference = result.difference
    if difference is None:
        return NOT_MEASURED
    by = f"{_more_points(difference)} of contest score and {_gain(difference)} points of progress"
    return f"{result.verdict or TOO_FEW}, by {by} in {counted(difference.score.runs, 'pairs')}"


def _side(study: Study, side: Side) -> str:
    return side.arm if side.stage == study.last_stage else f"{side.arm}, {HEADINGS[side.stage].lower()}"


def _trials(study: Study, sweep: Sweep, records: Mapping[Cell, Record]) -> Table:
    rows = []
    for one in ranked(study, sweep, records):
        gain = f"{100 * one.gain.mean:+.1f}{between(one.gain.interval, 100, 1)}" if one.gain else ""
        runs = str(sum(cell.arm == one.arm for cell in records))
        rows.append((one.arm, runs, _percent(one.progress), gain, f"{one.minutes:.0f}"))
    columns = ("arm", "runs", "progress on schedule", f"against {study.base}, in pairs", "minutes")
    which = {"last": "the last evaluation", "best": "the best evaluation"}[sweep.objective]
    return Table(
        f"Trials, best first, by {which} of their training (schedule's seeds, not those of scoring)", columns, rows
    )


def _table(study: Study, stage: str, results: Sequence[ArmResult]) -> Table:
    against = f"against {study.base}, in pairs"
    columns = ["arm", "runs", "mean progress", "IQM over acts", "contest score", "completed", "died"]
    columns += [against, "P(better)", "minutes"]
    if stage != "contest":
        columns += ["steps to 50 %", "to 75 %"]
    rows = []
    for result in results:
        cells = [
            result.arm,
            str(len(result.seeds)),
            _percent(result.progress),
            _percent(result.iqm),
            _points(result.score),
            f"{100 * result.completed.mean:.0f} %",
            f"{100 * result.died.mean:.0f} %",
            _gain(result.difference),
            _probability(result.difference),
            f"{result.minutes:.0f}",
        ]
        if stage != "contest":  # nothing is evaluated there on the way
            cells += [_steps(steps) for steps in result.reached.values()]
        rows.append(cells)
    return Table(HEADINGS[stage], columns, rows)


def _percent(found: RunsEstimate) -> str:
    return f"{100 * found.mean:.1f} %{between(found.interval, 100, 1)}"


def _points(found: RunsEstimate) -> str:
    return f"{found.mean:.0f}{between(found.interval, 1, 0)}"


def _gain(difference: Difference | None) -> str:
    """ "+7.9 points [0.4, 15.3]" """
    if difference is None:
        return ""
    found = difference.progress
    return f"{100 * found.mean:+.1f}{between(found.interval, 100, 1)}"


def _more_points(difference: Difference) -> str:
    """ "+812 [310, 1314]", of the contest score."""
    return f"{difference.score.mean:+.0f}{between(difference.score.interval, 1, 0)}"


def _probability(difference: Difference | None) -> str:
    if difference is None:
        return ""
    return f"{difference.probability:.2f}{between(difference.probability_interval, 1, 2)}"


def _steps(reached: Sequence[float | None]) -> str:
    """ "58k, 115k, never": one per run, in order of the seeds."""
    return ", ".join("never" if steps is None else _short(steps) for steps in reached)


def _short(steps: float) -> str:
    return f"{steps / 1000:.0f}k" if steps >= 1000 else f"{steps:g}"


def notes(study: Study, records: Mapping[Cell, Record]) -> str:
    """What the figures rest on."""
    if not records:
        return "No records yet.\n"
    found = list(records.values())
    hours = _compute_hours(found)
    scored = [record for record in found if record.episodes]
    depth = "not scored"
    if scored:
        depth = f"{len(next(iter(scored[0].episodes[scored[0].stage].values())))} scored episodes per act each"
    if study.last_stage == "contest":
        depth = "all episodes that ended while it was learnt"
    machines = sorted({_machine(record) for record in found})
    commits = sorted(set(chain.from_iterable(record.commits.values() for record in found)))
    teachers = [record.teacher for record in found if record.teacher is not None]
    lines = [
        f"{len(found)} of {len(study.cells)} cells, {depth}; {hours:.1f} hours of training "
        f"and scoring on {'; '.join(machines)}; commits {', '.join(commits)}.",
        "Intervals: 95 %, Student's over training runs; of P(better), the stratified bootstrap (rliable).",
    ]
    if teachers:
        lines.append(f"The teacher's contest score: {sum(teachers) / len(teachers):.0f}.")
    return " ".join(lines) + "\n"


def _machine(record: Record) -> str:
    """What a cell ran on: what scoring says of it, else training."""
    if "cores" in record.machine:
        return f"{record.machine['cores']} cores, {record.machine['processor']}"
    return ", ".join(f"{name} {value}" for name, value in record.machine.items()) or "an unknown machine"


def _compute_hours(records: Sequence[Record]) -> float:
    """Hours of all stages, each counted once, however many cells share it."""
    seconds = {}
    for record in records:
        for stage, command in record.commands.items():
            seconds[command] = record.seconds[stage]
    return sum(seconds.values()) / 3600


def fill_blocks(text: str) -> str:
    """A document with the tables of every study block made anew from the records. StudyError for an unknown study."""

    def filled(match: re.Match) -> str:
        study = find_study(match["name"])
        records = read_records(study)
        if match["arms"]:
            made = seen(study, records, match["arms"].split(", "))
        else:
            made = study_tables(study, records)
        return f"{match['head']}\n{made}\n{match['end']}"

    return BLOCK.sub(filled, text)


def write_blocks(path: Path) -> bool:
    """Make the tables of a document anew; returns whether that changed anything."""
    before = path.read_text()
    after = fill_blocks(before)
    if after == before:
        return False
    with whole_file(path) as beside:
        beside.write_text(after)
    return True

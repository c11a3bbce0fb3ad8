"""The command line of studies: `python -m experiment study|sweep|table|page|seeds`."""

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from common.ranges import Count, Positive, checked
from experiment import cli
from experiment.run import RUNS
from experiment.study.cells import Report, work_off
from experiment.study.cluster import work_off_on_cluster
from experiment.study.definition import RESULTS, Cell, Study, StudyError, find_study, study_names
from experiment.study.records import read_records
from experiment.study.table import study_tables, write_blocks
from experiment.study.tpe import import_optuna
from experiment.study.trials import next_cell, ranked

USAGE = """python -m experiment list                      the studies, and how many of their cells are done
python -m experiment study NAME                run what is missing of a study, arms x training seeds
python -m experiment sweep NAME                try options out: the trials of a study's [sweep], until all have been
python -m experiment table NAME                its tables and curves, from the records under results/
python -m experiment page NAME                 the same as one HTML file that opens anywhere
python -m experiment docs                      the same tables in the documents, made anew
python -m experiment seeds N STAGE [options]   one stage with the training seeds 1 to N, one after the other"""

DOCS = Path("docs")


@dataclass(frozen=True)
class StudyConfig:
    """Run what is missing of a study. Several processes, and machines with a common disk, share its cells."""

    name: tyro.conf.Positional[str]
    """A file of studies/, without .toml."""
    arms: tuple[str, ...] = ()
    """Only these arms (none: all)."""
    seeds: tuple[int, ...] = ()
    """Only these training seeds (none: all)."""
    cluster: str = ""
    """Where its cells run, at the same time, instead of here one by one: a Ray cluster's HOST:PORT, `auto` for this machine's,
    `local` for one here (docs/cluster.md)."""
    cores: Count = 0
    """On a cluster: cores per cell (0: as many as the smallest node has)."""


@dataclass(frozen=True)
class SweepConfig:
    """Run the trials of a sweep. The same command goes on; several, on machines with a common disk, share the trials."""

    name: tyro.conf.Positional[str]
    """A file of studies/ that has a [sweep] table, without .toml."""


@dataclass(frozen=True)
class TableConfig:
    """A study's tables and learning curves, from its records."""

    name: tyro.conf.Positional[str]
    """A file of studies/, without .toml."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status (experiment.cli): 1 when a cell failed."""
    return cli.run("experiment", lambda: _work(arguments), "the same command goes on where it was")


def _work(arguments: Sequence[str] | None) -> int | None:
    command, rest = cli.split_command(arguments, COMMANDS, default="list", usage=USAGE)
    return COMMANDS[command](rest)


def _list(rest: list[str]) -> None:
    print(f"{USAGE}\n")
    for name in study_names():
        study = find_study(name)
        done = len(read_records(study))
        print(f"{name:20} {done:3} of {len(study.cells):3} cells   {study.about.strip().splitlines()[0]}")


def _study(rest: list[str]) -> int:
    config = checked(tyro.cli(StudyConfig, prog="python -m experiment study", args=rest))
    study = find_study(config.name)
    cells = chosen_cells(study, config.arms, config.seeds)
    if config.cluster:
        reports = _on_cluster(study, cells, config)
    else:
        reports = _one_by_one(study, cells)
    failures = [report for report in reports if not _told(report)]
    print(f"records: {RESULTS / study.name}; `python -m experiment table {study.name}` shows them")
    return cli.FAILED_IN_PART if failures else 0


def _sweep(rest: list[str]) -> int:
    config = checked(tyro.cli(SweepConfig, prog="python -m experiment sweep", args=rest))
    sweep = find_study(config.name).sweep
    if sweep is None:
        raise StudyError(f"{config.name}: expected a [sweep] table, which says what to try out. Received: none")
    if sweep.sampler == "tpe":
        import_optuna()  # who lacks it is told now, and not after the base arm's hours
    failures = 0
    tried: set[Cell] = set()
    while (found := next_cell(config.name, tried)) is not None:
        study, cell = found
        tried.add(cell)
        print(f"{study.name}: {cell.name}", flush=True)
        failures += not _told(work_off(study, cell))
    study = find_study(config.name)
    order = ranked(study, sweep, read_records(study))
    if order:
        best = order[0]
        print(f"best of {len(order)}: {best.arm}, {best.progress.mean:.1%} on the schedule's seeds")
        print(f"`python -m experiment table {study.name}` shows them all; score the best in a study, with other seeds")
    return cli.FAILED_IN_PART if failures else 0


def chosen_cells(study: Study, arms: Sequence[str], seeds: Sequence[int]) -> list[Cell]:
    """The cells meant, in the study's order. StudyError for an arm or seed that it has not."""
    for what, wanted, known in (("arm", arms, list(study.arms)), ("seed", seeds, list(study.seeds))):
        unknown = [str(one) for one in wanted if one not in known]
        if unknown:
            raise StudyError(
                f"{study.name}: expected {what}s among {', '.join(map(str, known))}. Received: {', '.join(unknown)}"
            )
    return [cell for cell in study.cells if cell.arm in (arms or study.arms) and cell.seed in (seeds or study.seeds)]


def _one_by_one(study: Study, cells: Sequence[Cell]) -> Iterator[Report]:
    for number, cell in enumerate(cells, 1):
        print(f"{study.name}: cell {number} of {len(cells)}: {cell.name}", flush=True)
        yield work_off(study, cell)


def _on_cluster(study: Study, cells: Sequence[Cell], config: StudyConfig) -> Iterator[Report]:
    print(f"{study.name}: {len(cells)} cells on the cluster at {config.cluster}", flush=True)
    for number, report in enumerate(work_off_on_cluster(study, cells, config.cluster, config.cores), 1):
        print(f"{study.name}: {number} of {len(cells)}: {report.cell.name}", flush=True)
        yield report


def _told(report: Report) -> bool:
    """Print what became of a cell; whether that is well."""
    print(f"  {report.words}", file=sys.stdout if report.ok else sys.stderr, flush=True)
    return report.ok


def _table(rest: list[str]) -> None:
    from experiment.study.curves import draw_curves  # here, because --help should not wait for the charts

    config = checked(tyro.cli(TableConfig, prog="python -m experiment table", args=rest))
    study = find_study(config.name)
    records = read_records(study)
    print(study_tables(study, records))
    if any(curve for record in records.values() for curve in record.curves.values()):
        print(f"curves: {draw_curves(study, records, RUNS / 'study' / study.name / 'curves.png')}")


def _page(rest: list[str]) -> None:
    from experiment.study.page import write_page  # here, because --help should not wait for the charts

    config = checked(tyro.cli(TableConfig, prog="python -m experiment page", args=rest))
    study = find_study(config.name)
    print(f"page: {write_page(study, read_records(study), RUNS / 'study' / study.name / 'page.html')}")


def _docs(rest: list[str]) -> None:
    for path in sorted(DOCS.glob("*.md")):
        if write_blocks(path):
            print(f"{path}: tables made anew")


@dataclass(frozen=True)
class SeedsConfig:
    """How often a stage is run."""

    count: Positive


def _seeds(rest: list[str]) -> int:
    """One stage with several training seeds; it stops at the first that fails."""
    if len(rest) < 2 or not rest[0].isdigit():
        raise ValueError(f"expected a number of seeds and a stage. Received: {' '.join(rest) or 'nothing'}\n{USAGE}")
    count = checked(SeedsConfig(int(rest[0]))).count
    for seed in range(1, count + 1):
        words = [*rest[1:], "--seed", str(seed)]
        print(f"seed {seed} of {count}: python -m {' '.join(words)}", flush=True)
        process = subprocess.Popen([sys.executable, "-m", *words])
        try:
            status = process.wait()
        except KeyboardInterrupt:  # Ctrl-C has reached the stage, too; it ends at its next whole step
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
            process.wait()
            raise
        if status:
            return status
    return 0


COMMANDS: Mapping[str, Callable[[list[str]], int | None]] = {
    "list": _list,
    "study": _study,
    "sweep": _sweep,
    "table": _table,
    "page": _page,
    "docs": _docs,
    "seeds": _seeds,
}

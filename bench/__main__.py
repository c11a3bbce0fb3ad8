"""Measure every comparison, or some of them; print and save the table. `make bench` installs the peers first."""

import argparse
import contextlib
import os
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench import costs
from bench.common import MOVIES
from bench.evidence import FORMAT, Evidence, Pair, machine_here, verify, write
from bench.limits import first_frame, help_times, memory, profile
from bench.nodes import missing, node_growth
from bench.rows import Row, comparisons, growth, measure, unmeasured
from bench.side import run_python
from bench.table import markdown
from common.cores import core_count
from common.files import whole_file
from dataset.config import ConvertConfig
from dataset.convert import convert
from experiment.cli import run, split_command
from experiment.study.chain import commit_here
from game.machine import package_version

PACKAGES = (
    "stable-retro",
    "tensorflow",
    "tensorflow-cpu",
    "keras",
    "numpy",
    "opencv-python-headless",
    "h5py",
    "gymnasium",
    "stable-baselines3",
    "torch",
)
SHORT_PRECISIONS = {"bfloat16": "bf16", "float32": "fp32"}


USAGE = """python -m bench [--rounds N] [--only TEXT] [--out FOLDER]   measure and save
python -m bench verify FILE                                 read bench.json again, compute and check its figures
python -m bench costs FILE                                  record what acting and learning cost here
python -m bench simulate FILE [--plot PNG]                  from these costs: up to 1,000 actors, and what limits them"""


def main() -> int:
    """Returns the exit status."""
    return run("bench", _main)


def _main() -> int:
    command, rest = split_command(None, dict.fromkeys(("measure", "verify", "costs", "simulate")), "measure", USAGE)
    if command == "measure":
        return measure_all(rest)
    if command == "simulate":
        from bench import simulate  # simpy comes with it

        return simulate.main(rest)
    if len(rest) != 1:
        raise ValueError(f"expected one file. Received: {rest}")
    if command == "costs":
        costs.record(Path(rest[0]))
        return 0
    return verify(Path(rest[0]))


def measure_all(arguments: list[str]) -> int:
    """Measure, print and save."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=6, help="rounds per pair, AB and BA in turn")
    parser.add_argument(
        "--only",
        default="",
        help=f"only rows whose stage or peer holds this text, and of {', '.join(LIMITS)} those that do",
    )
    parser.add_argument("--out", type=Path, default=Path("runs") / "bench", help="where bench.json and bench.md go")
    options = parser.parse_args(arguments)
    # In a process of its own: TensorFlow here would keep threads and memory beside the sides.
    precision = run_python("from policy.device import choose_precision; print(choose_precision())")
    rows = []
    for row in comparisons(SHORT_PRECISIONS[precision]):
        if options.only.lower() in row.name.lower():
            rows.append(row)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if any(row.data for row in rows):
            convert_some(folder)
        evidence = Evidence(
            format=FORMAT,
            commit=commit_here(),
            machine=machine_here(),
            python=platform.python_version(),
            versions=versions(),
            planned=tuple(row.name for row in rows),
            rounds=options.rounds,
            pairs=tuple(measure_rows(rows, options.rounds, folder)),
            others={"load": load},
        )
        save(evidence, options.out)  # what follows may fail, and the pairs took long
        for limit, measured in LIMITS.items():
            if options.only.lower() in limit:
                evidence = replace(evidence, others={**evidence.others, limit: measured(folder)})
                save(evidence, options.out)
    print(f"\n{markdown(evidence)}\nsaved: {options.out}/bench.json, bench.md")
    return 0


def save(evidence: Evidence, out: Path) -> None:
    """bench.json and bench.md."""
    out.mkdir(parents=True, exist_ok=True)
    write(evidence, out / "bench.json")
    with whole_file(out / "bench.md") as part:
        part.write_text(markdown(evidence))


def convert_some(folder: Path) -> None:
    """The data set that cloning and loader use: two movies of each act."""
    with contextlib.chdir(folder):
        config = ConvertConfig(movies=(str(MOVIES),), game="quillrush", name="bench-v0", limit=2)
        convert(config)


def measure_rows(rows: list[Row], rounds: int, folder: Path) -> Iterator[Pair]:
    """Measure rows, and print each as it is done."""
    for row in rows:
        if row.lacks:
            pair = unmeasured(row, f"what it is measured with is not here: {row.lacks}")
        else:
            pair = measure(row, rounds, folder)
        print(pair.problem or f"{pair.ratio:5.2f} (at least {row.target})", f" {row.name}", flush=True)
        yield pair


LIMITS: dict[str, Callable[[Path], Any]] = {
    "growth": lambda folder: list(growth(rounds=3, folder=folder, cores=core_count())),
    "nodes": lambda folder: missing() or [asdict(rates) for rates in node_growth(folder)],
    "memory": lambda _: memory(),
    "help": lambda _: help_times(),
    "first_frame": lambda _: first_frame(),
    "profile": lambda _: profile(),
}
"""What is not a comparison: growth with cores and nodes, memory, start-up times, the parts of an agent step."""


def versions() -> dict[str, str]:
    """Of the packages that figures depend on."""
    return {package: package_version(package) for package in PACKAGES if package_version(package)}


if __name__ == "__main__":
    sys.exit(main())

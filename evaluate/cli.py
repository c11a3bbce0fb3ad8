"""The command line of the evaluation stage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from evaluate.config import PRESETS, Config
from experiment import cli
from experiment.config import parse

USAGE = """python -m evaluate [options]           score players on every act (see below)
python -m evaluate compare A B         two evaluations, before and after: what differs, and how sure that is"""


@dataclass(frozen=True)
class CompareConfig:
    """Set two evaluations beside each other, paired by player, act and seed: tables, and a page to open in a browser."""

    before: tyro.conf.Positional[str]
    """Run directory, or name under runs/evaluate."""
    after: tyro.conf.Positional[str]
    """The other one."""
    page: Path | None = None
    """Where to write the page; by default compare.html in the second one's directory."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status (experiment.cli): 1 when some episodes could not be played."""
    return cli.run("evaluate", lambda: _work(arguments), "the same command goes on after the last whole episode")


def _work(arguments: Sequence[str] | None) -> None:
    command, rest = cli.split_command(arguments, COMMANDS, default="score", usage=USAGE)
    COMMANDS[command](rest)


def _score(rest: list[str]) -> None:
    config = parse(Config, PRESETS, "python -m evaluate", rest)
    from evaluate.score import evaluate  # here, because --help should not wait for the charts

    evaluate(config)


def _compare(rest: list[str]) -> None:
    config = tyro.cli(CompareConfig, prog="python -m evaluate compare", args=rest)
    from evaluate.compare import compare
    from evaluate.evaluation import find_evaluation
    from evaluate.report.comparison import print_comparison, write_comparison

    comparison = compare(find_evaluation(config.before), find_evaluation(config.after))
    page = config.page or comparison.after.path / "compare.html"
    print_comparison(comparison)
    write_comparison(comparison, page)
    print(f"page: {page}")


COMMANDS: Mapping[str, Callable[[list[str]], None]] = {"score": _score, "compare": _compare}

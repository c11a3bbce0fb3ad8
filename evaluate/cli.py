"""The command line of the evaluation stage."""

from collections.abc import Sequence

from evaluate.config import PRESETS, Config
from experiment import cli
from experiment.config import parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status (experiment.cli): 1 when some episodes could not be played."""
    return cli.run("evaluate", lambda: _work(arguments), "the same command goes on after the last whole episode")


def _work(arguments: Sequence[str] | None) -> None:
    config = parse(Config, PRESETS, "python -m evaluate", arguments)
    from evaluate.score import evaluate  # here, because --help should not wait for the charts

    evaluate(config)

"""The command line of the cloning stage."""

from collections.abc import Sequence

from experiment import cli
from experiment.config import parse
from supervised.config import PRESETS, Config


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status (experiment.cli): 0 also when the spin-dash check fails (fine-tuning is what refuses)."""
    return cli.run("supervised", lambda: _work(arguments), "the same command goes on after the last whole epoch")


def _work(arguments: Sequence[str] | None) -> None:
    config = parse(Config, PRESETS, "python -m supervised", arguments)
    from supervised.stage import clone  # here, because --help should not wait for it

    clone(config)

"""The command lines of the cloning stage."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from dataset.store import NothingMeantError
from experiment import cli
from experiment.config import parse
from supervised.config import PRESETS, Config, LikenessConfig

USAGE = """python -m supervised [train] [options]     clone the play in a data set (the default)
python -m supervised without-you [options] clone the search player's movies only, to compare with; nothing without any
python -m supervised likeness [options]    how like you a clone plays, in takes of yours that were held out"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status (experiment.cli): 0 also when the spin-dash check fails (fine-tuning warns of it)."""
    return cli.run("supervised", lambda: _work(arguments), "the same command goes on after the last whole epoch")


def _work(arguments: Sequence[str] | None) -> None:
    command, rest = cli.split_command(arguments, COMMANDS, default="train", usage=USAGE)
    COMMANDS[command](rest)


def _train(rest: list[str]) -> None:
    config = parse(Config, PRESETS, "python -m supervised", rest)
    from supervised.stage import clone  # here, because --help should not wait for it

    clone(config)


def _without_you(rest: list[str]) -> None:
    config = parse(Config, PRESETS, "python -m supervised without-you", rest)
    from supervised.stage import clone

    try:
        clone(replace(config, select=replace(config.select, players="search")))
    except NothingMeantError as error:
        print(f"no clone without you to compare with: {error}")


def _likeness(rest: list[str]) -> None:
    config = parse(LikenessConfig, {"full": LikenessConfig()}, "python -m supervised likeness", rest)
    from supervised.compare import compare  # here, because --help should not wait for it

    compare(config)


COMMANDS: Mapping[str, Callable[[list[str]], None]] = {
    "train": _train,
    "without-you": _without_you,
    "likeness": _likeness,
}

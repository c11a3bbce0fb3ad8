"""The command line of the data set stage."""

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from dataset.config import PRESETS, ConvertConfig
from dataset.convert import convert
from dataset.inspection import Inspection, as_text, expand, inspect_file, totals_text
from dataset.store import DatasetError
from experiment import cli
from experiment.config import parse
from game.games import GameError
from game.movie import MovieError

USAGE = """python -m dataset convert [options]    movies -> data/<name> (the default; see convert --help)
python -m dataset inspect FILE...      figures of movies (bk2) and data sets, without any ROM"""


@dataclass(frozen=True)
class InspectConfig:
    """Print the figures of movies (bk2), folders of them, converted movies (hdf5) and data sets; needs no ROM."""

    files: tyro.conf.Positional[tuple[Path, ...]]
    """Movies, folders of movies, converted movies or data set folders."""
    json: bool = False
    """Print JSON instead of text."""
    picture: Path | None = None
    """Also draw the figures into this PNG."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status (experiment.cli): 1 when a movie was refused."""
    return cli.run("dataset", lambda: _work(arguments), "the same command goes on with the movies that are left")


def _work(arguments: Sequence[str] | None) -> int:
    command, rest = cli.split_command(arguments, COMMANDS, default="convert", usage=USAGE)
    return COMMANDS[command](rest)


def _convert(rest: list[str]) -> int:
    refused = convert(parse(ConvertConfig, PRESETS, "python -m dataset convert", rest))
    return cli.FAILED_IN_PART if refused else 0


def _inspect(rest: list[str]) -> int:
    return inspect(tyro.cli(InspectConfig, prog="python -m dataset inspect", args=rest))


def inspect(config: InspectConfig) -> int:
    """Print every file's figures; a file that cannot be read is named, and the others are still shown.

    Raises:
        ValueError: no files were named.
    """
    if not config.files:
        raise ValueError(f"expected movies or data sets to inspect. Received: none. Usage:\n{USAGE}")
    shown, problems = _read(config.files)
    for problem in problems:
        print(f"dataset: {problem}", file=sys.stderr)
    if config.json:
        print(json.dumps([inspection.to_json() for inspection in shown], indent=1))
    elif shown:
        texts = [as_text(inspection) for inspection in shown]
        if len(shown) > 1:
            texts.append(totals_text(shown))
        print("\n\n".join(texts))
    if config.picture and shown:
        from dataset.picture import draw  # here: matplotlib is slow to load

        print(f"picture: {draw(shown, config.picture)}", file=sys.stderr)
    if not shown:
        return cli.NOTHING_DONE
    return cli.FAILED_IN_PART if problems else 0


def _read(places: Sequence[Path]) -> tuple[list[Inspection], list[Exception]]:
    """(what could be read, why the rest could not)."""
    shown: list[Inspection] = []
    problems: list[Exception] = []
    for place in places:
        try:
            paths = expand(place)
        except DatasetError as error:
            problems.append(error)
            continue
        for path in paths:
            try:
                shown += inspect_file(path)
            except (DatasetError, GameError, MovieError) as error:
                problems.append(error)
    return shown, problems


COMMANDS: Mapping[str, Callable[[list[str]], int]] = {"convert": _convert, "inspect": _inspect}

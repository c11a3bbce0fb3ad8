"""The command line of the data set stage."""

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import tyro

from dataset.convert import ConvertConfig, convert
from dataset.inspect import Inspection, as_text, expand, inspect_file, totals_text
from dataset.store import DatasetError
from experiment.config import parse
from game.games import GameError
from game.movie import MovieError

PRESETS = {"full": ConvertConfig(), "demo": ConvertConfig(), "smoke": ConvertConfig(name="smoke-v0", limit=1)}

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
    """Returns the exit status: 1 when a movie was refused, 2 when nothing could be done."""
    rest = list(sys.argv[1:] if arguments is None else arguments)
    command = rest.pop(0) if rest and not rest[0].startswith("-") else "convert"
    if rest in (["--help"], ["-h"]) and command == "convert":
        print(USAGE + "\n")
    try:
        if command == "convert":
            return 1 if convert(parse(ConvertConfig, PRESETS, "python -m dataset convert", rest)) else 0
        if command == "inspect":
            return inspect(tyro.cli(InspectConfig, prog="python -m dataset inspect", args=rest))
    except (DatasetError, GameError, MovieError) as error:
        print(f"dataset: {error}", file=sys.stderr)
        return 2
    print(f"dataset: unknown command {command!r}. Expected:\n{USAGE}", file=sys.stderr)
    return 2


def inspect(config: InspectConfig) -> int:
    """Print every file's figures; a file that cannot be read is named, and the others are still shown."""
    shown: list[Inspection] = []
    failed = 0
    for place in config.files:
        try:
            paths = expand(place)
        except DatasetError as error:
            paths, failed = [], _tell(error)
        for path in paths:
            try:
                shown += inspect_file(path)
            except (DatasetError, GameError, MovieError) as error:
                failed = _tell(error)
    if config.json:
        print(json.dumps([inspection.to_json() for inspection in shown], indent=1))
    else:
        together = [totals_text(shown)] if len(shown) > 1 else []
        print("\n\n".join([as_text(inspection) for inspection in shown] + together))
    if config.picture and shown:
        from dataset.picture import draw  # here: matplotlib is slow to load

        print(f"picture: {draw(shown, config.picture)}", file=sys.stderr)
    return failed


def _tell(error: Exception) -> int:
    print(f"dataset: {error}", file=sys.stderr)
    return 1

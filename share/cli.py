"""The command line of sharing."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import tyro

from experiment import cli
from experiment.finding import find_checkpoint
from game.games import choose_game
from share.upload import check_ready, upload

USAGE = """python -m share policy [RUN]           a trained policy with a card, for the Hugging Face hub (the default)
python -m share dataset [NAME]         a data set with a card, for the hub or as a Minari data set"""


@dataclass(frozen=True)
class PolicyConfig:
    """Pack a policy with its card, ready for the Hugging Face hub; no ROM is ever in it."""

    run: tyro.conf.Positional[str] = ""
    """A checkpoint folder, a run's directory or name, clone, finetuned or a learner ("": the newest fine-tuned, else clone)."""
    game: str = ""
    """Of the newest run: sonic2 or quillrush ("": sonic2 once its ROM is imported)."""
    out: Path | None = None
    """A new folder (none: runs/share/<run>-<step>)."""
    licence: str = ""
    """The hub's word for it, as cc-by-4.0 ("": mit where all is the project's own, else unknown)."""
    onnx: bool = True
    """Its network as ONNX, too; needs `make install-share`."""
    upload: str = ""
    """NAME/REPOSITORY on the hub, made private where there is none ("": nothing is uploaded)."""


@dataclass(frozen=True)
class DatasetConfig:
    """Pack a data set with its card, ready for the Hugging Face hub, or as a Minari data set; no ROM is ever in it."""

    name: tyro.conf.Positional[str] = ""
    """Of the data set under data/ ("": <game>-v0)."""
    game: str = ""
    """sonic2 or quillrush ("": sonic2 once its ROM is imported)."""
    out: Path | None = None
    """A new folder (none: runs/share/<name>)."""
    licence: str = ""
    """The hub's word for it, as cc-by-4.0 ("": mit where all is the project's own, else unknown)."""
    upload: str = ""
    """NAME/REPOSITORY on the hub, made private where there is none ("": nothing is uploaded)."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status (experiment.cli)."""
    return cli.run("share", lambda: _work(arguments))


def _work(arguments: Sequence[str] | None) -> None:
    command, rest = cli.split_command(arguments, COMMANDS, default="policy", usage=USAGE)
    COMMANDS[command](rest)


def _policy(rest: list[str]) -> None:
    config = tyro.cli(PolicyConfig, prog="python -m share policy", args=rest)
    if config.upload:
        check_ready(config.upload)  # before anything is packed
    from share.policy import pack_policy  # here, because --help should not wait for the emulator

    game, _ = choose_game(config.game)
    checkpoint = find_checkpoint(config.run, ("finetune", "supervised"), game.name)
    print(f"packing {checkpoint}")
    folder, warnings = pack_policy(checkpoint, config.out, config.licence, config.onnx)
    _tell(folder, warnings)
    _upload(folder, config.upload, "model")


def _dataset(rest: list[str]) -> None:
    config = tyro.cli(DatasetConfig, prog="python -m share dataset", args=rest)
    if config.upload:
        check_ready(config.upload)
    from share.dataset import pack_dataset  # as above

    name = config.name or f"{choose_game(config.game)[0].name}-v0"
    folder, warnings = pack_dataset(name, config.out, config.licence)
    _tell(folder, warnings)
    _upload(folder, config.upload, "dataset")


def _tell(folder: Path, warnings: Sequence[str]) -> None:
    for warning in warnings:
        print(f"warning: {warning}", file=sys.stderr)
    print(f"packed: {folder} (its card: {folder / 'README.md'})")


def _upload(folder: Path, repository: str, kind: Literal["model", "dataset"]) -> None:
    if repository:
        print(f"uploaded: {upload(folder, repository, kind)} (private until you open it there)")


COMMANDS: Mapping[str, Callable[[list[str]], None]] = {"policy": _policy, "dataset": _dataset}

"""Run directories."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from experiment.run import Run, RunError, newest_run


@dataclass(frozen=True)
class Inner:
    size: int = 3


@dataclass(frozen=True)
class Config:
    """A test's config."""

    game: str = "quillrush"
    """Which game."""
    epochs: int = 2
    inner: Inner = Inner()


PRESETS = {"full": Config(), "smoke": Config(epochs=1)}


def test_the_same_config_finds_its_run_again(workdir: Path) -> None:
    run = Run.open("supervised", Config(), "data 1", label="quillrush")
    assert Run.open("supervised", Config(), "data 1", label="quillrush").path == run.path
    assert Run.open("supervised", Config(), "data 2", label="quillrush").path != run.path
    assert Run.open("supervised", Config(epochs=3), "data 1", label="quillrush").path != run.path


def test_a_name_belongs_to_one_config(workdir: Path) -> None:
    Run.open("supervised", Config(), "", name="mine")
    with pytest.raises(RunError, match="another configuration"):
        Run.open("supervised", Config(epochs=5), "", name="mine")


def test_the_newest_finished_run_of_a_game_is_found(workdir: Path) -> None:
    with pytest.raises(RunError, match="python -m supervised"):
        newest_run("supervised")
    for name, config in (("a", Config()), ("b", Config()), ("c", Config(game="sonic2")), ("d", Config(epochs=9))):
        run = Run.open("supervised", config, name, name=name)
        if name != "d":
            run.finish({"who": name})
            time.sleep(0.01)
    assert newest_run("supervised").summary == {"who": "c"}
    assert newest_run("supervised", "quillrush").summary == {"who": "b"}


def test_links_are_relative_and_replaced_whole(workdir: Path) -> None:
    run = Run.open("finetune", Config(), "", name="r")
    for step in ("1", "2"):
        (run.checkpoints / step).mkdir()
        run.link("last", run.checkpoints / step)
    assert run.linked("last") == (run.checkpoints / "2").resolve()
    assert run.linked("best") is None
    assert not (run.path / "last").readlink().is_absolute()

"""Run directories."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from experiment.finding import newest_run
from experiment.run import Run, RunError


@dataclass(frozen=True)
class Inner:
    size: int = 3


@dataclass(frozen=True)
class Config:
    """A test's config."""

    game: str = "quillrush"
    """Which game."""
    workers: int = 0
    """Emulator processes."""
    cluster: str = ""
    """Where they are."""
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


@pytest.mark.parametrize("elsewhere", [Config(workers=3), Config(cluster="auto")])
def test_a_run_goes_on_in_other_processes(workdir: Path, elsewhere: Config) -> None:
    run = Run.open("supervised", Config(), "", label="quillrush")
    assert Run.open("supervised", elsewhere, "", label="quillrush").path == run.path
    assert Run.open("supervised", elsewhere, "", name=run.path.name).path == run.path


def test_links_are_relative_and_replaced_whole(workdir: Path) -> None:
    run = Run.open("finetune", Config(), "", name="r")
    for step in ("1", "2"):
        (run.checkpoints / step).mkdir()
        run.link("last", run.checkpoints / step)
    assert run.linked("last") == (run.checkpoints / "2").resolve()
    assert run.linked("best") is None
    assert not (run.path / "last").readlink().is_absolute()


def test_runs_of_the_first_format_are_named_and_not_gone_on_with(workdir: Path, capsys) -> None:
    old = workdir / "runs" / "finetune" / "old"
    old.mkdir(parents=True)
    (old / "config.json").write_text(json.dumps({"config": {"game": "quillrush"}, "inputs": ""}))
    with pytest.raises(RunError, match=r"holds a run of format 1, which this version cannot go on with"):
        Run.open("finetune", Config(), "", name="old")
    Run.open("finetune", Config(), "", label="quillrush")
    assert "runs/finetune/old was begun by an older version" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["[1]", "{", "null", '{"config": 3}', "\x00\xff", '{"config": {"game": 1}}'])
def test_one_damaged_run_blocks_no_other(workdir: Path, text: str, capsys) -> None:
    """A list, null or noise in config.json used to end every `newest` in a traceback."""
    good = Run.open("supervised", Config(), "", name="good")
    good.finish({})
    bad = workdir / "runs" / "supervised" / "bad"
    bad.mkdir()
    (bad / "config.json").write_text(text)
    (bad / "done.json").write_text("{}")
    assert newest_run("supervised", "quillrush").path == good.path
    (good.path / "done.json").write_text(text if text != '{"config": {"game": 1}}' else "[]")
    if not text.startswith('{"config"'):
        with pytest.raises(RunError, match="not a run that can be read"):
            _ = good.summary


@pytest.mark.parametrize("is_replaced", [True, False])
def test_a_checkpoint_that_was_being_replaced_is_there_once(workdir: Path, is_replaced: bool) -> None:
    run = Run.open("finetune", Config(), "", name="r")
    for name, is_there in ((".7.old", True), ("7", is_replaced)):
        if is_there:
            (run.checkpoints / name).mkdir(parents=True)
            (run.checkpoints / name / "which").write_text(name)
    with run.held():
        pass
    (kept,) = run.checkpoints.iterdir()
    assert kept.name == "7"
    assert (kept / "which").read_text() == ("7" if is_replaced else ".7.old")

"""Run directories, command lines, metrics."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from experiment.config import fingerprint, parse
from experiment.metrics import FileMetrics, NullMetrics, read_metrics
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


def test_presets_are_the_same_dataclass_with_other_values() -> None:
    assert parse(Config, PRESETS, "x", []) == Config()
    assert parse(Config, PRESETS, "x", ["--preset", "smoke"]) == Config(epochs=1)
    assert parse(Config, PRESETS, "x", ["--inner.size", "5", "--preset=smoke"]) == Config("quillrush", 1, Inner(5))


def test_unknown_presets_and_options_stop(capsys) -> None:
    with pytest.raises(SystemExit, match="Expected one of: full, smoke"):
        parse(Config, PRESETS, "x", ["--preset", "huge"])
    with pytest.raises(SystemExit):
        parse(Config, PRESETS, "x", ["--epoch", "3"])


def test_help_names_every_field(capsys) -> None:
    with pytest.raises(SystemExit):
        parse(Config, PRESETS, "x", ["--help"])
    out = capsys.readouterr().out
    assert all(word in out for word in ("--epochs", "--inner.size", "Which game", "Presets"))


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


@pytest.mark.filterwarnings("ignore")
def test_metrics_survive_a_kill_and_drop_what_will_be_written_again(tmp_path: Path) -> None:
    metrics = FileMetrics(tmp_path)
    for step in (1, 2, 3):
        metrics.write(step, {"loss/train": step / 2})
    metrics.close()
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 4, "loss/tr')
    assert [line["step"] for line in read_metrics(tmp_path / "metrics.jsonl")] == [1, 2, 3]
    resumed = FileMetrics(tmp_path, resume_step=2)
    resumed.write(3, {"loss/train": 9.0})
    resumed.close()
    lines = read_metrics(tmp_path / "metrics.jsonl")
    assert [line["loss/train"] for line in lines] == [0.5, 1.0, 9.0]
    assert list(tmp_path.glob("events.out.tfevents*"))


def test_null_metrics_take_anything() -> None:
    NullMetrics().write(1, {"x": 1.0})


def test_fingerprints_tell_values_apart() -> None:
    assert fingerprint({"a": 1}) == fingerprint({"a": 1}) != fingerprint({"a": 2})

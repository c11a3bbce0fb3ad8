"""Which run and which checkpoint are meant."""

import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from experiment.finding import find_checkpoint, newest_run, run_of
from experiment.run import Run, RunError


@dataclass(frozen=True)
class Config:
    """A test's config."""

    game: str = "quillrush"
    epochs: int = 2
    trial: bool = False


def finished(stage: str, name: str, config: Config = Config(), learner: str = "") -> Run:
    """A finished run with a best checkpoint."""
    run = Run.open(stage, config, name, name=name, learner=learner)
    checkpoint = run.checkpoints / "000000007"
    checkpoint.mkdir()
    (checkpoint / "checkpoint.json").touch()
    run.link("best", checkpoint)
    run.finish({})
    time.sleep(0.01)
    return run


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


def test_a_learners_newest_run_is_found(workdir: Path) -> None:
    for name, learner in (("a", "ppo"), ("b", "jerk")):
        Run.open("finetune", Config(), "", name=name, learner=learner).finish({})
        time.sleep(0.01)
    assert newest_run("finetune", learner="ppo").path.name == "a"
    assert newest_run("finetune").path.name == "b"
    with pytest.raises(RunError, match=r"No finished rainbow finetune run .*python -m finetune rainbow"):
        newest_run("finetune", learner="rainbow")


def test_a_checkpoint_is_found_by_folder_run_or_stage(workdir: Path) -> None:
    run = Run.open("finetune", Config(), "", name="a")
    with pytest.raises(RunError, match="no best checkpoint yet"):
        find_checkpoint(str(run.path), (), "quillrush")
    checkpoint = run.checkpoints / "000000007"
    checkpoint.mkdir()
    (checkpoint / "checkpoint.json").touch()
    run.link("best", checkpoint)
    run.finish({})
    for place in (str(checkpoint), str(run.path), ""):
        assert find_checkpoint(place, ("finetune", "supervised"), "quillrush").resolve() == checkpoint.resolve()
    assert run_of(checkpoint).path == run.path
    with pytest.raises(RunError, match="Expected a checkpoint folder, a run directory, or a name"):
        find_checkpoint("runs", (), "quillrush")
    with pytest.raises(RunError, match="No finished supervised run"):
        find_checkpoint("", ("finetune", "supervised"), "sonic2")


def test_a_trial_is_never_the_newest_unless_asked_for(workdir: Path) -> None:
    meant = finished("supervised", "meant")
    trial = finished("supervised", "trial", Config(trial=True))
    assert newest_run("supervised").path == meant.path
    assert newest_run("supervised", trials=True).path == trial.path
    assert run_of(find_checkpoint("trial", (), "quillrush")).path.name == "trial"
    only = finished("finetune", "only", Config(trial=True))
    with pytest.raises(RunError, match=f"or name the trial: {only.path}"):
        newest_run("finetune")
    finished("finetune", "learnt", Config(trial=True), learner="jerk")
    assert find_checkpoint("jerk", (), "quillrush", trials=True)
    with pytest.raises(RunError, match="or name the trial"):
        find_checkpoint("jerk", (), "quillrush")


def test_a_place_may_be_a_name(workdir: Path) -> None:
    for stage, name, learner in (("supervised", "a", ""), ("finetune", "b", "ppo"), ("finetune", "c", "jerk")):
        finished(stage, name, learner=learner)
    for place, name in (("a", "a"), ("b", "b"), ("clone", "a"), ("finetuned", "c"), ("ppo", "b"), ("jerk", "c")):
        assert run_of(find_checkpoint(place, (), "quillrush").resolve()).path.name == name
    with pytest.raises(RunError, match=r"Received: clon\. Did you mean clone\?"):
        find_checkpoint("clon", (), "quillrush")


def test_the_newest_that_something_holds_of(workdir: Path) -> None:
    finished("supervised", "a", Config(epochs=1))
    finished("supervised", "b", Config(epochs=9))
    assert newest_run("supervised", where=lambda run: run.config["epochs"] == 1).path.name == "a"


def test_a_run_that_was_only_looked_at_again_is_not_the_newest(workdir: Path) -> None:
    old = finished("supervised", "old")
    new = finished("supervised", "new")
    (old.path / "likeness.json").write_text("{}")
    assert newest_run("supervised").path == new.path

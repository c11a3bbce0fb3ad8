"""DAgger: what a batch is made of, that corrections are learnt, and two runs and a killed one to the same numbers."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dataset.config import ConvertConfig
from dataset.convert import convert
from finetune.dagger.config import PRESETS, Config
from finetune.dagger.learner import Dagger
from finetune.dagger.lessons import Examples
from game.actions import ACTION_SETS
from policy.checkpoint import Checkpoint, CheckpointInfo, load_checkpoint
from tests.finetune.clones import SPEC, clone_run
from tests.resuming import assert_same_run, finish, has_checkpoint, kill_when, numbers

TINY = replace(PRESETS["smoke"], game="quillrush", workers=1, precision="float32")


@pytest.fixture
def clone(workdir: Path, shipped_movie: Path) -> Checkpoint:
    """A clone with random weights, and a data set of one movie."""
    convert(ConvertConfig(movies=(str(shipped_movie),), game="quillrush", name="smoke-v0", workers=1))
    return load_checkpoint(clone_run(workdir, check="pass"))


def command(name: str) -> list[str]:
    options = ["--preset", "smoke", "--game", "quillrush", "--precision", "float32", "--workers", "1"]
    return [sys.executable, "-m", "finetune", "dagger", *options, "--name", name]


@pytest.mark.filterwarnings("ignore")
def test_two_trainings_and_a_killed_one_give_the_same_numbers(workdir: Path, clone: Checkpoint) -> None:
    runs = workdir / "runs" / "finetune"
    finish(command("whole"))
    kill_when(has_checkpoint(runs / "killed"), command("killed"))
    assert not (runs / "killed" / "done.json").exists()
    assert "going on from steps" in finish(command("killed")).stdout
    assert_same_run(runs / "whole", runs / "killed")
    lines = numbers(runs / "whole")[1:]
    assert len(lines) == 2
    assert lines[0]["lessons/corrections"] >= 1  # so that there was something to go on from
    assert lines[0]["loss/corrections"] != lines[1]["loss/corrections"] > 0


def examples(count: int, label: int) -> Examples:
    """Made up: white pictures, always the same label."""
    frames = np.full((4, *SPEC.frame_shape), 255, np.uint8)
    return Examples(frames, np.tile(np.arange(4, dtype=np.int32), (count, 1)), np.full(count, label, np.uint8))


@pytest.mark.filterwarnings("ignore")
def test_a_share_of_a_batch_is_corrections_once_there_are_any(clone: Checkpoint) -> None:
    learner = Dagger(TINY, clone)
    observations, actions, counts, corrections = learner._batch(0)
    assert corrections == 0
    assert observations.shape == (32, *SPEC.shape)
    assert 0 < np.mean(counts.numpy() > 1) < 1  # steady windows stand for three
    learner._add([examples(count=5, label=7)])
    observations, actions, counts, corrections = learner._batch(0)
    assert corrections == 6
    assert (observations.numpy()[26:] == 255).all()
    assert (observations.numpy()[:26].min(axis=(1, 2, 3)) < 255).all()
    assert (actions.numpy()[26:] == 7).all()
    assert (counts.numpy()[26:] == 1).all()


@pytest.mark.filterwarnings("ignore")
def test_corrections_are_learnt_and_the_critic_is_left_alone(clone: Checkpoint) -> None:
    learner = Dagger(replace(TINY, gradient_steps=60, learning_rate=5e-3), clone)
    before = learner.network.get_weights()
    learner._add([examples(count=5, label=7)])
    learner._learn(steps=TINY.total_steps)
    white = np.full((1, *SPEC.shape), 255, np.uint8)
    logits, _ = learner.network(white)
    assert int(np.argmax(logits)) == 7
    after = learner.network.get_weights()
    moved = [not np.array_equal(*pair) for pair in zip(before, after, strict=True)]
    assert moved == [True] * (len(moved) - 2) + [False, False]


@pytest.mark.filterwarnings("ignore")
def test_the_learning_rate_falls_to_a_twentieth(clone: Checkpoint) -> None:
    learner = Dagger(replace(TINY, total_steps=1_000, learning_rate=1.0), clone)
    rates = [learner._rate(steps) for steps in (0, 500, 1_000, 1_200)]
    assert rates == pytest.approx([1.0, 0.525, 0.05, 0.05])


@pytest.mark.filterwarnings("ignore")
def test_combos_outside_the_action_set_are_not_learnt(clone: Checkpoint) -> None:
    combo_of = ACTION_SETS["merged"]
    outside = next(combo for combo in range(23) if combo not in combo_of)
    learner = Dagger(TINY, clone)
    learner.demonstrated.action_of_combo[outside] = -1
    learner._add([examples(count=5, label=outside), examples(count=3, label=2)])
    assert learner.examples.labels.tolist() == [2, 2, 2]


def test_without_a_clone_or_with_other_steps_it_refuses(workdir: Path) -> None:
    with pytest.raises(ValueError, match=r"needs one to begin with. Received: --init none"):
        Dagger(TINY, None)
    info = CheckpointInfo("quillrush", 4, SPEC, kind="genome")
    with pytest.raises(ValueError, match="a checkpoint of kind genome"):
        Dagger(TINY, Checkpoint(Path("bred"), info, {}, {}))
    clone = load_checkpoint(clone_run(workdir, check="pass"))
    with pytest.raises(ValueError, match=r"steps of 4 frames. Received: --frame-skip 5"):
        Dagger(replace(TINY, frame_skip=5), clone)
    with pytest.raises(ValueError, match="`make dataset` makes"):
        Dagger(TINY, clone)


def test_a_round_is_of_every_act(clone: Checkpoint) -> None:
    learner = Dagger(Config(game="quillrush", data="smoke-v0", takes=2), clone)
    exercises = learner._exercises()
    assert len(exercises) == 36
    assert len({exercise.seed for exercise in exercises}) == 36
    assert len({exercise.act for exercise in exercises}) == 18
    learner.round = 1
    assert {exercise.seed for exercise in learner._exercises()}.isdisjoint(one.seed for one in exercises)

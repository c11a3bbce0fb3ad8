"""A fine-tuning run of any learner: which clone it begins from, and which learner it is."""

from dataclasses import replace
from pathlib import Path
from typing import ClassVar, get_args

import pytest

from experiment.config import parse
from finetune.cli import main
from finetune.jerk.config import Config as JerkConfig
from finetune.learners import LEARNERS, LearnerEntry, find_learner
from finetune.ppo.config import Config
from finetune.stage import choose_parent, evaluation_of, fine_tune, schedule_of
from game.acts import ACTS
from game.observation import ObservationSpec
from game.rewards import RewardName
from game.seeds import SCHEDULE
from policy.checkpoint import Checkpoint, load_checkpoint, save_checkpoint
from tests.finetune.clones import clone_run
from training.evaluation import Evaluation


def test_a_clone_that_fails_its_check_is_warned_of_and_refused_when_strict(workdir: Path, capsys) -> None:
    clone_run(workdir, check="fail")
    for init in ("", "clone", "runs/supervised/clone"):
        with pytest.raises(ValueError, match=r"fails its spin-dash check .*without --strict"):
            choose_parent(Config(game="quillrush", strict=True, init=init))
    assert choose_parent(Config(game="quillrush")) is not None
    assert "warning: the clone runs/supervised/clone fails its spin-dash check" in capsys.readouterr().out
    with pytest.raises(ValueError, match=r"expected frame_skip 3. Received: 4"):
        choose_parent(Config(game="quillrush", frame_skip=3))
    with pytest.raises(ValueError, match=r"No finished supervised run on sonic2"):
        choose_parent(Config(game="sonic2"))


def test_a_clone_of_which_too_little_was_seen_goes_on(workdir: Path, capsys) -> None:
    clone_run(workdir, check="not enough seen")
    assert choose_parent(Config(game="quillrush")) is not None
    assert "too little ground" in capsys.readouterr().out


def test_an_unknown_learner_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"Unknown LEARNER 'pp0'. Did you mean ppo"):
        find_learner("pp0")


def test_under_the_contests_split_held_out_acts_are_neither_trained_on_nor_evaluated() -> None:
    held_out = {act.name for act in ACTS if act.held_out}
    evaluation = evaluation_of(Config(contest_split=True))
    assert len(evaluation.acts) == 15
    assert not held_out & set(evaluation.acts)


@pytest.mark.parametrize("acts", ["test", "all,Faraway 1"])
def test_test_acts_are_refused_before_a_run_is_begun(workdir: Path, acts: str) -> None:
    with pytest.raises(ValueError, match="test acts, on which nobody trains"):
        fine_tune(find_learner("ppo"), Config(game="quillrush", init="none", acts=acts))
    assert not Path("runs").exists()


def test_checkpoints_are_chosen_on_seeds_of_their_own() -> None:
    assert set(evaluation_of(Config(evaluate_episodes=5)).seeds) <= set(SCHEDULE[:100])


def test_the_schedule_is_that_of_the_options() -> None:
    config = Config(num_envs=18, total_steps=200_000, evaluate_every=57_600, patience=7)
    schedule = schedule_of(config, has_parent=True)
    assert (schedule.total, schedule.evaluate_every, schedule.patience) == (199_296, 57_600, 7)
    assert schedule.unchanged_until == config.warmup_steps == 11 * 1152
    assert schedule_of(config, has_parent=False).unchanged_until == 0


class Standing:
    """A learner that never gets any better."""

    device: ClassVar[dict] = {}

    def __init__(self, parent: Checkpoint) -> None:
        self.parent = parent
        self.steps = 0

    def update(self):
        self.steps += 64
        return {}, []

    def save(self, path: Path, metrics) -> None:
        info = replace(self.parent.info, step=self.steps, metrics=dict(metrics))
        save_checkpoint(path, info, self.parent.arrays)

    def restore(self, path: Path) -> None:
        self.steps = load_checkpoint(path).info.step

    def close(self) -> None:
        pass


@pytest.mark.filterwarnings("ignore")
def test_a_best_checkpoint_that_is_the_clone_is_called_so(workdir: Path, monkeypatch, capsys) -> None:
    clone_run(workdir, check="pass")
    monkeypatch.setattr(LearnerEntry, "make", lambda entry, config, parent: Standing(parent))
    monkeypatch.setattr(Evaluation, "__call__", lambda self, checkpoint: 0.5)
    run = fine_tune(find_learner("ppo"), Config(game="quillrush", total_steps=256, num_envs=1, evaluate_every=64))
    assert run.summary["is_parent"] is True
    assert load_checkpoint(run.best).info.metrics["is_parent"] == 1.0
    assert "this is the parent itself: no later checkpoint was better" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore")
def test_a_memory_wants_rollouts_of_whole_pieces(workdir: Path, capsys) -> None:
    wrong = ["--init", "none", "--network.lstm", "8", "--bptt-steps", "48"]
    assert main(["ppo", "--preset", "smoke", "--game", "quillrush", *wrong]) == 2
    assert "--bptt-steps 48: expected a divisor of --rollout-length and --batch-size" in capsys.readouterr().err


def test_a_learner_that_uses_no_clone_asks_for_none(workdir: Path) -> None:
    """Nor takes the newest for its parent where there is one; one that is named and would not be used is refused."""
    plain = JerkConfig(game="quillrush")
    assert choose_parent(plain) is None
    clone_run(workdir, check="pass")
    assert choose_parent(plain) is None
    assert choose_parent(replace(plain, blocks="policy")) is not None
    assert choose_parent(replace(plain, memory=True)) is not None
    with pytest.raises(ValueError, match=r"nothing of a checkpoint is used\. Received: --init clone"):
        choose_parent(replace(plain, init="clone"))


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_takes_every_reward(name: str) -> None:
    for reward in get_args(RewardName):
        config = parse(LEARNERS[name].config_class, LEARNERS[name].presets, "finetune", ["--reward", reward])
        assert config.env(ObservationSpec()).reward == reward


def test_a_life_costs_ground_only_where_ground_pays() -> None:
    assert JerkConfig(reward="sparse", life_price=0.5).env(ObservationSpec()).life_price == 0.0
    assert JerkConfig(reward="contest", life_price=0.5).env(ObservationSpec()).life_price == 0.5

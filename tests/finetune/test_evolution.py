"""Evolution strategies: pairs share their luck; two runs and a killed one give the same numbers, on the real emulator."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finetune.antithetic import SHAPINGS
from finetune.evolution import PRESETS, Ascent, Config, Evolution, head_of, play_trial, with_head
from game.observation import ObservationSpec
from game.tasks import run_all
from policy import players
from policy.architecture import NetworkConfig
from policy.checkpoint import Checkpoint, CheckpointInfo, load_checkpoint
from tests.finetune.clones import clone_run
from tests.resuming import assert_same_run, drawn_without_numbers, finish, has_checkpoint, kill_when, numbers

TINY = replace(PRESETS["smoke"], game="quillrush", pairs=2, acts_per_update=2, sigma=0.5, total_steps=900)


def command(name: str, *more: str) -> list[str]:
    options = ["--preset", "smoke", "--game", "quillrush", "--sigma", "0.5"]
    return [sys.executable, "-m", "finetune", "evolution", *options, "--name", name, *more]


@pytest.fixture
def clone(workdir: Path) -> Checkpoint:
    return load_checkpoint(clone_run(workdir, check="pass"))


def test_two_trainings_and_a_killed_one_give_the_same_numbers(workdir: Path, clone: Checkpoint) -> None:
    runs = workdir / "runs" / "finetune"
    finish(command("whole", "--workers", "1"))
    kill_when(has_checkpoint(runs / "killed"), command("killed", "--workers", "1"))
    assert not (runs / "killed" / "done.json").exists()
    assert "going on from steps 160" in finish(command("killed", "--workers", "1")).stdout
    assert_same_run(runs / "whole", runs / "killed")
    assert drawn_without_numbers(runs / "whole") == set()
    lines = numbers(runs / "whole")
    assert [line["step"] for line in lines] == [0, 160, 320]
    assert lines[1]["loss/pairs_apart"] > 0  # so that there was something to go on from
    assert lines[-1]["loss/distance"] > 0


def test_only_the_last_layer_moves_and_the_checkpoint_plays(clone: Checkpoint, tmp_path: Path) -> None:
    learner = Evolution(TINY, clone)
    _, episodes = learner.update()
    assert len(episodes) == 2 * 2 * 2
    assert learner.steps == sum(episode.frames for episode in episodes) / 4
    learner.save(tmp_path / "checkpoint", {})
    saved = load_checkpoint(tmp_path / "checkpoint")
    moved = [not np.array_equal(*pair) for pair in zip(clone.weights, saved.weights, strict=True)]
    assert moved == [False] * (len(moved) - 4) + [True, True, False, False]
    assert head_of(saved).tolist() == learner.ascent.centre.tolist()
    player = players.load(tmp_path / "checkpoint")
    player.reset("EmeraldHillZone.Act1", 0)
    assert 0 <= player.act(np.zeros(ObservationSpec().shape, np.uint8)) < 23


def test_both_members_of_a_pair_play_the_same_acts_with_the_same_seeds(clone: Checkpoint) -> None:
    learner = Evolution(replace(TINY, acts="all", pairs=3, acts_per_update=4), clone)
    luck = [(trial.act, trial.seed) for trial in learner._trials()]
    plus_and_minus = [(luck[i : i + 4], luck[i + 4 : i + 8]) for i in range(0, 24, 8)]
    assert all(plus == minus for plus, minus in plus_and_minus)
    assert len({seed for _, seed in luck}) == 3 * 4  # every pair and every act has its own
    assert len({act for act, _ in luck}) == 4
    learner.update_number = 1
    assert {act for act, _ in luck} != {trial.act for trial in learner._trials()}


def test_heads_lie_on_both_sides_of_the_centre(clone: Checkpoint) -> None:
    learner = Evolution(TINY, clone)
    heads = [trial.head for trial in learner._trials()][::2]  # one act of two
    for plus, minus in (heads[0:2], heads[2:4]):
        np.testing.assert_allclose((plus + minus) / 2, learner.ascent.centre, atol=1e-6)
        assert (plus - learner.ascent.centre).std() == pytest.approx(0.5, rel=0.2)
    assert not np.array_equal(heads[0], heads[2])


def test_a_trial_plays_its_head(clone: Checkpoint) -> None:
    """A head that presses nothing but RIGHT gets further than one that presses nothing but LEFT."""
    learner = Evolution(replace(TINY, acts="EmeraldHillZone.Act1"), clone)
    trial = learner._trials()[0]
    heads = np.zeros((2, len(trial.head)), np.float32)
    for head, combo in zip(heads, (2, 1), strict=True):
        head[len(head) - 23 + combo] = 50.0  # the biases come last
    right, left = run_all(play_trial, [replace(trial, head=head) for head in heads], workers=1)
    assert right.max_x > left.max_x + 50


def test_a_new_head_plays_every_action_alike(clone: Checkpoint) -> None:
    learner = Evolution(replace(TINY, head="new"), clone)
    assert not learner.ascent.centre.any()
    assert head_of(with_head(clone, learner.ascent.centre)).shape == (17 * 23,)


def test_without_a_networks_features_it_refuses() -> None:
    with pytest.raises(ValueError, match=r"features they can use. Received: --init none"):
        Evolution(TINY, None)
    info = CheckpointInfo("quillrush", 4, ObservationSpec(), NetworkConfig(), kind="genome")
    with pytest.raises(ValueError, match="a checkpoint of kind genome"):
        Evolution(TINY, Checkpoint(Path("bred"), info, {}, {}))
    noisy = CheckpointInfo("quillrush", 4, ObservationSpec(), NetworkConfig(noisy=True))
    with pytest.raises(ValueError, match="noisy layers"):  # whose head is four arrays, not two
        Evolution(TINY, Checkpoint(Path("noisy"), noisy, {}, {}))


@pytest.mark.parametrize("shaping", SHAPINGS)
def test_an_act_that_pays_more_does_not_count_more(shaping: str) -> None:
    """What is good in one act and as bad in another, whatever they pay, moves nothing."""
    ascent = Ascent(np.zeros(30), Config(pairs=8, shaping=shaping))
    paid = np.random.default_rng(0).normal(size=(8, 2))
    assert ascent.climb(0, np.stack([paid, -1000.0 * paid], axis=-1))["loss/gradient_norm"] == pytest.approx(
        0.0, abs=1e-9
    )
    assert ascent.climb(0, np.stack([paid, 1000.0 * paid], axis=-1))["loss/gradient_norm"] > 1.0


def test_it_climbs_a_hill_of_many_weights() -> None:
    """The search itself, from its points to its steps."""
    target = np.random.default_rng(0).normal(size=30)
    ascent = Ascent(np.zeros(30), Config(pairs=16, sigma=0.1, learning_rate=0.05))

    def paid(theta: np.ndarray) -> float:
        return -float(np.square(theta - target).sum())

    began = paid(ascent.centre)
    for update in range(150):
        pairs = [ascent.pair(update, pair) for pair in range(16)]
        ascent.climb(update, np.array([[[paid(plus)], [paid(minus)]] for plus, minus in pairs]))
    assert paid(ascent.centre) > 0.05 * began

"""NEAT as a learner: two runs and a killed one give the same numbers, on the real emulator; what fitness is."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finetune.neat.learner import FITNESS, PRESETS, Config, Neat, Trial, play_trial
from game.actions import ACTION_SETS
from game.env import EnvConfig
from game.observation import ObservationSpec
from game.tasks import run_all
from policy import players
from policy.checkpoint import load_checkpoint
from policy.genome import Genome
from policy.players import GenomePlayer
from tests.finetune.clones import clone_run
from tests.resuming import assert_same_run, drawn_without_numbers, finish, has_checkpoint, kill_when, numbers

TINY = replace(PRESETS["smoke"], game="quillrush")
ACT = "EmeraldHillZone.Act1"


def command(name: str) -> list[str]:
    options = ["--preset", "smoke", "--game", "quillrush", "--acts", ACT, "--workers", "1"]
    return [sys.executable, "-m", "finetune", "neat", *options, "--name", name]


def test_two_trainings_and_a_killed_one_give_the_same_numbers(workdir: Path) -> None:
    runs = workdir / "runs" / "finetune"
    finish(command("whole"))
    kill_when(has_checkpoint(runs / "killed"), command("killed"))
    assert not (runs / "killed" / "done.json").exists()
    assert "going on from steps 180" in finish(command("killed")).stdout
    assert_same_run(runs / "whole", runs / "killed")
    assert drawn_without_numbers(runs / "whole") == set()
    assert [line["step"] for line in numbers(runs / "whole")] == [0, 180, 360]
    for file in ("weights.npz", "state.npz"):
        with np.load(runs / "whole" / "last" / file) as one, np.load(runs / "killed" / "last" / file) as other:
            assert all(np.array_equal(one[name], other[name]) for name in one.files)
    player = players.load(runs / "whole" / "best")
    player.reset(ACT, 0)
    combo = player.act(np.zeros(ObservationSpec().shape, np.uint8))
    assert combo in ACTION_SETS["contest7"]


def pressing(combo: int) -> GenomePlayer:
    """A genome that has all combos as outputs, and always gives this one."""
    biases = np.zeros(23)
    biases[combo] = 1.0
    nothing = np.zeros(0, np.int64)
    genome = Genome(np.array([2, 2]), np.array(["tanh"] * 23), biases, np.ones(23), nothing, nothing, np.zeros(0))
    return GenomePlayer(genome, range(23))


def test_a_trial_is_paid_what_the_reward_pays() -> None:
    env = EnvConfig(max_frames=200, stick_probability=0.0, observation=ObservationSpec(), reward="fitness")
    trials = [Trial(pressing(combo), ACT, 1, env) for combo in (0, 2)]
    standing, running = run_all(play_trial, trials, workers=1)
    assert FITNESS["reward"](standing) == 0.0
    assert standing.frames == running.frames == 200
    assert 1500 <= FITNESS["reward"](running) <= 2000  # 10 for each of nearly all frames
    assert running.max_x > standing.max_x + 50
    assert FITNESS["score"](running) == running.score != running.episode_return


def test_all_genomes_play_the_same_episodes_and_each_generation_others() -> None:
    learner = Neat(replace(TINY, acts="all", episodes=3), None)
    luck = [(trial.act, trial.seed) for trial in learner._trials(learner._express())]
    assert luck == luck[:3] * 6
    assert len({act for act, _ in luck}) == 3
    learner.breeding.breed([0.0] * 6)
    later = [(trial.act, trial.seed) for trial in learner._trials(learner._express())]
    assert not {seed for _, seed in luck} & {seed for _, seed in later}


def test_one_act_is_played_as_often_as_asked() -> None:
    learner = Neat(replace(TINY, acts=ACT, episodes=2), None)
    trials = learner._trials(learner._express())[:2]
    assert [trial.act for trial in trials] == [ACT, ACT]
    assert trials[0].seed != trials[1].seed


def test_the_fittest_becomes_the_checkpoint(tmp_path: Path) -> None:
    learner = Neat(
        replace(TINY, acts=ACT, fitness="reward", reward="fitness", reward_scale=1.0, action_set="jerk4", seed=2), None
    )
    genomes = learner._express()
    values, episodes = learner.update()
    again = run_all(play_trial, Neat(learner.config, None)._trials(genomes), workers=1)
    returns = [episode.episode_return for episode in again]
    assert values["loss/fitness_best"] == max(returns) > 0
    learner.save(tmp_path / "checkpoint", {})
    saved = Genome.from_arrays(load_checkpoint(tmp_path / "checkpoint").arrays, 4)
    assert returns[0] < max(returns)
    best = genomes[int(np.argmax(returns))]
    assert all(np.array_equal(array, best.to_arrays()[name]) for name, array in saved.to_arrays().items())
    assert learner.steps == sum(episode.frames for episode in episodes) / 4


def test_it_begins_from_nothing_only(workdir: Path) -> None:
    assert Config().init == "none"
    with pytest.raises(ValueError, match=r"begins from scratch \(--init none\)"):
        Neat(TINY, load_checkpoint(clone_run(workdir, check="pass")))

"""Episodes on the real emulator: the sequence, then blocks; what was kept of them."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import gymnasium
import numpy as np
import pytest

from finetune.jerk.config import Config
from finetune.jerk.episode import Played, Task, play_in
from finetune.jerk.memory import EpisodicMemory
from game.emulator import Emulator
from game.env import make_env
from game.rollout import play
from game.seeds import TRAINING
from policy.checkpoint import load_checkpoint
from policy.numpy_network import NumpyNetwork
from policy.players import SequencePlayer
from tests.finetune.clones import NETWORK, SPEC, clone_run

ACT = "EmeraldHillZone.Act1"
CONFIG = Config(game="quillrush", max_frames=320)
SEED = TRAINING.start
NOTHING = np.zeros(0, np.uint8)


@pytest.fixture
def env(emulator: Emulator) -> Iterator[gymnasium.Env]:
    return make_env(CONFIG.env(SPEC), emulator)


def task(sequence: np.ndarray = NOTHING, seed: int = SEED, **changed) -> Task:
    return replace(Task(0, ACT, seed, CONFIG.env(SPEC), CONFIG, sequence), **changed)


def test_the_sequence_is_played_to_its_end_and_then_blocks(env: gymnasium.Env) -> None:
    ducking = np.full(30, 5, np.uint8)
    played = play_in(env, task(ducking))
    assert len(played.combos) == len(played.rewards) == 80
    assert (played.combos[:30] == 5).all()
    assert set(played.combos[30:].tolist()) == {2, 8}
    assert played.episode.seed == SEED
    assert played.episode.score == pytest.approx(played.rewards.sum())


def test_a_sequence_that_wins_nothing_for_long_is_left(env: gymnasium.Env) -> None:
    ducking = np.full(60, 5, np.uint8)
    played = play_in(env, task(ducking, stall_steps=20))
    assert (played.combos[:20] == 5).all()
    assert set(played.combos[20:].tolist()) == {2, 8}


def test_an_episode_is_decided_by_its_task(env: gymnasium.Env) -> None:
    runs = [play_in(env, task(seed=SEED + offset)) for offset in (0, 0, 1)]
    assert runs[0].episode == runs[1].episode
    assert runs[0].combos.tolist() == runs[1].combos.tolist() != runs[2].combos.tolist()


def made_up(rewards: list[float]) -> Played:
    steps = len(rewards)
    return Played(None, np.zeros(steps, np.uint8), np.array(rewards), np.zeros((0, 0)), 0, 0)  # type: ignore[arg-type]


def test_a_find_ends_where_the_highest_return_was_first_reached() -> None:
    assert made_up([1.0, 2.0, -1.0, 1.0, 0.0]).best_length == 2
    assert made_up([1.0, -2.0, 4.0]).best_length == 3
    assert made_up([-1.0, 1.0]).best_length == 0
    assert made_up([0.0, 0.0]).best_length == 0
    assert made_up([1.0, 2.0, -1.0]).return_after(2) == 3.0
    assert made_up([1.0, 2.0, -1.0]).return_after(9) == 2.0


def test_memory_pairs_a_combo_with_the_observation_it_was_chosen_from(env: gymnasium.Env, workdir: Path) -> None:
    """Not with the one it led to, as the contest's memory did."""
    checkpoint = clone_run(workdir, check="pass")
    config = replace(CONFIG, memory=True, blocks="policy", policy_share=1.0)
    memory = EpisodicMemory(NETWORK.hidden, 10, 3, 0.01, 0.001)
    begun = np.full(40, 2, np.uint8)  # moments of a known sequence are remembered, too
    played = play_in(env, task(begun, config=config, policy=str(checkpoint), memory=memory))
    assert played.features.shape == (len(played.combos), NETWORK.hidden)
    network = NumpyNetwork(NETWORK, load_checkpoint(checkpoint).weights)
    again = play(env, SequencePlayer({ACT: played.combos}), ACT, SEED)
    for step, combo, features in zip(again, played.combos, played.features, strict=True):
        assert step.action == combo
        np.testing.assert_array_equal(network.features(step.observation[None])[0].astype(np.float16), features)


def test_without_a_memory_no_features_are_handed_back(env: gymnasium.Env, workdir: Path) -> None:
    checkpoint = clone_run(workdir, check="pass")
    played = play_in(env, task(config=replace(CONFIG, blocks="policy"), policy=str(checkpoint)))
    assert played.features.size == 0

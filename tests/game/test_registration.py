"""The games by Gymnasium's ids."""

import dataclasses
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.envs.registration import EnvSpec
from gymnasium.utils.env_checker import check_env

import game.registration
from game import emulator as emulators
from game.emulator import Emulator, shared_emulator
from game.env import EnvConfig, make_env
from game.games import GAMES, Game
from game.observation import ObservationSpec
from tests.conftest import ROOT

RIGHT, JUMP_RIGHT = 2, 8
QUILLRUSH = "Quillrush-v0"


@pytest.fixture(autouse=True)
def nothing_left_open() -> Iterator[None]:
    yield
    assert emulators._shared is None


@pytest.fixture
def env() -> Iterator[gymnasium.Env]:
    env = gymnasium.make(QUILLRUSH)
    yield env
    env.close()


def played(env: gymnasium.Env, steps: int, seed: int = 5) -> np.ndarray:
    """Every observation of an episode: uint8 [steps + 1, ...]."""
    observations = [env.reset(seed=seed)[0]]
    observations += [env.step(JUMP_RIGHT if i % 3 else RIGHT)[0] for i in range(steps)]
    return np.array(observations)


def test_gymnasium_approves_of_it_whole_and_bare(env: gymnasium.Env) -> None:
    with pytest.warns(UserWarning, match="different from the unwrapped version"):  # the only thing it has to say
        check_env(env)
    check_env(env.unwrapped)


def test_it_is_make_envs_environment(env: gymnasium.Env) -> None:
    observations = played(env, 20)
    env.close()
    with Emulator(GAMES["quillrush"]) as emulator:
        np.testing.assert_array_equal(observations, played(make_env(EnvConfig(), emulator), 20))


def test_options_are_those_of_the_environment_and_its_pictures() -> None:
    env = gymnasium.make(QUILLRUSH, act="MetropolisZone.Act3", frame_skip=2, height=48, width=64, stack=3)
    observation, info = env.reset(seed=1)
    assert observation.shape == (48, 64, 3)
    assert info["act"] == "MetropolisZone.Act3"
    assert env.step(RIGHT)[4]["frame"] == info["frame"] + 2
    env.close()


def test_a_recorded_spec_makes_the_same_environment_again(env: gymnasium.Env) -> None:
    assert env.spec is not None
    again = gymnasium.make(env.spec)
    np.testing.assert_array_equal(played(env, 10), played(again, 10))
    again.close()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"acts": "all"}, r"unknown option 'acts'. Did you mean act"),
        ({"frame_skip": 0}, r"`int` >= 1 - at `\$.frame_skip`"),
        ({"reward": "points"}, r"'points' - at `\$.reward`"),
        ({"act": "EmeraldHill"}, r"Did you mean EmeraldHillZone"),
    ],
)
def test_options_that_make_no_sense(options: dict, message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        gymnasium.make(QUILLRUSH, **options)


def test_a_game_without_a_rom_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(GAMES, "sonic2", dataclasses.replace(GAMES["sonic2"], roms=(tmp_path / "rom.md",)))
    with pytest.raises(ValueError, match="make rom ROM=path"):
        gymnasium.make("Sonic2-v0")


def test_sonic2_has_an_id_too(monkeypatch: pytest.MonkeyPatch, stub_sonic2: Game) -> None:
    monkeypatch.setitem(GAMES, "sonic2", stub_sonic2)
    env = gymnasium.make("Sonic2-v0", act="WingFortressZone")
    assert env.reset(seed=1)[1]["zone"] == 6
    env.close()
    with pytest.raises(ValueError, match=r"sonic2 has no TestZone\.Act1"):
        gymnasium.make("Sonic2-v0", act="TestZone.Act1")


def test_several_play_at_a_time_as_if_each_were_alone() -> None:
    one = gymnasium.make(QUILLRUSH)
    two = gymnasium.make(QUILLRUSH, act="WingFortressZone")
    alone = [played(one, 30), played(two, 30)]
    first = [[one.reset(seed=5)[0]], [two.reset(seed=5)[0]]]
    for i in range(30):
        for env, observations in zip((one, two), first, strict=True):
            observations.append(env.step(JUMP_RIGHT if i % 3 else RIGHT)[0])
    np.testing.assert_array_equal(np.array(first), np.array(alone))
    shown = one.render()
    two.step(RIGHT)
    np.testing.assert_array_equal(one.render(), shown)  # its own picture, while the other one has the emulator
    one.close()
    two.step(RIGHT)
    two.close()


def test_whole_replays_in_between_do_no_harm(quillrush: Game) -> None:
    env = gymnasium.make(QUILLRUSH)
    alone = played(env, 20)
    env.reset(seed=5)
    for i in range(20):
        other = shared_emulator(quillrush)
        for _ in range(3):
            other.step(0)
        observation = env.step(JUMP_RIGHT if i % 3 else RIGHT)[0]
    np.testing.assert_array_equal(observation, alone[-1])
    env.close()


def test_the_spec_of_a_data_set_is_json_and_needs_no_registration() -> None:
    text = game.registration.data_spec("quillrush", ObservationSpec(hide_hud=True)).to_json()
    env = gymnasium.make(EnvSpec.from_json(text))
    assert env.observation_space.shape == (96, 96)
    observation, info = env.reset(seed=1)
    assert observation.shape == (96, 96)
    assert not observation[:30, :38].any()  # the HUD is hidden
    assert env.step(RIGHT)[4]["frame"] == info["frame"] + 1
    env.close()


def test_one_line_is_enough() -> None:
    code = "import gymnasium; env = gymnasium.make('game.registration:Quillrush-v0'); print(env.reset(seed=1)[0].shape)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "(96, 96, 4)\n"

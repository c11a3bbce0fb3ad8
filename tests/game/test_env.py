"""The environment on the real emulator."""

import dataclasses

import numpy as np
import pytest
import stable_retro
from gymnasium.utils.env_checker import check_env
from stable_retro.data import Integrations

from game.actions import MASK_OF_COMBO, pad_array
from game.acts import find_act
from game.env import EnvConfig, make_env
from game.movie import read_movie
from game.rewards import time_bonus

RIGHT, JUMP_RIGHT = 2, 8
PLAIN = EnvConfig(stick_probability=0.0)


@pytest.fixture
def env():
    env = make_env(PLAIN)
    yield env
    env.close()


@pytest.mark.filterwarnings("ignore")
def test_gymnasium_approves(env) -> None:
    check_env(env, skip_render_check=True)


def test_reset_describes_the_act(env) -> None:
    observation, info = env.reset(seed=1, options={"act": "MetropolisZone.Act3"})
    assert observation.shape == (96, 96, 4)
    assert (observation[..., 0] == observation[..., 3]).all()
    assert (info["zone"], info["act_number"], info["x"], info["lives"]) == (5, 0, 96, 3)
    assert info["end_x"] == find_act("MetropolisZone.Act3").end_x


def test_the_newest_frame_is_last(env) -> None:
    first, _ = env.reset(seed=1)
    for _ in range(3):
        second, *_ = env.step(RIGHT)
    assert (second[..., 0] == first[..., 3]).all()
    assert (second[..., 3] != first[..., 3]).any()


def test_sticky_frames_come_from_the_seed() -> None:
    env = make_env(EnvConfig())
    bare = env.unwrapped

    def masks(seed: int) -> list[int]:
        env.reset(seed=seed)
        for i in range(40):
            env.step(RIGHT if i % 2 else JUMP_RIGHT)
        return list(bare.masks)

    once, again, other = masks(3), masks(3), masks(4)
    env.close()
    assert once == again != other


def test_frame_limit_truncates() -> None:
    env = make_env(dataclasses.replace(PLAIN, max_frames=20))
    env.reset(seed=0)
    ends = [env.step(0)[2:4] for _ in range(5)]
    env.close()
    assert ends == [(False, False)] * 4 + [(False, True)]


def contest_of_stable_retro(quillrush, act: str, masks: list[int]) -> list[float]:
    """Rewards of stable-retro's own environment with its own Lua script, frame by frame."""
    Integrations.add_custom_path(str(quillrush.integration.parent))
    env = stable_retro.make(
        quillrush.retro_id,
        state=act,
        scenario="contest",
        inttype=Integrations.CUSTOM_ONLY,
        use_restricted_actions=stable_retro.Actions.ALL,
        render_mode="rgb_array",
    )
    env.reset()
    rewards = []
    for mask in masks:
        _, reward, done, _, _ = env.step(pad_array(mask))
        rewards.append(float(reward))
        if done:
            break
    env.close()
    return rewards


@pytest.mark.parametrize("act", ["EmeraldHillZone.Act1", "MetropolisZone.Act2"])
def test_contest_reward_equals_the_lua_script_over_a_whole_episode(quillrush, shipped_movie, act: str) -> None:
    """The same pads in our environment (4 frames per step) and in stable-retro with script.lua (frame by frame)."""
    path = shipped_movie.parent.parent / act / f"{act}-search-000.bk2"
    masks = read_movie(path).masks.tolist()[1:]
    combos = [int(np.flatnonzero(mask == MASK_OF_COMBO)[0]) for mask in masks]
    lua = contest_of_stable_retro(quillrush, act, masks)
    env = make_env(dataclasses.replace(PLAIN, frame_skip=1))
    env.reset(seed=0, options={"act": act})
    ours = []
    for combo in combos:
        _, reward, over, _, info = env.step(combo)
        ours.append(reward)
        if over:
            break
    env.close()
    assert len(ours) == len(lua)
    np.testing.assert_allclose(ours, lua, atol=1e-3)  # the script counts in single precision
    assert info["passed_end_x"]
    assert sum(ours) == pytest.approx(9000 + time_bonus(len(ours)))


def test_death_ends_an_episode_as_in_the_script(quillrush) -> None:
    """Run into the first danger of an act until a life is lost; both agree on the frame and the sum."""
    act = "AquaticRuinZone.Act1"
    pads = [int(MASK_OF_COMBO[JUMP_RIGHT if i % 40 < 20 else RIGHT]) for i in range(3000)]
    lua = contest_of_stable_retro(quillrush, act, pads)
    env = make_env(dataclasses.replace(PLAIN, frame_skip=1))
    env.reset(seed=0, options={"act": act})
    total = frames = 0
    for i in range(len(lua)):
        _, reward, over, _, info = env.step(JUMP_RIGHT if i % 40 < 20 else RIGHT)
        total, frames = total + reward, info["frame"]
        if over:
            break
    env.close()
    assert frames == len(lua)
    assert info["died"]
    assert total > 100
    assert total == pytest.approx(sum(lua), abs=1e-2)  # the script adds in single precision


def test_completion_goes_on_past_the_contest_end(shipped_movie) -> None:
    masks = read_movie(shipped_movie).masks.tolist()[1:]
    env = make_env(dataclasses.replace(PLAIN, frame_skip=1, end="completion"))
    env.reset(seed=0)
    total = 0.0
    for mask in masks:
        _, reward, over, _, info = env.step(int(np.flatnonzero(mask == MASK_OF_COMBO)[0]))
        total += reward
        if over:
            break
    env.close()
    assert info["passed_end_x"]
    assert info["finished"]
    assert total <= 10_000

"""The environment on the real emulator."""

import dataclasses
import tracemalloc

import numpy as np
import pytest
import stable_retro
from gymnasium.utils.env_checker import check_env
from stable_retro.data import Integrations

from game.actions import MASK_OF_COMBO, pad_array
from game.acts import ACTS, find_act
from game.env import EnvConfig, make_env
from game.movie import read_movie
from game.rewards import time_bonus
from tests.game.trace import ACT, START_X, TraceEmulator, ram

RIGHT, JUMP_RIGHT = 2, 8
MIDDLE = (START_X + ACT.end_x) // 2
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


def test_an_environment_holds_one_start_state_whatever_it_has_played(env) -> None:
    """Found by the soak: kept, those of all acts are 19 MB per environment."""
    env.reset(seed=0)
    tracemalloc.start()
    for act in ACTS:
        env.reset(seed=0, options={"act": act.name})
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 3_000_000


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


@pytest.mark.parametrize(
    ("act", "turns_back"),
    [("EmeraldHillZone.Act1", False), ("AquaticRuinZone.Act2", True), ("WingFortressZone", True)],
)
def test_contest_reward_equals_the_lua_script_over_a_whole_episode(
    quillrush, shipped_movie, act: str, turns_back: bool
) -> None:
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
    paid = np.cumsum(ours)
    lost_on_the_way_back = (np.maximum.accumulate(paid) - paid).max()
    assert (lost_on_the_way_back > 150) == turns_back  # 150 of 9,000 are some 170 pixels
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


# What follows plays RAM traces made by hand: Quillrush cannot show it (no extra life, no special stage, one end for both).


def steps(config: EnvConfig, *trace: dict[str, int], count: int = 20) -> list[tuple[float, bool, bool, dict]]:
    """(reward, terminated, truncated, info) of each step through a trace, up to the episode's end or `count` steps."""
    env = make_env(config, TraceEmulator(*trace))
    env.reset(seed=0)
    found: list[tuple[float, bool, bool, dict]] = []
    while len(found) < count and not (found and (found[-1][1] or found[-1][2])):
        _, reward, terminated, truncated, info = env.step(RIGHT)
        found.append((float(reward), terminated, truncated, info))
    return found


FRAMES = dataclasses.replace(PLAIN, frame_skip=1)


def test_the_combo_before_sticks_for_one_frame_of_the_next_step() -> None:
    """Also the second and third time, and only where the chance says so."""
    played = TraceEmulator(ram())
    env = make_env(EnvConfig(stick_probability=1.0), played)
    env.reset(seed=0)
    for combo in (RIGHT, JUMP_RIGHT, RIGHT):
        env.step(combo)
    right, jump = int(MASK_OF_COMBO[RIGHT]), int(MASK_OF_COMBO[JUMP_RIGHT])
    assert played.masks == [0, 0, right, right, right, right, jump, jump, jump, jump, right, right, right]


def test_a_new_episode_begins_with_an_idle_pad() -> None:
    played = TraceEmulator(ram())
    env = make_env(EnvConfig(stick_probability=1.0), played)
    for seed in range(2):
        env.reset(seed=seed)
        env.step(RIGHT)
        assert played.masks[:3] == [0, 0, int(MASK_OF_COMBO[RIGHT])]


def test_chance_decides_how_often_a_combo_sticks() -> None:
    played = TraceEmulator(ram())
    env = make_env(EnvConfig(stick_probability=0.25), played)
    env.reset(seed=1)
    for i in range(2000):
        env.step((RIGHT, JUMP_RIGHT)[i % 2])
    first, second = played.masks[1::4], played.masks[2::4]
    assert np.mean(np.array(first) != second) == pytest.approx(0.25, abs=0.03)


def test_a_special_stage_ends_the_episode() -> None:
    *_, (_, terminated, truncated, info) = steps(FRAMES, ram(), ram(500), ram(500, game_mode=0x10))
    assert (terminated, truncated, info["died"], info["frame"]) == (True, False, True, 2)


def test_a_death_behind_an_extra_life_ends_the_episode() -> None:
    trace = (ram(lives=5), ram(300, lives=6), ram(400, lives=6), ram(500, lives=5))
    *_, (_, terminated, _, info) = steps(FRAMES, *trace)
    assert (terminated, info["died"], info["frame"]) == (True, True, 3)


def test_lives_are_compared_with_those_at_the_start() -> None:
    """A start state may have any number of them."""
    ((_, terminated, _, info),) = steps(FRAMES, ram(lives=5), ram(300, lives=4))
    assert (terminated, info["died"]) == (True, True)
    assert not steps(FRAMES, ram(lives=1), ram(300, lives=1), count=1)[0][1]


def test_an_episode_ends_inside_a_step() -> None:
    """A death in the second of four frames: the rest is not played."""
    ((_, terminated, _, info),) = steps(PLAIN, ram(), ram(200), ram(300, lives=2), ram(900))
    assert (terminated, info["frame"], info["x"]) == (True, 2, 300)


@pytest.mark.parametrize(("end", "frames"), [("contest", 2), ("completion", 4)])
def test_the_two_ends_of_an_act(end, frames: int) -> None:
    """The contest's end x is passed two frames before the game's own tally."""
    trace = (ram(), ram(500), ram(ACT.end_x), ram(ACT.end_x + 9), ram(ACT.end_x + 9, level_end_bonus=500))
    *_, (_, terminated, _, info) = steps(dataclasses.replace(FRAMES, end=end), *trace)
    assert (terminated, info["frame"], info["finished"]) == (True, frames, end == "completion")
    assert info["passed_end_x"]
    assert info["contest_score"] == pytest.approx(9000 + time_bonus(2))


def test_finishing_without_passing_is_no_passing() -> None:
    """The next act begins far to the right of this one's end: its x says nothing, and pays nothing."""
    trace = (ram(), ram(MIDDLE), ram(ACT.end_x + 500, act_number=1))
    *_, (reward, terminated, _, info) = steps(dataclasses.replace(FRAMES, end="completion"), *trace)
    assert (terminated, info["finished"], info["passed_end_x"]) == (True, True, False)
    assert info["max_x"] == MIDDLE
    assert info["furthest"] == info["progress"] == pytest.approx(0.5, abs=1e-3)
    assert reward == 0.0


@pytest.mark.parametrize("reward", ["contest", "backtracking"])
def test_nothing_is_paid_after_the_end_x(reward) -> None:
    """Neither for walking back from it nor for passing it again, with either reward; the bonus comes once."""
    config = dataclasses.replace(FRAMES, end="completion", reward=reward)
    trace = (ram(), ram(ACT.end_x), ram(MIDDLE), ram(ACT.end_x), ram(ACT.end_x))
    rewards = [step[0] for step in steps(config, *trace, count=4)]
    assert rewards == [pytest.approx(9000 + time_bonus(1)), 0.0, 0.0, 0.0]


def test_walking_back_costs_and_pays_again_only_in_the_contest() -> None:
    trace = (ram(), ram(MIDDLE), ram(START_X), ram(MIDDLE))
    way = 9000 * (MIDDLE - START_X) / (ACT.end_x - START_X)
    contest = [step[0] for step in steps(FRAMES, *trace, count=3)]
    assert contest == [pytest.approx(way), pytest.approx(-way), pytest.approx(way)]
    backtracking = [step[0] for step in steps(dataclasses.replace(FRAMES, reward="backtracking"), *trace, count=3)]
    assert backtracking == [pytest.approx(way), 0.0, 0.0]


@pytest.mark.parametrize("reward", ["contest", "backtracking"])
def test_rewards_are_scaled_and_scores_are_not(reward) -> None:
    config = dataclasses.replace(FRAMES, reward=reward, reward_scale=0.01)
    ((scaled, _, _, info),) = steps(config, ram(), ram(MIDDLE), count=1)
    assert scaled == pytest.approx(45, abs=0.01)
    assert info["contest_score"] == pytest.approx(4500, abs=1)


def test_an_episode_is_terminated_or_truncated_but_not_both() -> None:
    """Death in the very frame of the limit."""
    limited = dataclasses.replace(FRAMES, max_frames=2)
    *_, (_, terminated, truncated, _) = steps(limited, ram(), ram(200), ram(300, lives=2))
    assert (terminated, truncated) == (True, False)
    *_, (_, terminated, truncated, _) = steps(limited, ram(), ram(200), ram(300))
    assert (terminated, truncated) == (False, True)


def test_a_reset_leaves_nothing_of_the_episode_before_in_the_stack() -> None:
    env = make_env(PLAIN)
    first, _ = env.reset(seed=0)
    for _ in range(20):
        env.step(RIGHT)
    again, _ = env.reset(seed=0)
    env.close()
    np.testing.assert_array_equal(first, again)
    assert all((again[..., 0] == again[..., i]).all() for i in range(4))


@pytest.mark.parametrize("reward", ["contest", "backtracking"])
def test_an_act_passed_in_one_episode_is_paid_again_in_the_next(reward) -> None:
    env = make_env(dataclasses.replace(FRAMES, reward=reward), TraceEmulator(ram(), ram(ACT.end_x)))
    paid = []
    for seed in range(2):
        env.reset(seed=seed)
        paid.append(float(env.step(RIGHT)[1]))
    assert paid == [pytest.approx(9000 + time_bonus(1))] * 2


def test_waiting_is_cut_short_where_it_is_asked_for() -> None:
    """New ground puts the limit off; what ends by itself is not cut short."""
    trace = [ram(x=START_X), *[ram(x=START_X + 10)] * 40]
    env = make_env(dataclasses.replace(PLAIN, stall_frames=20), TraceEmulator(*trace))
    env.reset(seed=1)
    steps = [env.step(RIGHT) for _ in range(6)]
    assert [truncated for _, _, _, truncated, _ in steps] == [False] * 5 + [True]  # won at frame 4, so cut at frame 24
    assert not any(terminated for _, _, terminated, _, _ in steps)
    dead = make_env(dataclasses.replace(PLAIN, stall_frames=4), TraceEmulator(ram(), ram(lives=2)))
    dead.reset(seed=1)
    _, _, terminated, truncated, _ = dead.step(RIGHT)
    assert (terminated, truncated) == (True, False)


@pytest.mark.parametrize("began_inside", [False, True])
def test_practice_inside_an_act_ends_behind_its_length(began_inside: bool) -> None:
    first = MIDDLE if began_inside else START_X
    length = 0.5 * (ACT.end_x - MIDDLE) / (ACT.end_x - START_X)
    trace = [ram(x=first), *[ram(x=MIDDLE)] * 4, *[ram(x=(MIDDLE + ACT.end_x) // 2 + 1)] * 8]
    env = make_env(dataclasses.replace(PLAIN, practice_length=length), TraceEmulator(*trace))
    env.reset(seed=1, options={"start_x": START_X, "max_x": first})
    steps = [env.step(RIGHT) for _ in range(3)]
    assert [truncated for _, _, _, truncated, _ in steps] == [False, began_inside, began_inside]
    assert not any(terminated for _, _, terminated, _, _ in steps)
    dead = make_env(
        dataclasses.replace(PLAIN, practice_length=1e-6), TraceEmulator(ram(MIDDLE), ram(MIDDLE + 9, lives=2))
    )
    dead.reset(seed=1, options={"start_x": START_X, "max_x": MIDDLE})
    _, _, terminated, truncated, _ = dead.step(RIGHT)
    assert (terminated, truncated) == (True, False)


@pytest.mark.parametrize("price", [0.0, 0.25])
def test_a_lost_life_costs_a_share_of_the_ground_not_covered(price: float) -> None:
    trace = [ram(x=START_X), *[ram(x=MIDDLE)] * 4, ram(x=MIDDLE, lives=2)]
    config = dataclasses.replace(PLAIN, life_price=price, reward="backtracking", reward_scale=0.01)
    env = make_env(config, TraceEmulator(*trace))
    env.reset(seed=1)
    _, won, *_ = env.step(RIGHT)
    _, lost, terminated, _, info = env.step(RIGHT)
    assert terminated
    assert won == pytest.approx(90 * info["furthest"])
    assert lost == pytest.approx(-price * 90 * (1 - info["furthest"]))
    assert info["contest_score"] == pytest.approx(9000 * info["furthest"])  # the score knows no price


def paid(reward, *trace: dict[str, int], **changed) -> list[float]:
    config = dataclasses.replace(FRAMES, end="completion", reward=reward, **changed)
    return [step[0] for step in steps(config, *trace, count=len(trace) - 1)]


def test_sparse_pays_the_end_once_and_while_the_episode_lasts() -> None:
    trace = (ram(), ram(MIDDLE), ram(ACT.end_x), ram(MIDDLE), ram(ACT.end_x))
    assert paid("sparse", *trace) == [0.0, 1.0, 0.0, 0.0]
    (*_, (last, terminated, _, _)) = steps(dataclasses.replace(FRAMES, reward="sparse"), *trace)
    assert (last, terminated) == (1.0, True)  # the step that ends the episode is the one that is paid


def test_tiers_pay_what_the_games_own_score_gained() -> None:
    """From what it was at the start; two things in one step count as one."""
    trace = (ram(score=500), ram(score=500), ram(score=510), ram(score=760), ram(ACT.end_x, score=760))
    assert paid("tiers", *trace) == pytest.approx([0.0, 5.0, 175.0, 0.0])
    assert paid("tiers", ram(), ram(ACT.end_x), ram(ACT.end_x, score=900)) == [0.0, 0.0]  # the tally is nobody's merit


def test_the_fitness_pays_frames_that_win_ground_and_the_end_once() -> None:
    trace = (ram(), ram(START_X + 5), ram(START_X + 3), ram(START_X + 5), ram(START_X + 6), ram(ACT.end_x))
    assert paid("fitness", *trace, ram(ACT.end_x + 9)) == [10.0, 0.0, 0.0, 10.0, 100_010.0, 0.0]
    whole_step = steps(dataclasses.replace(PLAIN, reward="fitness", reward_scale=0.01), *trace[:5], count=1)
    assert whole_step[0][0] == pytest.approx(0.2)  # two of its four frames


@pytest.mark.parametrize("reward", ["sparse", "tiers", "fitness"])
def test_the_score_is_the_contests_whatever_is_learnt_from(reward) -> None:
    config = dataclasses.replace(FRAMES, reward=reward)
    ((_, _, _, info),) = steps(config, ram(), ram(MIDDLE), count=1)
    assert info["contest_score"] == pytest.approx(4500, abs=1)

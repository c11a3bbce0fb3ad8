"""An episode's summary, from steps made by hand and from the real game."""

import numpy as np
import pytest

from game.env import EnvConfig, make_env
from game.rollout import EpisodeSummary, Step, play, summarise
from policy.baselines import RightPlayer

NOTHING = np.zeros(0, np.uint8)


def step(frame: int, reward: float = 0.0, **changed) -> Step:
    info = {
        "frame": frame,
        "x": 100 + frame,
        "max_x": 900,
        "contest_score": 12.5,
        "progress": 0.1,
        "furthest": 0.4,
        "passed_end_x": False,
        "finished": False,
        "died": False,
        "spin_dashes": 2,
        "rings": 7,
    }
    return Step(NOTHING, 2, reward, False, False, info | changed)


def test_a_summary_is_the_last_steps_with_the_rewards_of_all() -> None:
    steps = [step(4, reward=1.0), step(8, reward=-0.25, passed_end_x=True, finished=True, died=True)]
    episode = summarise(steps, "WingFortressZone", 5)
    assert (episode.act, episode.seed, episode.frames, episode.episode_return) == ("WingFortressZone", 5, 8, 0.75)
    assert (episode.score, episode.progress, episode.max_x) == (12.5, 0.4, 900)  # the furthest point, not the last
    assert (episode.passed_end_x, episode.finished, episode.died) == (True, True, True)
    assert (episode.spin_dashes, episode.rings) == (2, 7)


@pytest.mark.parametrize("name", ["passed_end_x", "finished", "died"])
def test_passed_finished_and_died_are_told_apart(name: str) -> None:
    episode = summarise([step(4, **{name: True})], "WingFortressZone", 5)
    told = {"passed_end_x": episode.passed_end_x, "finished": episode.finished, "died": episode.died}
    assert [known for known, value in told.items() if value] == [name]


def test_the_trace_has_a_point_about_once_per_second() -> None:
    summary = EpisodeSummary("WingFortressZone", 5)
    for frame in range(4, 200, 4):
        summary.add(step(frame))
    assert summary.episode().trace == [(4, 104), (64, 164), (124, 224), (184, 284)]


def test_an_episode_without_steps_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one step"):
        EpisodeSummary("WingFortressZone", 5).episode()


def test_playing_gives_each_step_the_observation_it_was_chosen_from() -> None:
    env = make_env(EnvConfig(max_frames=40, stick_probability=0.0))
    first, _ = env.reset(seed=3, options={"act": "EmeraldHillZone.Act1"})
    steps = list(play(env, RightPlayer(), "EmeraldHillZone.Act1", seed=3))
    env.close()
    assert len(steps) == 10
    np.testing.assert_array_equal(steps[0].observation, first)
    assert (steps[1].observation[..., :3] == first[..., 1:]).all()
    assert [over.truncated for over in steps] == [False] * 9 + [True]
    assert summarise(steps, "EmeraldHillZone.Act1", 3).frames == 40

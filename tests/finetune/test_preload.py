"""Experience from elsewhere, on the real emulator: a demonstration as the environment would have paid it, any player's
episodes, another memory."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dataset.windows import window_labels
from finetune import preload
from finetune.preload import MovieTask, PlayTask, steps_of_movie, steps_of_play
from finetune.replay import Replay
from finetune.steps import GOES_ON, NO_COMBO, TERMINATED, TRUNCATED, Steps, steps_of
from game.actions import COMBO_NAMES
from game.emulator import shared_emulator
from game.env import EnvConfig
from game.games import find_game
from game.movie import read_movie, write_movie
from game.movie import replay as frames_of
from game.observation import ObservationSpec, observe
from game.tasks import Outcome
from policy.checkpoint import CheckpointError, CheckpointInfo, save_checkpoint

ACT = "EmeraldHillZone.Act1"
ENV = EnvConfig(reward="backtracking", reward_scale=0.01)
SPEC = ObservationSpec()


@pytest.fixture
def own_emulator(quillrush):
    """Gives the process's one emulator back afterwards."""
    yield
    shared_emulator(quillrush).close()
    import game.emulator

    game.emulator._shared = None


def test_a_movie_becomes_what_a_player_would_have_got(own_emulator, shipped_movie: Path, tmp_path: Path) -> None:
    """Frames and rewards against a plain replay: a step is four frames behind the idle first one."""
    shipped = read_movie(shipped_movie)
    pressed = np.repeat([128, 129, 64, 128, 1, 128] * 20, [3, 5, 2, 7, 1, 2] * 20).astype(
        np.uint16
    )  # of no step's length
    movie = replace(shipped, masks=np.concatenate([[0], pressed]).astype(np.uint16))
    write_movie(tmp_path / "walk.bk2", movie)
    steps = steps_of_movie(MovieTask(tmp_path / "walk.bk2", ENV))
    emulator = shared_emulator(find_game("quillrush"))
    pictures, places = [], []
    for _ in frames_of(emulator, movie):
        pictures.append(observe(emulator.screen(), SPEC))
        places.append(emulator.variables()["x"])
    assert len(steps) == 100
    np.testing.assert_array_equal(steps.frames, pictures[0:400:4])
    np.testing.assert_array_equal(steps.combos, window_labels(pressed, 0, 4))
    furthest = np.maximum.accumulate(places)[0::4]  # [101]
    assert steps.rewards.sum() == pytest.approx(0.01 * 9000 * (furthest[-1] - furthest[0]) / (11027 - 97), rel=0.02)
    assert steps.rewards[np.diff(furthest) == 0].sum() == 0.0
    assert steps.endings.tolist() == [GOES_ON] * 99 + [TRUNCATED]


def test_a_whole_movie_ends_where_the_episode_does(own_emulator, shipped_movie: Path) -> None:
    steps = steps_of_movie(MovieTask(shipped_movie, ENV))
    assert steps.endings[-1] == TERMINATED
    assert (steps.endings[:-1] == GOES_ON).all()
    # all of the way, and the time bonus
    assert 90.0 + 5.0 < steps.rewards.sum() < 100.0


def test_a_players_episodes_are_those_of_its_seed() -> None:
    task = PlayTask("right", ACT, 1 << 31, replace(ENV, max_frames=80))
    one, other = steps_of_play(task), steps_of_play(task)
    assert len(one) == 20
    assert {COMBO_NAMES[combo] for combo in one.combos} == {"RIGHT"}
    assert one.endings[-1] == TRUNCATED
    assert one.rewards.sum() > 0
    np.testing.assert_array_equal(one.frames, other.frames)
    preload._worker.env(task.env).close()
    preload._worker._env = None


def test_filling_takes_no_more_than_is_wanted_and_shares_it_out() -> None:
    memory = Replay(400, 2, SPEC, range(23), n_step=1, gamma=0.9, alpha=0.5, epsilon=0.1)
    blank = Steps(
        np.zeros((30, 96, 96), np.uint8), np.zeros(30, np.uint8), np.zeros(30, np.float32), np.zeros(30, np.uint8)
    )
    assert preload.fill(memory, [blank] * 5, 75) == 75
    # three episodes, cut off behind their last step, in which nothing can be learnt
    assert memory.size == 75 - 3
    assert [len(memory.lane(lane)) for lane in range(2)] == [45, 30]
    assert all(memory.is_between_episodes(lane) for lane in range(2))
    assert preload.fill(memory, [], 75) == 0


def test_another_memory_is_taken_over_lane_by_lane(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    kept = Replay(200, 2, SPEC, range(23), n_step=3, gamma=0.9, alpha=0.5, epsilon=0.1)
    for lane in range(2):
        frames = rng.integers(0, 256, (130, 96, 96), np.uint8)
        endings = np.array(([0] * 12 + [1]) * 10, np.uint8)
        kept.append(lane, Steps(frames, rng.integers(0, 23, 130, np.uint8), np.ones(130, np.float32), endings), 0)
    info = CheckpointInfo("quillrush", 4, SPEC)
    path = save_checkpoint(tmp_path / "kept", info, {}, replay=kept.get_state())
    for lane, steps in enumerate(preload.from_replay(path, SPEC)):
        for name, array in vars(kept.lane(lane)).items():
            np.testing.assert_array_equal(getattr(steps, name), array)
        assert len(steps) == 100
    with pytest.raises(CheckpointError, match="the replay does not fit"):
        list(preload.from_replay(path, ObservationSpec(height=48)))
    with pytest.raises(CheckpointError, match=r"holds no replay\.npz"):
        list(preload.from_replay(save_checkpoint(tmp_path / "none", info, {}), SPEC))


def test_an_episode_that_begins_inside_an_act_brings_the_frames_before_it() -> None:
    values = np.arange(8, dtype=np.uint8)
    observations = np.zeros((4, 2, 2, 3), np.uint8)
    observations[0] = values[1:4]  # frames 1 and 2 come from before the episode
    observations[1] = values[2:5]
    observations[2] = 6  # another one, at its act's start
    observations[3] = [6, 6, 7]
    steps = steps_of(
        observations, np.full(4, 5), np.ones(4), np.array([0, 1, 0, 0], bool), np.zeros(4, bool), begins=True
    )
    assert steps.frames[:, 0, 0].tolist() == [1, 2, 3, 4, 6, 7]
    assert steps.combos.tolist() == [NO_COMBO, NO_COMBO, 5, 5, 5, 5]
    assert steps.endings.tolist() == [0, 0, 0, TERMINATED, 0, 0]
    assert steps.rewards.tolist() == [0.0, 0.0, 1.0, 1.0, 1.0, 1.0]
    going_on = steps_of(observations[1:2], np.full(1, 5), np.ones(1), np.zeros(1, bool), np.ones(1, bool), begins=False)
    assert (len(going_on), going_on.endings.tolist()) == (1, [TRUNCATED])


def test_a_players_episodes_come_act_after_act_until_there_are_enough() -> None:
    env = replace(ENV, max_frames=40)
    acts = [ACT, "WingFortressZone"]
    episodes = list(preload.from_player("right", acts, env, most=15, seed=1, workers=1))
    assert [len(episode) for episode in episodes] == [10, 10]
    assert not np.array_equal(episodes[0].frames, episodes[1].frames)


def test_results_keep_the_order_of_their_tasks_whoever_is_ready_first() -> None:
    def outcomes():
        yield from (Outcome(3, "c"), Outcome(1, "a"), Outcome(2, "b"))
        yield Outcome(4, error="the disk is full")

    assert list(preload._in_order(outcomes(), [1, 2, 3])) == ["a", "b", "c"]
    with pytest.raises(RuntimeError, match="cannot preload: the disk is full"):
        list(preload._in_order(outcomes(), [1, 2, 3, 4]))

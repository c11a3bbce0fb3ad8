"""Replay memory: stacks, returns at the ends of episodes, frequencies; against slow transcriptions and by hand."""

import numpy as np
import pytest

from finetune.replay import Replay, n_step_returns
from finetune.steps import GOES_ON, NO_COMBO, TERMINATED, TRUNCATED, Steps
from finetune.sum_tree import SumTree
from game.observation import ObservationSpec

SPEC = ObservationSpec(height=2, width=2, stack=3)


def make_replay(capacity: int = 40, lanes: int = 2, n_step: int = 3, **options) -> Replay:
    chosen = {"gamma": 0.9, "alpha": 1.0, "epsilon": 0.0} | options
    return Replay(capacity, lanes, SPEC, range(23), n_step=n_step, **chosen)


def steps_of(numbers: range, endings: dict[int, int] | None = None) -> Steps:
    """Steps whose frame is grey level number, whose combo is number % 23, and whose reward is number."""
    values = np.array(numbers)
    frames = np.broadcast_to(values[:, None, None], (len(values), 2, 2)).astype(np.uint8)
    ends = np.array([(endings or {}).get(number, GOES_ON) for number in numbers], np.uint8)
    return Steps(frames, (values % 23).astype(np.uint8), values.astype(np.float32), ends)


def seen(replay: Replay, count: int = 400) -> dict[int, tuple]:
    """number -> (stack, next stack, return, discount) of whatever comes up."""
    sample = replay.sample(count, np.random.default_rng(0), 0.4, now=0)
    found = {}
    for i in range(count):
        stack = sample.observations[i, 0, 0].tolist()
        after = sample.next_observations[i, 0, 0].tolist()
        found[stack[-1]] = (stack, after, float(sample.returns[i]), float(sample.discounts[i]))
    return found


def slow_return(rewards: list[float], endings: list[int], gamma: float) -> tuple[float, float, int]:
    """As the definition has it: step by step, until the episode ends or n steps are over."""
    total = 0.0
    for k in range(len(rewards)):
        if endings[k] == TRUNCATED:
            return total, gamma**k, k
        total += gamma**k * rewards[k]
        if endings[k] == TERMINATED:
            return total, 0.0, k + 1
    return total, gamma ** len(rewards), len(rewards)


def test_n_step_returns_equal_their_definition() -> None:
    rng = np.random.default_rng(0)
    rewards = rng.normal(size=(300, 4)).astype(np.float32)
    endings = rng.choice([GOES_ON, TERMINATED, TRUNCATED], (300, 4), p=[0.7, 0.15, 0.15]).astype(np.uint8)
    received = n_step_returns(rewards, endings, 0.9)
    for i in range(300):
        expected = slow_return(rewards[i].tolist(), endings[i].tolist(), 0.9)
        np.testing.assert_allclose([column[i] for column in received], expected, atol=1e-6)


def test_transitions_stop_at_the_ends_of_episodes() -> None:
    replay = make_replay()
    replay.append(0, steps_of(range(1, 6), {5: TERMINATED}), now=0)
    replay.append(0, steps_of(range(6, 10), {9: TRUNCATED}), now=0)
    found = seen(replay)
    assert found[1] == ([1, 1, 1], [2, 3, 4], pytest.approx(1 + 0.9 * 2 + 0.81 * 3), pytest.approx(0.729))
    # 4 and 5, then the game ended the episode
    assert found[4][2:] == (pytest.approx(4 + 0.9 * 5), 0.0)
    # a new episode does not see the old one's frames
    assert found[6][:2] == ([6, 6, 6], [7, 8, 9])
    # a limit ended it at 9: what is known of the state before that is its own value
    assert found[8] == ([6, 7, 8], [7, 8, 9], pytest.approx(8.0), pytest.approx(0.9))
    assert set(found) == {1, 2, 3, 4, 5, 6, 7, 8}


def test_steps_wait_until_their_return_is_complete() -> None:
    replay = make_replay()
    replay.append(1, steps_of(range(1, 4)), now=0)
    assert replay.size == 0
    replay.append(1, steps_of(range(4, 6)), now=0)
    assert set(seen(replay)) == {1, 2}
    replay.append(1, steps_of(range(6, 7), {6: TERMINATED}), now=0)
    assert set(seen(replay)) == {1, 2, 3, 4, 5, 6}


def test_a_ring_forgets_the_oldest_and_never_mixes_it_with_the_newest() -> None:
    """Through every position of the ring: stacks are consecutive, and so are the steps of a return."""
    replay = make_replay(capacity=13, lanes=1)
    for number in range(1, 60):
        replay.append(0, steps_of(range(number, number + 1)), now=0)
        if number < 4:
            continue
        found = seen(replay, 100)
        # three newest wait, and the two oldest have lost their stacks
        oldest = max(number - 12 + 2, 1)
        assert set(found) == set(range(oldest, number - 2))
        for newest, (stack, after, total, _) in found.items():
            assert stack == [max(newest - 2, 1), max(newest - 1, 1), newest]
            assert after == [newest + 1, newest + 2, newest + 3]
            assert total == pytest.approx(newest + 0.9 * (newest + 1) + 0.81 * (newest + 2))


def test_rows_without_a_combo_lend_their_frames_only() -> None:
    replay = make_replay()
    lent = steps_of(range(1, 3))
    before = Steps(lent.frames, np.full(2, NO_COMBO, np.uint8), np.zeros(2, np.float32), lent.endings)
    replay.append(0, Steps.join([before, steps_of(range(3, 8))]), now=0)
    found = seen(replay)
    assert set(found) == {3, 4}
    assert found[3][0] == [1, 2, 3]


def test_combos_that_cannot_be_chosen_are_not_sampled_but_their_rewards_count() -> None:
    replay = Replay(40, 1, SPEC, [1, 3], n_step=2, gamma=1.0, alpha=1.0, epsilon=0.0)
    replay.append(0, steps_of(range(1, 8)), now=0)
    found = seen(replay)
    assert set(found) == {1, 3}
    assert found[1][2] == 3.0


def test_steps_are_drawn_in_proportion_to_their_losses() -> None:
    replay = make_replay(capacity=20, lanes=1, alpha=0.5, epsilon=0.25)
    replay.append(0, steps_of(range(10), {9: TERMINATED}), now=0)
    losses = np.arange(10) ** 2.0
    replay.set_losses(np.arange(10), losses)
    expected = (losses + 0.25) ** 0.5
    expected /= expected.sum()
    rng = np.random.default_rng(0)
    counts = np.zeros(10)
    for _ in range(2000):
        sample = replay.sample(8, rng, 1.0, now=0)
        counts += np.bincount(sample.places, minlength=10)
        weights = 1 / expected[sample.places]
        np.testing.assert_allclose(sample.weights, weights / weights.max(), rtol=1e-5)
    np.testing.assert_allclose(counts / counts.sum(), expected, atol=0.006)


def test_new_steps_get_the_largest_priority_so_far() -> None:
    replay = make_replay(lanes=1)
    replay.append(0, steps_of(range(4), {3: TERMINATED}), now=0)
    replay.set_losses(np.arange(4), np.array([0.5, 7.0, 2.0, 0.1]))
    replay.append(0, steps_of(range(4, 6), {5: TERMINATED}), now=0)
    np.testing.assert_allclose(replay.get_state()["priorities"][:6], [0.5, 7.0, 2.0, 0.1, 7.0, 7.0])


def test_with_alpha_0_every_step_is_drawn_alike() -> None:
    replay = make_replay(lanes=1, alpha=0.0)
    replay.append(0, steps_of(range(5), {4: TERMINATED}), now=0)
    replay.set_losses(np.arange(5), np.array([0.5, 70.0, 2.0, 0.1, 9.0]))
    sample = replay.sample(5, np.random.default_rng(0), 0.4, now=12)
    assert sorted(sample.places) == [0, 1, 2, 3, 4]
    assert set(sample.weights) == {1.0}
    assert set(sample.ages) == {12.0}


def test_a_sum_tree_finds_what_a_running_sum_does() -> None:
    rng = np.random.default_rng(0)
    tree = SumTree(37)
    priorities = np.zeros(37)
    for _ in range(50):
        places = rng.integers(0, 37, 6)
        values = rng.random(6) * rng.integers(0, 2, 6)
        tree.set(places, values)
        for place, value in zip(places, values, strict=True):
            priorities[place] = value
        sums = rng.random(20) * priorities.sum()
        expected = np.searchsorted(np.cumsum(priorities), sums, side="right")
        np.testing.assert_array_equal(tree.find(sums), expected)
    assert tree.total == pytest.approx(priorities.sum())
    assert priorities[tree.find(np.array([tree.total]))] > 0


def test_a_restored_memory_draws_the_same() -> None:
    first = make_replay()
    rng = np.random.default_rng(0)
    for number in range(30):
        first.append(
            number % 2, steps_of(range(5 * number % 200, 5 * number % 200 + 5), {5 * number + 2: TRUNCATED}), number
        )
        first.set_losses(first.sample(4, rng, 0.4, 30).places, rng.random(4)) if first.size else None
    second = make_replay()
    state = {name: array.copy() for name, array in first.get_state().items()}
    second.set_state(state)
    for replay in (first, second):
        replay.append(0, steps_of(range(7)), 31)
    one = first.sample(16, np.random.default_rng(3), 0.4, 40)
    other = second.sample(16, np.random.default_rng(3), 0.4, 40)
    for name, array in vars(one).items():
        np.testing.assert_array_equal(array, getattr(other, name))


def test_a_memory_of_another_size_or_a_damaged_one_is_refused() -> None:
    replay = make_replay()
    replay.append(0, steps_of(range(9)), 0)
    state = replay.get_state()
    with pytest.raises(ValueError, match=r"Expected a replay of .*\(2, 25\).* Received: .*\(2, 20\)"):
        make_replay(capacity=50).set_state(state)
    with pytest.raises(ValueError, match=r"Expected a block of 36 bytes of frames. Received: 0"):
        make_replay().set_state(state | {"frame_blocks": np.zeros(0, np.int64)})
    with pytest.raises(ValueError, match=r"more than 14 steps for 2 environments. Received: 12"):
        make_replay(capacity=12)
    with pytest.raises(ValueError, match=r"Received: an empty one"):
        make_replay().sample(1, np.random.default_rng(0), 0.4, 0)

"""Episodic memory: planted moments, merging, forgetting, and a look-up against a slow transcription."""

import numpy as np
import pytest

from finetune.jerk.memory import KERNEL_OFFSET, EpisodicMemory, returns_from


def memory(capacity: int = 50, neighbours: int = 3, reach: float = 0.1, merge: float = 0.001) -> EpisodicMemory:
    return EpisodicMemory(8, capacity, neighbours, reach, merge)


def features(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random((count, 8), np.float32)


def axis(place: int, size: float = 1.0) -> np.ndarray:
    """A moment of its own: cosine distance 1 from every other axis."""
    return size * np.eye(8, dtype=np.float32)[place : place + 1]


def test_returns_count_from_each_step_on() -> None:
    rewards = np.array([1.0, 0.0, -2.0, 4.0])
    expected = [sum(0.9**k * rewards[t + k] for k in range(4 - t)) for t in range(4)]
    np.testing.assert_allclose(returns_from(rewards, 0.9), expected)
    assert returns_from(np.zeros(0), 0.9).tolist() == []


def test_a_planted_memory_returns_the_planted_action() -> None:
    remembered = memory()
    remembered.add(axis(0), np.array([13]), np.array([5.0]))
    remembered.add(axis(1), np.array([7]), np.array([9.0]))
    assert remembered.suggest(axis(0, 3.0)[0]) == 13  # whatever its length
    assert remembered.suggest(axis(1)[0]) == 7
    assert remembered.suggest(axis(2)[0]) is None  # nothing near
    assert remembered.suggest(np.zeros(8, np.float32)) is None
    assert memory().suggest(axis(0)[0]) is None


def test_of_two_actions_the_one_that_paid_more_is_taken_and_none_that_cost() -> None:
    remembered = memory()
    for combo, value in ((2, 4.0), (8, 6.0), (1, -3.0)):
        remembered.add(axis(0), np.array([combo]), np.array([value]))
    assert remembered.suggest(axis(0)[0]) == 8
    only_bad = memory()
    only_bad.add(axis(0), np.array([1]), np.array([-3.0]))
    assert only_bad.suggest(axis(0)[0]) is None


def test_moments_that_are_nearly_the_same_are_one_with_their_mean() -> None:
    remembered = memory()
    near = axis(0) + np.float32(0.01) * axis(1)  # cosine distance 5e-5
    apart = axis(0) + np.float32(0.2) * axis(1)  # 0.02
    for each, value in ((axis(0), 1.0), (near, 3.0), (near, 8.0)):
        remembered.add(each, np.array([2]), np.array([value]))
    assert remembered.size == 1
    assert remembered.arrays()["values"].tolist() == [4.0]
    assert remembered.arrays()["counts"].tolist() == [3]
    remembered.add(apart, np.array([2]), np.array([1.0]))
    remembered.add(near, np.array([5]), np.array([1.0]))  # another action is another moment
    assert remembered.size == 3


def test_the_moment_written_longest_ago_is_forgotten() -> None:
    remembered = memory(capacity=3)
    for place in (0, 1, 2, 0, 3):  # 0 is written again before 3 needs a place
        remembered.add(axis(place), np.array([place + 1]), np.array([1.0]))
    assert remembered.size == 3
    assert [remembered.suggest(axis(place)[0]) for place in range(4)] == [1, None, 3, 4]


def slow_suggestion(stored: list[tuple[np.ndarray, int, float]], moment: np.ndarray, k: int, reach: float):
    """The paper's mean over neighbours, weighted by 1 / (distance + offset), term by term."""
    measured = []
    for key, combo, value in stored:
        cosine = float(key @ moment) / float(np.linalg.norm(key) * np.linalg.norm(moment))
        measured.append((1.0 - cosine, combo, value))
    near = [each for each in sorted(measured)[:k] if each[0] <= reach]
    estimates = {}
    for combo in {combo for _, combo, _ in near}:
        of_it = [(1.0 / (distance + KERNEL_OFFSET), value) for distance, other, value in near if other == combo]
        estimates[combo] = sum(w * v for w, v in of_it) / sum(w for w, _ in of_it)
    best = max(estimates, key=lambda combo: estimates[combo], default=None)
    return best if best is not None and estimates[best] > 0 else None


@pytest.mark.parametrize(("k", "reach"), [(1, 0.5), (5, 0.2), (40, 2.0)])
def test_a_look_up_equals_the_slow_one(k: int, reach: float) -> None:
    rng = np.random.default_rng(3)
    keys = features(40)
    combos = rng.integers(0, 23, 40)
    values = rng.normal(size=40)
    remembered = memory(neighbours=k, reach=reach, merge=1e-9)
    remembered.add(keys, combos, values)
    assert remembered.size == 40
    stored = list(zip(keys, combos.tolist(), values.tolist(), strict=True))
    answers = []
    for moment in features(60, seed=1):
        answers.append(remembered.suggest(moment))
        assert answers[-1] == slow_suggestion(stored, moment, k, reach)
    assert len(set(answers)) >= 2


def test_it_comes_back_from_a_checkpoint_to_the_last_bit() -> None:
    one = memory(capacity=30)
    other = memory(capacity=30)
    rng = np.random.default_rng(5)
    one.add(features(40), rng.integers(0, 3, 40), rng.normal(size=40))
    other.restore(one.arrays())
    for each in (one, other):
        each.add(features(20, seed=2), np.arange(20) % 3, np.ones(20))
    for name, array in one.arrays().items():
        np.testing.assert_array_equal(array, other.arrays()[name])

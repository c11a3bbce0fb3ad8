"""Which act is drawn: those that go badly, more often."""

import pytest

from finetune.sampler import RECENT, ActSampler
from game.rollout import Episode

EASY, HARD = "EmeraldHillZone.Act1", "WingFortressZone"


def episode(act: str, progress: float) -> Episode:
    return Episode(act, 1, 100, 0.0, progress, 0, False, False, False, 0, 0)


def test_acts_that_go_badly_are_preferred() -> None:
    sampler = ActSampler([EASY, HARD], focus=0.5)
    assert sampler.weights == [1.0, 1.0]
    for _ in range(40):
        sampler.add([episode(EASY, 1.0), episode(HARD, 0.1)])
    assert sampler.weights == pytest.approx([0.5, 0.95], abs=1e-3)


def test_recent_episodes_count_most_and_a_saved_state_comes_back() -> None:
    sampler = ActSampler([EASY], focus=1.0)
    sampler.add([episode(EASY, 1.0)])
    assert sampler.recent_progress == {EASY: RECENT}
    other = ActSampler([EASY], focus=1.0)
    other.restore(sampler.recent_progress)
    sampler.add([episode(EASY, 0.0)])
    assert other.weights == [1.0 - RECENT]

"""Where episodes begin: acts that go badly more often, and inside an act where it is hardly ever passed."""

import numpy as np
import pytest

from finetune.sampler import CELLS, RECENT, RECENT_PASSING, UNKNOWN_RATE, UNKNOWN_VISITS, StartSampler
from game.rollout import Episode

EASY, HARD = "EmeraldHillZone.Act1", "WingFortressZone"


def episode(act: str, progress: float, began_at: float = 0.0, passed: bool = False, died: bool = False) -> Episode:
    return Episode(act, 1, 100, 0.0, progress, 0, passed, False, died, 0, 0, began_at=began_at)


def cell(number: int) -> float:
    """The progress in the middle of a cell."""
    return (number + 0.5) / CELLS


def test_acts_that_go_badly_are_preferred() -> None:
    sampler = StartSampler([EASY, HARD], focus=0.5)
    assert sampler.starts.weights == ((1.0,), (1.0,))
    for _ in range(40):
        sampler.add([episode(EASY, 1.0), episode(HARD, 0.1)])
    assert np.ravel(sampler.starts.weights) == pytest.approx([0.5, 0.95], abs=1e-3)


def test_recent_episodes_count_most_and_a_saved_state_comes_back() -> None:
    sampler = StartSampler([EASY], focus=1.0)
    sampler.add([episode(EASY, 1.0, passed=True)])
    assert sampler.recent_progress == {EASY: RECENT}
    other = StartSampler([EASY], focus=1.0)
    other.set_state(sampler.get_state())
    sampler.add([episode(EASY, 0.0)])
    assert other.starts.weights == ((1.0 - RECENT,),)


def test_an_episode_tells_of_the_cells_it_came_into_from_before() -> None:
    sampler = StartSampler([EASY], focus=0.0)
    sampler.add([episode(EASY, cell(4), began_at=cell(2))])
    passed = (UNKNOWN_VISITS * UNKNOWN_RATE + 1) / (UNKNOWN_VISITS + 1)
    failed = UNKNOWN_VISITS * UNKNOWN_RATE / (UNKNOWN_VISITS + 1)
    assert sampler.passing[0, :6] == pytest.approx([UNKNOWN_RATE] * 3 + [passed, failed, UNKNOWN_RATE])
    assert sampler.recent_progress == {EASY: 0.0}  # of whole acts only


def test_few_visits_count_alike_and_of_many_the_newest_most() -> None:
    sampler = StartSampler([EASY], focus=0.0)
    for _ in range(3):
        sampler.add([episode(EASY, cell(4))])
    assert sampler.passing[0, 4] == pytest.approx(UNKNOWN_VISITS * UNKNOWN_RATE / (UNKNOWN_VISITS + 3))
    for _ in range(40):
        sampler.add([episode(EASY, cell(4))])
    before = sampler.passing[0, 4]
    sampler.add([episode(EASY, cell(5))])
    assert sampler.passing[0, 4] == pytest.approx(before + RECENT_PASSING * (1 - before))


def test_one_failure_sets_a_cell_apart_and_a_saved_state_comes_back() -> None:
    sampler = StartSampler([EASY], 0.0, demonstrated=[EASY], share=1.0, strategy="cells")
    even = np.array(sampler.starts.weights)[0]
    assert even == pytest.approx(np.full(CELLS, 1 / CELLS))
    sampler.add([episode(EASY, cell(7))])
    weights = np.array(sampler.starts.weights)[0]
    assert set(np.argsort(weights)[-2:]) == {6, 7}
    assert weights[[6, 7]].min() > 4 * weights[12]
    other = StartSampler([EASY], 0.0, demonstrated=[EASY], share=1.0, strategy="cells")
    other.set_state(sampler.get_state())
    for each in (sampler, other):
        each.add([episode(EASY, cell(7))])
    assert other.starts == sampler.starts


def test_the_last_cell_is_left_by_passing_the_end() -> None:
    sampler = StartSampler([EASY], focus=0.0)
    sampler.add([episode(EASY, 1.0, passed=True)])
    assert (sampler.passing > UNKNOWN_RATE).all()
    sampler.add([episode(EASY, 0.99)])
    assert sampler.passing[0, -1] < sampler.passing[0, -2]


def test_what_ends_where_it_began_tells_nothing() -> None:
    sampler = StartSampler([EASY], focus=0.0)
    sampler.add([episode(EASY, cell(3), began_at=cell(3))])
    assert (sampler.passing == UNKNOWN_RATE).all()


def test_a_cell_that_practice_ends_inside_is_neither_passed_nor_failed() -> None:
    sampler = StartSampler([EASY], focus=0.0, practice_length=2 / CELLS)
    sampler.add([episode(EASY, cell(4), began_at=cell(2))])
    assert sampler.passing[0, 3] > UNKNOWN_RATE
    sampler.add([episode(EASY, cell(4) - 0.1 / CELLS, began_at=cell(2), died=True)])  # nobody could have passed it
    assert sampler.passing[0, 4] == UNKNOWN_RATE
    sampler.add([episode(EASY, cell(8), began_at=cell(7))])  # stood still in a cell that lay in its way as a whole
    assert sampler.passing[0, 8] < UNKNOWN_RATE
    sampler.add([episode(EASY, cell(12))])  # from the act's start, which knows no such length
    assert sampler.passing[0, 12] < UNKNOWN_RATE


def test_a_cell_that_practice_ends_with_can_be_failed() -> None:
    sampler = StartSampler([EASY], focus=0.0, practice_length=2 / CELLS)
    sampler.add([episode(EASY, cell(10), began_at=9.1 / CELLS, died=True)])
    assert sampler.passing[0, 10] < UNKNOWN_RATE
    sampler.add([episode(EASY, cell(CELLS - 1), began_at=cell(CELLS - 2), died=True)])  # its end lies before the act's
    assert sampler.passing[0, CELLS - 1] < UNKNOWN_RATE


@pytest.mark.parametrize("strategy", ["uniform", "cells", "frontier"])
def test_the_share_of_starts_inside_is_kept(strategy: str) -> None:
    sampler = StartSampler([EASY, HARD], 0.3, demonstrated=[EASY], share=0.4, strategy=strategy)
    weights = np.array(sampler.starts.weights)
    assert weights.sum() == pytest.approx(1.0)
    by_cell = 0.2 / CELLS if strategy != "frontier" else 0.0  # nobody came anywhere yet
    # the act without demonstrations keeps its half, all of it at its start
    assert weights[:, 0] == pytest.approx([0.3 + by_cell, 0.5])
    assert weights[1, 1:].sum() == 0.0


def test_cells_that_fail_are_practised_from_inside_and_from_before() -> None:
    sampler = StartSampler([EASY], 0.0, demonstrated=[EASY], share=0.5, strategy="cells")
    for _ in range(60):
        sampler.add([episode(EASY, 1.0, passed=True), episode(EASY, cell(7))])
    weights = np.array(sampler.starts.weights)[0]
    assert set(np.argsort(weights[1:])[-2:] + 1) == {6, 7}
    assert weights[12] < weights[7] / 4


def test_the_frontier_moves_back_as_its_cells_are_mastered_and_then_is_gone() -> None:
    sampler = StartSampler([EASY], 0.0, demonstrated=[EASY], share=0.5, strategy="frontier")
    weights = np.array(sampler.starts.weights)[0]
    assert weights[-1] > 0
    assert (weights[1:-1] == 0).all()
    for _ in range(20):  # from where its episodes begin
        sampler.add([episode(EASY, 1.0, began_at=cell(CELLS - 1), passed=True)])
    assert sampler.frontier.tolist() == [CELLS - 2]
    for _ in range(40):
        sampler.add([episode(EASY, 1.0, passed=True)])
    assert sampler.frontier.tolist() == [0]
    assert (np.array(sampler.starts.weights)[0, 1:] > 0).all()

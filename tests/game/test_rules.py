"""The rules of an act on RAM traces made by hand."""

import pytest

from game.rules import RULE_VARIABLES, ActTracker, ContestScore, is_dead, rule_variables
from tests.game.trace import ACT, START_X, ram


def played(*trace: dict[str, int], lives: int = 3) -> ActTracker:
    tracker = ActTracker.begin(ACT, ram(lives=lives))
    for variables in trace:
        tracker.update(variables)
    return tracker


def test_progress_is_where_the_player_stands_and_furthest_what_was_reached() -> None:
    length = ACT.end_x - START_X
    tracker = played(ram(START_X + length // 2), ram(START_X + length // 4))
    assert tracker.progress == pytest.approx(0.25, abs=1e-3)
    assert tracker.furthest == pytest.approx(0.5, abs=1e-3)
    assert tracker.frame == 2


def test_passing_and_finishing_are_told_apart() -> None:
    passed = played(ram(ACT.end_x))
    assert (passed.passed, passed.finished, passed.progress) == (True, False, 1.0)
    back = played(ram(ACT.end_x), ram(ACT.end_x - 500))
    assert (back.passed, back.progress, back.furthest) == (True, 1.0, 1.0)  # once passed, passed
    assert back.x == ACT.end_x - 500
    tally = played(ram(500, level_end_bonus=1))
    assert (tally.passed, tally.finished, tally.has_left) == (False, True, False)


def test_the_next_acts_x_says_nothing_about_this_one() -> None:
    tracker = played(ram(500), ram(ACT.end_x, act_number=1))
    assert (tracker.max_x, tracker.passed, tracker.finished, tracker.has_left) == (500, False, True, True)


def test_an_extra_life_hides_no_death() -> None:
    """As in the contest's script: fewer lives than a frame before, not than at the start."""
    assert not played(ram(500), ram(500, lives=4)).died
    assert played(ram(500), ram(500, lives=4), ram(500, lives=3)).died
    assert not played(ram(500, lives=1), lives=1).died
    assert played(ram(500, lives=4), lives=5).died
    assert played(ram(500, lives=2), ram(500, lives=3)).died  # once dead, dead


def test_a_special_stage_ends_the_life() -> None:
    tracker = played(ram(500, game_mode=0x10))
    assert (tracker.died, tracker.finished) == (True, False)
    assert is_dead(ram(game_mode=0x10), lives=3)
    assert not is_dead(ram(), lives=3)


def test_a_start_inside_the_act_keeps_the_whole_acts_way_and_time() -> None:
    middle = (START_X + ACT.end_x) // 2
    tracker = ActTracker.begin(ACT, ram(middle), start_x=START_X, frame=9000)
    score = ContestScore(tracker)
    assert tracker.progress == pytest.approx(0.5, abs=1e-3)
    tracker.update(ram(ACT.end_x))
    assert score.pay() == pytest.approx(4500 + 1000 * (1 - 9001 / 18_000), abs=2)
    assert score.pay() == 0.0


def test_the_time_bonus_is_paid_once() -> None:
    tracker = ActTracker.begin(ACT, ram())
    score = ContestScore(tracker)
    for _ in range(3):
        tracker.update(ram(ACT.end_x))
        score.pay()
    assert score.total == pytest.approx(9000 + 1000 * (1 - 1 / 18_000))


def test_a_tracker_goes_back_to_where_it_was() -> None:
    tracker = played(ram(500))
    state = tracker.get_state()
    tracker.update(ram(ACT.end_x, lives=2))
    tracker.set_state(state)
    assert (tracker.died, tracker.max_x, tracker.frame, tracker.lives) == (False, 500, 1, 3)


def test_where_the_player_stood_last_is_paid_even_in_death() -> None:
    """As in the contest's script; but a death on the end x passes nothing."""
    tracker = played(ram(500), ram(ACT.end_x, lives=2))
    assert (tracker.x, tracker.max_x, tracker.passed) == (ACT.end_x, 500, False)


def test_once_the_tally_runs_the_furthest_point_counts() -> None:
    """The game may walk the player off the screen."""
    tracker = played(ram(2000), ram(1000, level_end_bonus=1))
    assert tracker.progress == tracker.furthest == pytest.approx((2000 - START_X) / (ACT.end_x - START_X))


def test_the_rules_need_no_more_than_six_variables() -> None:
    trace = [ram(500), ram(ACT.end_x, level_end_bonus=1), ram(300, act_number=1)]
    few = [rule_variables(variables.__getitem__) for variables in trace]
    assert set(few[0]) == set(RULE_VARIABLES)
    assert played(*few) == played(*trace)


def test_walking_back_takes_back_what_the_way_paid() -> None:
    tracker = ActTracker.begin(ACT, ram())
    score = ContestScore(tracker)
    paid = []
    for x in (1000, 600, 1000):
        tracker.update(ram(x))
        paid.append(score.pay())
    per_pixel = 9000 / (ACT.end_x - START_X)
    assert paid[1:] == pytest.approx([-400 * per_pixel, 400 * per_pixel])
    assert score.total == pytest.approx((1000 - START_X) * per_pixel)

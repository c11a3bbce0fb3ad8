"""Which waypoint the player heads for."""

from dataclasses import replace

from game.places import Place, Waypoint
from record.search.stages import Stage
from tests.record.search.test_route import STANDING

FIRST, SWITCH = Waypoint(900, 300), Waypoint(700, 200, switch=1)
PLACES = (Place("door", 1000, 1400, (FIRST, SWITCH)), Place("lift", 2000, 2300, (Waypoint(1900, 100),)))


def test_waypoints_come_one_after_the_other_and_then_the_way_is_to_the_right() -> None:
    def at(stage: Stage, x: int, **more: int) -> Stage:
        return stage.after(replace(STANDING, x=x, **more), PLACES)

    stage = at(Stage(), 999)
    assert stage.heads_for(PLACES) is None
    stage = at(stage, 1003)
    assert stage.heads_for(PLACES) == FIRST
    stage = at(stage, 950)
    assert stage.heads_for(PLACES) == FIRST  # left of from_x it is still the way
    stage = at(stage, 905)
    assert stage.heads_for(PLACES) == SWITCH
    stage = at(stage, 700, switches=0b10)
    assert stage.heads_for(PLACES) is None
    assert stage == Stage(place=1)
    assert at(stage, 2001).heads_for(PLACES) == PLACES[1].waypoints[0]


def test_a_switch_that_is_thrown_already_needs_no_second_visit() -> None:
    there = replace(STANDING, x=1000, switches=0b10)
    assert Stage(0, 1, begun=True).after(there, PLACES) == Stage(place=1)


def test_whoever_is_past_a_place_is_done_with_it() -> None:
    assert Stage().after(replace(STANDING, x=1481), PLACES) == Stage(place=1)
    assert Stage().after(replace(STANDING, x=2500), PLACES) == Stage(place=2)
    assert Stage().after(replace(STANDING, x=2500), ()) == Stage()

"""Ways to waypoints: found in the real game, and by simple kinematics where they are only expected."""

from dataclasses import replace

import numpy as np
import pytest

from game.acts import find_act
from game.emulator import Emulator
from game.places import Waypoint
from record.search.moves import LEFT, RIGHT
from record.search.route import ACCELERATION, TOP_SPEED, AtWaypoint, Past, WaySearch, _frames_to_run, leads_to
from record.search.sandbox import Sandbox, Situation

ACT = find_act("EmeraldHillZone.Act1")
STANDING = Situation(
    x=500, feet=300, inertia=0, rings=0, alive=True, finished=False, airborne=False, charging=False, switches=0
)


@pytest.fixture
def sandbox(emulator: Emulator) -> Sandbox:
    emulator.set_state(emulator.game.start_state(ACT))
    return Sandbox(emulator, ACT)


def test_the_way_back_is_run_by_holding_left(sandbox: Sandbox) -> None:
    start = sandbox.look()
    there = sandbox.attempt(sandbox.save(), [RIGHT] * 100)
    assert there.end.x > start.x + 150
    state, goal = sandbox.save(), AtWaypoint(Waypoint(start.x, start.feet))
    masks = WaySearch(sandbox, np.random.default_rng(0), goal).find(state, budget=20_000)
    assert masks is not None
    assert masks.count(LEFT) > len(masks) / 2
    assert leads_to(sandbox, state, masks, goal)
    assert abs(sandbox.look().x - start.x) <= 16
    assert not leads_to(sandbox, state, masks[: len(masks) // 2], goal)
    assert not leads_to(sandbox, state, [RIGHT] * len(masks), goal)


def test_no_way_is_found_into_the_sky(sandbox: Sandbox) -> None:
    now = sandbox.look()
    search = WaySearch(sandbox, np.random.default_rng(0), AtWaypoint(Waypoint(now.x, now.feet - 300)))
    assert search.find(sandbox.save(), budget=4_000) is None
    assert 4_000 <= sandbox.frames < 5_000


def test_other_seeds_find_other_ways(sandbox: Sandbox) -> None:
    state, goal = sandbox.save(), Past(sandbox.look().x + 600)
    ways = {tuple(WaySearch(sandbox, np.random.default_rng(seed), goal).find(state, 20_000) or ()) for seed in range(4)}
    assert len(ways) == 4
    again = WaySearch(sandbox, np.random.default_rng(0), goal).find(state, 20_000)
    assert again is not None
    assert tuple(again) in ways


@pytest.mark.parametrize(
    ("changes", "reached"),
    [
        ({}, True),
        ({"x": 516}, True),
        ({"x": 517}, False),
        ({"x": 483}, False),
        ({"feet": 312}, True),
        ({"feet": 313}, False),
        ({"airborne": True}, False),
    ],
)
def test_a_waypoint_is_reached_on_the_ground_nearby(changes: dict, reached: bool) -> None:
    assert AtWaypoint(Waypoint(500, 300)).reached(replace(STANDING, **changes)) is reached


def test_a_switch_is_reached_when_it_was_thrown() -> None:
    goal = AtWaypoint(Waypoint(500, 300, switch=2))
    assert not goal.reached(STANDING)
    assert not goal.reached(replace(STANDING, switches=0b011))
    assert goal.reached(replace(STANDING, switches=0b100, airborne=True, x=900))


@pytest.mark.parametrize(("distance", "speed"), [(50, 0.0), (1000, 0.0), (300, 4.0), (200, -5.0), (0, 3.0)])
def test_the_expected_frames_are_those_of_a_run_stepped_by_hand(distance: float, speed: float) -> None:
    x, frames, now = 0.0, 0, speed
    while x < distance:
        now = now + 0.5 if now < 0 else min(now + ACCELERATION, TOP_SPEED)
        x += now
        frames += 1
    assert _frames_to_run(distance, speed) == pytest.approx(frames, abs=3)

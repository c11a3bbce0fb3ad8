"""Habits read off movies whose hand is known."""

from pathlib import Path

import numpy as np
import pytest

from evaluate.habits import Play, habits_of, watch
from game.emulator import Emulator
from game.movie import Movie, read_movie
from game.spindash import pad_spin_dashes
from tests.record.conftest import ACT

RIGHT, JUMP, LEFT = 128, 1, 64


def played(emulator: Emulator, *runs: tuple[int, int]) -> Play:
    masks = [mask for mask, frames in runs for _ in range(frames)]
    return watch(emulator, Movie(emulator.game.retro_id, emulator.game.start_state(ACT), np.array(masks, np.uint16)))


def test_jumps_are_counted_where_they_begin_and_held_as_long_as_they_are(emulator: Emulator) -> None:
    play = played(emulator, (0, 20), (JUMP, 9), (0, 60), (JUMP, 4), (0, 60))
    assert len(play.jumps) == 2
    assert play.holds == pytest.approx([9, 4], abs=1)
    assert play.jumps[0] == play.jumps[1]
    assert play.airborne > 20
    assert play.left == play.rolling == 0


def test_a_button_held_on_or_pressed_in_the_air_is_no_second_jump(emulator: Emulator) -> None:
    assert len(played(emulator, (0, 20), (JUMP, 200)).jumps) == 1
    assert len(played(emulator, (0, 20), (JUMP, 3), (0, 3), (JUMP, 3), (0, 60)).jumps) == 1


def test_left_is_counted_and_the_route_is_where_the_player_was(emulator: Emulator) -> None:
    play = played(emulator, (RIGHT, 60), (LEFT, 36))
    assert play.left == 36
    xs = [x for _, x, _ in play.route]
    assert [frame for frame, _, _ in play.route] == list(range(0, 96, 12))
    assert max(xs) > xs[0]


def test_spin_dashes_of_a_demonstration(emulator: Emulator, shipped_movie: Path) -> None:
    movie = read_movie(shipped_movie)
    play = watch(emulator, movie)
    assert len(play.dashes) == len(pad_spin_dashes(movie.masks)) == len(play.revs)
    assert 0 < play.rolling < play.frames
    assert play.route[-1][1] > 0.9 * ACT.end_x


def test_habits_are_means_over_plays() -> None:
    one = Play(
        frames=3600, jumps=[1, 2, 3], holds=[10, 20, 30], dashes=[5], revs=[2], rolling=360, airborne=720, left=36
    )
    other = Play(frames=1800, jumps=[1], holds=[4])
    habits = {habit.name: habit for habit in habits_of([one, other, Play()])}
    assert habits["jumps"].values == (3.0, 2.0)
    assert habits["jumps"].mean == 2.5
    assert habits["jump held"].values == (20.0, 4.0)
    assert habits["presses per spin dash"].values == (2.0,)
    assert habits["spin dashes"].values == (1.0, 0.0)
    assert habits["rolling"].values == (10.0, 0.0)
    assert habits["LEFT held"].values == (1.0, 0.0)
    assert habits_of([])[0].mean == 0.0

"""Counting spin dashes, from RAM and from the pad alone."""

import numpy as np

from game.actions import BIT, mask_of
from game.certificate import read_sidecar
from game.emulator import Emulator
from game.movie import read_movie, replay
from game.spindash import SpinDashCounter, pad_spin_dashes

DOWN, REV = BIT["DOWN"], mask_of(("DOWN", "B"))


def feed(frames: list[tuple[int, int, int]]) -> SpinDashCounter:
    """A counter fed with (mask, flag, inertia) frames."""
    counter = SpinDashCounter()
    for frame, (mask, flag, inertia) in enumerate(frames):
        counter.update(frame, mask, flag, inertia, 100)
    return counter


def test_a_dash_has_revs_length_and_speed() -> None:
    counter = feed([(DOWN, 0, 0), (REV, 1, 0), (DOWN, 1, 0), (REV, 1, 0), (DOWN, 1, 0), (0, 0, 0x900)])
    (dash,) = counter.dashes
    assert (dash.frame, dash.frames, dash.revs, dash.inertia) == (1, 4, 2, 0x900)


def test_a_charge_without_a_launch_is_none() -> None:
    assert feed([(REV, 1, 0), (DOWN, 1, 0), (0, 0, 0x100)]).dashes == []


def test_launches_to_the_left_count() -> None:
    assert len(feed([(REV, 1, 0), (0, 0, -0x800)]).dashes) == 1


def test_the_pad_alone_shows_candidates() -> None:
    masks = np.array([0, DOWN, DOWN, REV, DOWN, REV, DOWN, 0, 0, DOWN, 0, REV, 0])
    dashes = pad_spin_dashes(masks)
    assert [(dash.frame, dash.revs) for dash in dashes] == [(3, 2)]


def test_ram_and_pad_agree_on_a_shipped_movie(emulator: Emulator, shipped_movie) -> None:
    movie = read_movie(shipped_movie)
    counter = SpinDashCounter()
    for frame in replay(emulator, movie):
        peek = emulator.peek
        counter.update(frame, int(movie.masks[frame]), peek("spindash_flag"), peek("inertia"), peek("x"))
    by_pad = pad_spin_dashes(movie.masks)
    assert len(counter.dashes) >= 2
    assert len(counter.dashes) == len(by_pad)
    for confirmed, candidate in zip(counter.dashes, by_pad, strict=True):
        assert confirmed.revs <= candidate.revs  # a press before the player is at rest revs nothing
    assert read_sidecar(shipped_movie).facts["finished"]


def test_slower_than_eight_pixels_per_frame_is_no_launch() -> None:
    for inertia, expected in ((0x800, 1), (0x7FF, 0), (-0x7FF, 0)):
        assert len(feed([(REV, 1, 0), (0, 0, inertia)]).dashes) == expected


def test_a_charge_whose_press_came_before_its_flag_has_one_rev() -> None:
    (dash,) = feed([(REV, 0, 0), (REV, 1, 0), (DOWN, 1, 0), (0, 0, 0x900)]).dashes
    assert dash.revs == 1


def test_charges_do_not_add_up() -> None:
    """The second dash has its own revs and its own length."""
    charge = [(REV, 1, 0), (DOWN, 1, 0), (REV, 1, 0), (0, 0, 0x900), (0, 0, 0x900)]
    counter = feed(charge + charge[:1] + charge[3:])
    assert [(dash.frame, dash.frames, dash.revs) for dash in counter.dashes] == [(0, 3, 2), (5, 1, 1)]


def test_a_counter_goes_back_to_any_moment_of_a_charge() -> None:
    """A button held across the moment is not pressed anew."""
    rev = [(REV, 1, 0), (REV, 1, 0)]
    frames = [(DOWN, 0, 0), *rev, (DOWN, 1, 0), *rev, (0, 0, 0x900), (REV, 1, 0)]
    expected = feed(frames).get_state()
    for moment in range(len(frames)):
        counter = feed(frames)
        counter.set_state(feed(frames[:moment]).get_state())
        for frame in range(moment, len(frames)):
            counter.update(frame, *frames[frame], x=100)
        assert counter.get_state() == expected
    assert expected["dashes"][0].revs == 2


def test_a_state_taken_stays_as_it_was() -> None:
    counter = feed([(REV, 1, 0)])
    state = counter.get_state()
    counter.update(1, 0, 0, 0x900, 100)
    assert (state["dashes"], len(counter.dashes)) == ([], 1)


def test_a_crouch_that_is_never_let_go_is_no_candidate() -> None:
    assert pad_spin_dashes(np.array([0, DOWN, REV, DOWN])) == []
    assert len(pad_spin_dashes(np.array([0, DOWN, REV, DOWN, 0]))) == 1

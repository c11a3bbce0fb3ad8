"""What is pressed under sticky frames is what the contest's environment would press."""

from itertools import pairwise

import numpy as np
import pytest

from game.actions import COMBO_COUNT, MASK_OF_COMBO
from game.emulator import Emulator
from game.env import ActEnv, EnvConfig
from record.search.moves import RIGHT, in_steps
from record.search.pad import STEP, Pad


def pressed(pad: Pad, masks: list[int]) -> list[int]:
    pad.press(0)
    for mask in masks:
        for _ in range(STEP):
            pad.press(mask)
    return pad.masks


@pytest.mark.parametrize("sticky", [0.25, 1.0])
def test_it_presses_what_the_environment_presses(emulator: Emulator, sticky: float) -> None:
    env = ActEnv(emulator, EnvConfig(stick_probability=sticky))
    env.reset(seed=5)
    combos = np.random.default_rng(0).integers(0, COMBO_COUNT, 100).tolist()
    for combo in combos:
        env.step(combo)
    wanted = [int(MASK_OF_COMBO[combo]) for combo in combos]
    pad = Pad(sticky, np.random.default_rng(5))
    assert pressed(pad, wanted)[: len(env.masks)] == env.masks
    assert len(env.masks) > 200


def test_without_sticky_frames_everything_is_pressed_as_it_is() -> None:
    pad = Pad(0.0, np.random.default_rng(0))
    assert pad.fit(((RIGHT, 3), (0, 5))) == ((RIGHT, 4), (0, 4))  # whole steps all the same
    assert pressed(pad, [1, 2]) == [0, 1, 1, 1, 1, 2, 2, 2, 2]


def test_a_sticky_hand_decides_once_a_step() -> None:
    pad = Pad(0.25, np.random.default_rng(0))
    assert pad.fit(((RIGHT, 3), (0, 10), (2, 1))) == ((RIGHT, 4), (0, 8), (2, 4))
    masks = pressed(pad, [1, 2] * 200)
    changes = [frame for frame, (before, now) in enumerate(pairwise(masks), start=1) if before != now]
    assert {frame % STEP for frame in changes} == {1, 2}
    late = sum(frame % STEP == 2 for frame in changes) / len(changes)
    assert 0.18 < late < 0.32


def test_steps_of_one_frame_leave_a_move_as_it_is() -> None:
    assert in_steps(((RIGHT, 3), (0, 7)), 1) == ((RIGHT, 3), (0, 7))


def test_what_was_pressed_can_be_taken_back() -> None:
    pad = Pad(0.0, np.random.default_rng(0))
    pressed(pad, [1, 2])
    pad.go_back(5)
    assert pad.masks == [0, 1, 1, 1, 1]
    assert pad.begins_step

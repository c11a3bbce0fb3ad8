"""The quick shrink against cv2's own INTER_AREA, which is the definition."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from game.emulator import Emulator
from game.movie import read_movie, replay
from game.observation import HUD_COLUMNS, HUD_ROWS, ObservationSpec, observe

SPEC = ObservationSpec()
ROWS, COLUMNS = 224, 320


def by_cv2(screen: np.ndarray, spec: ObservationSpec = SPEC) -> np.ndarray:
    grey = cv2.cvtColor(screen, cv2.COLOR_RGB2GRAY)
    if spec.hide_hud:
        grey[:HUD_ROWS, :HUD_COLUMNS] = 0
    return cv2.resize(grey, spec.frame_shape[::-1], interpolation=cv2.INTER_AREA)


def noise(seed: int, levels: int = 256) -> np.ndarray:
    """uint8 [224, 320, 3]: `levels` brightnesses from black to white, at random."""
    drawn = np.random.default_rng(seed).integers(0, levels, (ROWS, COLUMNS, 3))
    return (drawn * 255 // (levels - 1)).astype(np.uint8)


def checkerboard(height: int, width: int) -> np.ndarray:
    y, x = np.mgrid[:ROWS, :COLUMNS]
    return np.repeat(255 * ((y // height + x // width) % 2)[..., None], 3, axis=2).astype(np.uint8)


def assert_within_one_level(screen: np.ndarray, spec: ObservationSpec = SPEC) -> None:
    frame = observe(screen, spec)
    expected = by_cv2(screen, spec)
    assert frame.dtype == np.uint8
    assert frame.shape == expected.shape
    assert frame.flags.c_contiguous
    difference = np.abs(frame.astype(int) - expected)
    assert difference.max() <= 1, f"{difference.max()} levels at {np.argwhere(difference > 1)[0]}"


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), levels=st.sampled_from([2, 3, 16, 256]), hide_hud=st.booleans())
def test_noise(seed: int, levels: int, hide_hud: bool) -> None:
    assert_within_one_level(noise(seed, levels), ObservationSpec(hide_hud=hide_hud))


@pytest.mark.parametrize("height", [1, 2, 3, 7, 224])
@pytest.mark.parametrize("width", [1, 2, 3, 10, 320])
def test_checkerboards_and_stripes(height: int, width: int) -> None:
    assert_within_one_level(checkerboard(height, width))
    assert_within_one_level(255 - checkerboard(height, width))


def test_flat_pictures_stay_as_they_are() -> None:
    for level in range(256):
        assert (observe(np.full((ROWS, COLUMNS, 3), level, np.uint8), SPEC) == level).all()


def test_every_source_pixel_counts_where_cv2_counts_it() -> None:
    """One white pixel at each place of the 7 x 10 pattern, in the first, an inner and the last repeat."""
    for top, left in ((0, 0), (112, 160), (217, 310)):
        for place in range(70):
            screen = np.zeros((ROWS, COLUMNS, 3), np.uint8)
            screen[top + place // 10, left + place % 10] = 255
            assert_within_one_level(screen)
            assert observe(screen, SPEC).any()


def test_unusual_memory_layouts() -> None:
    assert_within_one_level(noise(1)[::-1])
    assert_within_one_level(noise(2)[:, :, ::-1])


def test_frames_do_not_share_memory() -> None:
    first = observe(noise(3), SPEC)
    kept = first.copy()
    second = observe(noise(4), SPEC)
    assert not np.shares_memory(first, second)
    np.testing.assert_array_equal(first, kept)


def test_screen_is_left_alone() -> None:
    screen = noise(5)
    screen.setflags(write=False)
    observe(screen, ObservationSpec(hide_hud=True))
    np.testing.assert_array_equal(screen, noise(5))


@pytest.mark.parametrize("size", [(84, 84), (64, 64), (96, 84), (112, 160)])
def test_other_sizes_are_cv2s(size: tuple[int, int]) -> None:
    spec = ObservationSpec(height=size[0], width=size[1])
    np.testing.assert_array_equal(observe(noise(6), spec), by_cv2(noise(6), spec))


def test_other_pictures_are_cv2s() -> None:
    narrow = np.ascontiguousarray(noise(7)[:, :256])
    np.testing.assert_array_equal(observe(narrow, SPEC), by_cv2(narrow))


def test_spec_survives_json_and_a_different_one_is_refused() -> None:
    assert ObservationSpec.from_json(SPEC.to_json()) == SPEC
    with pytest.raises(ValueError, match=r"observation spec.*Received"):
        ObservationSpec.from_json(SPEC.to_json() | {"resize": "INTER_LINEAR"})


def test_the_hidden_corner_is_72_rows_by_128_columns() -> None:
    """Data sets and checkpoints carry only that it is hidden, so its size must stay."""
    white = np.full((ROWS, COLUMNS, 3), 255, np.uint8)
    frame = observe(white, ObservationSpec(height=ROWS, width=COLUMNS, hide_hud=True))
    expected = np.full((ROWS, COLUMNS), 255, np.uint8)
    expected[:72, :128] = 0
    np.testing.assert_array_equal(frame, expected)


def test_quillrushs_score_time_and_rings_lie_in_that_corner(emulator: Emulator, shipped_movie) -> None:
    """What does not move while the act scrolls past is drawn over it."""
    screens = []
    for frame in replay(emulator, read_movie(shipped_movie)):
        if frame >= 200 and frame % 10 == 0:
            screens.append(emulator.screen()[: ROWS // 2])
        if frame == 600:
            break
    still = (np.array(screens) == screens[0]).all(axis=(0, 3))
    assert still[:HUD_ROWS, :HUD_COLUMNS].sum() > 200
    still[:HUD_ROWS, :HUD_COLUMNS] = False
    assert not still.any()

"""Which frames a window's label and pictures come from, to the frame; what is not taught; weights."""

import numpy as np
import pytest

from dataset.windows import Windows, before_deaths, frames_shown, label_weights, window_labels, windows_of_movie
from game.actions import COMBO_OF_MASK, MERGED_COMBO, mask_of
from game.env import EnvConfig, make_env
from policy.episodes import movie_of

RIGHT, LEFT, B = mask_of(("RIGHT",)), mask_of(("LEFT",)), mask_of(("B",))
COMBOS = MERGED_COMBO[COMBO_OF_MASK]


def windows(masks: list[int], **changes: object) -> Windows:
    count = len(masks)
    options: dict = {
        "masks": np.array(masks),
        "labelled": np.ones(count, bool),
        "in_play": np.ones(count + 1, bool),
        "movie": 3,
        "first_row": 100,
        "frame_skip": 4,
        "stack": 2,
        "merge": True,
    }
    return windows_of_movie(**(options | changes))


def test_a_window_of_one_frame_has_that_frames_label() -> None:
    """The fault of the system before this one was labels a frame late; a majority over four frames would hide it."""
    masks = np.array([0, RIGHT, LEFT, 0, RIGHT, RIGHT, LEFT, LEFT, 0])
    np.testing.assert_array_equal(window_labels(masks, 0, 1), COMBOS[masks])
    np.testing.assert_array_equal(window_labels(masks, 3, 1), COMBOS[masks[3:]])


def test_ties_show_where_windows_begin() -> None:
    masks = np.array([RIGHT, LEFT, 0, RIGHT, LEFT, 0])
    assert window_labels(masks, 0, 2).tolist() == COMBOS[[RIGHT, 0, LEFT]].tolist()
    assert window_labels(masks, 1, 2).tolist() == COMBOS[[LEFT, RIGHT]].tolist()


def test_the_newest_picture_is_the_one_before_the_labels_first_frame() -> None:
    """Row r of the cache shows what was seen when the pad of frame r - first_row was pressed."""
    masks = [0, RIGHT, LEFT, 0, RIGHT, LEFT]
    found = windows(masks, frame_skip=1)
    assert found.stacks[:, -1].tolist() == [100, 101, 102, 103, 104, 105]
    assert found.labels.tolist() == COMBOS[masks].tolist()
    assert set(found.movies.tolist()) == {3}


def test_frames_out_of_play_are_not_taught() -> None:
    """A pad pressed behind a title card or a fade says nothing about the picture."""
    in_play = np.array([False] * 5 + [True] * 8)
    found = windows([0] * 12, in_play=in_play)
    newest = found.stacks[:, -1] - 100
    assert len(newest)
    assert newest.min() == 5
    assert len(windows([0] * 12)) - len(found) == 5  # those that begin at 0 to 4


def test_a_window_with_one_frame_of_another_presser_is_not_taught() -> None:
    labelled = np.array([True] * 5 + [False] + [True] * 6)
    begins = windows([0] * 12, labelled=labelled).stacks[:, -1] - 100
    assert not set(begins.tolist()) & {2, 3, 4, 5}
    assert {0, 1, 6} <= set(begins.tolist())


def test_no_weight_is_above_ten() -> None:
    labels = np.array([2] * 99_999 + [5])
    assert label_weights(labels, 1.0)[5] == 10.0


def test_a_jump_begins_where_the_button_goes_down_not_where_it_comes_up() -> None:
    right_b = RIGHT | B
    masks = np.array([RIGHT, RIGHT, RIGHT, right_b, right_b, RIGHT, RIGHT, RIGHT])
    assert window_labels(masks, 0, 4).tolist() == COMBOS[[right_b, RIGHT]].tolist()


def test_the_seconds_before_a_lost_life_are_doomed() -> None:
    lives = np.array([3] * 6 + [2] * 4 + [3] * 2 + [2])  # an extra life hides nothing
    assert np.flatnonzero(before_deaths(lives, 3)).tolist() == [3, 4, 5, 9, 10, 11]
    assert before_deaths(lives, 99).all()
    assert not before_deaths(np.array([3, 3, 4, 4]), 3).any()


def test_an_agents_own_steps_are_the_first_phase() -> None:
    actions = np.random.default_rng(0).integers(23, size=40).tolist()
    env = make_env(EnvConfig("quillrush", max_frames=1_000))
    env.reset(seed=0, options={"act": "EmeraldHillZone.Act1"})
    for action in actions:
        env.step(action)
    masks = movie_of(env).masks
    env.close()
    found = windows(masks.tolist(), merge=False)
    own = found.of_phases(1, frame_skip=4)
    assert own.labels.tolist() == actions
    assert (own.stacks[:, -1] - 100).tolist() == list(range(1, 161, 4))
    assert set(found.of_phases(2, frame_skip=4).phases.tolist()) == {0, 1}  # a frame earlier
    assert len(found.of_phases(4, frame_skip=4)) == len(found)


@pytest.mark.parametrize(("frame_skip", "stack"), [(4, 4), (1, 1), (3, 2)])
def test_every_picture_of_a_window_is_among_those_that_may_be_shown(frame_skip: int, stack: int) -> None:
    """And no picture that none shows, but for those before the last frames of a stretch, too few for a window."""
    labelled = np.random.default_rng(3).random(600) < 0.03
    labelled = np.convolve(labelled, np.ones(40), "same") > 0  # stretches, as the corrections of a movie are
    reach = (stack - 1) * frame_skip
    found = windows_of_movie(
        np.zeros(600, np.uint16),
        labelled,
        np.ones(601, bool),
        movie=0,
        first_row=0,
        frame_skip=frame_skip,
        stack=stack,
        merge=True,
    )
    needed = set(found.stacks.ravel().tolist())
    ranges = frames_shown(labelled, reach)
    kept = {row for rows in ranges for row in rows}
    assert needed <= kept
    assert len(kept) == sum(len(rows) for rows in ranges) < 601
    ends = np.flatnonzero(np.diff(labelled.astype(int), append=0) == -1)
    assert kept - needed <= {int(end) - back for end in ends for back in range(frame_skip)}

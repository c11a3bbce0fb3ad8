"""How episodes ended, in words and at which x."""

import dataclasses
from collections.abc import Callable

import pytest

from evaluate.endings import ending_in_words, ending_of, ending_x
from game.rollout import Episode

ACT = "WingFortressZone"


@pytest.mark.parametrize(
    ("changes", "ending", "words"),
    [
        ({"finished": True, "frames": 38 * 60}, "completed", "completed in 38\u00a0s"),
        ({"died": True}, "died", "died at 43\u00a0%"),
        ({"died": False}, "time ran out", "ran out of time at 43\u00a0%"),
        ({"died": True, "passed_end_x": True}, "died", "died after passing the end\u00a0x"),
        ({"died": False, "passed_end_x": True}, "time ran out", "ran out of time after passing the end\u00a0x"),
    ],
)
def test_words(episode_of: Callable[..., Episode], changes: dict, ending: str, words: str) -> None:
    episode = dataclasses.replace(episode_of(ACT, 1, 0.43), **changes)
    assert ending_of(episode) == ending
    assert ending_in_words(episode) == words


@pytest.mark.parametrize(
    ("trace", "x"),
    [
        ([(0, 96), (60, 400)], 500),  # still on its way to its furthest point
        ([(0, 96), (60, 500), (120, 300)], 300),  # went back
        ([], 500),
    ],
)
def test_where(episode_of: Callable[..., Episode], trace: list[tuple[int, int]], x: int) -> None:
    assert ending_x(dataclasses.replace(episode_of(ACT, 1, 0.5), trace=trace, max_x=500)) == x

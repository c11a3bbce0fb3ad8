"""How an episode ended, in words and at which x."""

from typing import Literal

from game.rollout import Episode
from game.rules import FRAMES_PER_SECOND

Ending = Literal["completed", "died", "time ran out"]


def ending_of(episode: Episode) -> Ending:
    """What ended an episode: the game calls the act done, a lost life, or the limit of frames."""
    if episode.finished:
        return "completed"
    return "died" if episode.died else "time ran out"


def ending_in_words(episode: Episode) -> str:
    """What happened: "completed in 38 s", "died at 43 %", "ran out of time at 71 %"; the share is the furthest point's."""
    if episode.finished:
        return f"completed in {episode.frames / FRAMES_PER_SECOND:.0f}\u00a0s"
    what = "died" if episode.died else "ran out of time"
    if episode.passed_end_x:
        return f"{what} after passing the end\u00a0x"
    return f"{what} at {100 * episode.progress:.0f}\u00a0%"


def ending_x(episode: Episode) -> int:
    """About where it ended, in pixels of x.

    The trace has a point per second. An episode whose last point was its furthest was still on its way, so it ended
    between there and its furthest x, which is taken.
    """
    xs = [x for _, x in episode.trace]
    if not xs or xs[-1] >= max(xs):
        return episode.max_x
    return xs[-1]

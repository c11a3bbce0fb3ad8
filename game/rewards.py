"""Progress and rewards as pure functions of RAM values: the Retro Contest's, and others that were learnt from.

The contest's Lua script (stable-retro, SonicTheHedgehog2-Genesis-v0/script.lua) pays 9000 for the change of progress
and up to 1000 for passing the end early. These functions give the same numbers on whole episodes; they leave out the
script's carry-over between acts and its odd start when an episode begins in the middle of an act.

Whatever is learnt from, scored is by the contest's.
"""

from typing import Literal

RewardName = Literal["contest", "backtracking", "sparse", "tiers", "fitness"]
"""contest: every change of progress. backtracking: new ground only. sparse: 1 for the end of the act. tiers: what raises the
game's own score. fitness: frames that win new ground."""

PROGRESS_REWARD = 9000.0
TIME_BONUS = 1000.0
CONTEST_FRAMES = 18_000

SPARSE_REWARD = 1.0
SCORE_FACTOR = 10.0
"""Of the game's own score, in the scenario that stable-retro has by default."""
TIERS = ((2500.0, 0.09), (1700.0, 0.07))
"""(a reward above this, its factor), the highest first ..."""
LOWEST_FACTOR = 0.05
"""... and that of all others."""
ADVANCE_REWARD = 10.0
"""Of the fitness, per frame that won new ground."""
ADVANCE_BONUS = 100_000.0
"""Of the fitness, for the end of the act."""


def progress_of(x: int, start_x: int, end_x: int) -> float:
    """How far along an act, 0 to 1. All in pixels; ValueError when the act has no length."""
    length = end_x - start_x
    if length <= 0:
        raise ValueError(f"Expected the end of the act to the right of its start. Received: {start_x=}, {end_x=}")
    return min(max(x - start_x, 0), length) / length


def contest_reward(previous_progress: float, progress: float, frame: int) -> float:
    """9000 x the change of progress, plus the time bonus when the end is passed.

    Args:
        previous_progress, progress: 0 to 1, before and now.
        frame: frames since the episode began, as the script counts them.
    """
    reward = (progress - previous_progress) * PROGRESS_REWARD
    if progress >= 1.0:
        reward += time_bonus(frame)
    return reward


def time_bonus(frame: int) -> float:
    """Up to 1000, falling to nothing at 18,000 frames."""
    return (1.0 - min(max(frame / CONTEST_FRAMES, 0.0), 1.0)) * TIME_BONUS


def backtracking_reward(best_progress: float, progress: float, frame: int) -> float:
    """The contest reward with only new ground paying, so that walking back to try again costs nothing."""
    return contest_reward(best_progress, max(progress, best_progress), frame)


def tiered_reward(points: int) -> float:
    """10 x so many points of the game's own score, times a factor that grows with it.

    The Retro Contest's write-up that has these tiers put them on the contest's reward, of which a step never pays enough for
    the two upper ones; they fit the score.
    """
    reward = points * SCORE_FACTOR
    for above, factor in TIERS:
        if reward > above:
            return reward * factor
    return reward * LOWEST_FACTOR


def advance_reward(frames: int, passes: bool) -> float:
    """NEAT's fitness (andruschak/openai-gym-retro, sonic.py): per frame that won new ground, and for the end of the act."""
    bonus = ADVANCE_BONUS if passes else 0.0
    return ADVANCE_REWARD * frames + bonus


PERFECT_RETURNS: dict[str, float] = {
    "contest": PROGRESS_REWARD + TIME_BONUS,
    "backtracking": PROGRESS_REWARD + TIME_BONUS,
    "sparse": SPARSE_REWARD,
    # no bound is known for the score; so many points are worth about as much as the contest's whole way
    "tiers": (PROGRESS_REWARD + TIME_BONUS) * LOWEST_FACTOR,
    "fitness": ADVANCE_REWARD * CONTEST_FRAMES + ADVANCE_BONUS,
}
"""What an episode hardly exceeds, by the reward's name; unscaled."""

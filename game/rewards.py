"""Progress and rewards of the Retro Contest as pure functions of RAM values.

The contest's Lua script (stable-retro, SonicTheHedgehog2-Genesis-v0/script.lua) pays 9000 for the change of progress
and up to 1000 for passing the end early. These functions give the same numbers on whole episodes; they leave out the
script's carry-over between acts and its odd start when an episode begins in the middle of an act.
"""

PROGRESS_REWARD = 9000.0
TIME_BONUS = 1000.0
CONTEST_FRAMES = 18_000


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

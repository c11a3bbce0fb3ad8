"""Do both sides of a pair play the same game? Their transitions on the same actions, compared before anything is timed.

`python -m bench.transitions NAME FILE` plays one side in a process of its own and leaves what it saw. Sticky frames are off
here on both sides, because each draws its own chance; all else is what is timed.

Arrays, of N steps (an array that only one side has is not compared):
    frames        uint8 [N, height, width], the newest frame before each step
    observations  uint8 [N - 3, height, width, 4], whole stacks from the fourth step on: before, libraries differ in padding
    rewards       float32 [N]
    terminated, truncated   bool [N]
    ram           int64 [N, variables]
"""

import pkgutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

from bench.common import random_combos
from bench.side import SideError, environment, interpreter

Arrays = dict[str, np.ndarray]
TOLERANCES = {"frames": 1.0, "observations": 1.0, "rewards": 0.01}
"""Grey levels: `game.observation.observe` is within one of OpenCV's INTER_AREA. Rewards of 9,000 per act: the contest's script
sums them up frame by frame. Everything else has to be equal."""
STEPS = 120
"""Of the compared episode at most."""
FRAMES = 400
"""After which it is cut, so that its end is compared as well."""
COMPARED = ("x", "y", "lives", "rings")
"""RAM, where a side's pictures cannot be compared."""
PADDED = 3
"""Stacks that hold frames of before the episode."""


def script() -> list[int]:
    """The combos that both sides press."""
    combos = random_combos(seed=1)
    return [next(combos) for _ in range(STEPS)]


class Recorder:
    """What a side saw, step by step, of one episode."""

    def __init__(self) -> None:
        self._stacks: list[np.ndarray] = []
        self._rewards: list[float] = []
        self._ends: list[tuple[bool, bool]] = []

    def add(self, stack: np.ndarray, reward: float, terminated: bool, truncated: bool) -> None:
        """One step: the stack uint8 [height, width, 4] before it, and what came of it."""
        self._stacks.append(np.array(stack))
        self._rewards.append(float(reward))
        self._ends.append((bool(terminated), bool(truncated)))

    def arrays(self) -> Arrays:
        """What was added."""
        stacks = np.stack(self._stacks)
        ends = np.array(self._ends)
        return {
            "frames": stacks[..., -1],
            "observations": stacks[PADDED:],
            "rewards": np.array(self._rewards, np.float32),
            "terminated": ends[:, 0],
            "truncated": ends[:, 1],
        }


class Mismatch(RuntimeError):
    """The sides do not play the same game; the message names array and step."""


def compare(ours: Arrays, theirs: Arrays) -> dict[str, float]:
    """name -> the largest difference, of every array that both have.

    Raises:
        Mismatch: nothing can be compared, or something differs by more than TOLERANCES.
    """
    both = [name for name in ours if name in theirs]
    if not both:
        raise Mismatch(f"expected arrays that both sides have. Received: {sorted(ours)} and {sorted(theirs)}")
    found = {}
    for name in both:
        if ours[name].shape != theirs[name].shape:
            raise Mismatch(f"{name}: ours has the shape {ours[name].shape}, theirs {theirs[name].shape}")
        differences = np.abs(ours[name].astype(np.float64) - theirs[name].astype(np.float64))
        largest = float(differences.max(initial=0.0))
        if largest > TOLERANCES.get(name, 0.0):
            step = int(np.argmax(differences.reshape(len(differences), -1).max(axis=1)))
            raise Mismatch(f"{name} differ by {largest:g} at step {step}; at most {TOLERANCES.get(name, 0.0):g} may be")
        found[name] = largest
    return found


def play(name: str, folder: Path) -> Arrays:
    """The transitions of a side, played in a process of its own; SideError when it fails."""
    file = folder / "transitions.npz"
    command = [interpreter(name), "-m", "bench.transitions", name, str(file)]
    done = subprocess.run(command, env=environment(), cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SideError(f"{name} ended:\n{done.stderr[-2000:]}")
    with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)


def main(name: str, file: str) -> int:
    """Play the named side and leave its arrays."""
    function: Callable[[], Arrays] = pkgutil.resolve_name(f"bench.{name}")
    np.savez(file, **function())
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))

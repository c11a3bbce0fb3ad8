"""Changed copies of a sequence: what was left out, cut off or pressed differently may go further.

After the JERK with mutation of the Retro Contest (gardenermike/openai-retro-contest-experiments, jerk/). There, point
mutation stood behind a `return` in one version and was never reached, and cutting 0 actions off the end could delete all of
them in another; the rate of change was a share of an unscaled 10,000 points though rewards were scaled.
"""

import numpy as np

from game.actions import ACTION_SETS

EXCISED_SHARE = 0.2
"""Of a sequence, at most so much is left out."""
CERTAIN_LENGTH = 100
"""Steps from which on something is always left out; of shorter sequences, in proportion."""
REACH = 100.0
"""Steps from the end over which truncation and point mutation become e times rarer."""
TRUNCATION_RATE = 0.3
POINT_RATE = 0.2
"""Both for a sequence that is worth nothing; they fall to 0 for a perfect one."""
REPLACEMENTS = ACTION_SETS["contest7"]
"""What a point mutation may press. DOWN and DOWN+B are among them, so that mutation can find a spin dash."""


def mutate(combos: np.ndarray, quality: float, rng: np.random.Generator) -> np.ndarray:
    """A changed copy: excised, truncated and mutated at points. uint8 [steps] -> uint8 [no more steps].

    Args:
        quality: the sequence's share of a perfect return, 0 to 1; the better, the less is changed.
    """
    change = 1.0 - min(max(quality, 0.0), 1.0)
    shorter = excise(combos, rng)
    shorter = truncate(shorter, TRUNCATION_RATE * change, rng)
    return point_mutate(shorter, POINT_RATE * change, rng)


def excise(combos: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Leaves a piece out, at a random place, of 0 to a fifth of the steps; short sequences often stay as they are."""
    steps = len(combos)
    if steps == 0 or rng.random() >= steps / CERTAIN_LENGTH:
        return combos.copy()
    first = int(rng.integers(steps))
    length = int(rng.integers(int(steps * EXCISED_SHARE) + 1))
    return np.delete(combos, slice(first, first + length))


def truncate(combos: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Cuts off the end: walking back from it, the cut comes at distance d with probability rate x e^(-d / 100)."""
    is_cut = rng.random(len(combos)) < rate * fading(len(combos))
    places = np.flatnonzero(is_cut)
    if len(places) == 0:
        return combos.copy()
    return combos[: places[-1]].copy()


def point_mutate(combos: np.ndarray, rate: float, rng: np.random.Generator) -> np.ndarray:
    """Presses something else at some steps: at distance d from the end with probability rate x e^(-d / 100)."""
    is_changed = rng.random(len(combos)) < rate * fading(len(combos))
    changed = combos.copy()
    changed[is_changed] = rng.choice(REPLACEMENTS, int(is_changed.sum()))
    return changed


def fading(steps: int) -> np.ndarray:
    """e^(-d / 100) for every step of a sequence, d its distance from the last one: float64 [steps]."""
    distances = np.arange(steps)[::-1]
    return np.exp(-distances / REACH)

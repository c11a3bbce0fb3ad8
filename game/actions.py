"""The 23 button combos an agent chooses from, and the total map from any pad state to one of them.

A *pad mask* is a 12-bit integer whose bit i says that BUTTONS[i] is held (stable-retro's own order). Movies hold
masks; agents choose combos; data sets hold both. The combo table is the one of kimbring2's
SonicTheHedgehog2-Tensorflow2 (row 16 there carries A's bit by mistake; here it is B + RIGHT + DOWN as named).
"""

import numpy as np

BUTTONS = ("B", "A", "MODE", "START", "UP", "DOWN", "LEFT", "RIGHT", "C", "Y", "X", "Z")
MASK_COUNT = 1 << len(BUTTONS)
BIT = {button: 1 << i for i, button in enumerate(BUTTONS)}
JUMP_BITS = BIT["A"] | BIT["B"] | BIT["C"]

COMBOS: tuple[tuple[str, ...], ...] = (
    (),
    ("LEFT",),
    ("RIGHT",),
    ("A",),
    ("B",),
    ("DOWN",),
    ("UP",),
    ("B", "LEFT"),
    ("B", "RIGHT"),
    ("B", "DOWN"),
    ("A", "LEFT"),
    ("A", "RIGHT"),
    ("A", "DOWN"),
    ("DOWN", "RIGHT"),
    ("DOWN", "LEFT"),
    ("LEFT", "RIGHT"),
    ("B", "RIGHT", "DOWN"),
    ("B", "LEFT", "DOWN"),
    ("A", "LEFT", "DOWN"),
    ("A", "LEFT", "RIGHT"),
    ("A", "RIGHT", "DOWN"),
    ("B", "LEFT", "RIGHT"),
    ("DOWN", "LEFT", "RIGHT"),
)
COMBO_COUNT = len(COMBOS)
COMBO_NAMES = tuple("+".join(combo) or "none" for combo in COMBOS)

_INDEX = {frozenset(combo): index for index, combo in enumerate(COMBOS)}
_IGNORED = {"START", "MODE", "X", "Y", "Z"}


def mask_of(buttons: tuple[str, ...] | frozenset[str]) -> int:
    """The pad mask with exactly these buttons held; KeyError for a name that is not in BUTTONS."""
    return sum(BIT[button] for button in buttons)


def buttons_of(mask: int) -> frozenset[str]:
    """The names of the buttons held in a mask. ValueError outside 0..4095."""
    if not 0 <= mask < MASK_COUNT:
        raise ValueError(f"Expected a pad mask from 0 to {MASK_COUNT - 1} (12 buttons). Received: {mask}")
    return frozenset(button for button, bit in BIT.items() if mask & bit)


def reduce_buttons(held: frozenset[str]) -> tuple[frozenset[str], frozenset[str]]:
    """One pad state as a listed combo.

    Returns:
        (combo, reasons): the buttons of the combo, and why they differ from what was held, out of
        "c_as_b", "a_with_b", "ignored_button", "up_dropped", "up_down", "left_right".
    """
    reasons = set()
    combo = set(held)
    if combo & _IGNORED:
        combo -= _IGNORED
        reasons.add("ignored_button")
    if "C" in combo:
        combo.discard("C")
        combo.add("B")
        reasons.add("c_as_b")
    if {"A", "B"} <= combo:  # to the game they are one button
        combo.discard("A")
        reasons.add("a_with_b")
    if {"UP", "DOWN"} <= combo:
        combo -= {"UP", "DOWN"}
        reasons.add("up_down")
    if "UP" in combo and len(combo) > 1:
        combo.discard("UP")
        reasons.add("up_dropped")
    if frozenset(combo) not in _INDEX:  # a jump with DOWN, LEFT and RIGHT, the only one without a row
        combo -= {"LEFT", "RIGHT"}
        reasons.add("left_right")
    return frozenset(combo), frozenset(reasons)


def _with_b_for_a(combo: tuple[str, ...]) -> frozenset[str]:
    held = frozenset(combo)
    if "A" in held:
        return held - {"A"} | {"B"}
    return held


_REDUCED = [reduce_buttons(buttons_of(mask)) for mask in range(MASK_COUNT)]

COMBO_OF_MASK = np.array([_INDEX[combo] for combo, _ in _REDUCED], dtype=np.uint8)
"""uint8 [4096]: combo index of every pad mask."""

CHANGE_REASONS = tuple(reasons for _, reasons in _REDUCED)
"""For every pad mask, why its combo presses other buttons than the player did (empty: it does not)."""

MASK_OF_COMBO = np.array([mask_of(combo) for combo in COMBOS], dtype=np.uint16)
"""uint16 [23]: the pad mask that presses a combo."""

MERGED_COMBO = np.array([_INDEX[_with_b_for_a(combo)] for combo in COMBOS], dtype=np.uint8)
"""uint8 [23]: the same combo with B in place of A. The game cannot tell A, B and C apart; only thumbs differ."""

ACTION_SETS: dict[str, tuple[int, ...]] = {
    "all": tuple(range(COMBO_COUNT)),
    "merged": tuple(sorted(set(MERGED_COMBO.tolist()))),
    # the seven of the Retro Contest's baselines (retro-baselines, sonic_util.py)
    "contest7": tuple(
        _INDEX[frozenset(buttons)]
        for buttons in (
            ("LEFT",),
            ("RIGHT",),
            ("LEFT", "DOWN"),
            ("RIGHT", "DOWN"),
            ("DOWN",),
            ("DOWN", "B"),
            ("B",),
        )
    ),
    # what JERK presses (retro-baselines, jerk_agent.py)
    "jerk4": tuple(_INDEX[frozenset(buttons)] for buttons in (("RIGHT",), ("LEFT",), ("B", "RIGHT"), ("B", "LEFT"))),
}
"""name -> combo indices: the choices a policy has. Outside the policy everybody sees combos."""


def is_lossy(mask: int) -> bool:
    """Whether labelling this mask loses something: an ignored button, an UP, or an unlisted pair of directions."""
    return bool(CHANGE_REASONS[mask] - {"c_as_b", "a_with_b"})


def pad_array(mask: int) -> np.ndarray:
    """A mask as the emulator takes it: uint8 [12], 1 where held."""
    return ((mask >> np.arange(len(BUTTONS))) & 1).astype(np.uint8)


PAD_ARRAYS = np.array([pad_array(mask) for mask in range(MASK_COUNT)])
"""uint8 [4096, 12]: pad_array of every mask, made once."""

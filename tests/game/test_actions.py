"""The 23 combos and the total map from pad masks."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from game.actions import (
    BUTTONS,
    CHANGE_REASONS,
    COMBO_COUNT,
    COMBO_NAMES,
    COMBO_OF_MASK,
    COMBOS,
    MASK_COUNT,
    MASK_OF_COMBO,
    MERGED_COMBO,
    buttons_of,
    is_lossy,
    mask_of,
    pad_array,
)


def combo_of(*buttons: str) -> str:
    return COMBO_NAMES[COMBO_OF_MASK[mask_of(buttons)]]


def test_there_are_23_combos_in_the_published_order() -> None:
    assert COMBO_COUNT == 23
    assert COMBO_NAMES[:9] == ("none", "LEFT", "RIGHT", "A", "B", "DOWN", "UP", "B+LEFT", "B+RIGHT")
    assert COMBO_NAMES[16] == "B+RIGHT+DOWN"
    assert COMBO_NAMES[22] == "DOWN+LEFT+RIGHT"


def test_every_combo_maps_to_itself() -> None:
    assert [COMBO_OF_MASK[mask] for mask in MASK_OF_COMBO] == list(range(COMBO_COUNT))
    assert not any(CHANGE_REASONS[mask] for mask in MASK_OF_COMBO)


@pytest.mark.parametrize(
    ("held", "combo"),
    [
        (("C",), "B"),
        (("A", "B"), "B"),
        (("A", "C", "RIGHT"), "B+RIGHT"),
        (("START", "MODE", "X", "Y", "Z"), "none"),
        (("UP", "START"), "UP"),
        (("UP", "RIGHT"), "RIGHT"),
        (("UP", "A"), "A"),
        (("UP", "DOWN"), "none"),
        (("UP", "DOWN", "B"), "B"),
        (("LEFT", "RIGHT"), "LEFT+RIGHT"),
        (("B", "DOWN", "LEFT", "RIGHT"), "B+DOWN"),
        (("A", "DOWN", "LEFT", "RIGHT"), "A+DOWN"),
    ],
)
def test_rules_of_the_map(held: tuple[str, ...], combo: str) -> None:
    assert combo_of(*held) == combo


@given(st.integers(0, MASK_COUNT - 1))
def test_the_map_is_total_and_stable(mask: int) -> None:
    combo = int(COMBO_OF_MASK[mask])
    assert COMBO_OF_MASK[MASK_OF_COMBO[combo]] == combo
    pressed = buttons_of(int(MASK_OF_COMBO[combo]))
    assert pressed - {"B"} <= buttons_of(mask)  # nothing is pressed that the player did not hold, C as B aside
    assert bool(CHANGE_REASONS[mask]) == (pressed != buttons_of(mask))


def test_merging_replaces_a_by_b_and_nothing_else() -> None:
    for combo, merged in zip(COMBOS, MERGED_COMBO, strict=True):
        assert set(COMBOS[merged]) == {"B" if button == "A" else button for button in combo}


def test_lossy_frames_are_told_from_mere_renaming() -> None:
    assert not is_lossy(mask_of(("C", "RIGHT")))
    assert is_lossy(mask_of(("UP", "RIGHT")))


def test_pad_array_is_what_the_emulator_takes() -> None:
    array = pad_array(mask_of(("B", "Z")))
    assert [BUTTONS[i] for i in array.nonzero()[0]] == ["B", "Z"]


def test_a_mask_out_of_range_is_refused() -> None:
    with pytest.raises(ValueError, match="Received: 4096"):
        buttons_of(4096)

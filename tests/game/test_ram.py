"""The table of RAM variables against stable-retro's own reader and the contract."""

import json

import pytest

from game.actions import mask_of
from game.emulator import Emulator
from game.ram import VARIABLES, read_variables


def test_addresses_are_those_of_data_json(quillrush) -> None:
    info = json.loads((quillrush.integration / "data.json").read_text())["info"]
    for name, entry in info.items():
        ours = "act_number" if name == "act" else name
        assert VARIABLES[ours].address == entry["address"]


def test_one_copy_of_ram_gives_what_the_library_reads(emulator: Emulator, quillrush) -> None:
    from game.acts import find_act

    emulator.set_state(quillrush.start_state(find_act("HillTopZone.Act2")))
    for _ in range(90):
        emulator.step(mask_of(("LEFT",)))
    variables = emulator.variables()
    assert variables == {name: emulator.peek(name) for name in VARIABLES}
    assert variables["inertia"] <= 0
    assert (variables["zone"], variables["act_number"]) == (7, 1)


def test_a_block_of_the_wrong_size_is_refused() -> None:
    with pytest.raises(ValueError, match="Received: 3"):
        read_variables(b"abc")

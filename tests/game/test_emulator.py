"""The core, stepped directly."""

import pytest

from game import emulator as module
from game.actions import mask_of
from game.acts import ACTS
from game.emulator import Emulator, shared_emulator
from game.games import Game
from game.savestate import CORE_STATE_BYTES

RIGHT = mask_of(("RIGHT",))


@pytest.fixture
def nothing_shared():
    """This process's shared emulator is closed afterwards, so that other tests can make theirs."""
    yield
    if module._shared is not None:
        module._shared.close()
        module._shared = None


@pytest.mark.usefixtures("nothing_shared")
def test_the_shared_emulator_is_one_and_of_the_game_asked_for(quillrush: Game, stub_sonic2: Game) -> None:
    first = shared_emulator(quillrush)
    assert shared_emulator(quillrush) is first
    other = shared_emulator(stub_sonic2)
    assert (other.game, other is first) == (stub_sonic2, False)
    again = shared_emulator(quillrush)  # the core allows one at a time, so the other must have been closed
    again.set_state(quillrush.start_state(ACTS[0]))
    again.step(RIGHT)
    assert again.variables()["x"] == 96


def test_a_savestate_brings_everything_back(emulator: Emulator, quillrush: Game) -> None:
    emulator.set_state(quillrush.start_state(ACTS[0]))
    for _ in range(60):
        emulator.step(RIGHT)
    state, ram, screen = emulator.get_state(), emulator.ram(), emulator.screen()
    for _ in range(60):
        emulator.step(0)
    assert emulator.ram() != ram
    emulator.set_state(state)
    emulator.step(RIGHT)
    once = emulator.ram()
    emulator.set_state(state)
    assert emulator.ram() == ram
    emulator.step(RIGHT)
    assert emulator.ram() == once
    assert screen.shape == emulator.screen().shape == (224, 320, 3)


@pytest.mark.parametrize("size", [0, 1, CORE_STATE_BYTES - 1, CORE_STATE_BYTES + 1])
def test_savestates_of_another_size_are_refused(size: int, emulator: Emulator) -> None:
    with pytest.raises(ValueError, match=f"Expected a savestate of {CORE_STATE_BYTES} bytes. Received: {size}"):
        emulator.set_state(bytes(size))

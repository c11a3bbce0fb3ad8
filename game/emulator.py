"""The Genesis Plus GX core of stable-retro, stepped directly: one frame, one pad mask at a time.

RetroEnv copies the picture and all of RAM on every frame; here both are read only when asked for. One emulator may live
in a process (the core's own limit), and nothing here is random.
"""

import gc

import numpy as np
import stable_retro
import stable_retro.data

from game.actions import PAD_ARRAYS
from game.games import Game
from game.ram import RAM_START, VARIABLES, Variable, read_variables
from game.savestate import CORE_STATE_BYTES


class Emulator:
    """One game in the core. Close it (or use `with`) before another is made in this process."""

    def __init__(self, game: Game) -> None:
        rom = game.check_rom()
        gc.collect()  # an emulator that is only waiting to be collected still counts as the one
        self.game = game
        self._core = stable_retro.RetroEmulator(str(rom))
        self._data = stable_retro.data.GameData()
        self._core.configure_data(self._data)
        self._core.step()
        files = (game.integration / "data.json", game.integration / "scenario.json")
        if not self._data.load(*map(str, files)):
            raise OSError(f"stable-retro cannot read {files[0]} or {files[1]}")
        self._memory = self._data.memory
        self._peeks = {name: (v.address, _type_of(v)) for name, v in VARIABLES.items()}

    def __enter__(self) -> "Emulator":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Free the core, so that this process may make another."""
        self._memory = self._data = self._core = None
        gc.collect()

    def step(self, mask: int) -> None:
        """One frame (1/60 s) with the buttons of `mask` held on pad 1."""
        self._core.set_button_mask(PAD_ARRAYS[mask], 0)
        self._core.step()

    def screen(self) -> np.ndarray:
        """A copy of the picture: uint8 [224, 320, 3], RGB."""
        return self._core.get_screen()

    def audio(self) -> np.ndarray:
        """The sound of the last frame: int16 [samples, 2]."""
        return self._core.get_audio()

    def ram(self) -> bytes:
        """A copy of the 64 KiB of work RAM, in the core's byte order (see game.ram)."""
        return self._memory.blocks[RAM_START]

    def variables(self) -> dict[str, int]:
        """Every variable of game.ram, from one copy of RAM."""
        return read_variables(self.ram())

    def peek(self, name: str) -> int:
        """One variable, without copying RAM (under a microsecond)."""
        return self._memory.extract(*self._peeks[name])

    def get_state(self) -> bytes:
        """A savestate; its tail past the core's own data is stray process memory, so never hash or publish it raw."""
        return self._core.get_state()

    def set_state(self, state: bytes) -> None:
        """Go back to a savestate. ValueError when its size is wrong (a short one would hang the core)."""
        if len(state) != CORE_STATE_BYTES:
            raise ValueError(f"Expected a savestate of {CORE_STATE_BYTES} bytes. Received: {len(state)}")
        if not self._core.set_state(state):
            raise ValueError("The core refused the savestate; it was made by another core or version.")


def _type_of(variable: Variable) -> str:
    """A variable's type as stable-retro writes it: ">u2", ">i2", "|u1" …"""
    byte_order = ">" if variable.size > 1 else "|"
    sign = "i" if variable.signed else "u"
    return f"{byte_order}{sign}{variable.size}"


_shared: Emulator | None = None


def shared_emulator(game: Game) -> Emulator:
    """This process's emulator for whole replays, made when it is first asked for; of one game at a time."""
    global _shared
    if _shared is None or _shared.game is not game:
        if _shared is not None:
            _shared.close()
        _shared = Emulator(game)
    return _shared

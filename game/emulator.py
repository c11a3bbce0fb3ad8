"""The Genesis Plus GX core of stable-retro, stepped directly: one frame, one pad mask at a time.

RetroEnv copies the picture and all of RAM on every frame; here both are read only when asked for. One emulator may live
in a process (the core's own limit), and nothing here is random.
"""

import gc
import weakref
from typing import ClassVar

import numpy as np
import stable_retro
import stable_retro.data

from game.actions import PAD_ARRAYS
from game.games import Game
from game.ram import RAM_START, SWITCH_COUNT, SWITCHES, VARIABLES, Variable, read_variables
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

    def poke(self, name: str, value: int) -> None:
        """Set one variable: for checks of a game's acts. What follows is no play, and never part of a movie."""
        self._memory.assign(*self._peeks[name], value)

    def play_music(self) -> None:
        """Let the embedded game play its songs from now on; its start states are without. Costs a quarter of the speed."""
        if self.game.music_switch is not None:
            self._memory.assign(self.game.music_switch, "|u1", 1)

    def switches(self) -> int:
        """The switches of the act: bit n is set once switch n was thrown."""
        thrown = (self._memory.extract(SWITCHES + number, "|u1") != 0 for number in range(SWITCH_COUNT))
        return sum(is_thrown << number for number, is_thrown in enumerate(thrown))

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
_holder: "LentEmulator | None" = None
"""Who is playing in it, if anybody is in the middle of something."""


def shared_emulator(game: Game) -> Emulator:
    """This process's emulator for whole replays, made when it is first asked for; of one game at a time."""
    global _shared, _holder
    if _holder is not None:
        _holder.leave()
        _holder = None
    if _shared is None or _shared.game is not game:
        if _shared is not None:
            _shared.close()
        _shared = Emulator(game)
    return _shared


class LentEmulator(Emulator):
    """This process's one emulator in turns: any number of these may live, each as if it had one of its own.

    A change of turns costs a savestate, 0.05 ms. Once the last one is closed, so is the emulator.
    """

    _open: ClassVar[weakref.WeakSet["LentEmulator"]] = weakref.WeakSet()

    def __init__(self, game: Game) -> None:
        game.check_rom()
        self.game = game
        self._state = b""
        self._picture = np.zeros((0, 0, 3), np.uint8)

    def _take_turn(self) -> Emulator:
        global _holder
        if _holder is self and _shared is not None:
            return _shared
        emulator = shared_emulator(self.game)
        if self._state:
            emulator.set_state(self._state)
        self._open.add(self)
        _holder = self
        return emulator

    def leave(self) -> None:
        """Make room for the next one; what is under way is kept."""
        if _shared is not None:
            self._state = _shared.get_state()
            self._picture = _shared.screen()

    def close(self) -> None:
        global _shared, _holder
        self._open.discard(self)
        self._state = b""
        if _holder is self:
            _holder = None
        if not self._open and _shared is not None:
            _shared.close()
            _shared = None

    def step(self, mask: int) -> None:
        self._take_turn().step(mask)

    def screen(self) -> np.ndarray:
        if _holder is not self and self._picture.size:
            return self._picture.copy()  # a savestate does not bring the picture back
        return self._take_turn().screen()

    def audio(self) -> np.ndarray:
        return self._take_turn().audio()

    def ram(self) -> bytes:
        return self._take_turn().ram()

    def peek(self, name: str) -> int:
        return self._take_turn().peek(name)

    def poke(self, name: str, value: int) -> None:
        self._take_turn().poke(name, value)

    def play_music(self) -> None:
        self._take_turn().play_music()

    def switches(self) -> int:
        return self._take_turn().switches()

    def get_state(self) -> bytes:
        return self._take_turn().get_state()

    def set_state(self, state: bytes) -> None:
        self._take_turn().set_state(state)

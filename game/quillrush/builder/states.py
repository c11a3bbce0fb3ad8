"""The start states: each act booted in the core and saved at its first frame of control, stray bytes zeroed."""

import json
import zlib
from pathlib import Path

import stable_retro
import stable_retro.data

from game.acts import ALL_ACTS
from game.savestate import clean_state

BOOT_SLOT = 0xFFFFF0
"""The number of the act to start, read by the game on its boot screen only."""
MUSIC = 0xFFFFF1
"""Whether songs are played."""
GAME_MODE = 0xFFF600
IN_PLAY = 0x0C
ZONE = 0xFFFE10
ACT = 0xFFFE11


def save_states(folder: Path) -> None:
    """Write one .state per act into the integration folder.

    Raises:
        OSError: when stable-retro cannot read the integration.
        RuntimeError: when the ROM has another act in a slot than game.acts.
    """
    core = stable_retro.RetroEmulator(str(folder / "rom.md"))
    data = stable_retro.data.GameData()
    core.configure_data(data)
    core.step()
    if not data.load(str(folder / "data.json"), str(folder / "scenario.json")):
        raise OSError(f"stable-retro cannot read the integration in {folder}")
    memory = data.memory
    power_on = core.get_state()
    for slot, act in enumerate(ALL_ACTS):
        core.set_state(power_on)
        while memory.extract(GAME_MODE, "|u1") != IN_PLAY:
            memory.assign(BOOT_SLOT, "|u1", slot)
            memory.assign(MUSIC, "|u1", 0)  # the recorder turns it on; nobody else hears it
            core.step()
        core.step()  # the first frame of control
        expected = (act.zone, act.number)
        found = (memory.extract(ZONE, "|u1"), memory.extract(ACT, "|u1"))
        if found != expected:
            raise RuntimeError(f"{act.name}: expected zone and act {expected}. Received: {found}")
        memory.assign(BOOT_SLOT, "|u1", 0)  # so that the states differ in nothing but their act
        # a gzip header without a name, a time or an operating system: the same bytes on every Python
        compressed = zlib.compress(clean_state(core.get_state()), 9, wbits=31)
        (folder / f"{act.name}.state").write_bytes(compressed)
    (folder / "metadata.json").write_text(json.dumps({"default_state": ALL_ACTS[0].name}) + "\n")

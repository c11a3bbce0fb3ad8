"""The 18 start states: each act booted in the core and saved at its first frame of control, stray bytes zeroed.

python -m game.quillrush.builder.states INTEGRATION
"""

import gzip
import json
import sys
from pathlib import Path

import stable_retro
import stable_retro.data

from game.quillrush.builder.levels import PLANS

BOOT_SLOT = 0xFFFFF0
GAME_MODE = 0xFFF600
IN_PLAY = 0x0C
CORE_BYTES = 144_704
"""How much of a savestate the core reads back; the rest is whatever the process had in memory."""

FM_CHANNEL = 140_651
"""Where the sound chip's six channels begin, FM_CHANNEL_BYTES each; they hold pointers of the saving process, which the
core replaces when it loads a state. Zeroed here, so that a build does not depend on where the core was loaded."""
FM_CHANNEL_BYTES = 400
FM_POINTERS = (0, 80, 160, 240, 337, 345, 353, 361, 369)
OTHER_POINTERS = (144_605,)
POINTER_BYTES = 8

NAMES = (
    "EmeraldHillZone.Act1", "EmeraldHillZone.Act2", "ChemicalPlantZone.Act1", "ChemicalPlantZone.Act2",
    "AquaticRuinZone.Act1", "AquaticRuinZone.Act2", "CasinoNightZone.Act1", "CasinoNightZone.Act2",
    "HillTopZone.Act1", "HillTopZone.Act2", "MysticCaveZone.Act1", "MysticCaveZone.Act2",
    "OilOceanZone.Act1", "OilOceanZone.Act2", "MetropolisZone.Act1", "MetropolisZone.Act2", "MetropolisZone.Act3",
    "WingFortressZone",
)  # fmt: skip


def canonical(state: bytes) -> bytes:
    """A savestate without what the process left in it: the tail past the core's data, and its pointers."""
    clean = bytearray(state[:CORE_BYTES]) + bytes(len(state) - CORE_BYTES)
    places = [FM_CHANNEL + channel * FM_CHANNEL_BYTES + offset for channel in range(6) for offset in FM_POINTERS]
    for place in (*places, *OTHER_POINTERS):
        clean[place : place + POINTER_BYTES] = bytes(POINTER_BYTES)
    return bytes(clean)


def save_states(folder: Path) -> None:
    """Write one .state for each act into the integration folder."""
    core = stable_retro.RetroEmulator(str(folder / "rom.md"))
    data = stable_retro.data.GameData()
    core.configure_data(data)
    core.step()
    if not data.load(str(folder / "data.json"), str(folder / "scenario.json")):
        raise OSError(f"stable-retro cannot read the integration in {folder}")
    power_on = core.get_state()
    for slot, name in enumerate(NAMES):
        core.set_state(power_on)
        while data.memory.extract(GAME_MODE, "|u1") != IN_PLAY:
            data.memory.assign(BOOT_SLOT, "|u1", slot)
            core.step()
        core.step()
        found = (data.memory.extract(0xFFFE10, "|u1"), data.memory.extract(0xFFFE11, "|u1"))
        if found != (PLANS[slot].zone, PLANS[slot].act):
            raise RuntimeError(f"{name}: expected zone and act {PLANS[slot].zone, PLANS[slot].act}. Received: {found}")
        data.memory.assign(BOOT_SLOT, "|u1", 0)
        (folder / f"{name}.state").write_bytes(gzip.compress(canonical(core.get_state()), 9, mtime=0))
    (folder / "metadata.json").write_text(json.dumps({"default_state": NAMES[0]}) + "\n")


if __name__ == "__main__":
    save_states(Path(sys.argv[1]))

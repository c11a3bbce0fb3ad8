"""The 18 start states: each act booted in the core and saved at its first frame of control, stray bytes zeroed.

python -m game.quillrush.builder.states INTEGRATION
"""

import gzip
import json
import sys
from pathlib import Path

import stable_retro
import stable_retro.data

from game.games import clean_state
from game.quillrush.builder.levels import PLANS

BOOT_SLOT = 0xFFFFF0
GAME_MODE = 0xFFF600
IN_PLAY = 0x0C
NAMES = (
    "EmeraldHillZone.Act1", "EmeraldHillZone.Act2", "ChemicalPlantZone.Act1", "ChemicalPlantZone.Act2",
    "AquaticRuinZone.Act1", "AquaticRuinZone.Act2", "CasinoNightZone.Act1", "CasinoNightZone.Act2",
    "HillTopZone.Act1", "HillTopZone.Act2", "MysticCaveZone.Act1", "MysticCaveZone.Act2",
    "OilOceanZone.Act1", "OilOceanZone.Act2", "MetropolisZone.Act1", "MetropolisZone.Act2", "MetropolisZone.Act3",
    "WingFortressZone",
)  # fmt: skip


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
        (folder / f"{name}.state").write_bytes(gzip.compress(clean_state(core.get_state()), 9, mtime=0))
    (folder / "metadata.json").write_text(json.dumps({"default_state": NAMES[0]}) + "\n")


if __name__ == "__main__":
    save_states(Path(sys.argv[1]))

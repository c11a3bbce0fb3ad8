"""The 18 acts: stable-retro's state names, the zone and act numbers in RAM, and the contest's end positions."""

import re
from dataclasses import dataclass

from common.names import did_you_mean


@dataclass(frozen=True)
class Act:
    """One act, which is the game's word for a level.

    Attributes:
        name: stable-retro's name of its start state.
        zone, number: as they stand in RAM (`zone`, `act_number`).
        end_x: the x (pixels) at which the Retro Contest's script calls it passed.
        held_out: kept out of training by the contest's split.
    """

    name: str
    zone: int
    number: int
    end_x: int
    held_out: bool = False


ACTS: tuple[Act, ...] = (
    Act("EmeraldHillZone.Act1", 0, 0, 0x2A40),
    Act("EmeraldHillZone.Act2", 0, 1, 0x29C0),
    Act("ChemicalPlantZone.Act1", 13, 0, 0x2840),
    Act("ChemicalPlantZone.Act2", 13, 1, 0x2943),
    Act("AquaticRuinZone.Act1", 15, 0, 0x298C),
    Act("AquaticRuinZone.Act2", 15, 1, 0x298D),
    Act("CasinoNightZone.Act1", 12, 0, 0x2840),
    Act("CasinoNightZone.Act2", 12, 1, 0x2740, held_out=True),
    Act("HillTopZone.Act1", 7, 0, 0x2900),
    Act("HillTopZone.Act2", 7, 1, 0x2E2E, held_out=True),
    Act("MysticCaveZone.Act1", 11, 0, 0x2450),
    Act("MysticCaveZone.Act2", 11, 1, 0x21A0),
    Act("OilOceanZone.Act1", 10, 0, 0x3040),
    Act("OilOceanZone.Act2", 10, 1, 0x2856),
    Act("MetropolisZone.Act1", 4, 0, 0x2300),
    Act("MetropolisZone.Act2", 4, 1, 0x1F40),
    Act("MetropolisZone.Act3", 5, 0, 0x29AF, held_out=True),
    Act("WingFortressZone", 6, 0, 0x29D9),
)
ACT_NAMES = tuple(act.name for act in ACTS)
_BY_NAME = {act.name: act for act in ACTS}
_BY_NUMBERS = {(act.zone, act.number): act for act in ACTS}


def find_act(name: str) -> Act:
    """The act of this name. ValueError names the nearest ones and the whole list."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    hint = did_you_mean(name, ACT_NAMES)
    raise ValueError(f"Unknown LEVEL {name!r}.{hint} The levels are: {', '.join(ACT_NAMES)}.")


def act_of(zone: int, number: int) -> Act | None:
    """The act with these RAM numbers, or None (title screens, special stages)."""
    return _BY_NUMBERS.get((zone, number))


def select_acts(names: str, contest_split: bool = False) -> tuple[Act, ...]:
    """Acts from "all" or a comma-separated list, without the held-out three when `contest_split` is on.

    Raises:
        ValueError: for an unknown name, or a held-out act asked for by name under the contest split.
    """
    if names == "all":
        return tuple(act for act in ACTS if not (contest_split and act.held_out))
    chosen = tuple(find_act(name.strip()) for name in names.split(",") if name.strip())
    locked = [act.name for act in chosen if contest_split and act.held_out]
    if locked:
        raise ValueError(f"Expected training acts only under the contest split. Received held-out: {', '.join(locked)}")
    if not chosen:
        raise ValueError(f"Expected 'all' or act names separated by commas. Received: {names!r}")
    return chosen


def act_title(name: str) -> str:
    """An act's name for people: "EmeraldHillZone.Act1" -> "Emerald Hill Zone, Act 1"."""
    words = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", name)
    return words.replace(".", ", ")

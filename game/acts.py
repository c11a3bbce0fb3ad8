"""The acts: stable-retro's state names, the zone and act numbers in RAM, and the contest's end positions.

Eighteen of Sonic 2, which both games have; Quillrush's five test acts, which nobody trains on; and the acts that the contest
built anew in ROMs of its own, patched from Sonic 2's.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from common.names import did_you_mean


@dataclass(frozen=True)
class Act:
    """One act, which is the game's word for a level.

    Attributes:
        name: stable-retro's name of its start state.
        zone, number: as they stand in RAM (`zone`, `act_number`).
        end_x: the x (pixels) at which it is passed; the Retro Contest's, in the test acts the game's own.
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
TEST_ACTS: tuple[Act, ...] = (
    Act("TestZone.Act1", 32, 0, 0x2600),
    Act("TestZone.Act2", 32, 1, 0x2700),
    Act("TestZone.Act3", 32, 2, 0x2800),
    Act("TestZone.Act4", 32, 3, 0x2900),
    Act("TestZone.Act5", 32, 4, 0x2A00),
)
"""Outside the 18 and in Quillrush only. They show what a player does where nobody has trained."""
CUSTOM_ACTS: tuple[Act, ...] = (
    Act("AquaticRuinZone.Custom", 15, 0, 0x298C),
    Act("HillTopZone.Custom", 7, 0, 0x2900),
    Act("OilOceanZone.Custom", 10, 0, 0x3040),
)
"""Levels that the contest put in place of Sonic 2's first acts, so that they share zone, number and end position with them.
Two of its ROMs have some each (game.games.CUSTOM_GAMES); an act's name and its game together tell the five apart."""
ALL_ACTS = ACTS + TEST_ACTS
ACT_NAMES = tuple(act.name for act in ACTS)
HELD_OUT_ACT_NAMES = tuple(act.name for act in ACTS if act.held_out)
TEST_ACT_NAMES = tuple(act.name for act in TEST_ACTS)
ALL_ACT_NAMES = ACT_NAMES + TEST_ACT_NAMES
_BY_NAME = {act.name: act for act in ALL_ACTS + CUSTOM_ACTS}
_BY_NUMBERS = {(act.zone, act.number): act for act in ALL_ACTS}

QUILLRUSH_ZONES = {
    "EmeraldHillZone": "Fernfall",
    "ChemicalPlantZone": "Copperworks",
    "AquaticRuinZone": "Mosswater",
    "CasinoNightZone": "Neonmile",
    "HillTopZone": "Emberpeak",
    "MysticCaveZone": "Glowcave",
    "OilOceanZone": "Tarflats",
    "MetropolisZone": "Gearholm",
    "WingFortressZone": "Cloudkeep",
    "TestZone": "Faraway",
}
"""What the embedded game calls the zone that stands in each of Sonic 2's places, and the zone of its test acts."""


def find_act(name: str) -> Act:
    """The act of this name. ValueError names the nearest ones and the whole list."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    titles = [act_title(act.name, QUILLRUSH_ZONES) for act in ALL_ACTS]
    hint = did_you_mean(name, (*ALL_ACT_NAMES, *titles, *_GROUPS))
    raise ValueError(f"Unknown LEVEL {name!r}.{hint} The levels are: {', '.join(ALL_ACT_NAMES)}.")


def is_act(name: str) -> bool:
    """Whether there is an act of this name, in any of the games."""
    return name in _BY_NAME


def act_called(text: str) -> Act:
    """The act a person means: by its name or by a title of either game, in any case, "Zone" and "Act" said or not.

    "EmeraldHillZone.Act1", "Emerald Hill Zone, Act 1", "emerald hill 1" and "Fernfall 1" are one. ValueError as `find_act`.
    """
    return _BY_TITLE.get(_plain(text)) or find_act(text.strip())


def _plain(title: str) -> str:
    """A name or title with only what tells it from others: "Emerald Hill Zone, Act 1" -> "emeraldhill1"."""
    letters = re.sub(r"[\s.,_-]+", "", title.lower())
    return letters.replace("zone", "").replace("act", "")


def act_of(zone: int, number: int) -> Act | None:
    """The act with these RAM numbers, or None (title screens, special stages)."""
    return _BY_NUMBERS.get((zone, number))


def select_acts(names: str, contest_split: bool = False) -> tuple[Act, ...]:
    """Acts from a comma-separated list, each once.

    "all" is the 18, without the held-out three when `contest_split` is on; "train" those 15, "held-out" the three, "test" the
    five test acts. Titles do as well as names (`act_called`), their own comma included: "Emerald Hill Zone, Act 1, Fernfall 2".

    Raises:
        ValueError: for an unknown name, or a held-out act asked for by name under the contest split.
    """
    chosen: list[Act] = []
    for name in filter(None, map(str.strip, _LIST_COMMA.split(names))):
        group = name.lower()
        if group == "all" and contest_split:
            group = "train"
        chosen += _GROUPS.get(group) or [act_called(name)]
    locked = [act.name for act in chosen if contest_split and act.held_out]
    if locked:
        raise ValueError(f"Expected training acts only under the contest split. Received held-out: {', '.join(locked)}")
    if not chosen:
        raise ValueError(f"Expected {', '.join(_GROUPS)} or act names, separated by commas. Received: {names!r}")
    return tuple(dict.fromkeys(chosen))


CONTEST = "contest:"
"""Before an act's name: it is played by the Retro Contest's protocol, whose point is to learn on an unseen act."""


def training_acts(names: str, contest_split: bool = False) -> tuple[Act, ...]:
    """`select_acts` for whoever learns. ValueError for a test act, too: on those nobody trains, but in the contest."""
    if names.startswith(CONTEST):
        return select_acts(names.removeprefix(CONTEST))
    chosen = select_acts(names, contest_split)
    kept_away = [act.name for act in chosen if act in TEST_ACTS]
    if kept_away:
        raise ValueError(
            f"Expected acts to train on. Received test acts, on which nobody trains: {', '.join(kept_away)}"
        )
    return chosen


def act_title(name: str, zones: Mapping[str, str] | None = None) -> str:
    """An act's name for people: "EmeraldHillZone.Act1" -> "Emerald Hill Zone, Act 1".

    Args:
        zones: what the game calls some zones, as QUILLRUSH_ZONES: then "Fernfall, Act 1".
    """
    zone, dot, number = name.partition(".")
    words = re.sub(r"(?<=[a-z])(?=[A-Z0-9])", " ", (zones or {}).get(zone, zone) + dot + number)
    return words.replace(".", ", ")


_LIST_COMMA = re.compile(r",(?!\s*(?:act\s*\d|custom))", re.IGNORECASE)
"""Between two acts of a list, not inside a title."""
_GROUPS = {
    "all": ACTS,
    "train": tuple(act for act in ACTS if not act.held_out),
    "held-out": tuple(act for act in ACTS if act.held_out),
    "test": TEST_ACTS,
}
"""Words for several acts."""
_BY_TITLE = {_plain(act_title(act.name, zones)): act for act in ALL_ACTS for zones in ({}, QUILLRUSH_ZONES)}
_BY_TITLE |= {_plain(act_title(act.name)): act for act in CUSTOM_ACTS}

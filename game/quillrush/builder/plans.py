"""What each of the 18 acts is made of, tuned by hand; builder/levels.py lays them out."""

from dataclasses import dataclass

from game.acts import Act, find_act
from game.quillrush.builder.zones import THEME_NUMBERS


@dataclass(frozen=True)
class ActPlan:
    """One act: its look, how hard it is, what it is made of.

    Attributes:
        act: its numbers in RAM, and where it ends.
        look: the name of a zone out of zones.ZONES.
        pace: mean number of flat columns (8 pixels each) between features.
        gates: (kind, place along the act from 0 to 1).
        features: names out of levels.FEATURES; drawn in random order, again and again.
        first: the feature before them all.
    """

    act: Act
    look: str
    pace: int
    gates: tuple[tuple[str, float], ...]
    features: str
    first: str = "step"

    @property
    def seed(self) -> int:
        """Of everything that is drawn at random for this act."""
        return self.act.zone * 10 + self.act.number + 7

    @property
    def theme(self) -> int:
        """The look's number in the C code."""
        return THEME_NUMBERS[self.look]


PLANS = (
    ActPlan(
        act=find_act("EmeraldHillZone.Act1"),
        look="Fernfall",
        pace=22,
        gates=(("wall", 0.42), ("wall", 0.72)),
        features="step hill rings walker step pit hill spikes",
    ),
    ActPlan(
        act=find_act("EmeraldHillZone.Act2"),
        look="Fernfall",
        pace=20,
        gates=(("wall", 0.38), ("scree", 0.70)),
        features="step hill walker rings spikes step pit hopper hill",
    ),
    ActPlan(
        act=find_act("ChemicalPlantZone.Act1"),
        look="Copperworks",
        pace=20,
        gates=(("wall", 0.34), ("wall", 0.58), ("scree", 0.82)),
        features="spikes step spring pit rings step walker spikes",
    ),
    ActPlan(
        act=find_act("ChemicalPlantZone.Act2"),
        look="Copperworks",
        pace=18,
        gates=(("wall", 0.36), ("scree", 0.60), ("wall", 0.84)),
        features="pit step spikes spring walker pit rings",
    ),
    ActPlan(
        act=find_act("AquaticRuinZone.Act1"),
        look="Mosswater",
        pace=18,
        gates=(("scree", 0.36), ("wall", 0.60), ("wall", 0.84)),
        features="step island walker pit step rings hopper",
    ),
    ActPlan(
        act=find_act("AquaticRuinZone.Act2"),
        look="Mosswater",
        pace=17,
        gates=(("wall", 0.34), ("scree", 0.58), ("wall", 0.82)),
        features="step island spikes pit hopper step rings",
    ),
    ActPlan(
        act=find_act("CasinoNightZone.Act1"),
        look="Neonmile",
        first="spikes",
        pace=18,
        gates=(("wall", 0.33), ("wall", 0.56), ("scree", 0.80)),
        features="spring step spring rings spikes walker pit",
    ),
    ActPlan(
        act=find_act("CasinoNightZone.Act2"),
        look="Neonmile",
        first="spikes",
        pace=17,
        gates=(("wall", 0.35), ("scree", 0.60), ("wall", 0.84)),
        features="spring spikes step spring pit hopper rings",
    ),
    ActPlan(
        act=find_act("HillTopZone.Act1"),
        look="Emberpeak",
        pace=18,
        gates=(("scree", 0.35), ("wall", 0.60), ("wall", 0.84)),
        features="hill step hill pit rings hopper hill walker",
    ),
    ActPlan(
        act=find_act("HillTopZone.Act2"),
        look="Emberpeak",
        pace=16,
        gates=(("wall", 0.32), ("scree", 0.57), ("wall", 0.82)),
        features="hill step pit hill spikes hopper hill rings",
    ),
    ActPlan(
        act=find_act("MysticCaveZone.Act1"),
        look="Glowcave",
        pace=17,
        gates=(("wall", 0.34), ("scree", 0.58), ("wall", 0.83)),
        features="step pit step spikes walker rings step hopper",
    ),
    ActPlan(
        act=find_act("MysticCaveZone.Act2"),
        look="Glowcave",
        pace=16,
        gates=(("wall", 0.35), ("wall", 0.58), ("scree", 0.80)),
        features="pit step spikes step hopper island rings",
    ),
    ActPlan(
        act=find_act("OilOceanZone.Act1"),
        look="Tarflats",
        pace=17,
        gates=(("wall", 0.30), ("scree", 0.50), ("wall", 0.68), ("scree", 0.86)),
        features="hill lift pit step rings spikes walker",
    ),
    ActPlan(
        act=find_act("OilOceanZone.Act2"),
        look="Tarflats",
        pace=16,
        gates=(("scree", 0.34), ("wall", 0.58), ("wall", 0.83)),
        features="lift hill spikes step pit hopper rings",
    ),
    ActPlan(
        act=find_act("MetropolisZone.Act1"),
        look="Gearholm",
        pace=15,
        gates=(("wall", 0.34), ("scree", 0.58), ("wall", 0.83)),
        features="lift step spikes spring walker pit rings",
    ),
    ActPlan(
        act=find_act("MetropolisZone.Act2"),
        look="Gearholm",
        pace=15,
        gates=(("wall", 0.33), ("wall", 0.56), ("scree", 0.80)),
        features="step lift spring spikes hopper pit",
    ),
    ActPlan(
        act=find_act("MetropolisZone.Act3"),
        look="Gearholm",
        pace=14,
        gates=(("wall", 0.30), ("scree", 0.50), ("wall", 0.68), ("wall", 0.86)),
        features="lift spikes step pit hopper spring rings step",
    ),
    ActPlan(
        act=find_act("WingFortressZone"),
        look="Cloudkeep",
        pace=14,
        gates=(("scree", 0.30), ("wall", 0.50), ("wall", 0.68), ("scree", 0.86)),
        features="lift pit step hopper spikes lift island rings",
    ),
)
"""In the order of game.acts.ACTS, which is that of the slots in the ROM."""

"""What each act is made of: the 18 tuned by hand, and test acts drawn from a seed; builder/levels.py lays them out."""

import random
from dataclasses import dataclass

from game.acts import TEST_ACTS, Act, find_act
from game.quillrush.builder.zones import THEME_NUMBERS, ZONES


@dataclass(frozen=True)
class ActPlan:
    """One act: its look, how hard it is, what it is made of.

    Attributes:
        act: its numbers in RAM, and where it ends.
        look: the name of a zone out of zones.ZONES.
        pace: mean number of flat columns (8 pixels each) between features.
        landmarks: (kind out of levels.LANDMARKS or "ways", place along the act from 0 to 1).
        features: names out of levels.FEATURES; drawn in random order, again and again.
        seed: of everything that is drawn at random for this act.
        first: the feature before them all.
        title: on the act's card, where that is not the zone's name.
        late: the zone at another hour of the day.
    """

    act: Act
    look: str
    pace: int
    landmarks: tuple[tuple[str, float], ...]
    features: str
    seed: int
    first: str = "step"
    title: str = ""
    late: bool = False

    @property
    def theme(self) -> int:
        """The look's number in the C code."""
        return THEME_NUMBERS[self.look]


def _plan(name: str, look: str, pace: int, landmarks: str, features: str, first: str = "step") -> ActPlan:
    """One of the 18. `landmarks` is "kind place kind place ...", the place in hundredths of the act."""
    act = find_act(name)
    words = landmarks.split()
    placed = tuple((kind, int(place) / 100) for kind, place in zip(words[::2], words[1::2], strict=True))
    late = name.endswith(("Act2", "Act3"))
    seed = act.zone * 10 + act.number + 7
    return ActPlan(act, look, pace, placed, features, seed, first=first, late=late)


PLANS = (
    _plan(
        "EmeraldHillZone.Act1", "Fernfall", pace=22,
        landmarks="ways 18 wall 42 post 48 loop 54 wall 76",
        features="step hill rings walker mushroom pit hill spikes flyer",
    ),
    _plan(
        "EmeraldHillZone.Act2", "Fernfall", pace=20,
        landmarks="wall 24 ways 32 post 42 door 46 scree 64 loop 78",
        features="step hill walker mushroom rings spikes step pit flyer hopper hill",
    ),
    _plan(
        "ChemicalPlantZone.Act1", "Copperworks", pace=20,
        landmarks="wall 28 loop 38 post 46 call 48 wall 64 scree 80",
        features="spikes step spring pit rings jet step walker flyer",
    ),
    _plan(
        "ChemicalPlantZone.Act2", "Copperworks", pace=18,
        landmarks="door 16 wall 32 ways 40 post 54 scree 58 wall 82",
        features="pit step spikes jet spring flyer pit rings jet",
    ),
    _plan(
        "AquaticRuinZone.Act1", "Mosswater", pace=18,
        landmarks="scree 26 ways 38 post 50 tower 53 wall 68 wall 84",
        features="step island leaper pit step rings hopper sinking",
    ),
    _plan(
        "AquaticRuinZone.Act2", "Mosswater", pace=17,
        landmarks="wall 24 door 32 post 46 scree 54 tower 66 wall 84",
        features="step sinking spikes leaper hopper step rings",
    ),
    _plan(
        "CasinoNightZone.Act1", "Neonmile", first="bumper", pace=18,
        landmarks="wall 26 ways 34 post 48 loop 52 wall 64 scree 80",
        features="spring bumper spring rings spikes flyer pit bumper",
    ),
    _plan(
        "CasinoNightZone.Act2", "Neonmile", first="spikes", pace=17,
        landmarks="call 14 wall 30 post 42 loop 45 scree 58 wall 84",
        features="spring spikes bumper step pit flyer hopper rings",
    ),
    _plan(
        "HillTopZone.Act1", "Emberpeak", pace=18,
        landmarks="scree 26 door 36 post 50 wall 56 ways 64 wall 84",
        features="hill step leaper hill jet rings hopper hill walker",
    ),
    _plan(
        "HillTopZone.Act2", "Emberpeak", pace=16,
        landmarks="wall 22 tower 32 loop 44 post 54 scree 58 door 70 wall 85",
        features="hill step leaper hill spikes jet hopper hill rings",
    ),
    _plan(
        "MysticCaveZone.Act1", "Glowcave", pace=17,
        landmarks="wall 24 call 33 post 48 scree 56 wall 82",
        features="step pit jet flyer spikes walker rings step hopper",
    ),
    _plan(
        "MysticCaveZone.Act2", "Glowcave", pace=16,
        landmarks="door 16 wall 34 post 46 tower 50 wall 64 scree 80",
        features="pit jet step flyer step hopper island rings",
    ),
    _plan(
        "OilOceanZone.Act1", "Tarflats", pace=17,
        landmarks="wall 22 ways 32 scree 44 post 54 call 58 wall 70 scree 85",
        features="hill ferry tar step leaper rings spikes walker jet",
    ),
    _plan(
        "OilOceanZone.Act2", "Tarflats", pace=16,
        landmarks="scree 24 tower 35 post 48 wall 54 ways 62 wall 83",
        features="ferry tar hill spikes leaper tar hopper jet rings",
    ),
    _plan(
        "MetropolisZone.Act1", "Gearholm", pace=15,
        landmarks="wall 24 door 33 post 50 scree 56 wall 82",
        features="ferry step crusher spring roller pit rings",
    ),
    _plan(
        "MetropolisZone.Act2", "Gearholm", pace=15,
        landmarks="wall 22 call 31 post 48 wall 54 scree 78",
        features="step ferry crusher spikes roller pit",
    ),
    _plan(
        "MetropolisZone.Act3", "Gearholm", pace=14,
        landmarks="wall 18 tower 26 loop 37 post 46 scree 48 door 60 wall 73 wall 86",
        features="ferry crusher step roller hopper spring rings crusher step",
    ),
    _plan(
        "WingFortressZone", "Cloudkeep", pace=14,
        landmarks="scree 18 call 29 ways 40 post 51 wall 54 tower 64 wall 76 scree 86",
        features="crumbling pit step hopper spikes flyer ferry island rings",
    ),
)  # fmt: skip
"""In the order of game.acts.ACTS, which is that of the slots in the ROM."""

TEST_SEED = 1
"""Of the test acts in the ROM that is committed."""
TEST_TITLE = "Faraway"
TURNS = ("door", "call", "tower")
MIXED = ("step", "hill", "pit", "spikes", "walker", "hopper", "spring", "rings", "island", "ferry")
OWN: dict[str, tuple[str, ...]] = {
    "Fernfall": ("flyer", "mushroom"), "Copperworks": ("flyer", "jet"), "Mosswater": ("leaper", "sinking"),
    "Neonmile": ("flyer", "bumper"), "Emberpeak": ("leaper", "jet"), "Glowcave": ("flyer", "jet"),
    "Tarflats": ("leaper", "jet", "tar"), "Gearholm": ("roller", "crusher"), "Cloudkeep": ("flyer", "crumbling"),
}  # fmt: skip
"""What only some zones have; the look brings its pictures along."""


def drawn_plans(seed: int) -> list[ActPlan]:
    """Five acts that mix what the zones ask for, other ones for every seed."""
    return [_drawn(act, random.Random(f"{seed} {act.name}")) for act in TEST_ACTS]


def _drawn(act: Act, rng: random.Random) -> ActPlan:
    look = rng.choice(ZONES).name
    turns = rng.sample(TURNS, 2)
    kinds = ["wall", "scree", "wall", turns[0], rng.choice(("ways", "loop")), rng.choice(("wall", turns[1]))]
    rng.shuffle(kinds)
    kinds.insert(3, "post")
    places = [0.20 + 0.105 * number + rng.uniform(-0.01, 0.01) for number in range(len(kinds))]
    features = rng.sample(MIXED, 5) + list(OWN[look]) + ["step"]
    return ActPlan(
        act, look, pace=rng.randint(15, 20), landmarks=tuple(zip(kinds, places, strict=True)),
        features=" ".join(features), seed=rng.randrange(1 << 30), title=TEST_TITLE, late=rng.random() < 0.5,
    )  # fmt: skip

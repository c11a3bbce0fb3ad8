"""The nine zones' looks: palettes, the kind of earth, the kind of skyline.

Grey contrast is planned: the ground's edge is bright over a darker body, backgrounds stay between, the hero and all
hazards carry black outlines; so the picture stays readable in 96 x 96 grey.
"""

from dataclasses import dataclass

from game.quillrush.builder.tiles import palette

# Palette indices of the ground, and of the background (its sky has four bands, SKY_TOP to SKY_HORIZON).
EDGE_LIGHT, EDGE, BODY_LIGHT, BODY, BODY_DARK, SCREE_LIGHT, SCREE, INK = range(1, 9)
SKY_TOP, _, _, SKY_HORIZON, FAR_LIGHT, FAR_DARK, NEAR_LIGHT, NEAR_DARK, WHITE = range(1, 10)


@dataclass(frozen=True)
class Zone:
    """One zone's look. All colours are "rrggbb".

    Attributes:
        name: also the comment above its art in data.c.
        ground: edge light, edge, body light, body, body dark.
        sky: four bands, top to bottom.
        far, near: light and dark of what stands on the horizon and before it.
        skyline: which painter of builder/background.py draws it.
        texture: which painter of builder/ground.py draws the earth.
    """

    name: str
    ground: tuple[str, ...]
    sky: tuple[str, ...]
    far: tuple[str, str]
    near: tuple[str, str]
    skyline: str
    texture: str


ZONES = (
    Zone(
        name="Fernfall",
        ground=("a8f048", "40b020", "c08848", "805020", "502c10"),
        sky=("4890f8", "68a8f8", "90c8f8", "b8e0f8"),
        far=("90b8e8", "70a0d8"),
        near=("68c090", "48a070"),
        skyline="hills",
        texture="checks",
    ),
    Zone(
        name="Copperworks",
        ground=("f8c860", "d07820", "886058", "583c40", "30202c"),
        sky=("584880", "806098", "b080a0", "e0a898"),
        far=("907098", "786088"),
        near=("685878", "544868"),
        skyline="chimneys",
        texture="plates",
    ),
    Zone(
        name="Mosswater",
        ground=("b8e890", "589858", "90a090", "586860", "303c38"),
        sky=("50a8a8", "78c0b8", "a0d8c8", "c8ecd8"),
        far=("88c0b0", "70a8a0"),
        near=("609890", "4c8480"),
        skyline="columns",
        texture="bricks",
    ),
    Zone(
        name="Neonmile",
        ground=("f868d8", "b030a0", "5868a8", "303c70", "181c40"),
        sky=("101030", "181848", "282060", "403080"),
        far=("304088", "f8e060"),
        near=("203068", "60e8f8"),
        skyline="city",
        texture="plates",
    ),
    Zone(
        name="Emberpeak",
        ground=("f8d868", "d85818", "885048", "583030", "30181c"),
        sky=("b83828", "d86030", "f09048", "f8c070"),
        far=("c87050", "a85848"),
        near=("985048", "784040"),
        skyline="peaks",
        texture="rocks",
    ),
    Zone(
        name="Glowcave",
        ground=("80f8e0", "289888", "706098", "403860", "201c38"),
        sky=("181030", "201840", "302458", "3c3068"),
        far=("4c3c80", "403070"),
        near=("386080", "60d8d0"),
        skyline="crystals",
        texture="rocks",
    ),
    Zone(
        name="Tarflats",
        ground=("f8e8a8", "c09848", "906838", "584020", "302010"),
        sky=("e08848", "e8a060", "f0b878", "f8d8a0"),
        far=("d09868", "b88058"),
        near=("a87850", "886040"),
        skyline="dunes",
        texture="checks",
    ),
    Zone(
        name="Gearholm",
        ground=("f0f0f8", "8898b0", "707888", "404858", "202430"),
        sky=("687888", "8090a0", "98a8b8", "b8c8d0"),
        far=("8898a8", "788898"),
        near=("687888", "586878"),
        skyline="gears",
        texture="bolts",
    ),
    Zone(
        name="Cloudkeep",
        ground=("f8f8f8", "68b8f0", "8898c8", "505c90", "2c3058"),
        sky=("3068d0", "5890e8", "88b8f8", "c0e0f8"),
        far=("d8e8f8", "b8d0f0"),
        near=("f8f8f8", "d8e4f8"),
        skyline="clouds",
        texture="bricks",
    ),
)
THEME_NUMBERS = {zone.name: number for number, zone in enumerate(ZONES)}
"""What the C code calls a zone's look by."""


def foreground_palette(zone: Zone) -> list[int]:
    """The ground's sixteen VDP colours; scree and ink are the same everywhere."""
    return palette([*zone.ground, "f0e8d8", "a09890", "100c14"])


def background_palette(zone: Zone) -> list[int]:
    """The background's sixteen VDP colours; the last used one is white."""
    return palette([*zone.sky, *zone.far, *zone.near, "f8f8f8"])

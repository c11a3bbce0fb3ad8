"""The nine zones' looks: palettes, the kind of earth, the kind of skyline.

Grey contrast is planned: the ground's edge is bright over a darker body, backgrounds stay between, the hero and all
hazards carry black outlines; so the picture stays readable in 96 x 96 grey.
"""

from dataclasses import dataclass

from game.quillrush.builder.tiles import palette

# Palette indices of the ground, and of the background (its sky has four bands, SKY_TOP to SKY_HORIZON).
EDGE_LIGHT, EDGE, BODY_LIGHT, BODY, BODY_DARK, SCREE_LIGHT, SCREE, INK = range(1, 9)
ACCENT, ACCENT_DARK, GLOW, TAR, TAR_LIGHT = range(9, 14)
SKY_TOP, _, _, SKY_HORIZON, FAR_LIGHT, FAR_DARK, NEAR_LIGHT, NEAR_DARK, WHITE = range(1, 10)
MIDDLE_LIGHT, MIDDLE_DARK, GLINT, GLINT_DARK = range(10, 14)


@dataclass(frozen=True)
class Zone:
    """One zone's look. All colours are "rrggbb".

    Attributes:
        name: also the comment above its art in data.c.
        ground: edge light, edge, body light, body, body dark.
        accent: light, dark and glow of loops and moving ornaments.
        sky: four bands, top to bottom.
        far, middle, near: light and dark of what stands on the horizon, and before it.
        glint: light and dark of lit windows, lava, water.
        late_sky, tint: the sky at another hour of the day, and what all that stands before it is tinted with.
        skyline: which painter of builder/background.py draws it.
        texture: which painter of builder/ground.py draws the earth.
    """

    name: str
    ground: tuple[str, ...]
    accent: tuple[str, ...]
    sky: tuple[str, ...]
    far: tuple[str, str]
    middle: tuple[str, str]
    near: tuple[str, str]
    glint: tuple[str, str]
    late_sky: tuple[str, ...]
    tint: str
    skyline: str
    texture: str


ZONES = (
    Zone(
        name="Fernfall",
        ground=("a8f048", "40b020", "c08848", "805020", "502c10"),
        accent=("f87890", "b03050", "f8e048"),
        sky=("4890f8", "68a8f8", "90c8f8", "b8e0f8"),
        far=("90b8f0", "6890d8"),
        middle=("90d8a0", "60b888"),
        near=("48b048", "287838"),
        glint=("f8f8a0", "b0e0f8"),
        late_sky=("5848a8", "a060a0", "e08878", "f8c080"),
        tint="f08048",
        skyline="hills",
        texture="checks",
    ),
    Zone(
        name="Copperworks",
        ground=("f8c860", "d07820", "886058", "583c40", "30202c"),
        accent=("e87840", "904020", "f8e070"),
        sky=("584880", "806098", "b080a0", "e0a898"),
        far=("907098", "786088"),
        middle=("886080", "684868"),
        near=("583848", "382030"),
        glint=("f8d060", "c08040"),
        late_sky=("081030", "182048", "303468", "585080"),
        tint="102058",
        skyline="chimneys",
        texture="plates",
    ),
    Zone(
        name="Mosswater",
        ground=("b8e890", "589858", "90a090", "586860", "303c38"),
        accent=("68d8e8", "2868a0", "f0f8f8"),
        sky=("50a8a8", "78c0b8", "a0d8c8", "c8ecd8"),
        far=("a8d8c8", "80b8b0"),
        middle=("60b090", "409078"),
        near=("a0b8a0", "688878"),
        glint=("70d8d8", "308060"),
        late_sky=("e0b060", "e8c880", "f0dca0", "f8f0c8"),
        tint="d0a060",
        skyline="columns",
        texture="bricks",
    ),
    Zone(
        name="Neonmile",
        ground=("f868d8", "b030a0", "5868a8", "303c70", "181c40"),
        accent=("40e8f8", "2040a0", "f8f060"),
        sky=("101030", "181848", "282060", "403080"),
        far=("405090", "b8a058"),
        middle=("283078", "b048a0"),
        near=("181850", "4090c0"),
        glint=("f8f0a0", "d03090"),
        late_sky=("301048", "581860", "902868", "d85068"),
        tint="602870",
        skyline="city",
        texture="plates",
    ),
    Zone(
        name="Emberpeak",
        ground=("f8d868", "d85818", "885048", "583030", "30181c"),
        accent=("f87020", "a02010", "f8e050"),
        sky=("b83828", "d86030", "f09048", "f8c070"),
        far=("d88058", "a85848"),
        middle=("a05040", "703030"),
        near=("603038", "402028"),
        glint=("f8d840", "d04018"),
        late_sky=("180820", "381028", "702028", "c04828"),
        tint="400830",
        skyline="peaks",
        texture="rocks",
    ),
    Zone(
        name="Glowcave",
        ground=("80f8e0", "289888", "706098", "403860", "201c38"),
        accent=("48d8f0", "2858b0", "c8f8f8"),
        sky=("181030", "201840", "302458", "3c3068"),
        far=("4c3c80", "302058"),
        middle=("405878", "283858"),
        near=("50a8b8", "286888"),
        glint=("a0f8c0", "387898"),
        late_sky=("082020", "103030", "184440", "285850"),
        tint="10a060",
        skyline="crystals",
        texture="rocks",
    ),
    Zone(
        name="Tarflats",
        ground=("f8e8a8", "c09848", "906838", "584020", "302010"),
        accent=("d85840", "803020", "f8f0c0"),
        sky=("e08848", "e8a060", "f0b878", "f8d8a0"),
        far=("d89878", "b87060"),
        middle=("d8a860", "b88048"),
        near=("a87848", "785030"),
        glint=("f8e070", "584038"),
        late_sky=("483070", "784880", "b86880", "e89880"),
        tint="602868",
        skyline="dunes",
        texture="checks",
    ),
    Zone(
        name="Gearholm",
        ground=("f0f0f8", "8898b0", "707888", "404858", "202430"),
        accent=("e0b040", "806020", "f8e898"),
        sky=("687888", "8090a0", "98a8b8", "b8c8d0"),
        far=("98a8b8", "7888a0"),
        middle=("a08868", "685848"),
        near=("606878", "404858"),
        glint=("f8d878", "b08848"),
        late_sky=("705060", "a07068", "d09870", "f0c890"),
        tint="804020",
        skyline="gears",
        texture="bolts",
    ),
    Zone(
        name="Cloudkeep",
        ground=("f8f8f8", "68b8f0", "8898c8", "505c90", "2c3058"),
        accent=("f06080", "a02858", "f8e070"),
        sky=("3068d0", "5890e8", "88b8f8", "c0e0f8"),
        far=("d0d8f0", "98a8d8"),
        middle=("c8d8f8", "a8c0f0"),
        near=("f8f8f8", "d0e0f8"),
        glint=("e87090", "b04878"),
        late_sky=("5838a0", "9058c0", "d088d0", "f8c0d8"),
        tint="f090c0",
        skyline="clouds",
        texture="bricks",
    ),
)
LATE_TINT = 0.3
"""How much of the tint there is in what stands before a late sky."""
THEME_NUMBERS = {zone.name: number for number, zone in enumerate(ZONES)}
"""What the C code calls a zone's look by."""


def foreground_palette(zone: Zone) -> list[int]:
    """The ground's sixteen VDP colours; scree, ink and tar are the same everywhere."""
    return palette([*zone.ground, "f0e8d8", "a09890", "100c14", *zone.accent, "201828", "706880"])


def background_palette(zone: Zone, late: bool = False) -> list[int]:
    """The background's sixteen VDP colours; `late` is the same view at another hour of the day."""
    sky = zone.sky
    landscape = [*zone.far, *zone.near, "f8f8f8", *zone.middle]
    if late:
        sky = zone.late_sky
        landscape = [_mixed(colour, zone.tint, LATE_TINT) for colour in landscape]
    return palette([*sky, *landscape, *zone.glint])


def _mixed(colour: str, tint: str, share: float) -> str:
    """So much of the way from one "rrggbb" colour to another."""
    parts = zip(bytes.fromhex(colour), bytes.fromhex(tint), strict=True)
    return bytes(round(one + (other - one) * share) for one, other in parts).hex()

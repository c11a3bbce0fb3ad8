"""Nine zones: palettes, ground tiles and backgrounds.

Grey contrast is planned: the ground's edge is bright over a darker body, backgrounds stay between, the hero and all
hazards carry black outlines; so the picture stays readable in 96 x 96 grey.
"""

import math
import random
from dataclasses import dataclass

import numpy as np

from game.quillrush.builder.tiles import Tile, pack, palette, rows_of_tiles

SLOPES = (0, 2, 4, 8, 16, -2, -4, -8, -16)
BACKGROUND_WIDTH, BACKGROUND_HEIGHT = 128, 320
DECORS = 4


@dataclass(frozen=True)
class Zone:
    """One zone's look. Colours: edge light, edge, body light, body, body dark; sky top to bottom; far, near hills."""

    name: str
    ground: tuple[str, ...]
    sky: tuple[str, ...]
    far: tuple[str, str]
    near: tuple[str, str]
    skyline: str
    texture: str


ZONES = (
    Zone("Fernfall", ("a8f048", "40b020", "c08848", "805020", "502c10"), ("4890f8", "68a8f8", "90c8f8", "b8e0f8"), ("90b8e8", "70a0d8"), ("68c090", "48a070"), "hills", "checks"),
    Zone("Copperworks", ("f8c860", "d07820", "886058", "583c40", "30202c"), ("584880", "806098", "b080a0", "e0a898"), ("907098", "786088"), ("685878", "544868"), "chimneys", "plates"),
    Zone("Mosswater", ("b8e890", "589858", "90a090", "586860", "303c38"), ("50a8a8", "78c0b8", "a0d8c8", "c8ecd8"), ("88c0b0", "70a8a0"), ("609890", "4c8480"), "columns", "bricks"),
    Zone("Neonmile", ("f868d8", "b030a0", "5868a8", "303c70", "181c40"), ("101030", "181848", "282060", "403080"), ("304088", "f8e060"), ("203068", "60e8f8"), "city", "plates"),
    Zone("Emberpeak", ("f8d868", "d85818", "885048", "583030", "30181c"), ("b83828", "d86030", "f09048", "f8c070"), ("c87050", "a85848"), ("985048", "784040"), "peaks", "rocks"),
    Zone("Glowcave", ("80f8e0", "289888", "706098", "403860", "201c38"), ("181030", "201840", "302458", "3c3068"), ("4c3c80", "403070"), ("386080", "60d8d0"), "crystals", "rocks"),
    Zone("Tarflats", ("f8e8a8", "c09848", "906838", "584020", "302010"), ("e08848", "e8a060", "f0b878", "f8d8a0"), ("d09868", "b88058"), ("a87850", "886040"), "dunes", "checks"),
    Zone("Gearholm", ("f0f0f8", "8898b0", "707888", "404858", "202430"), ("687888", "8090a0", "98a8b8", "b8c8d0"), ("8898a8", "788898"), ("687888", "586878"), "gears", "bolts"),
    Zone("Cloudkeep", ("f8f8f8", "68b8f0", "8898c8", "505c90", "2c3058"), ("3068d0", "5890e8", "88b8f8", "c0e0f8"), ("d8e8f8", "b8d0f0"), ("f8f8f8", "d8e4f8"), "clouds", "bricks"),
)  # fmt: skip
EDGE_LIGHT, EDGE, BODY_LIGHT, BODY, BODY_DARK, SCREE_LIGHT, SCREE, INK = range(1, 9)


def foreground_palette(zone: Zone) -> list[int]:
    return palette([*zone.ground, "f0e8d8", "a09890", "100c14"])


def background_palette(zone: Zone) -> list[int]:
    return palette([*zone.sky, *zone.far, *zone.near, "f8f8f8"])


def texture(zone: Zone, seed: int) -> np.ndarray:
    """The earth, uint8 [32, 32], repeating."""
    rng = random.Random(seed)
    picture = np.full((32, 32), BODY, np.uint8)
    y, x = np.mgrid[0:32, 0:32]
    if zone.texture == "checks":
        picture[((x // 16) + (y // 16)) % 2 == 0] = BODY_LIGHT
        picture[(x % 16 == 0) | (y % 16 == 0)] = BODY_DARK
    elif zone.texture == "plates":
        picture[(x % 32 < 2) | (y % 16 < 2)] = BODY_DARK
        picture[(x % 32 == 2) | (y % 16 == 2)] = BODY_LIGHT
        picture[(x % 32 > 26) & (x % 32 < 29) & (y % 16 > 6) & (y % 16 < 9)] = BODY_LIGHT
    elif zone.texture == "bricks":
        shift = (y // 8 % 2) * 8
        picture[(y % 8 == 0) | ((x + shift) % 16 == 0)] = BODY_DARK
        picture[(y % 8 == 1) & ((x + shift) % 16 != 0)] = BODY_LIGHT
    elif zone.texture == "rocks":
        for _ in range(14):
            cx, cy, r = rng.randrange(32), rng.randrange(32), rng.randrange(3, 6)
            dx, dy = (x - cx + 16) % 32 - 16, (y - cy + 16) % 32 - 16
            inside = dx**2 + dy**2 < r * r
            picture[inside] = BODY
            picture[inside & (dx + dy < -r // 2)] = BODY_LIGHT
            picture[inside & (dx + dy > r // 2 + 1)] = BODY_DARK
    else:
        picture[(x % 16 == 0) | (y % 16 == 0)] = BODY_DARK
        picture[((x % 16 - 8) ** 2 + (y % 16 - 8) ** 2) < 9] = BODY_LIGHT
        picture[((x % 16 - 9) ** 2 + (y % 16 - 9) ** 2) < 5] = BODY_DARK
    return picture


def surface_shapes() -> list[tuple[int, int]]:
    """(height at the left, height at the right) above the bottom of a tile, in the order of their tiles.

    The steepest take two tiles each: the index of the upper one, then of the lower.
    """
    shapes = [(8, 8)]
    for low in (0, 2, 4, 6):
        shapes += [(low, low + 2), (low + 2, low)]
    for low in (0, 4):
        shapes += [(low, low + 4), (low + 4, low)]
    return [*shapes, (0, 8), (8, 0), (-8, 8), (0, 16), (8, -8), (16, 0)]


def shape_index(left: int, right: int) -> tuple[int, int]:
    """(row, tile) of the surface tile of a column with these ground heights (screen y, downwards)."""
    top = min(left, right)
    row = top // 8
    if abs(left - right) == 16:
        return row, surface_shapes().index((-8, 8) if right < left else (8, -8))
    bottom = row * 8 + 8
    return row, surface_shapes().index((bottom - left, bottom - right))


def surface_tile(zone: Zone, left: int, right: int, scree: bool) -> np.ndarray:
    """uint8 [8, 8]: ground below the line, a bright edge along it, nothing above."""
    body = texture(zone, 1)[:8, :8]
    tile = np.zeros((8, 8), np.uint8)
    for x in range(8):
        height = left + (right - left) * (x + 0.5) / 8
        for y in range(8):
            depth = height - (8 - y - 0.5)
            if depth < 0:
                continue
            if scree:
                tile[y, x] = SCREE_LIGHT if (x * 3 + y * 5) % 7 < 3 else SCREE if (x + y) % 3 else INK
            elif depth < 2:
                tile[y, x] = EDGE_LIGHT
            elif depth < 5 + (x * 5 % 3):
                tile[y, x] = EDGE
            else:
                tile[y, x] = body[y, x]
    return tile


def ornaments(zone: Zone, seed: int) -> list[np.ndarray]:
    """DECORS ornaments, uint8 [16, 8] each, that stand on the ground."""
    rng = random.Random(seed)
    pictures = []
    for kind in range(DECORS):
        picture = np.zeros((16, 8), np.uint8)
        if kind < 2:  # blades
            for x in range(0, 8, 2):
                top = rng.randrange(7, 13)
                picture[top:, x] = EDGE
                picture[top, x] = EDGE_LIGHT
        elif kind == 2:  # a stalk with a head
            picture[6:, 3] = EDGE
            picture[2:7, 1:6] = SCREE_LIGHT
            picture[3:6, 2:5] = EDGE_LIGHT
        else:  # a stone
            picture[11:, 1:7] = BODY_LIGHT
            picture[10, 2:6] = EDGE_LIGHT
            picture[14:, 2:7] = BODY_DARK
        pictures.append(picture)
    return pictures


def ground_tiles(number: int) -> tuple[list[Tile], dict[str, int]]:
    """The ground's tiles of a zone, and where each group begins."""
    zone = ZONES[number]
    tiles: list[Tile] = []
    for i, (left, right) in enumerate(surface_shapes()):
        tiles.append(pack(surface_tile(zone, left, right, scree=i >= len(surface_shapes()) - 4)))
    groups = {"UNDER": len(tiles)}
    for i, (left, right) in enumerate(surface_shapes()):
        tiles.append(pack(surface_tile(zone, left + 8, right + 8, scree=i >= len(surface_shapes()) - 4)))
    groups["FILL"] = len(tiles)
    tiles += [tile for row in rows_of_tiles(texture(zone, number)) for tile in row]
    groups["EDGE"] = len(tiles)
    for offset in (0, 8):
        edge = texture(zone, number)[offset : offset + 8, :8].copy()
        edge[:, 0], edge[:, 1] = INK, BODY_LIGHT
        tiles.append(pack(edge))
    groups["DECOR"] = len(tiles)
    for picture in ornaments(zone, number):
        tiles += [pack(picture[:8]), pack(picture[8:])]
    return tiles, groups


def sky(zone: Zone) -> np.ndarray:
    """Four bands of colour with dithered borders."""
    picture = np.zeros((BACKGROUND_HEIGHT, BACKGROUND_WIDTH), np.uint8)
    pattern = np.array([[0, 8, 2, 10], [12, 4, 14, 6], [3, 11, 1, 9], [15, 7, 13, 5]]) / 16
    y, x = np.mgrid[0:BACKGROUND_HEIGHT, 0:BACKGROUND_WIDTH]
    level = np.clip(y / 200 * 3, 0, 3)
    threshold = pattern[y % 4, x % 4]
    picture[:] = 1 + np.minimum(level.astype(int) + ((level % 1) > threshold), 3)
    return picture


def ridge(picture: np.ndarray, heights: np.ndarray, light: int, dark: int) -> None:
    """Fill below a line: a light rim over dark."""
    for x, top in enumerate(heights.astype(int)):
        picture[max(top, 0) :, x] = dark
        picture[max(top, 0) : max(top + 4, 0), x] = light


def background(number: int) -> np.ndarray:
    """uint8 [320, 128], repeating sideways."""
    zone = ZONES[number]
    rng = random.Random(100 + number)
    picture = sky(zone)
    x = np.arange(BACKGROUND_WIDTH) / BACKGROUND_WIDTH * math.tau
    far, near = 150 + 18 * np.sin(x + 1) + 7 * np.sin(3 * x), 205 + 12 * np.sin(x * 2) + 5 * np.sin(5 * x + 2)
    if zone.skyline == "peaks":
        far = 120 + 50 * abs(((np.arange(128) / 64 + 0.3) % 1) - 0.5) * 2
        near = 190 + 40 * abs(((np.arange(128) / 32) % 1) - 0.5)
    elif zone.skyline == "dunes":
        far, near = 160 + 12 * abs(np.sin(x)), 200 + 16 * abs(np.sin(x + 1))
    if zone.skyline in ("city", "chimneys", "columns", "gears"):
        _blocks(picture, rng, zone.skyline)
    elif zone.skyline == "crystals":
        _crystals(picture, rng)
    elif zone.skyline == "clouds":
        _clouds(picture, rng)
    else:
        ridge(picture, far, 5, 6)
        ridge(picture, near, 7, 8)
    if zone.skyline in ("hills", "dunes"):
        _clouds(picture, rng, low=90, count=5)
    return picture


def _blocks(picture: np.ndarray, rng: random.Random, kind: str) -> None:
    for base, width, light, dark in ((150, 16, 5, 6), (200, 32, 7, 8)):
        for left in range(0, 128, width):
            top = base - rng.randrange(0, 50)
            right = left + width - (rng.randrange(2, 7) if kind != "columns" else 8)
            body, lamp = (light, dark) if kind == "city" else (dark, light)
            picture[top:, left:right] = body
            picture[top : top + 3, left:right] = light if kind != "city" else body
            if kind == "city":
                for y in range(top + 6, 300, 8):
                    for x in range(left + 3, right - 3, 6):
                        if rng.random() < 0.45:
                            picture[y : y + 3, x : x + 2] = lamp
            elif kind == "gears":
                y, x = np.mgrid[0:320, 0:128]
                distance = np.hypot(x - (left + right) / 2, y - top)
                picture[(distance < width * 0.45) & (distance > width * 0.2)] = light
            else:
                picture[top:, left + 2 : left + 5] = light
        picture[base + 40 :, :] = np.where(
            picture[base + 40 :, :] < 5, light if kind == "city" else dark, picture[base + 40 :, :]
        )


def _crystals(picture: np.ndarray, rng: random.Random) -> None:
    for _ in range(7):
        left, length = rng.randrange(0, 112), rng.randrange(30, 90)
        for y in range(length):
            half = max(1, int(8 * (1 - y / length)))
            for x in range(-half, half):
                picture[y, (left + 8 + x) % 128] = 5 if x < 0 else 6
    for _ in range(6):
        left, length = rng.randrange(0, 112), rng.randrange(20, 70)
        for y in range(length):
            half = max(1, int(6 * (1 - y / length)))
            for x in range(-half, half):
                picture[230 - y, (left + 6 + x) % 128] = 8 if x == -half else 7
    picture[230:] = 6


def _clouds(picture: np.ndarray, rng: random.Random, low: int = 230, count: int = 12) -> None:
    y, x = np.mgrid[0:320, 0:128]
    for _ in range(count):
        cx, cy, r = rng.randrange(128), rng.randrange(20, low), rng.randrange(6, 14)
        for dx, scale in ((-r, 0.6), (0, 1.0), (r, 0.7)):
            distance = np.hypot((x - cx - dx + 64) % 128 - 64, (y - cy) * 1.6)
            picture[distance < r * scale] = 9 if low < 200 else 7
            picture[(distance < r * scale) & (y > cy + 2)] = 5 if low > 200 else 4


def background_tiles(number: int) -> tuple[list[Tile], list[int]]:
    """(unique tiles, map of 40 rows x 16 columns)."""
    tiles: list[Tile] = []
    seen: dict[Tile, int] = {}
    cells = []
    for row in rows_of_tiles(background(number)):
        for tile in row:
            if tile not in seen:
                seen[tile] = len(tiles)
                tiles.append(tile)
            cells.append(seen[tile])
    return tiles, cells

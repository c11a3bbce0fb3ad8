"""The embedded game's art: pictures of the right size, told apart from one another, and within the VDP's means."""

import itertools

import cv2
import numpy as np
import pytest

from game.quillrush.builder import background, font, ground, hero, objects, ornaments, scenery
from game.quillrush.builder.tiles import Tile, pack
from game.quillrush.builder.zones import SKY_HORIZON, ZONES, background_palette, foreground_palette

THEMES = range(len(ZONES))
ON_HIS_FEET = (
    "STAND",
    "BLINK",
    "WALK_1",
    "RUN_1",
    "CROUCH",
    "CHARGE_1",
    "PUSH_1",
    "SKID",
    "LOOK_UP",
    "BRINK",
    "BALL_1",
)


def check(picture: np.ndarray, height: int, width: int) -> None:
    assert picture.shape == (height, width)
    assert picture.dtype == np.uint8
    assert picture.max() < 16
    assert picture.any()


def check_all_differ(pictures: list[np.ndarray]) -> None:
    for one, other in itertools.combinations(pictures, 2):
        assert one.shape != other.shape or (one != other).any()


def unpacked(tile: Tile) -> np.ndarray:
    """uint8 [8, 8] of a packed tile."""
    return np.array([[row >> shift & 15 for shift in range(28, -1, -4)] for row in tile], np.uint8)


def test_poses() -> None:
    poses = hero.hero_poses()
    for picture in poses.values():
        check(picture, 32, 32)
    check_all_differ(list(poses.values()))
    for name in ON_HIS_FEET:
        assert poses[name][31].any(), f"{name} floats"
    names = {"STAND", "FALL", "CHARGE_2", "PUSH_2", "HURT", "DEAD", "WALK_4", "RUN_4", "BALL_4"}
    names |= {f"TURN_{turn}_{step}" for turn in range(1, 8) for step in (1, 2)}
    assert names <= set(poses)


def test_quarter_turns_are_exact() -> None:
    poses = hero.hero_poses()
    for turn in (2, 4, 6):
        painted = poses[f"TURN_{turn}_1"] != 0
        upright = np.rot90(poses["RUN_1"], turn // 2) != 0
        assert (painted != upright).mean() < 0.02  # the outline is drawn anew


def shrunk(picture: np.ndarray, ground_grey: int) -> np.ndarray:
    """A sprite of the hero's palette before plain ground, as it is in a 96 x 96 grey view of the 320 x 224 screen."""
    greys = [ground_grey]
    for colour in hero.COLOURS:
        red, green, blue = bytes.fromhex(colour)
        greys.append(round(0.299 * red + 0.587 * green + 0.114 * blue))
    return cv2.resize(np.array(greys, np.uint8)[picture], (10, 14), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("ground_grey", [40, 110, 190])
def test_a_viewer_tells_neighbouring_clouds_apart(ground_grey: int) -> None:
    for size in range(hero.DUST_SIZES - 1):
        for phase, next_phase in itertools.product(range(hero.DUST_PHASES), repeat=2):
            one = shrunk(hero.dust(size, phase), ground_grey).astype(int)
            other = shrunk(hero.dust(size + 1, next_phase), ground_grey).astype(int)
            assert (abs(one - other) > 24).sum() >= 5


def test_clouds_grow() -> None:
    for phase in range(hero.DUST_PHASES):
        clouds = [hero.dust(size, phase) for size in range(hero.DUST_SIZES)]
        painted = [(cloud != 0).sum() for cloud in clouds]
        assert painted == sorted(painted)
        for cloud in clouds:
            check(cloud, 32, 32)
    check_all_differ([hero.dust(size, phase) for size in range(6) for phase in range(2)])


def test_objects() -> None:
    sizes = {
        (16, 16): [*map(objects.ring, range(3)), *map(objects.sparkle, range(2)), *map(objects.lamp, range(3))],
        (16, 32): [
            *map(objects.beam_base, (False, True)),
            objects.lift(), objects.platform(), objects.spring(), objects.spikes(),
        ],
        (32, 32): [
            *map(objects.beam, range(2)), *map(objects.lever, (False, True)), *map(objects.goal, (False, True)),
            objects.spring_up(), objects.cracked_wall(),
        ],
        (48, 8): [objects.post()],
    }  # fmt: skip
    for (height, width), pictures in sizes.items():
        for picture in pictures:
            check(picture, height, width)
        check_all_differ(pictures)


@pytest.mark.parametrize("phase", range(2))
def test_a_barrier_has_no_seams(phase: int) -> None:
    core = objects.beam(phase) == objects.WHITE
    middles = (core * np.arange(32)).sum(axis=1) / core.sum(axis=1)  # of the bright core, in every row
    steps = abs(middles - np.roll(middles, 1))  # of every row from the one above; of the first, from the last
    assert steps.max() < 1.75


@pytest.mark.parametrize("theme", THEMES)
def test_a_zones_own_enemy_and_obstacle(theme: int) -> None:
    enemy, obstacle = scenery.special(theme)
    assert (len(enemy), len(obstacle)) == (2, 3)
    for picture in enemy:
        check(picture, 24, 32)
    for picture in obstacle:
        check(picture, 32, 32)
    check_all_differ(enemy)
    check_all_differ(obstacle[:2])


def test_enemies_and_obstacles_differ_between_zones() -> None:
    firsts = [scenery.special(theme) for theme in THEMES]
    check_all_differ([enemy[0] for enemy, _ in firsts])
    check_all_differ([obstacle[1] for _, obstacle in firsts])


@pytest.mark.parametrize("theme", THEMES)
def test_ornaments(theme: int) -> None:
    still = ornaments.ornaments(theme)
    phases = ornaments.animated_ornaments(theme)
    assert (len(still), len(phases)) == (ornaments.DECORS, ornaments.PHASES)
    for picture in itertools.chain(still, *phases):
        check(picture, 16, 8)
    for one in range(2):
        for phase in range(4):
            assert (phases[phase][one] != phases[phase - 1][one]).any()


@pytest.mark.parametrize("theme", THEMES)
def test_a_ledge_carries_feet_on_its_top_row(theme: int) -> None:
    tiles = [unpacked(tile) for tile in ground.ledge_tiles(theme)]
    assert len(tiles) == 8
    for tile in tiles[:4]:
        assert tile[0].all()
    for tile in tiles[4:]:
        assert not tile[7].all()  # ragged below


@pytest.mark.parametrize("theme", THEMES)
def test_tar_moves(theme: int) -> None:
    tiles = ground.tar_tiles(theme)
    assert len(tiles) == 4 == len(set(tiles))
    for tile in tiles:
        assert unpacked(tile).all()


@pytest.mark.parametrize("theme", THEMES)
def test_a_loop_is_symmetric_and_made_of_few_tiles(theme: int) -> None:
    picture = ground.loop_picture(theme)
    check(picture, 176, 192)
    np.testing.assert_array_equal(picture, picture[:, ::-1])
    np.testing.assert_array_equal(picture[16:96], picture[175:95:-1])
    assert picture[96, 4:16].all()  # the track, 92 to 80 pixels from the middle
    assert not picture[96, 16:176].any()
    tiles, cells = ground.loop_tiles(theme)
    assert len(tiles) <= 60
    drawn = np.zeros_like(picture)
    for (row, column), cell in np.ndenumerate(cells):
        if cell < 0:
            continue
        tile = unpacked(tiles[cell & 0x07FF])
        tile = tile[:, ::-1] if cell & 0x0800 else tile
        tile = tile[::-1] if cell & 0x1000 else tile
        drawn[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8] = tile
    np.testing.assert_array_equal(drawn, picture)


@pytest.mark.parametrize("theme", THEMES)
def test_a_background_fits_and_is_not_cut_where_the_sky_ends(theme: int) -> None:
    picture = background.background(theme)
    check(picture, 320, 128)
    assert picture[92:100].max() <= SKY_HORIZON
    tiles, cells = background.background_tiles(theme)
    assert (tiles, cells) == background.background_tiles(theme)
    assert len(tiles) <= 200
    assert tiles[cells[16]] == pack(picture[8:16, 0:8])


@pytest.mark.parametrize("theme", THEMES)
def test_a_late_hour_is_another_palette(theme: int) -> None:
    day = background_palette(ZONES[theme])
    late = background_palette(ZONES[theme], late=True)
    assert len(day) == len(late) == len(foreground_palette(ZONES[theme])) == 16
    assert sum(one != other for one, other in zip(day, late, strict=True)) >= 6


def test_letters() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    for picture in (big := [font.big(letter) for letter in alphabet]):
        check(picture, 16, 16)
        assert set(np.unique(picture)) == {0, 1, 2}
    check_all_differ(big)
    check_all_differ([font.text(letter, width=8, ink=2, pitch=6) for letter in alphabet])
    check(font.text("QUILLRUSH", width=64, ink=2, pitch=6), 8, 64)

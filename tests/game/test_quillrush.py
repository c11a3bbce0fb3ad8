"""The embedded game: it is what the pipeline takes it for, and it rebuilds byte for byte."""

import filecmp
import gzip
import hashlib
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import stable_retro
import stable_retro.data
from stable_retro.data import Integrations

from game.actions import BIT, mask_of
from game.acts import ACTS, ALL_ACTS, TEST_ACTS, Act, find_act
from game.emulator import Emulator
from game.games import Game
from game.places import Place, places
from game.quillrush import explore, walls
from game.quillrush.builder.acts import lay_acts, packed_acts, whole_rom
from game.quillrush.builder.course import PIT, Course, Kind
from game.quillrush.builder.levels import build_act
from game.quillrush.builder.plans import PLANS, TEST_SEED, drawn_plans
from game.quillrush.teleport import stand_at
from game.ram import ROUTINE_DEAD, ROUTINE_HURT, STATUS_AIRBORNE, STATUS_ROLLING
from game.savestate import CORE_STATE_BYTES, clean_state
from tests.conftest import ROOT

SONIC = Path(stable_retro.data.path()) / "stable" / "SonicTheHedgehog2-Genesis-v0"
RIGHT, LEFT, DOWN, B = (BIT[name] for name in ("RIGHT", "LEFT", "DOWN", "B"))
FIRST = build_act(PLANS[0])


@pytest.mark.parametrize("name", ["data.json", "script.lua", "contest.json", "scenario.json", "xpos.json"])
def test_the_integration_is_stable_retros_own(quillrush: Game, name: str) -> None:
    assert filecmp.cmp(quillrush.integration / name, SONIC / name, shallow=False)


def test_sizes(quillrush: Game) -> None:
    assert quillrush.rom.stat().st_size <= 512 * 1024
    assert hashlib.sha1(quillrush.rom.read_bytes()).hexdigest() == quillrush.sha1
    for act in ALL_ACTS:
        packed = (quillrush.integration / f"{act.name}.state").read_bytes()
        assert len(packed) < 12_000
        state = gzip.decompress(packed)
        assert len(state) == CORE_STATE_BYTES
        assert state == clean_state(state)  # nothing of the process that saved it


def test_every_state_is_the_first_frame_of_its_act(emulator: Emulator, quillrush: Game) -> None:
    for act, plan in zip(ALL_ACTS, [*PLANS, *drawn_plans(TEST_SEED)], strict=True):
        assert plan.act == act
        emulator.set_state(quillrush.start_state(act))
        emulator.step(0)
        found = emulator.variables()
        assert (found["zone"], found["act_number"], found["x"], found["lives"]) == (act.zone, act.number, 96, 3)
        assert (found["game_mode"], found["rings"], found["score"], found["level_end_bonus"]) == (0x0C, 0, 0, 0)
        emulator.step(RIGHT)
        assert emulator.peek("inertia") == 12  # 0.046875 pixels per frame, more with every frame


def test_the_contest_script_runs_on_it(quillrush: Game) -> None:
    """stable-retro's environment, data.json and script.lua, unmodified: holding RIGHT is paid by the way it leads."""
    Integrations.add_custom_path(str(quillrush.integration.parent))
    env = stable_retro.make(
        quillrush.retro_id, scenario="contest", inttype=Integrations.CUSTOM_ONLY, render_mode="rgb_array"
    )
    env.reset()
    right = [1 if name == "RIGHT" else 0 for name in env.buttons]
    total = 0.0
    for _ in range(60):
        _, reward, done, _, info = env.step(right)
        total += float(reward)
    env.close()
    assert not done
    assert info["x"] > 96
    assert total == pytest.approx(9000 * (info["x"] - 96) / (0x2A40 - 96), rel=1e-4)


def hold(emulator: Emulator, mask: int, frames: int) -> None:
    for _ in range(frames):
        emulator.step(mask)


@pytest.fixture
def at_the_wall(emulator: Emulator) -> int:
    """The first act's first wall, the player standing before it."""
    wall_x = next(thing.x for thing in FIRST.things if thing.kind == Kind.WALL)
    stand_at(emulator, ACTS[0], wall_x - 120)
    hold(emulator, RIGHT, 110)
    return wall_x


def test_running_and_jumping_do_not_pass_a_wall(emulator: Emulator, at_the_wall: int) -> None:
    assert at_the_wall - 16 <= emulator.peek("x") < at_the_wall
    for _ in range(4):
        hold(emulator, RIGHT | B, 30)
        hold(emulator, RIGHT, 30)
    assert emulator.peek("x") < at_the_wall


def test_a_rolling_start_does_not_break_a_wall(emulator: Emulator, at_the_wall: int) -> None:
    hold(emulator, mask_of(("LEFT",)), 90)
    hold(emulator, 0, 60)
    hold(emulator, RIGHT, 60)
    hold(emulator, DOWN, 60)
    assert emulator.peek("x") < at_the_wall


@pytest.mark.parametrize("revs", [1, 2, 4])
def test_a_spin_dash_breaks_it(emulator: Emulator, at_the_wall: int, revs: int) -> None:
    hold(emulator, 0, 4)
    hold(emulator, DOWN, 6)
    for _ in range(revs):
        hold(emulator, DOWN | B, 4)
        assert emulator.peek("spindash_flag") == 1
        hold(emulator, DOWN, 4)
    counter = emulator.peek("spindash_counter")
    assert 0x200 * revs * 0.5 < counter <= 0x800
    emulator.step(0)
    assert emulator.peek("inertia") >= 0x800
    hold(emulator, 0, 30)
    assert emulator.peek("x") > at_the_wall + 32


def test_dying_costs_a_life_where_it_happens(emulator: Emulator, quillrush: Game) -> None:
    course = build_act(PLANS[1])
    pit = next(i * 8 for i, column in enumerate(course.columns) if column.left == PIT)
    emulator.set_state(quillrush.start_state(find_act("EmeraldHillZone.Act2")))
    emulator.step(0)
    emulator._memory.assign(0xFFB008, ">u2", pit + 40)
    frames = 0
    while emulator.peek("lives") == 3:
        emulator.step(0)
        frames += 1
        assert frames < 300
    assert abs(emulator.peek("x") - pit - 40) < 8
    hold(emulator, 0, 90)
    assert (emulator.peek("x"), emulator.peek("game_mode")) == (96, 0x0C)


def test_the_same_pad_gives_the_same_play(emulator: Emulator, quillrush: Game) -> None:
    rng = random.Random(1)
    masks: list[int] = []
    for _ in range(60):
        masks += [rng.choice((0, RIGHT, RIGHT, RIGHT | B, DOWN, DOWN | B))] * 10
    ends = []
    for _ in range(2):
        emulator.set_state(quillrush.start_state(find_act("WingFortressZone")))
        for mask in masks:
            emulator.step(mask)
        ends.append((emulator.ram(), emulator.screen().tobytes()))
    assert ends[0] == ends[1]


def test_time_over_costs_a_life_and_the_last_one_brings_three(emulator: Emulator, quillrush: Game) -> None:
    act = find_act("ChemicalPlantZone.Act2")
    emulator.set_state(quillrush.start_state(act))
    seen = [3]
    for _ in range(900):
        if emulator.peek("time_minutes") == 0:
            emulator._memory.assign(0xFFFE23, "|u1", 9)
            emulator._memory.assign(0xFFFE24, "|u1", 59)
        emulator.step(0)
        if emulator.peek("lives") != seen[-1]:
            seen.append(emulator.peek("lives"))
    assert seen[:5] == [3, 2, 1, 0, 3]
    assert (emulator.peek("zone"), emulator.peek("act_number")) == (act.zone, act.number)


def test_start_pauses_everything(emulator: Emulator, quillrush: Game) -> None:
    emulator.set_state(quillrush.start_state(find_act("EmeraldHillZone.Act1")))
    hold(emulator, RIGHT, 30)
    emulator.step(BIT["START"])
    before = emulator.variables()
    hold(emulator, RIGHT, 30)
    assert emulator.variables() == before
    emulator.step(BIT["START"])
    hold(emulator, RIGHT, 5)
    assert emulator.peek("x") > before["x"]


def place_of(quillrush: Game, act: str, kind: str) -> tuple[Act, Place]:
    """The act, and its place of this kind."""
    found = find_act(act)
    return found, next(place for place in places(quillrush, found) if place.kind == kind)


def before(emulator: Emulator, act: str, kind: Kind, distance: int = 100) -> int:
    """Stand before the act's first thing of this kind; returns its x."""
    course = build_act(next(plan for plan in PLANS if plan.act.name == act))
    x = next(thing.x for thing in course.things if thing.kind == kind)
    stand_at(emulator, find_act(act), x - distance)
    return x


def until_hurt(emulator: Emulator, mask: int) -> None:
    for _ in range(300):
        emulator.step(mask)
        if emulator.peek("routine") >= ROUTINE_HURT:
            return
    raise AssertionError("nothing hurt the player")


def test_a_hit_scatters_the_rings_and_they_can_be_caught_again(emulator: Emulator) -> None:
    before(emulator, "EmeraldHillZone.Act1", Kind.SPIKES)
    emulator.poke("rings", 20)
    until_hurt(emulator, RIGHT)
    assert emulator.peek("rings") == 0
    hold(emulator, 0, 60)
    assert emulator.peek("rings") == 0  # they fly out first
    caught = []
    for _ in range(4):
        hold(emulator, LEFT, 20)
        hold(emulator, RIGHT, 20)
        caught.append(emulator.peek("rings"))
    assert 1 <= caught[-1] <= 20
    hold(emulator, 0, 300)
    assert emulator.peek("lives") == 3


def test_a_hit_without_rings_costs_the_life(emulator: Emulator) -> None:
    before(emulator, "EmeraldHillZone.Act1", Kind.SPIKES)
    until_hurt(emulator, RIGHT)
    assert emulator.peek("routine") == ROUTINE_DEAD


def digits_shown(emulator: Emulator, score: int) -> list[bytes]:
    """The white pixels of each of the six digits of the score, once it is this."""
    emulator.set_state(emulator.game.start_state(ACTS[0]))
    emulator.poke("score", score)
    hold(emulator, 0, 3)
    white = (emulator.screen()[8:16, 52:100] > 200).all(axis=-1)
    return [white[:, left : left + 8].tobytes() for left in range(0, 48, 8)]


def test_the_score_is_shown_as_it_is(emulator: Emulator) -> None:
    looks = dict(zip("012345", digits_shown(emulator, 12345), strict=True))
    assert len(set(looks.values())) == 6
    for score in (330, 100, 5, 12_003, 543_210, 99_999):
        shown = digits_shown(emulator, score)
        known = {look: digit for digit, look in looks.items()}
        assert [known.get(look, "9") for look in shown] == list(f"{score:06}")


def test_one_to_six_presses_look_different(emulator: Emulator) -> None:
    looks = set()
    for presses in range(1, 7):
        stand_at(emulator, ACTS[0], 300)
        hold(emulator, DOWN, 6)
        for _ in range(presses):
            hold(emulator, DOWN | B, 2)
            hold(emulator, DOWN, 2)
        while emulator.peek("time_frames") % 8:
            hold(emulator, DOWN, 1)
        emulator.step(DOWN)
        looks.add(emulator.screen()[100:180, 80:150].tobytes())
    assert len(looks) == 6


def test_a_life_begins_at_the_last_lamppost(emulator: Emulator) -> None:
    post = before(emulator, "EmeraldHillZone.Act2", Kind.POST)
    hold(emulator, RIGHT, 60)
    emulator.poke("y", 530)
    while emulator.peek("lives") == 3:
        emulator.step(0)
    hold(emulator, 0, 90)
    assert emulator.peek("x") == post
    assert emulator.peek("lives") == 2


def test_a_loop_asks_for_speed(emulator: Emulator) -> None:
    track = next(piece for piece in FIRST.scenery if piece.right - piece.left == 192 and piece.kind == 1)
    middle = (track.left + track.right) // 2
    reached = {}
    for run_up in (60, 370):
        stand_at(emulator, ACTS[0], middle - run_up)
        highest = 999
        for _ in range(260):
            emulator.step(RIGHT)
            highest = min(highest, emulator.peek("y"))
        reached[run_up] = emulator.peek("x") - middle, track.y - highest
    assert reached[60][0] < 90  # its far side is a wall for who has not been around
    assert reached[370][0] > 200
    assert reached[370][1] > 120  # over the top


def test_a_door_opens_by_its_lever_only(emulator: Emulator, quillrush: Game) -> None:
    act, place = place_of(quillrush, "EmeraldHillZone.Act2", "door")
    stand_at(emulator, act, place.block_x - 100)
    hold(emulator, RIGHT, 120)
    assert emulator.peek("x") < place.block_x
    lever = place.waypoints[-1]
    emulator.poke("x", lever.x + 40)
    emulator.poke("y", lever.y - 40)
    emulator.poke("status", STATUS_AIRBORNE)
    hold(emulator, 0, 30)
    hold(emulator, RIGHT, 20)
    assert emulator.switches() == 0
    hold(emulator, LEFT, 60)
    assert emulator.switches() == 1
    hold(emulator, RIGHT, 200)
    assert emulator.peek("x") > place.block_x + 40


def test_a_lift_comes_when_it_is_called(emulator: Emulator, quillrush: Game) -> None:
    act, place = place_of(quillrush, "ChemicalPlantZone.Act1", "lift")
    top = place.waypoints[-1]
    stand_at(emulator, act, place.waypoints[0].x + 60)
    hold(emulator, LEFT, 50)
    assert emulator.switches() == 1
    for _ in range(400):
        emulator.step(RIGHT if emulator.peek("x") < top.x and emulator.peek("inertia") < 0x100 else 0)
    assert emulator.peek("y") + 19 == top.y


@pytest.mark.parametrize(("act", "kind"), [("EmeraldHillZone.Act2", "door"), ("AquaticRuinZone.Act1", "tower")])
def test_who_never_goes_back_does_not_pass(emulator: Emulator, quillrush: Game, act: str, kind: str) -> None:
    """A short search here; `python -m game.quillrush.explore` makes a long one at every place."""
    found, place = place_of(quillrush, act, kind)
    assert explore.passes(emulator, found, place, masks=explore.FORWARD, frames=15_000, seed=0) is None


def test_the_search_gets_past_what_needs_no_way_back(emulator: Emulator, quillrush: Game) -> None:
    """The same search passes a pit: it would find a way."""
    act, place = place_of(quillrush, "EmeraldHillZone.Act2", "door")
    course = build_act(PLANS[1])
    pit = next(i * 8 for i, column in enumerate(course.columns) if column.left == PIT)
    behind_the_pit = Place(place.kind, pit + 400, pit + 100, place.waypoints)
    assert explore.passes(emulator, act, behind_the_pit, masks=explore.FORWARD, frames=40_000, seed=0) is not None


def test_a_landing_roll_breaks_no_wall(emulator: Emulator) -> None:
    """The first wall, aimed at from every 8 pixels of one run; `python -m game.quillrush.walls` tries all."""
    wall = walls.gates(FIRST)[0]
    stand_at(emulator, ACTS[0], wall - 250)
    rolled = False
    for _ in range(12):
        hold(emulator, RIGHT, 6)
        state = emulator.get_state()
        assert not any(walls.passes(emulator, state, press, wall) for press in walls.HOLDS)
        rolled = rolled or bool(emulator.peek("status") & STATUS_ROLLING)
        emulator.set_state(state)
    assert rolled or emulator.peek("x") > wall - 250


def test_what_the_acts_ask_for() -> None:
    turning = [course for course in map(build_act, PLANS) if course.places]
    assert len(turning) >= 8
    for course in turning:
        assert len(course.places) <= 2
        for place in course.places:
            back = [place["block_x"] - point["x"] for point in place["waypoints"]]
            assert 150 <= max(back) <= 500
    assert sum(has_slab_way(course) for course in map(build_act, PLANS)) >= 6
    assert sum("loop" in dict(plan.landmarks) for plan in PLANS) >= 4
    for plan in PLANS:
        assert "post" in dict(plan.landmarks)
        gates = sum(kind in ("wall", "scree") for kind, _ in plan.landmarks)
        assert gates >= (2 if plan.look == "Fernfall" else 3 if gates + len(build_act(plan).places) < 4 else 2)


def has_slab_way(course: Course) -> bool:
    """Whether slabs of some length float over the ground."""
    return any(piece.kind == 0 and piece.right - piece.left > 240 for piece in course.scenery)


def test_another_test_seed_makes_other_test_acts_only(quillrush: Game) -> None:
    rom = quillrush.rom.read_bytes()
    same = lay_acts(TEST_SEED)
    other = lay_acts(TEST_SEED + 1)
    assert whole_rom(rom[:0x40000].rstrip(b"\xff"), same) == rom
    assert packed_acts(other) != packed_acts(same)
    for number, act in enumerate(ALL_ACTS):
        is_same = (same[number].columns(), same[number].things()) == (other[number].columns(), other[number].things())
        assert is_same == (act not in TEST_ACTS)


def test_a_build_with_another_seed_is_played(quillrush: Game, tmp_path: Path) -> None:
    from game.quillrush.builder.__main__ import main

    assert main(["--test-seed", "2", "--out", str(tmp_path / "other")]) == 0
    assert main(["--out", str(tmp_path / "same")]) == 0
    assert filecmp.cmp(tmp_path / "same" / "rom.md", quillrush.rom, shallow=False)
    for act in ALL_ACTS:
        name = f"{act.name}.state"
        assert filecmp.cmp(tmp_path / "same" / name, quillrush.integration / name, shallow=False)
    assert not filecmp.cmp(tmp_path / "other" / "rom.md", quillrush.rom, shallow=False)
    assert (tmp_path / "other" / "places.json").exists()


def test_it_rebuilds_byte_for_byte(quillrush: Game, tmp_path: Path) -> None:
    if not shutil.which("m68k-linux-gnu-gcc"):
        pytest.skip(
            "m68k-linux-gnu-gcc (Debian: gcc-m68k-linux-gnu) is not installed: the shipped ROM is used as it is"
        )
    copy = tmp_path / "game" / "quillrush"
    ignored = shutil.ignore_patterns("obj", "__pycache__", "tiles.h", "data.c")
    for room in ("common", "game"):
        shutil.copytree(ROOT / room, tmp_path / room, ignore=ignored)
    target = copy / "integration" / quillrush.retro_id
    for made in (*target.glob("*.state"), target / "rom.md", target / "places.json"):
        made.unlink()
    subprocess.run(["make", "-C", str(copy), f"PYTHON={sys.executable}"], check=True, capture_output=True)
    for path in sorted(quillrush.integration.iterdir()):
        if path.suffix == ".state":
            assert gzip.decompress(path.read_bytes()) == gzip.decompress((target / path.name).read_bytes())
        assert filecmp.cmp(path, target / path.name, shallow=False), path.name

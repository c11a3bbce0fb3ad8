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
from game.acts import ACTS, find_act
from game.emulator import Emulator
from game.games import Game
from game.movie import read_movie, replay
from game.quillrush.builder.levels import PIT, WALL, build_act
from game.quillrush.builder.plans import PLANS
from game.ram import STATUS_AIRBORNE
from game.savestate import CORE_STATE_BYTES, clean_state
from tests.conftest import ROOT

SONIC = Path(stable_retro.data.path()) / "stable" / "SonicTheHedgehog2-Genesis-v0"
RIGHT, DOWN, B = (BIT[name] for name in ("RIGHT", "DOWN", "B"))


@pytest.mark.parametrize("name", ["data.json", "script.lua", "contest.json", "scenario.json", "xpos.json"])
def test_the_integration_is_stable_retros_own(quillrush: Game, name: str) -> None:
    assert filecmp.cmp(quillrush.integration / name, SONIC / name, shallow=False)


def test_sizes(quillrush: Game) -> None:
    assert quillrush.rom.stat().st_size <= 512 * 1024
    assert hashlib.sha1(quillrush.rom.read_bytes()).hexdigest() == quillrush.sha1
    for act in ACTS:
        packed = (quillrush.integration / f"{act.name}.state").read_bytes()
        assert len(packed) < 8192
        state = gzip.decompress(packed)
        assert len(state) == CORE_STATE_BYTES
        assert state == clean_state(state)  # nothing of the process that saved it


def test_every_state_is_the_first_frame_of_its_act(emulator: Emulator, quillrush: Game) -> None:
    for act, plan in zip(ACTS, PLANS, strict=True):
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
def at_the_wall(emulator: Emulator, shipped_movie: Path) -> int:
    """The first act's first wall, the player standing before it; a demonstration led him there."""
    wall_x = next(thing.x for thing in build_act(PLANS[0]).things if thing.kind == WALL)
    for _ in replay(emulator, read_movie(shipped_movie)):
        if emulator.peek("x") > wall_x - 120 and not emulator.peek("status") & STATUS_AIRBORNE:
            break
    hold(emulator, RIGHT, 60)
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
    hold(emulator, 0, 60)
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
    for _ in range(600):
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
    for made in (*target.glob("*.state"), target / "rom.md"):
        made.unlink()
    subprocess.run(["make", "-C", str(copy), f"PYTHON={sys.executable}"], check=True, capture_output=True)
    for path in sorted(quillrush.integration.iterdir()):
        if path.suffix == ".state":
            assert gzip.decompress(path.read_bytes()) == gzip.decompress((target / path.name).read_bytes())
        assert filecmp.cmp(path, target / path.name, shallow=False), path.name

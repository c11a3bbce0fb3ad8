"""The two games: which one is played, and what is said of a ROM or state that cannot be used."""

import dataclasses
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from game.acts import ACTS, TEST_ACTS, find_act
from game.games import GAMES, ROOT, Game, GameError, choose_game, find_game, game_of_id
from game.quillrush.builder.plans import PLANS
from tests.other_build import make_other_build


@pytest.fixture
def sonic2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Game:
    """Sonic 2 with its ROM looked for in a folder of the test, where there is none."""
    game = dataclasses.replace(GAMES["sonic2"], roms=(tmp_path / "imported.md", tmp_path / "shipped.md"))
    monkeypatch.setitem(GAMES, "sonic2", game)
    return game


def test_the_default_is_sonic2_once_its_rom_is_there(sonic2: Game) -> None:
    assert choose_game() == (GAMES["quillrush"], "the embedded game; no Sonic 2 ROM is imported")
    sonic2.roms[1].write_bytes(b"")
    assert choose_game() == (sonic2, "its ROM is imported")


def test_a_game_asked_for_is_taken_with_or_without_a_rom(sonic2: Game) -> None:
    assert choose_game("quillrush") == (GAMES["quillrush"], "asked for")
    assert choose_game("sonic2") == (sonic2, "asked for")
    with pytest.raises(GameError, match=r"Unknown GAME 'sonic'.*sonic2.*The games are: sonic2, quillrush"):
        choose_game("sonic")


def test_a_missing_and_a_wrong_rom_say_what_to_do(sonic2: Game) -> None:
    assert not sonic2.has_rom
    with pytest.raises(GameError, match=f"{sonic2.sha1}.*make rom ROM=path"):
        sonic2.check_rom()
    sonic2.roms[1].write_bytes(b"another dump")
    with pytest.raises(GameError, match=f"shipped.md is not the ROM.*Expected SHA-1 {sonic2.sha1}. Received: "):
        sonic2.check_rom()
    sonic2.roms[0].write_bytes(b"")
    assert sonic2.rom == sonic2.roms[0]  # an imported one goes before stable-retro's


def test_games_are_found_by_the_ids_of_movies_old_and_new() -> None:
    assert game_of_id("SonicTheHedgehog2-Genesis") is game_of_id("SonicTheHedgehog2-Genesis-v0") is find_game("sonic2")
    with pytest.raises(GameError, match="Received game id 'Streets-Genesis'"):
        game_of_id("Streets-Genesis")


@pytest.mark.parametrize(("content", "reason"), [(None, "No such file"), (b"no gzip", "Not a gzipped file")])
def test_a_start_state_that_cannot_be_read_is_named(content: bytes | None, reason: str, tmp_path: Path) -> None:
    game = dataclasses.replace(GAMES["quillrush"], integration=tmp_path)
    if content is not None:
        (tmp_path / f"{ACTS[0].name}.state").write_bytes(content)
    with pytest.raises(GameError, match=rf"EmeraldHillZone.Act1.state: .*{reason}"):
        game.start_state(ACTS[0])


def test_each_game_calls_its_acts_by_its_own_titles(quillrush) -> None:
    assert quillrush.title("CasinoNightZone.Act2") == "Neonmile, Act 2"
    assert find_game("sonic2").title("CasinoNightZone.Act2") == "Casino Night Zone, Act 2"
    for plan in PLANS:
        assert quillrush.title(plan.act.name).partition(",")[0] == plan.look


def test_test_acts_are_quillrushs_only(quillrush: Game) -> None:
    quillrush.check_acts(TEST_ACTS)
    for ask in (find_game("sonic2").check_acts, lambda acts: find_game("sonic2").start_state(*acts)):
        with pytest.raises(GameError, match=r"sonic2 has no TestZone.Act2\. .*GAME=quillrush"):
            ask([find_act("TestZone.Act2")])


@pytest.fixture
def build(quillrush: Game, tmp_path: Path) -> Path:
    return make_other_build(tmp_path / "build", quillrush)


def told(command: str, integration: Path | str) -> str:
    """What a Python of its own prints or fails with: the variable is read once, when the games are first asked for."""
    environment = os.environ | {"INTEGRATION": str(integration)}
    arguments = [sys.executable, "-c", f"from game.games import *\n{command}"]
    done = subprocess.run(arguments, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


def test_another_build_is_played_in_place_of_the_embedded_one(build: Path, quillrush: Game) -> None:
    sha1 = (build / "rom.sha").read_text()
    assert told("print(find_game('quillrush').check_rom())", build) == str(build / "rom.md")
    why = f"the one that INTEGRATION is for; ROM {sha1[:8]} of {build}"
    assert told("game, why = choose_game(); print(game.name, game.sha1, why)", build) == f"quillrush {sha1} {why}"
    assert told("print(choose_game('quillrush')[1])", build) == f"asked for; ROM {sha1[:8]} of {build}"
    assert told("print(repr(choose_game('sonic2')[0].build))", build) == "''"
    assert quillrush.sha1 != sha1
    assert quillrush.build == ""
    assert told("print(find_game('quillrush').sha1)", "") == quillrush.sha1


def test_worker_processes_play_it_too(build: Path) -> None:
    script = build.parent / "script.py"
    script.write_text(
        "from game.games import find_game\nfrom game.tasks import run_tasks\n"
        "if __name__ == '__main__':\n    print(next(run_tasks(find_game, ['quillrush'])).result.build)\n"
    )
    environment = os.environ | {"INTEGRATION": str(build), "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"ROM {(build / 'rom.sha').read_text()[:8]} of {build}"


@pytest.mark.parametrize("file", ["rom.md", "rom.sha", "data.json", "TestZone.Act4.state"])
def test_a_build_that_lacks_something_is_named_before_anything_is_played(build: Path, file: str) -> None:
    (build / file).unlink()
    for command in ("choose_game('quillrush')", "find_game('quillrush').check_rom()"):
        error = told(command, build).splitlines()[-1]
        assert f"INTEGRATION={build}: expected a folder with rom.md, rom.sha, data.json" in error
        assert f"the 23 start states of quillrush. Received: no {file}. " in error
        assert "Without INTEGRATION the embedded game is played." in error


def test_a_build_that_is_nowhere_or_no_build(build: Path, tmp_path: Path) -> None:
    assert "Received: no such folder." in told("choose_game()", build / "elsewhere")
    assert "Received: no rom.md (and 26 more missing)." in told("choose_game()", tmp_path)
    (build / "rom.md").write_bytes(b"other acts")
    error = told("choose_game()[0].check_rom()", build)
    found = hashlib.sha1(b"other acts").hexdigest()
    assert f"Received: {found}. Its rom.sha says so. Build the folder anew" in error

"""The two games: which one is played, and what is said of a ROM or state that cannot be used."""

import dataclasses
from pathlib import Path

import pytest

from game.acts import ACTS
from game.games import GAMES, Game, GameError, choose_game, find_game, game_of_id
from game.quillrush.builder.plans import PLANS


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

"""The contest's custom levels: their ROMs made by the import, and how each level is named, checked and played."""

import dataclasses
import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from game import cli
from game.acts import ACTS, CUSTOM_ACTS, act_of, find_act, select_acts
from game.emulator import Emulator
from game.env import EnvConfig, make_env
from game.games import CUSTOM_GAMES, GAMES, Game, GameError, find_game
from game.levels import contest_levels
from game.ram import MODE_IN_PLAY
from game.rom import importing
from game.rom.custom import patched
from tests.game.rom.vcdiff_encoder import Copy, patch, window
from tests.stub_rom import make_stub_rom

IMAGE = make_stub_rom()
TITLE_CARD = 0x8C
LEVELS = {  # where each begins: x, y (pixels), the level's right border, and the game mode
    "sonic2-leaderboard/AquaticRuinZone.Custom": (84, 892, 0x28C0, MODE_IN_PLAY),
    "sonic2-leaderboard/HillTopZone.Custom": (84, 1264, 0x2800, TITLE_CARD),
    "sonic2-final/AquaticRuinZone.Custom": (129, 892, 0x28C0, MODE_IN_PLAY),
    "sonic2-final/HillTopZone.Custom": (60, 976, 0x2800, TITLE_CARD),
    "sonic2-final/OilOceanZone.Custom": (96, 1708, 0x2F80, MODE_IN_PLAY),
}


def image_of(name: str) -> bytes:
    """The stub with some bytes changed and a stretch moved, as if levels had been put into it."""
    image = bytearray(IMAGE)
    image[0x8000:0x8100] = hashlib.sha256(name.encode()).digest() * 8
    image[0x20000:0x20040] = bytes(range(64))
    return bytes(image)


@pytest.fixture
def games(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Game]:
    """The import as if the stub were Sonic 2's ROM; patches of our own, in folders of the test."""
    roms = tmp_path / "roms"
    monkeypatch.setattr(importing.destination, "__defaults__", (roms,))
    monkeypatch.setattr(importing.store, "__defaults__", (roms,))
    monkeypatch.setattr(importing, "installed_roms", lambda game: [])
    sonic2 = GAMES["sonic2"]
    place = roms / sonic2.retro_id / "rom.md"
    sonic2 = dataclasses.replace(sonic2, sha1=hashlib.sha1(IMAGE).hexdigest(), roms=(place,))
    monkeypatch.setitem(GAMES, "sonic2", sonic2)
    for name, game in list(CUSTOM_GAMES.items()):
        folder = tmp_path / "contrib" / game.retro_id
        shutil.copytree(game.integration, folder)
        made = image_of(name)
        (folder / "rom.delta").write_bytes(patch(IMAGE[:0x30000], made[:0x30000]) + tail())
        changed = dataclasses.replace(
            game,
            sha1=hashlib.sha1(made).hexdigest(),
            integration=folder,
            roms=(roms / game.retro_id / "rom.md",),
        )
        monkeypatch.setitem(CUSTOM_GAMES, name, changed)
    (tmp_path / "dump.bin").write_bytes(IMAGE)
    return CUSTOM_GAMES


def tail() -> bytes:
    """The windows of the rest of the image, which is copied as it is."""
    rest = len(IMAGE) - 0x30000
    return window([Copy(0, rest)], IMAGE[0x30000:], (1, 0x30000, rest))[0]


def imported(tmp_path: Path) -> int:
    return cli.main(["rom", str(tmp_path / "dump.bin")])


def test_the_import_makes_them_beside_the_rom(games: dict[str, Game], tmp_path: Path, capsys) -> None:
    with pytest.raises(GameError, match=r"No ROM for sonic2-final.*`make rom ROM=path` makes from that of sonic2"):
        games["sonic2-final"].check_rom()
    assert imported(tmp_path) == 0
    for name, game in games.items():
        assert game.check_rom().read_bytes() == image_of(name)
    out = capsys.readouterr().out
    assert out.count("made: ") == 2
    assert "(Aquatic Ruin Zone, Custom; Hill Top Zone, Custom; Oil Ocean Zone, Custom)" in out
    assert imported(tmp_path) == 0
    assert capsys.readouterr().out.count("in place already: ") == 3


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "rom.delta").unlink(), "No such file"),
        (lambda folder: (folder / "rom.delta").write_bytes(b"BSDIFF40"), "rom.delta: the patch: expected the first bytes"),
        (lambda folder: (folder / "rom.delta").write_bytes(patch(IMAGE[:512], b"other")), "rom.delta: expected a ROM with"),
        (lambda folder: (folder / "rom.delta").write_bytes(bytes(5 << 20)), "expected at most 4194304 bytes"),
    ],
)  # fmt: skip
def test_one_that_cannot_be_made_is_named_and_stops_nothing(
    games: dict[str, Game], tmp_path: Path, capsys, damage, reason: str
) -> None:
    damage(games["sonic2-leaderboard"].integration)
    assert imported(tmp_path) == 0
    out = capsys.readouterr().out
    assert "not made: sonic2-leaderboard (Aquatic Ruin Zone, Custom; Hill Top Zone, Custom): " in out
    assert reason in out
    assert "Every command now plays sonic2" in out
    assert not games["sonic2-leaderboard"].has_rom
    assert games["sonic2-final"].has_rom


def test_without_a_hash_nothing_is_kept(games: dict[str, Game]) -> None:
    unknown = dataclasses.replace(games["sonic2-final"], sha1="")
    with pytest.raises(GameError, match=r"expected a ROM with SHA-1 one in .*rom.sha. Received: "):
        patched(unknown, IMAGE)


def test_test_levels_of_sonic2_are_the_contests_five(games: dict[str, Game], tmp_path: Path) -> None:
    sonic2 = GAMES["sonic2"]
    with pytest.raises(
        GameError, match=r"Received: no sonic2-leaderboard \(.*rom.md\), no sonic2-final .*LEVELS=held-out"
    ):
        contest_levels(sonic2, "test")
    assert imported(tmp_path) == 0
    levels = contest_levels(sonic2, "Test")
    assert [f"{level.game.name}/{level.act.name}" for level in levels] == list(LEVELS)
    assert len({level.title for level in levels}) == 5
    assert levels[1].title == "Hill Top Zone, Custom (sonic2-leaderboard)"
    assert contest_levels(games["sonic2-final"], "test") == levels[2:]
    assert [level.act.name for level in contest_levels(games["sonic2-final"], "oil ocean zone, custom")] == [
        "OilOceanZone.Custom"
    ]


def test_other_levels_are_those_of_the_game(quillrush: Game) -> None:
    assert [level.act.name for level in contest_levels(quillrush, "test")] == [f"TestZone.Act{n}" for n in range(1, 6)]
    assert len(contest_levels(GAMES["sonic2"], "held-out")) == 3
    with pytest.raises(GameError, match=r"sonic2 has no HillTopZone.Custom.*GAME=sonic2-leaderboard or sonic2-final"):
        contest_levels(GAMES["sonic2"], "HillTopZone.Custom")
    with pytest.raises(GameError, match=r"sonic2-leaderboard has no OilOceanZone.Custom"):
        contest_levels(find_game("sonic2-leaderboard"), "OilOceanZone.Custom")


def test_custom_acts_hide_no_act_of_the_18() -> None:
    for act in CUSTOM_ACTS:
        twin = act_of(act.zone, act.number)
        assert twin in ACTS
        assert twin.end_x == act.end_x
        assert find_act(act.name) is act
    assert not set(CUSTOM_ACTS) & set(select_acts("all,test,held-out"))


@pytest.mark.parametrize("name", CUSTOM_GAMES)
def test_end_positions_are_those_of_the_contests_script(name: str) -> None:
    game = find_game(name)
    script = (game.integration / "script.lua").read_text()
    for act in game.acts:
        assert f'["zone={act.zone},act={act.number}"] = 0x{act.end_x:X}' in script


@pytest.fixture(scope="module", params=list(CUSTOM_GAMES))
def stub(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulator]:
    """A custom game with the stub for its ROM, in which its real states show their real picture and RAM."""
    rom = tmp_path_factory.mktemp("stub") / "rom.md"
    rom.write_bytes(IMAGE)
    game = dataclasses.replace(CUSTOM_GAMES[request.param], sha1=hashlib.sha1(IMAGE).hexdigest(), roms=(rom,))
    with Emulator(game) as emulator:
        yield emulator


def test_their_real_states_play_as_episodes(stub: Emulator) -> None:
    for act in stub.game.acts:
        env = make_env(EnvConfig(game=stub.game.name, act=act.name, max_frames=8), stub)
        observation, info = env.reset(seed=1)
        x, y, border, mode = LEVELS[f"{stub.game.name}/{act.name}"]
        assert (info["zone"], info["act_number"]) == (act.zone, act.number)
        assert (info["x"], info["y"], info["screen_x_end"], info["game_mode"]) == (x, y, border, mode)
        assert info["start_x"] == x < info["end_x"] <= border + 320
        assert np.std(observation) > 5
        *_, info = env.step(2)
        assert (info["progress"], info["died"], info["finished"]) == (0.0, False, False)

"""stable-retro's own playback of our movies, in both games."""

import dataclasses
import shutil
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import stable_retro
from stable_retro.data import Integrations

from game import cli, playback
from game.acts import find_act
from game.emulator import Emulator
from game.games import GAMES, Game
from game.movie import Movie, leave_state_beside, read_movie, replay, write_movie

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(autouse=True)
def integrations() -> None:
    """What is known to stable-retro is global; each test begins without our games."""
    Integrations.clear_custom_paths()


@pytest.fixture
def short(shipped_movie: Path, tmp_path: Path) -> Path:
    movie = read_movie(shipped_movie)
    write_movie(tmp_path / "short.bk2", Movie(movie.game_id, movie.state, movie.masks[:200]))
    return tmp_path / "short.bk2"


@pytest.mark.parametrize("packed", [False, True], ids=["state-inside", "state-beside"])
def test_it_plays_what_we_replay(short: Path, quillrush: Game, packed: bool) -> None:
    if packed:
        leave_state_beside(short, read_movie(short))
    ended = playback.play_back(short)
    with Emulator(quillrush) as emulator:
        for _ in replay(emulator, read_movie(short)):
            pass
        assert ended.ram == emulator.ram()
        assert ended.variables["x"] == emulator.peek("x")
    assert ended.video is None


def test_sonic_2_is_found_where_its_rom_was_imported(
    stub_sonic2: Game, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rom = tmp_path / "roms" / stub_sonic2.retro_id / "rom.md"
    rom.parent.mkdir(parents=True)
    shutil.copy(stub_sonic2.rom, rom)
    sonic2 = dataclasses.replace(stub_sonic2, roms=(rom, *GAMES["sonic2"].roms[1:]))
    monkeypatch.setitem(GAMES, "sonic2", sonic2)
    with Emulator(sonic2) as emulator:
        state = sonic2.start_state(find_act("EmeraldHillZone.Act1"))
        emulator.set_state(state)
        for _ in range(60):
            emulator.step(0)
        expected = emulator.peek("x")
    write_movie(tmp_path / "s.bk2", Movie(sonic2.retro_id, state, np.zeros(60, np.uint16)))
    assert playback.play_back(tmp_path / "s.bk2").variables["x"] == expected


def test_the_games_are_known_to_all_of_stable_retro(quillrush: Game) -> None:
    playback.add_games()
    playback.add_games()
    assert len(Integrations.ALL.paths) == len(set(Integrations.ALL.paths))
    assert stable_retro.data.get_romfile_path(quillrush.retro_id, Integrations.ALL) == str(quillrush.rom)


def test_the_command_writes_a_video_and_never_over_one(short: Path, tmp_path: Path, capfd) -> None:
    folder = tmp_path / "videos"
    assert cli.main(["playback", str(short), "--into", str(folder)]) == 0
    captured = capfd.readouterr()
    assert f"{short}: played to its end (x " in captured.out
    assert captured.err == ""
    frames, seconds = imageio_ffmpeg.count_frames_and_secs(str(folder / "short.mp4"))
    assert (frames, round(seconds, 1)) == (199, 3.3)  # without the idle one that begins it
    assert cli.main(["playback", str(short), "--into", str(folder)]) == 2
    assert "is there already" in capfd.readouterr().err
    assert list(tmp_path.glob("short.*")) == [short]


def test_what_is_no_movie_is_named(tmp_path: Path, capsys) -> None:
    assert cli.main(["playback", str(tmp_path / "no.bk2")]) == 2
    assert "no.bk2: not a file" in capsys.readouterr().err

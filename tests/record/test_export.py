"""Movies as films, by the real ffmpeg."""

import re
import subprocess
from pathlib import Path

import imageio_ffmpeg
import numpy as np
import pytest
import stable_retro

from game.emulator import Emulator
from game.movie import MovieError, leave_state_beside, read_movie, replay, write_movie
from record.export import export, export_movie


def pictures_of(film: Path, width: int, height: int) -> tuple[str, np.ndarray]:
    """(what ffmpeg says of it, its pictures as uint8 [pictures, height, width, 3])."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = [ffmpeg, "-i", str(film), "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stderr.decode(), np.frombuffer(done.stdout, np.uint8).reshape(-1, height, width, 3)


def test_an_mp4_shows_the_frames_asked_for_with_their_sound(
    emulator: Emulator, shipped_movie: Path, tmp_path: Path
) -> None:
    line = export(emulator, shipped_movie, tmp_path / "films" / "part.mp4", 300, 419)
    assert "frames 300 to 419" in line
    assert "with sound" in line
    about, shown = pictures_of(tmp_path / "films" / "part.mp4", 640, 448)
    assert "60 fps" in about
    assert "Audio: aac" in about
    assert re.search(r"Duration: 00:00:0(1.9|2.0)", about)
    assert len(shown) == 120
    screens = [emulator.screen() for frame in replay(emulator, read_movie(shipped_movie)) if frame in (300, 419)]
    for picture, screen in zip((shown[0], shown[-1]), screens[:2], strict=True):
        assert np.abs(picture[::2, ::2].astype(int) - screen).mean() < 12


def test_a_gif_shows_every_third_frame(emulator: Emulator, shipped_movie: Path, tmp_path: Path) -> None:
    line = export(emulator, shipped_movie, tmp_path / "part.gif", 0, 59)
    assert "20 pictures per second" in line
    assert (tmp_path / "part.gif").read_bytes()[:6] == b"GIF89a"
    about, shown = pictures_of(tmp_path / "part.gif", 320, 224)
    assert "20 fps" in about
    assert len(shown) == 20


def test_a_packed_movie_is_exported_with_its_savestate(shipped_movie: Path, tmp_path: Path) -> None:
    movie = read_movie(shipped_movie)
    packed = tmp_path / "packed.bk2"
    write_movie(packed, movie)
    leave_state_beside(packed, movie)
    whole = tmp_path / "elsewhere" / "whole.bk2"
    assert "the savestate inside" in export_movie(packed, whole)
    assert stable_retro.Movie(str(whole)).get_state() == movie.state  # as others read it
    with pytest.raises(FileExistsError, match="nothing is overwritten"):
        export_movie(packed, whole)


@pytest.mark.parametrize(
    ("name", "first", "last", "hint"),
    [
        ("film.avi", 0, 9, ".mp4, .gif or .bk2"),
        ("film", 0, 9, "none"),
        ("film.mp4", 9, 3, "first <= last"),
        ("film.mp4", -1, 3, "first <= last"),
        ("film.mp4", 0, 10**6, "first <= last"),
    ],
)
def test_what_cannot_be_shown_is_refused(
    emulator: Emulator, shipped_movie: Path, tmp_path: Path, name: str, first: int, last: int, hint: str
) -> None:
    with pytest.raises(MovieError, match=hint):
        export(emulator, shipped_movie, tmp_path / name, first, last)
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten_and_nothing_half_written(
    emulator: Emulator, shipped_movie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "there.mp4").write_text("mine")
    with pytest.raises(FileExistsError, match="nothing is overwritten"):
        export(emulator, shipped_movie, tmp_path / "there.mp4", 0, 9)
    monkeypatch.setattr("record.export.mp4_arguments", lambda *_: ["-c:v", "no such codec"])
    with pytest.raises(OSError, match="ffmpeg could not write"):
        export(emulator, shipped_movie, tmp_path / "new.mp4", 0, 9)
    assert [path.name for path in tmp_path.iterdir()] == ["there.mp4"]

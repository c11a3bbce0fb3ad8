"""Movies in stable-retro's own playback: the proof that they need nothing of this project but a game's integration."""

import os
import shlex
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import imageio_ffmpeg
import stable_retro
from stable_retro.data import Integrations, add_integrations
from stable_retro.scripts.playback_movie import playback_movie

from game.games import GAMES, game_of_id
from game.movie import STATE_FILE, Movie, read_movie, write_movie
from game.ram import RAM_START

ATTEMPTS = 5


@dataclass(frozen=True)
class Playback:
    """How a movie ended.

    Attributes:
        video: the mp4, None where none was asked for.
        variables: those of the integration's data.json after the last frame.
        ram: work RAM after the last frame, as game.emulator gives it.
    """

    video: Path | None
    variables: dict[str, int]
    ram: bytes


def add_games() -> None:
    """Tell stable-retro where the games lie, so that `stable_retro.make` and its scripts find them in this process."""
    add_integrations(Integrations.ALL)
    known = Integrations.ALL.paths
    for game in GAMES.values():
        for folder in (game.integration.parent, *(rom.parent.parent for rom in game.roms)):
            if str(folder) not in known:
                Integrations.add_custom_path(str(folder))
                known = Integrations.ALL.paths


def play_back(path: Path, folder: Path | None = None, sound: bool = True) -> Playback:
    """Play a movie to its end with stable-retro's own functions; none of ours presses a button.

    Args:
        folder: where the video goes, <movie>.mp4; None makes none.

    Raises:
        MovieError, GameError: no movie of one of the games, or no ROM for it.
        FileExistsError: there is such a video already.
    """
    movie = read_movie(path)
    game_of_id(movie.game_id).check_rom()
    add_games()
    video = None
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        video = folder / f"{path.stem}.mp4"
        if video.exists():
            raise FileExistsError(f"{video} is there already; move it away, or name another folder with --into")
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with _quiet_ffmpeg(), _whole(path, movie) as whole:
                return _play(whole, video, sound)
        except ConnectionRefusedError:  # ffmpeg did not listen yet, 0.3 s after it was started
            if attempt == ATTEMPTS:
                raise
    raise AssertionError


def _play(path: Path, video: Path | None, sound: bool) -> Playback:
    """As stable-retro's load_movie and its caller, but without a window, for which there may be no display."""
    movie = stable_retro.Movie(str(path))
    movie.step()  # the idle frame that `reset` plays by itself
    emulator = stable_retro.make(
        movie.get_game(),
        state=stable_retro.State.NONE,
        use_restricted_actions=stable_retro.Actions.ALL,
        players=movie.players,
        render_mode="rgb_array",
    )
    try:
        emulator.initial_state = movie.get_state()
        emulator.reset()
        playback_movie(emulator, movie, video_file=str(video) if video else None, record_audio=sound)
        return Playback(video, dict(emulator.data.lookup_all()), emulator.data.memory.blocks[RAM_START])
    finally:
        emulator.close()


@contextmanager
def _whole(path: Path, movie: Movie) -> Iterator[Path]:
    """The movie's file, or where its savestate lies beside it, which stable-retro does not look for, a copy with it inside."""
    if STATE_FILE not in movie.header:
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / path.name
        write_movie(copy, movie)
        yield copy


@contextmanager
def _quiet_ffmpeg() -> Iterator[None]:
    """stable-retro calls `ffmpeg` by that name, and lets it talk; the one that pip installed has another name."""
    before = os.environ.get("PATH", "")
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "ffmpeg"
        script.write_text(f'#!/bin/sh\nexec {shlex.quote(imageio_ffmpeg.get_ffmpeg_exe())} -loglevel error "$@"\n')
        script.chmod(0o755)
        os.environ["PATH"] = f"{folder}{os.pathsep}{before}"
        try:
            yield
        finally:
            os.environ["PATH"] = before

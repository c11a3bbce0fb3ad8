"""A movie, or a part of it, as a film that anybody can look at: mp4 with the game's sound, or gif. Or as a bk2 by itself."""

import tempfile
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from common.files import whole_file
from experiment.progress import ProgressBar
from game.emulator import Emulator
from game.film import GIF_EVERY, SHARP, encode, gif_arguments, mp4_arguments
from game.movie import Movie, MovieError, read_movie, replay, write_movie
from game.rules import FRAMES_PER_SECOND

KINDS = (".mp4", ".gif")

MOVIE = ".bk2"


def export_movie(path: Path, to: Path) -> str:
    """Write a whole movie with its savestate inside, as stable-retro and others play it; returns a line about it.

    Raises:
        MovieError: the movie is unreadable.
        FileExistsError: there is such a file; nothing is overwritten.
    """
    movie = read_movie(path)
    _check_free(to)
    write_movie(to, movie)
    return f"{to}: all {movie.frames} frames of {path}, the savestate inside"


def export(emulator: Emulator, path: Path, to: Path, first: int = 0, last: int = -1) -> str:
    """Write frames `first` to `last` (both included; last -1: to the end) of a movie as a film; returns a line about it.

    Raises:
        MovieError: the movie is unreadable or not that long, or the film is of no kind in KINDS.
        FileExistsError: there is such a file; nothing is overwritten.
        OSError: it cannot be written; then nothing is there.
    """
    movie = read_movie(path)
    if last < 0:
        last = movie.frames - 1
    if not 0 <= first <= last < movie.frames:
        raise MovieError(f"{path}: expected 0 <= first <= last < {movie.frames} frames. Received: {first}, {last}")
    kind = to.suffix.lower()
    if kind not in KINDS:
        raise MovieError(
            f"{to}: expected a name that ends in {', '.join(KINDS)} or {MOVIE}. Received: {to.suffix or 'none'}"
        )
    _check_free(to)
    with whole_file(to) as beside:
        if kind == ".gif":
            rate = FRAMES_PER_SECOND // GIF_EVERY
            encode(_pictures(emulator, movie, first, last, GIF_EVERY), gif_arguments(), beside, rate)
            what = f"{rate} pictures per second, silent as every gif"
        else:
            what = _write_mp4(emulator, movie, first, last, beside)
    seconds = (last - first + 1) / FRAMES_PER_SECOND
    return f"{to}: frames {first} to {last} of {path}, {seconds:.1f} s, {what}, {to.stat().st_size / 1e6:.1f} MB"


def _check_free(to: Path) -> None:
    if to.exists():
        raise FileExistsError(f"{to}: there is such a file, and nothing is overwritten. Choose another name.")


def _write_mp4(emulator: Emulator, movie: Movie, first: int, last: int, path: Path) -> str:
    """The sound is written down first: replaying twice is quicker than feeding ffmpeg through two pipes at once."""
    with tempfile.TemporaryDirectory() as folder:
        sound = Path(folder) / "sound"
        samples = 0
        with sound.open("wb") as file:
            for _ in _frames(emulator, movie, first, last):
                heard = emulator.audio()
                samples += len(heard)
                file.write(heard.tobytes())
        if not samples:
            encode(_pictures(emulator, movie, first, last), mp4_arguments(SHARP), path)
            return "silent: the emulator gave no sound"
        rate = round(samples * FRAMES_PER_SECOND / (last - first + 1))
        encode(_pictures(emulator, movie, first, last), mp4_arguments(SHARP, sound, rate), path)
    return "with sound"


def _frames(emulator: Emulator, movie: Movie, first: int, last: int) -> Iterator[int]:
    """Replay a movie; after each yield the emulator shows one of the frames asked for."""
    return islice(replay(emulator, movie), first, last + 1)


def _pictures(emulator: Emulator, movie: Movie, first: int, last: int, every: int = 1) -> Iterator[bytes]:
    """RGB pictures of 320 x 224, with a bar that says how far it is."""
    with ProgressBar("exporting", last - first + 1, "frames") as progress:
        for frame in _frames(emulator, movie, first, last):
            if (frame - first) % every == 0:
                yield emulator.screen().tobytes()
            progress.advance(1)

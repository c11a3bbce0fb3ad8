"""Pictures and sound of a play as a film: mp4 (H.264, with the game's sound) or gif, made by ffmpeg."""

import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import imageio_ffmpeg

from game.rules import FRAMES_PER_SECOND

GIF_EVERY = 3
"""A gif shows every third frame: its clock ticks in hundredths of a second, and browsers slow down above 50 per second."""

SHARP = 20
SMALL = 28
"""Qualities of an mp4, as x264 counts them: less is sharper, and larger."""

_PICTURES = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "320x224")
# Pixels stay square and sharp; yuv420p and faststart are what browsers need to play from the first byte; one thread,
# because other work may have the cores.
_SCALE = ("-vf", "scale=640:448:flags=neighbor")
_H264 = ("-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-threads", "1")
_MP4 = ("-movflags", "+faststart", "-f", "mp4")
# every picture with a palette of its own, so that no length of play has to fit into memory
_GIF = ("-vf", "split[a][b];[a]palettegen=stats_mode=single[p];[b][p]paletteuse=new=1:dither=none", "-f", "gif")


def mp4_arguments(quality: int, sound: Path | None = None, samples_per_second: int = 0) -> list[str]:
    """ffmpeg's arguments after the pictures' input for an mp4 at twice the size.

    Args:
        quality: SHARP or SMALL, or any other of x264's.
        sound: a file of int16 samples, two channels; None for a silent film.
    """
    heard: Sequence[str] = ()
    if sound is not None:
        heard = ("-f", "s16le", "-ar", str(samples_per_second), "-ac", "2", "-i", str(sound))
    encoded: Sequence[str] = ("-c:a", "aac", "-b:a", "128k") if heard else ()
    return [*heard, *_SCALE, *_H264, "-crf", str(quality), *encoded, *_MP4]


def gif_arguments() -> list[str]:
    """ffmpeg's arguments after the pictures' input for a gif at the game's own size, that repeats."""
    return [*_GIF, "-loop", "0"]


def encode(pictures: Iterator[bytes], arguments: Sequence[str], path: Path, rate: int = FRAMES_PER_SECOND) -> None:
    """Let ffmpeg write a film of RGB pictures of 320 x 224, `rate` per second. OSError with ffmpeg's words on failure."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = [ffmpeg, "-loglevel", "error", "-y", *_PICTURES, "-r", str(rate), "-i", "-", *arguments, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        try:
            for picture in pictures:
                process.stdin.write(picture)
        except BrokenPipeError:
            pass  # ffmpeg has ended; why is in its words below
        _, errors = process.communicate()
    complaint = errors.decode(errors="replace").strip()
    if process.returncode:
        raise OSError(f"{path}: ffmpeg could not write the film ({complaint or process.returncode})")

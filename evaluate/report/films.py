"""The report's section of videos: best, median and worst episodes, with what happened in them."""

import base64
import os
from collections.abc import Sequence
from html import escape
from itertools import groupby
from pathlib import Path

import cv2

from evaluate.endings import ending_in_words
from evaluate.report.html import Colours, chip, full_act_name, section
from evaluate.table import points
from evaluate.videos import Video
from game.rules import FRAMES_PER_SECOND

EMBED_BYTES = 8_000_000
"""Videos are put into the page when all of them together are no larger, so that it can be sent as one file."""

_POSTER_WIDTH, _POSTER_HEIGHT = 320, 224
_POSTER_QUALITY = 55


def video_section(videos: Sequence[Video], colours: Colours, folder: Path, game: str) -> str:
    """The rendered episodes, inside the page when they are small enough, else beside it. Nothing without videos."""
    if not videos:
        return ""
    total_bytes = sum(video.file.stat().st_size for video in videos)
    inside = total_bytes <= EMBED_BYTES
    parts = []
    for (label, act), group in groupby(videos, key=lambda video: (video.label, video.episode.act)):
        figures = []
        for video in group:
            source = _inline(video.file) if inside else _address(video.file, folder)
            figures.append(_film(video, source, game))
        heading = f"<h3>{chip(colours[label])}{escape(full_act_name(act, game))} <small>{escape(label)}</small></h3>"
        parts.append(f'{heading}<div class="films">{"".join(figures)}</div>')
    return section(
        "videos",
        "Watch it",
        "Best, median and worst episode (by contest score) of acts taken evenly from a player's best to its worst, "
        "replayed from their movies; the end is cut where no new ground is made.",
        *parts,
    )


def _film(video: Video, source: str, game: str) -> str:
    """One video with its caption; a screen reader hears the same words."""
    act = full_act_name(video.episode.act, game)
    name = f"{act}, {video.label}, {_rank(video)}: {ending_in_words(video.episode)}"
    film = (
        f'<video controls muted playsinline preload="none" aria-label="{escape(name)}"{_poster(video.file)} '
        f'src="{escape(source)}"></video>'
    )
    return f"<figure>{film}<figcaption>{_caption(video)}</figcaption></figure>"


def _rank(video: Video) -> str:
    if video.episodes == 1:
        return "the only episode"
    return f"{video.rank} of {video.episodes}"


def _caption(video: Video) -> str:
    episode = video.episode
    figures = [f"{points(episode.score)} points"]
    if episode.spin_dashes:
        dashes = "1 spin dash" if episode.spin_dashes == 1 else f"{episode.spin_dashes} spin dashes"
        figures.append(dashes)
    if episode.frames - video.frames > FRAMES_PER_SECOND:  # less is not worth a word
        figures.append(
            f"the first {video.frames / FRAMES_PER_SECOND:.0f} s of {episode.frames / FRAMES_PER_SECOND:.0f}"
        )
    return f"<b>{_rank(video).capitalize()}</b>: {ending_in_words(episode)}<br>{', '.join(figures)}"


def _poster(file: Path) -> str:
    """The video's last picture as an attribute, so that one sees where it ends before playing it; "" when it has none."""
    film = cv2.VideoCapture(str(file))
    try:
        last = film.get(cv2.CAP_PROP_FRAME_COUNT) - 2
        film.set(cv2.CAP_PROP_POS_FRAMES, max(last, 0))
        there, picture = film.read()
    finally:
        film.release()
    if not there:
        return ""
    small = cv2.resize(picture, (_POSTER_WIDTH, _POSTER_HEIGHT), interpolation=cv2.INTER_NEAREST)
    done, packed = cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, _POSTER_QUALITY])
    if not done:
        return ""
    return f' poster="data:image/webp;base64,{base64.b64encode(packed.tobytes()).decode()}"'


def _inline(file: Path) -> str:
    encoded = base64.b64encode(file.read_bytes()).decode()
    return f"data:video/mp4;base64,{encoded}"


def _address(file: Path, folder: Path) -> str:
    """A file as a page in the folder refers to it."""
    return Path(os.path.relpath(file, folder)).as_posix()

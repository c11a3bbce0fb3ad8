"""One map per act for the report: the panorama of the episode that came furthest, made once and kept beside the run."""

import base64
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated

import cv2
import numpy as np
from msgspec import Meta

from common.files import read_json
from evaluate.panorama import SCREEN_WIDTH, panorama
from evaluate.results import Results
from evaluate.store import place_of
from evaluate.videos import shown_frames
from experiment.progress import ProgressBar
from experiment.run import write_json
from game.crew import Crew
from game.emulator import Emulator
from game.games import find_game
from game.movie import read_movie
from game.rollout import Episode
from game.tasks import run_tasks

MAP_BYTES = 80_000
"""Of one map's picture: 18 of them make some 2 MB of text in the page."""

_QUALITIES = (60, 45, 30)
_Pixels = Annotated[int, Meta(ge=1, le=1 << 14)]


@dataclass(frozen=True)
class ActMap:
    """An act's panorama as the report draws it: the game's (x, y) is at ((x - x0) * scale, (y - y0) * scale).

    Attributes:
        width, height: of the picture, in its own pixels.
        webp: the picture, base64.
    """

    x0: Annotated[int, Meta(ge=0, le=1 << 15)]
    y0: Annotated[int, Meta(ge=0, le=1 << 15)]
    scale: Annotated[float, Meta(gt=0.0, le=1.0)]
    width: _Pixels
    height: _Pixels
    webp: Annotated[str, Meta(pattern="^[A-Za-z0-9+/]+={0,2}$", max_length=2 * MAP_BYTES)]

    @property
    def right(self) -> float:
        """The game's x at its right edge."""
        return self.x0 + self.width / self.scale


@dataclass(frozen=True)
class MapTask:
    """One map to make, in a worker."""

    game: str
    movie: Path
    frames: int
    file: Path


def make_maps(results: Results, folder: Path, workers: int | Crew = 0) -> dict[str, ActMap]:
    """Act -> map, for every act on which somebody got anywhere; what fails is reported and left out.

    Maps that are in folder/maps already are kept.
    """
    tasks = {task: act for act, task in _tasks(results, folder)}
    missing = [task for task in tasks if _read(task.file) is None]
    if missing:
        with ProgressBar("drawing maps", len(tasks), "acts", len(tasks) - len(missing)) as bar:
            for outcome in run_tasks(make_map, missing, workers):
                if outcome.error:
                    bar.say(f"no map of {tasks[outcome.task]}: {outcome.error}")
                bar.advance(1)
    found = {act: _read(task.file) for task, act in tasks.items()}
    return {act: drawn for act, drawn in found.items() if drawn is not None}


def _tasks(results: Results, folder: Path) -> Iterator[tuple[str, MapTask]]:
    """(act, what to do) for every act with a way worth a map."""
    for i, act in enumerate(results.acts):
        played = [(player.label, episode) for player in results.players for episode in player.acts[i].episodes]
        label, episode = max(played, key=lambda one: (one[1].finished, one[1].progress))
        if _way(episode) < SCREEN_WIDTH:
            continue
        movie = place_of(folder, "movies", label, act, episode.seed, suffix="bk2")
        file = place_of(folder, "maps", label, act, episode.seed, suffix="json")
        yield act, MapTask(results.game, movie, shown_frames(episode) + 1, file)


def _way(episode: Episode) -> int:
    """Pixels of x between an episode's beginning and its furthest point."""
    return episode.max_x - episode.trace[0][1] if episode.trace else 0


def make_map(task: MapTask) -> Path:
    """Replay a movie into a map's file. ValueError for a movie that shows nothing of an act."""
    movie = read_movie(task.movie)
    with Emulator(find_game(task.game)) as emulator:
        drawn = panorama(emulator, movie, task.frames)
    packed, image = pack(drawn.image)
    scale = drawn.scale * image.shape[1] / drawn.image.shape[1]
    webp = base64.b64encode(packed).decode()
    write_json(task.file, asdict(ActMap(drawn.x0, drawn.y0, scale, image.shape[1], image.shape[0], webp)))
    return task.file


def pack(image: np.ndarray) -> tuple[bytes, np.ndarray]:
    """An RGB picture as WebP of at most MAP_BYTES, and the picture as it was packed: coarser first, then smaller."""
    while True:
        for quality in _QUALITIES:
            packed = _encode(image, quality)
            if len(packed) <= MAP_BYTES:
                return packed, image
        height, width = image.shape[:2]
        size = (max(1, round(0.8 * width)), max(1, round(0.8 * height)))
        image = cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _encode(image: np.ndarray, quality: int) -> bytes:
    done, packed = cv2.imencode(".webp", image[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, quality])
    if not done:
        raise OSError("OpenCV could not write a WebP picture")
    return packed.tobytes()


def _read(file: Path) -> ActMap | None:
    """A map made before; None where there is none, or a damaged one, which is made again."""
    if not file.is_file():
        return None
    try:
        return read_json(file, ActMap)
    except (OSError, ValueError):
        return None

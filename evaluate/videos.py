"""Videos: an episode's movie replayed in a worker process, picture by picture into an H.264 file."""

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import imageio_ffmpeg

from common.files import whole_file
from evaluate.results import Results
from evaluate.store import place_of
from experiment.progress import ProgressBar
from game.emulator import Emulator
from game.games import find_game
from game.movie import Movie, read_movie, replay
from game.rollout import Episode
from game.workers import run_tasks

FRAMES_PER_SECOND = 60
PATIENCE_FRAMES = 5 * FRAMES_PER_SECOND
"""A video ends this long after the last new ground, unless the act is completed: a stuck player shows nothing new."""

_INPUT = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "320x224", "-r", str(FRAMES_PER_SECOND), "-i", "-")
# Pixels stay square and sharp; yuv420p and faststart are what browsers need to play from the first byte; one thread
# per video, because a worker runs on every core.
_SCALE = ("-vf", "scale=640:448:flags=neighbor")
_H264 = ("-c:v", "libx264", "-preset", "veryfast", "-crf", "28", "-pix_fmt", "yuv420p", "-threads", "1")
_MP4 = ("-movflags", "+faststart", "-f", "mp4")


@dataclass(frozen=True)
class Video:
    """A rendered episode.

    Attributes:
        label: of its player.
        file: the mp4, 640 x 448.
        frames: shown; fewer than the episode has when it was cut.
    """

    label: str
    episode: Episode
    file: Path
    frames: int


@dataclass(frozen=True)
class RenderTask:
    """One video to make, in a worker."""

    game: str
    movie: Path
    file: Path
    frames: int


def render_videos(results: Results, count: int, folder: Path, workers: int = 0) -> list[Video]:
    """Render up to `count` episodes into folder/videos; one that fails is reported and left out.

    Videos that are there already are kept: a stopped rendering continues.
    """
    videos = choose_videos(results, count, folder)
    missing = [video for video in videos if not video.file.is_file()]
    if missing:
        _render_missing(results.game, missing, folder, len(videos), workers)
    return [video for video in videos if video.file.is_file()]


def _render_missing(game: str, missing: Sequence[Video], folder: Path, total: int, workers: int) -> None:
    """Render these videos, the last of `total`."""
    tasks = {render_task(game, video, folder): video for video in missing}
    with ProgressBar("rendering", total, "videos", total - len(missing)) as bar:
        for outcome in run_tasks(render, tasks, workers):
            if outcome.error:
                video = tasks[outcome.task]
                bar.say(f"no video of {video.label} on {video.episode.act}: {outcome.error}")
            bar.advance(1)


def choose_videos(results: Results, count: int, folder: Path) -> list[Video]:
    """The last player's best episode of each act, highest scores first, then the player's before it, up to `count`.

    Returned in this order of players, and each player's in the order of acts.
    """
    chosen = list(islice(_by_interest(results), max(count, 0)))
    labels = [player.label for player in reversed(results.players)]

    def place_shown(choice: tuple[str, Episode]) -> tuple[int, int]:
        label, episode = choice
        return labels.index(label), results.acts.index(episode.act)

    videos = []
    for label, episode in sorted(chosen, key=place_shown):
        file = place_of(folder, "videos", label, episode.act, episode.seed, suffix="mp4")
        videos.append(Video(label, episode, file, shown_frames(episode)))
    return videos


def _by_interest(results: Results) -> Iterator[tuple[str, Episode]]:
    for player in reversed(results.players):
        for act in sorted(player.acts, key=lambda act: -act.best.score):
            yield player.label, act.best


def shown_frames(episode: Episode) -> int:
    """How much of an episode a video shows: all of a completed one, else until PATIENCE_FRAMES after its last new x."""
    if episode.finished:
        return episode.frames
    furthest = -1
    reached = 0  # frame
    for frame, x in episode.trace:
        if x > furthest:
            furthest = x
            reached = frame
    return min(episode.frames, reached + PATIENCE_FRAMES)


def render_task(game: str, video: Video, folder: Path) -> RenderTask:
    """What a worker needs to make a video."""
    episode = video.episode
    movie = place_of(folder, "movies", video.label, episode.act, episode.seed, suffix="bk2")
    return RenderTask(game, movie, video.file, video.frames)


def render(task: RenderTask) -> Path:
    """Replay a movie into an mp4, whole. OSError with ffmpeg's words on failure."""
    movie = read_movie(task.movie)
    with whole_file(task.file) as beside, Emulator(find_game(task.game)) as emulator:
        encode(_pictures(emulator, movie, task.frames), beside)
    return task.file


def _pictures(emulator: Emulator, movie: Movie, frames: int) -> Iterator[bytes]:
    """An episode's first `frames` pictures, RGB of 320 x 224. A movie's frame 0 comes before the episode."""
    for _ in islice(replay(emulator, movie), 1, frames + 1):
        yield emulator.screen().tobytes()


def encode(pictures: Iterator[bytes], path: Path) -> None:
    """Write RGB pictures of 320 x 224, 60 per second, as H.264 at twice the size. OSError when ffmpeg fails."""
    ffmpeg = imageio_ffmpeg.get_ffmpeg_exe()
    command = [ffmpeg, "-loglevel", "error", "-y", *_INPUT, *_SCALE, *_H264, *_MP4, str(path)]
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
        raise OSError(f"{path}: ffmpeg could not write the video ({complaint or process.returncode})")

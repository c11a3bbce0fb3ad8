"""Videos: an episode's movie replayed in a worker process, picture by picture into an H.264 file."""

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import imageio_ffmpeg

from evaluate.results import Results
from evaluate.store import place_of
from experiment.progress import Tracker
from game.emulator import Emulator
from game.games import find_game
from game.movie import read_movie, replay
from game.rollout import Episode
from game.workers import run_tasks

FRAMES_A_SECOND = 60
PATIENCE_FRAMES = 5 * FRAMES_A_SECOND
"""A video ends this long after the last new ground, unless the act is completed: nobody watches a player stuck."""

_INPUT = ("-f", "rawvideo", "-pix_fmt", "rgb24", "-s", "320x224", "-r", str(FRAMES_A_SECOND), "-i", "-")
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
    """Render up to `count` episodes into folder/videos; one that fails is said and left out.

    Videos that are there already are kept: a stopped rendering goes on.
    """
    videos = choose_videos(results, count, folder)
    tasks = {render_task(results.game, video, folder): video for video in videos if not video.file.is_file()}
    if tasks:
        with Tracker("rendering", len(videos), "videos", len(videos) - len(tasks)) as tracker:
            for outcome in run_tasks(render, tasks, workers):
                if outcome.error:
                    video = tasks[outcome.task]
                    tracker.say(f"no video of {video.label} on {video.episode.act}: {outcome.error}")
                tracker.advance(1)
    return [video for video in videos if video.file.is_file()]


def choose_videos(results: Results, count: int, folder: Path) -> list[Video]:
    """The last player's best episode of each act, highest scores first, then the player's before it, up to `count`.

    Returned in the order of players and acts.
    """
    chosen = list(islice(_by_interest(results), max(count, 0)))
    places = {label: i for i, label in enumerate(reversed([player.label for player in results.players]))}
    chosen.sort(key=lambda pair: (places[pair[0]], results.acts.index(pair[1].act)))
    return [
        Video(
            label, episode, place_of(folder, "videos", label, episode.act, episode.seed, "mp4"), shown_frames(episode)
        )
        for label, episode in chosen
    ]


def _by_interest(results: Results) -> Iterator[tuple[str, Episode]]:
    for player in reversed(results.players):
        for act in sorted(player.acts, key=lambda act: -act.best.score):
            yield player.label, act.best


def shown_frames(episode: Episode) -> int:
    """How much of an episode a video shows: all of a completed one, else until PATIENCE_FRAMES after its last new x."""
    if episode.finished:
        return episode.frames
    reached, furthest = 0, -1
    for frame, x in episode.trace:
        if x > furthest:
            reached, furthest = frame, x
    return min(episode.frames, reached + PATIENCE_FRAMES)


def render_task(game: str, video: Video, folder: Path) -> RenderTask:
    """What a worker needs to make a video."""
    episode = video.episode
    movie = place_of(folder, "movies", video.label, episode.act, episode.seed, "bk2")
    return RenderTask(game, movie, video.file, video.frames)


def render(task: RenderTask) -> Path:
    """Replay a movie into an mp4, written beside and renamed. OSError with ffmpeg's words on failure."""
    movie = read_movie(task.movie)
    task.file.parent.mkdir(parents=True, exist_ok=True)
    beside = task.file.with_suffix(".part")
    with Emulator(find_game(task.game)) as emulator:
        pictures = (emulator.screen().tobytes() for _ in islice(replay(emulator, movie), 1, task.frames + 1))
        encode(pictures, beside)
    beside.replace(task.file)
    return task.file


def encode(pictures: Iterator[bytes], path: Path) -> None:
    """Write RGB pictures of 320 x 224, 60 a second, as H.264 at twice the size."""
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-y", *_INPUT, *_SCALE, *_H264, *_MP4, str(path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        try:
            for picture in pictures:
                process.stdin.write(picture)
        except BrokenPipeError:
            pass  # ffmpeg has ended; why is in its words below
        complaint = process.communicate()[1].decode(errors="replace").strip()
    if process.returncode:
        raise OSError(f"{path}: ffmpeg could not write the video ({complaint or process.returncode})")

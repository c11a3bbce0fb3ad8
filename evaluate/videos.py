"""Videos: an episode's movie replayed in a worker process, picture by picture into an H.264 file."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Literal

from common.files import whole_file
from evaluate.results import ActResult, PlayerResult, Results
from evaluate.store import place_of
from experiment.progress import ProgressBar
from game import film
from game.crew import Crew
from game.emulator import Emulator
from game.games import find_game
from game.movie import Movie, read_movie, replay
from game.rollout import Episode
from game.rules import FRAMES_PER_SECOND
from game.tasks import run_tasks

PATIENCE_FRAMES = 5 * FRAMES_PER_SECOND
"""A video ends this long after the last new ground, unless the act is completed: a stuck player shows nothing new."""

Rank = Literal["best", "median", "worst"]
RANKS: tuple[Rank, ...] = ("best", "median", "worst")
"""Of an act's episodes, in the order they are shown."""


@dataclass(frozen=True)
class Video:
    """A rendered episode.

    Attributes:
        label: of its player.
        file: the mp4, 640 x 448.
        frames: shown; fewer than the episode has when it was cut.
        rank: best, median or worst of its act's episodes.
        episodes: how many there are of this player on this act.
    """

    label: str
    episode: Episode
    file: Path
    frames: int
    rank: Rank = "best"
    episodes: int = 1


@dataclass(frozen=True)
class RenderTask:
    """One video to make, in a worker."""

    game: str
    movie: Path
    file: Path
    frames: int


def render_videos(results: Results, count: int, folder: Path, workers: int | Crew = 0) -> list[Video]:
    """Render up to `count` episodes into folder/videos; one that fails is reported and left out.

    Videos that are there already are kept: a stopped rendering continues.
    """
    videos = choose_videos(results, count, folder)
    missing = [video for video in videos if not video.file.is_file()]
    if missing:
        _render_missing(results.game, missing, folder, len(videos), workers)
    return [video for video in videos if video.file.is_file()]


def _render_missing(game: str, missing: Sequence[Video], folder: Path, total: int, workers: int | Crew) -> None:
    """Render these videos, the last of `total`."""
    tasks = {render_task(game, video, folder): video for video in missing}
    with ProgressBar("rendering", total, "videos", total - len(missing)) as bar:
        for outcome in run_tasks(render, tasks, workers):
            if outcome.error:
                video = tasks[outcome.task]
                bar.say(f"no video of {video.label} on {video.episode.act}: {outcome.error}")
            bar.advance(1)


def choose_videos(results: Results, count: int, folder: Path) -> list[Video]:
    """Up to `count` episodes: the last player's best, worst and median ones of some acts, then those of the player before it.

    The acts are taken evenly from that player's best one to its worst (a single one from the middle), so that what is
    shown is neither luck nor choice. Returned in this order of players, each player's by act, the best episode first.
    """
    videos: list[Video] = []
    for player in reversed(results.players):
        chosen = _choices(player, count - len(videos))
        videos += [_video(player, act, rank, folder) for act, rank in chosen]
    return videos


def _choices(player: PlayerResult, count: int) -> list[tuple[ActResult, Rank]]:
    """At most `count` episodes of one player, in the order they are shown."""
    per_act = len(ranked(player.acts[0]))
    acts = spread(sorted(player.acts, key=lambda act: -act.rates.score), math.ceil(count / per_act))
    by_interest: list[tuple[ActResult, Rank]] = []
    for rank in ("best", "worst", "median"):
        by_interest += [(act, rank) for act in acts if rank in ranked(act)]
    chosen = by_interest[: max(count, 0)]
    return sorted(chosen, key=lambda choice: (player.acts.index(choice[0]), RANKS.index(choice[1])))


def spread(ranked_acts: Sequence[ActResult], count: int) -> list[ActResult]:
    """`count` acts evenly from first to last; the middle one when it is only one."""
    last = len(ranked_acts) - 1
    if count <= 0:
        return []
    if count == 1:
        return [ranked_acts[last // 2]]
    places = {round(i * last / (count - 1)) for i in range(count)}
    return [ranked_acts[place] for place in sorted(places)]


def ranked(act: ActResult) -> dict[Rank, Episode]:
    """Best, median and worst episode of an act; without those that it has too few episodes for."""
    order = sorted(act.episodes, key=lambda episode: (episode.finished, episode.score), reverse=True)
    found: dict[Rank, Episode] = {"best": order[0]}
    if len(order) > 1:
        found["worst"] = order[-1]
    if len(order) > 2:
        found["median"] = order[len(order) // 2]
    return found


def _video(player: PlayerResult, act: ActResult, rank: Rank, folder: Path) -> Video:
    episode = ranked(act)[rank]
    file = place_of(folder, "videos", player.label, act.act, episode.seed, suffix="mp4")
    return Video(player.label, episode, file, shown_frames(episode), rank, len(act.episodes))


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
    film.encode(pictures, film.mp4_arguments(film.SMALL), path)

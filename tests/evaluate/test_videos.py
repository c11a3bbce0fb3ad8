"""Which episodes become videos, and how long they are. (test_score renders one.)"""

import dataclasses
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from evaluate import videos
from evaluate.results import Results
from evaluate.videos import RenderTask, Video, choose_videos, encode, render, shown_frames, spread
from game.acts import ACT_NAMES
from game.emulator import Emulator
from game.movie import read_movie, replay
from game.rollout import Episode


def shown(videos: list[Video]) -> list[tuple[str, str, str]]:
    return [(video.label, video.episode.act, video.rank) for video in videos]


def test_best_median_and_worst_of_the_last_player_come_first(results: Results) -> None:
    """Two acts are the best and the worst; nine videos leave three for the player before."""
    last, before = results.players[3], results.players[2]
    ranks = ("best", "median", "worst")
    middle = max(before.acts, key=lambda act: act.rates.score).act
    expected = [("finetuned", act, rank) for act in results.acts for rank in ranks]
    chosen = choose_videos(results, 9, Path("run"))
    assert shown(chosen) == [*expected, *[("clone", middle, rank) for rank in ranks]]
    scores = [video.episode.score for video in chosen[:3]]
    assert scores == sorted((episode.score for episode in last.acts[0].episodes), reverse=True)
    assert chosen[0].file.parent == Path("run/videos/finetuned")
    assert {video.episodes for video in chosen} == {3}
    assert choose_videos(results, 0, Path("run")) == []
    assert len(choose_videos(results, 99, Path("run"))) == 4 * 2 * 3


def test_few_videos_show_best_then_worst(results: Results) -> None:
    assert [video.rank for video in choose_videos(results, 1, Path("run"))] == ["best"]
    assert [video.rank for video in choose_videos(results, 2, Path("run"))] == ["best", "worst"]
    assert [video.rank for video in choose_videos(results, 3, Path("run"))] == ["best", "median", "worst"]
    chosen = shown(choose_videos(results, 4, Path("run")))
    assert chosen == [("finetuned", act, rank) for act in results.acts for rank in ("best", "worst")]


def test_with_one_episode_per_act_there_is_one_video_of_each(results_of: Callable[..., Results]) -> None:
    results = results_of(("random", "clone"), ACT_NAMES, episodes=1)
    chosen = choose_videos(results, 18, Path("run"))
    assert shown(chosen) == [("clone", act, "best") for act in ACT_NAMES]


def test_acts_are_taken_evenly_from_best_to_worst(results_of: Callable[..., Results]) -> None:
    player = results_of(("clone",), ACT_NAMES).players[0]
    order = sorted(player.acts, key=lambda act: -act.rates.score)
    assert spread(order, 1) == [order[8]]
    assert spread(order, 2) == [order[0], order[17]]
    assert spread(order, 3) == [order[0], order[8], order[17]]
    assert spread(order, 18) == spread(order, 50) == order
    assert spread(order, 0) == []


def test_patience_is_five_seconds_after_the_last_new_ground(episode_of: Callable[..., Episode]) -> None:
    """A jump back and the way to the old place again are no new ground; what follows at once is shown."""
    trace = [(0, 96), (60, 300), (120, 200), (180, 300), (240, 301), (300, 301), (900, 301)]
    there_and_back = dataclasses.replace(episode_of("WingFortressZone", 1, 0.5), frames=3600, trace=trace)
    assert shown_frames(there_and_back) == 240 + 300
    assert shown_frames(dataclasses.replace(there_and_back, frames=400)) == 400


def test_a_player_that_is_stuck_is_not_watched(episode_of: Callable[..., Episode]) -> None:
    stuck = episode_of("WingFortressZone", 1, 0.5, seconds=60)  # stands still after 40 s
    assert shown_frames(stuck) == 40 * 60 + 300
    assert shown_frames(dataclasses.replace(stuck, finished=True)) == 3600
    assert shown_frames(dataclasses.replace(stuck, frames=1200)) == 1200


def test_a_film_that_fails_leaves_nothing(tmp_path: Path, shipped_movie: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(pictures: Iterator[bytes], path: Path) -> None:
        next(iter(pictures))
        path.write_bytes(b"half a film")
        raise OSError("ffmpeg could not")

    monkeypatch.setattr(videos, "encode", fail)
    task = RenderTask("quillrush", shipped_movie, tmp_path / "videos" / "act.mp4", frames=5)
    with pytest.raises(OSError, match="ffmpeg could not"):
        render(task)
    assert list(task.file.parent.iterdir()) == []


def test_ffmpegs_words_are_passed_on(tmp_path: Path) -> None:
    def pictures() -> Iterator[bytes]:
        yield bytes(320 * 224 * 3)

    with pytest.raises(OSError, match="ffmpeg could not write"):
        encode(pictures(), tmp_path / "no" / "folder" / "film.mp4")


def test_a_video_shows_the_episodes_own_frames(emulator: Emulator, shipped_movie: Path) -> None:
    """Frame 0 of a movie comes before the episode."""
    movie = read_movie(shipped_movie)
    shown = [emulator.screen().tobytes() for _ in islice(replay(emulator, movie), 61)]
    assert list(videos._pictures(emulator, movie, frames=60)) == shown[1:]

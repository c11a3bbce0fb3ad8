"""Which episodes become videos, and how long they are. (test_score renders one.)"""

import dataclasses
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

import pytest

from evaluate import videos
from evaluate.results import Results
from evaluate.videos import RenderTask, choose_videos, encode, render, shown_frames
from game.emulator import Emulator
from game.movie import read_movie, replay
from game.rollout import Episode


def test_the_last_players_best_episodes_come_first(results: Results) -> None:
    chosen = choose_videos(results, 3, Path("run"))
    assert [video.label for video in chosen] == ["finetuned", "finetuned", "clone"]
    clone, finetuned = results.players[2:]
    assert [video.episode for video in chosen[:2]] == [act.best for act in finetuned.acts]
    best_of_acts = [act.best for act in clone.acts]
    assert chosen[2].episode == max(best_of_acts, key=lambda episode: episode.score)
    assert chosen[2].file.parent == Path("run/videos/clone")
    assert choose_videos(results, 0, Path("run")) == []
    assert len(choose_videos(results, 99, Path("run"))) == 8


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

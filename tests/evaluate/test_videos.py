"""Which episodes become videos, and how long they are. (test_score renders one.)"""

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from evaluate.results import Results
from evaluate.videos import PATIENCE_FRAMES, choose_videos, encode, shown_frames
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


def test_a_player_that_is_stuck_is_not_watched(episode_of: Callable[..., Episode]) -> None:
    stuck = episode_of("WingFortressZone", 1, 0.5, seconds=60)  # stands still after 40 s
    assert shown_frames(stuck) == 40 * 60 + PATIENCE_FRAMES
    assert shown_frames(dataclasses.replace(stuck, finished=True)) == 3600
    assert shown_frames(dataclasses.replace(stuck, frames=1200)) == 1200


def test_ffmpegs_words_are_passed_on(tmp_path: Path) -> None:
    def pictures() -> Iterator[bytes]:
        yield bytes(320 * 224 * 3)

    with pytest.raises(OSError, match="ffmpeg could not write"):
        encode(pictures(), tmp_path / "no" / "folder" / "film.mp4")

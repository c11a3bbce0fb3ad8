"""Videos in the page: labelled with what happens in them, inside or beside it, with their last picture."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from evaluate.report import films
from evaluate.report.films import video_section
from evaluate.report.html import colours_of
from evaluate.results import Results
from evaluate.videos import Video, encode
from tests.evaluate.report.test_page import written


@pytest.fixture
def video(results: Results, tmp_path: Path) -> Video:
    file = tmp_path / "videos" / "clone" / "act.mp4"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"film")
    episode = dataclasses.replace(results.players[2].acts[0].best, progress=0.43, died=True, finished=False)
    return Video("clone", episode, file, 60, "worst", 5)


def test_small_videos_are_inside_large_ones_beside(
    results: Results, video: Video, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 'src="data:video/mp4;base64,ZmlsbQ=="' in written(results, tmp_path, [video])
    monkeypatch.setattr(films, "EMBED_BYTES", 3)
    page = written(results, tmp_path, [video])
    assert 'src="videos/clone/act.mp4"' in page
    assert "the first 1 s of" in page


def test_what_happens_is_said_in_label_and_caption(results: Results, video: Video, tmp_path: Path) -> None:
    page = written(results, tmp_path, [video])
    assert 'aria-label="Fernfall 1, clone, worst of 5: died at 43\u00a0%"' in page
    assert "<b>Worst of 5</b>: died at 43\u00a0%" in page
    alone = dataclasses.replace(video, rank="best", episodes=1)
    assert "clone, the only episode: died at" in written(results, tmp_path, [alone])


def test_the_last_picture_is_the_poster(results: Results, video: Video, tmp_path: Path) -> None:
    assert "poster=" not in video_section([video], colours_of(results), tmp_path, "quillrush")  # b"film" has no picture
    pictures = [np.full((224, 320, 3), level, np.uint8).tobytes() for level in (0, 0, 255, 255)]
    encode(iter(pictures), video.file)
    assert 'poster="data:image/webp;base64,' in video_section([video], colours_of(results), tmp_path, "quillrush")

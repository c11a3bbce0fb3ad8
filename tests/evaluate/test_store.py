"""Episodes survive being written, cut off and read again."""

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evaluate.store import EpisodeStore, place_of, read_episodes
from game.rollout import Episode

ACT = "HillTopZone.Act2"


def test_round_trip(tmp_path: Path, episode_of: Callable[..., Episode]) -> None:
    path = tmp_path / "episodes.jsonl"
    episode = episode_of(ACT, 3, 0.25)
    EpisodeStore(path).add("clone", episode)
    assert read_episodes(path) == {("clone", ACT, 3): episode}
    assert EpisodeStore(path).episodes == {("clone", ACT, 3): episode}


def test_a_line_cut_off_is_dropped_and_the_next_one_starts_clean(
    tmp_path: Path, episode_of: Callable[..., Episode], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "episodes.jsonl"
    store = EpisodeStore(path)
    for seed in range(3):
        store.add("random", episode_of(ACT, seed, 0.5))
    path.write_text(path.read_text()[:-40])
    assert [key[2] for key in read_episodes(path)] == [0, 1]
    EpisodeStore(path).add("random", episode_of(ACT, 2, 0.5))
    assert capsys.readouterr().out == ""
    assert [key[2] for key in read_episodes(path)] == [0, 1, 2]


def test_a_damaged_line_costs_its_own_episode_only(
    tmp_path: Path, episode_of: Callable[..., Episode], capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "episodes.jsonl"
    store = EpisodeStore(path)
    for seed in range(3):
        store.add("random", episode_of(ACT, seed, 0.5))
    first, second, third = path.read_text().splitlines(keepends=True)
    path.write_text(first + second.replace('"frames": 2400', '"frames": "2400"') + third)
    assert [key[2] for key in EpisodeStore(path).episodes] == [0, 2]
    assert f"{path} line 2: Expected `int`, got `str` - at `$.frames`" in capsys.readouterr().out
    assert path.read_text() == first + third
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("act", "NoSuchZone"),
        ("act", 1),
        ("progress", 1.5),
        ("progress", None),
        ("progress", float("nan")),
        ("score", 1e300),
        ("frames", -1),
        ("seed", 10**400),
        ("finished", 1),
        ("trace", [[0, 1, 2]]),
        ("trace", [[0, 10**30]]),
        ("player", {}),
    ],
)
def test_figures_that_cannot_be_are_refused(
    tmp_path: Path, episode_of: Callable[..., Episode], field: str, value: Any
) -> None:
    path = tmp_path / "episodes.jsonl"
    fields = {"player": "random", **dataclasses.asdict(episode_of(ACT, 0, 0.5))}
    path.write_text(json.dumps(fields) + "\n")
    assert len(read_episodes(path)) == 1
    said: list[str] = []
    path.write_text(json.dumps(fields | {field: value}) + "\n")
    assert read_episodes(path, said.append) == {}
    assert f"{path} line 1" in said[0]


def test_no_file_no_episodes(tmp_path: Path) -> None:
    assert read_episodes(tmp_path / "none.jsonl") == {}


def test_labels_cannot_leave_the_folder() -> None:
    place = place_of(Path("run"), "movies", "a/../b", ACT, 1, suffix="bk2")
    assert place == Path(f"run/movies/a-..-b/{ACT}-1.bk2")

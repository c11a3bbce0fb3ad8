"""Episodes survive being written, cut off and read again."""

from collections.abc import Callable
from pathlib import Path

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
    tmp_path: Path, episode_of: Callable[..., Episode]
) -> None:
    path = tmp_path / "episodes.jsonl"
    store = EpisodeStore(path)
    for seed in range(3):
        store.add("random", episode_of(ACT, seed, 0.5))
    path.write_text(path.read_text()[:-40])
    assert [key[2] for key in read_episodes(path)] == [0, 1]
    EpisodeStore(path).add("random", episode_of(ACT, 2, 0.5))
    assert [key[2] for key in read_episodes(path)] == [0, 1, 2]


def test_no_file_no_episodes(tmp_path: Path) -> None:
    assert read_episodes(tmp_path / "none.jsonl") == {}


def test_labels_cannot_leave_the_folder() -> None:
    place = place_of(Path("run"), "movies", "a/../b", ACT, 1, suffix="bk2")
    assert place == Path(f"run/movies/a-..-b/{ACT}-1.bk2")

"""One map per act: of the furthest episode, kept beside the run, made again when damaged, never too large."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from evaluate.maps import MAP_BYTES, make_maps, pack
from evaluate.results import Results
from evaluate.store import place_of
from game.movie import read_movie, write_movie

ACT = "EmeraldHillZone.Act1"


def place_movie(results: Results, folder: Path, movie: Path) -> Path:
    """The movie as the furthest episode of the only act; returns the map's place."""
    label, episode = max(
        ((player.label, episode) for player in results.players for episode in player.acts[0].episodes),
        key=lambda one: (one[1].finished, one[1].progress),
    )
    place = place_of(folder, "movies", label, ACT, episode.seed, "bk2")
    write_movie(place, read_movie(movie))
    return place_of(folder, "maps", label, ACT, episode.seed, "json")


def test_maps_are_made_once(
    results_of: Callable[..., Results], tmp_path: Path, shipped_movie: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = results_of(("random", "clone"), (ACT,))
    file = place_movie(results, tmp_path, shipped_movie)
    made = make_maps(results, tmp_path, workers=1)
    assert list(made) == [ACT]
    drawn = made[ACT]
    assert (drawn.right - drawn.x0) * drawn.scale == pytest.approx(drawn.width)
    before = file.read_bytes()
    capsys.readouterr()
    assert make_maps(results, tmp_path) == made
    assert capsys.readouterr().out == ""
    file.write_text('{"x0": "<script>"}')
    assert make_maps(results, tmp_path, workers=1) == made
    assert file.read_bytes() == before


def test_without_a_movie_or_a_way_there_is_no_map(
    results_of: Callable[..., Results], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    results = results_of(("clone",), (ACT,))
    assert make_maps(results, tmp_path, workers=1) == {}
    assert f"no map of {ACT}:" in capsys.readouterr().out
    act = results.players[0].acts[0]
    stood_still = tuple(dataclasses.replace(episode, max_x=100) for episode in act.episodes)
    player = dataclasses.replace(results.players[0], acts=(dataclasses.replace(act, episodes=stood_still),))
    assert make_maps(dataclasses.replace(results, players=(player,)), tmp_path) == {}
    assert capsys.readouterr().out == ""


def test_a_picture_is_packed_within_its_bytes() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (400, 2600, 3), dtype=np.uint8)
    packed, image = pack(noise)
    assert len(packed) <= MAP_BYTES
    assert image.shape[1] < 2600  # noise must become smaller
    flat, same = pack(np.zeros((100, 200, 3), np.uint8))
    assert same.shape == (100, 200, 3)
    assert flat[:4] == b"RIFF"

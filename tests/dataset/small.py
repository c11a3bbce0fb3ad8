"""Data sets made by hand: small pictures, known pads and RAM, no emulator."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from dataset.store import FORMAT_VERSION, episode_file, write_main_file
from game.observation import ObservationSpec
from game.ram import MODE_IN_PLAY, VARIABLE_NAMES

SPEC = ObservationSpec(height=8, width=8)
ACT = "EmeraldHillZone.Act1"


def attributes_of(name: str, frames: int, **changes: Any) -> dict[str, Any]:
    """Every attribute of a converted movie."""
    return {
        "format_version": FORMAT_VERSION,
        "game": "quillrush",
        "act": ACT,
        "rom_sha1": "0" * 40,
        "core": "a core",
        "observation_spec": json.dumps(SPEC.to_json()),
        "total_steps": frames,
        "certificate": "[]",
        "passed_end_x": False,
        "died": False,
        "lossy_frames": 0,
        "spin_dashes": 0,
        "spin_dash_revs": "[]",
        "movie": name,
        "movie_sha256": name,
        "sidecar": "0",
        "label_rule": 1,
        "player": "human",
        "skill": "",
        "origin": "",
        "certified": False,
    } | changes


def pictures(frames: int, first: int) -> np.ndarray:
    """uint8 [frames + 1, 8, 8]: the grey of every picture is its number, counted from `first`."""
    numbers = (first + np.arange(frames + 1)) % 256
    return np.broadcast_to(numbers[:, None, None], (frames + 1, 8, 8)).astype(np.uint8)


def make_movie_file(
    path: Path, masks: list[int], first: int = 0, mode: list[int] | None = None, **changes: Any
) -> np.ndarray:
    """Write a converted movie with these pads; returns its pictures.

    Args:
        first: grey of the first picture; mode: game_mode beside each of the N + 1 observations.
    """
    frames = len(masks)
    shown = pictures(frames, first)
    modes = mode or [MODE_IN_PLAY] * (frames + 1)
    with episode_file(path, frames, SPEC.frame_shape) as writer:
        for number, picture in enumerate(shown):
            variables = dict.fromkeys(VARIABLE_NAMES, 0) | {"x": 96 + number, "game_mode": modes[number]}
            writer.add(picture, variables, reward=float(number))
        writer.attributes |= attributes_of(path.stem, frames, **changes)
        writer.finish(np.array(masks, np.uint16), np.ones(frames, bool))
    return shown


def make_dataset(path: Path, movies: dict[str, list[int]], **changes: dict[str, Any]) -> list[np.ndarray]:
    """A data set of movies, name -> pads; returns their pictures. `changes`: name -> other attributes."""
    shown = []
    steps = {}
    first = 0
    for name, masks in sorted(movies.items()):
        file = path / "data" / "movies" / f"{name}.hdf5"
        shown.append(make_movie_file(file, masks, first, **changes.get(name, {})))
        steps[file] = len(masks)
        first += len(masks) + 1
    write_main_file(path, "quillrush", SPEC, steps)
    return shown

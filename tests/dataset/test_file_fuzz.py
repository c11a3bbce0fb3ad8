"""Hostile HDF5 files, metadata.json and sidecars: used or refused by name, never a crash, a hang or a file anywhere."""

import json
import resource
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dataset.inspection import inspect_file
from dataset.loader import open_dataset
from dataset.provenance import digest, labelled_frames
from dataset.reading import linked_files, read_attributes, read_infos, read_metadata, read_observations
from dataset.store import DatasetError
from game.certificate import Certificate, Sidecar, read_sidecar, write_sidecar
from game.movie import MovieError
from tests.dataset.small import make_dataset

PADS = [0, 128, 128, 1] * 10
QUICK, MANY = 100, 10_000
SECONDS = 10
MEGABYTES = 500

Read = Callable[[Path], Any]


def use_movie(path: Path) -> None:
    """All that the loader and the inspection read of a movie's file."""
    attributes = read_attributes(path)
    frames = attributes["total_steps"]
    infos = read_infos(path, ("pad_mask", "game_mode", "labelled"))
    assert all(len(values) == frames + 1 for values in infos.values())
    assert sum(len(piece) for piece in read_observations(path)) == frames + 1
    inspect_file(path)


def use_sidecar(path: Path) -> None:
    movie = path.with_suffix(".bk2")
    sidecar = read_sidecar(movie)
    digest(movie, sidecar)
    assert len(labelled_frames(movie, sidecar, 61)) == 61


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data set and a sidecar, whole; what is damaged is a copy of its own, in a folder of its own."""
    folder = tmp_path_factory.mktemp("arena")
    make_dataset(folder / "t-v0", {"m0": PADS, "m1": PADS})
    facts = {"segments": [["policy", 20], ["human", 41]], "skill": "spindash", "trimmed_from": {"file": "m0.bk2"}}
    write_sidecar(folder / "side.bk2", Sidecar("takeover", Certificate(61, ("ab", "cd")), facts))
    (folder / "hostile" / "data").mkdir(parents=True)
    return folder


FORMATS: dict[str, tuple[str, str, Read]] = {  # the whole file, where the damaged one goes, how it is used
    "movie": ("t-v0/data/movies/m1.hdf5", "hostile/data/x.hdf5", use_movie),
    "main": ("t-v0/data/main_data.hdf5", "hostile/data/x.hdf5", linked_files),
    "metadata": (
        "t-v0/data/metadata.json",
        "hostile/data/metadata.json",
        lambda path: read_metadata(path.parent.parent),
    ),
    "sidecar": ("side.json", "hostile/data/x.json", use_sidecar),
}
every_format = pytest.mark.parametrize("format", FORMATS)


def use_or_refuse(arena: Path, format: str, content: bytes) -> bool:
    """Whether it was used; a refusal names the file. Anything else fails the test."""
    _, target, use = FORMATS[format]
    path = arena / target
    path.write_bytes(content)
    began = time.perf_counter()
    refusal = ""
    try:
        use(path)
    except (DatasetError, MovieError) as error:
        refusal = str(error)
    assert time.perf_counter() - began < SECONDS
    assert [file.name for file in path.parent.iterdir()] == [path.name]
    path.unlink()
    if refusal:
        assert path.stem in refusal
        assert "\n" not in refusal
    return not refusal


def mutated(whole: bytes, seed: int) -> bytes:
    """Some bytes changed, swapped, cut or doubled; half of the changes in the first 4 kB, where HDF5 keeps its structure."""
    rng = np.random.default_rng(seed)
    content = bytearray(whole)
    for _ in range(rng.choice([1, 2, 4, 8, 16])):
        end = len(content) if rng.random() < 0.5 else min(len(content), 4_000)
        at = int(rng.integers(end))
        content[at] = int(rng.choice([0, 1, 127, 255, rng.integers(256), content[at] ^ 1 << int(rng.integers(8))]))
    if rng.random() < 0.1:
        del content[int(rng.integers(len(content))) :]
    if rng.random() < 0.05:
        at = int(rng.integers(len(content) + 1))
        content[at:at] = content[at : at + 64]
    return bytes(content)


def run(arena: Path, format: str, seeds: range) -> tuple[int, float]:
    """(how many were used, megabytes the process grew by at most)."""
    whole = (arena / FORMATS[format][0]).read_bytes()
    assert use_or_refuse(arena, format, whole)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    used = sum(use_or_refuse(arena, format, mutated(whole, seed)) for seed in seeds)
    return used, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024


@every_format
def test_changed_bytes(arena: Path, format: str) -> None:
    used, grown = run(arena, format, range(QUICK))
    assert used < QUICK
    assert grown < MEGABYTES


@pytest.mark.slow
@every_format
def test_ten_thousand_changed_files(arena: Path, format: str) -> None:
    used, grown = run(arena, format, range(MANY, 2 * MANY))
    print(f"{format}: {MANY} files, {used} used, {grown:.0f} MB")
    assert 0 < used < MANY
    assert grown < MEGABYTES


@every_format
@given(content=st.binary(max_size=400))
@settings(max_examples=25, deadline=None)
def test_bytes(arena: Path, format: str, content: bytes) -> None:
    assert not use_or_refuse(arena, format, content)


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)),
    max_leaves=8,
)


def changed_field(whole: Any, path: list[int], value: Any) -> Any:
    """The same JSON with another value somewhere inside: each number of `path` chooses a way down."""
    if not path or not isinstance(whole, dict | list) or not whole:
        return value
    if isinstance(whole, dict):
        key = sorted(whole)[path[0] % len(whole)]
        return whole | {key: changed_field(whole[key], path[1:], value)}
    at = path[0] % len(whole)
    return [*whole[:at], changed_field(whole[at], path[1:], value), *whole[at + 1 :]]


@pytest.mark.parametrize("format", ["metadata", "sidecar"])
@given(path=st.lists(st.integers(0, 20), min_size=1, max_size=3), value=JSON)
@settings(max_examples=100, deadline=None)
def test_a_field_of_anything(arena: Path, format: str, path: list[int], value: Any) -> None:
    whole = json.loads((arena / FORMATS[format][0]).read_text())
    use_or_refuse(arena, format, json.dumps(changed_field(whole, path, value)).encode())


def test_a_data_set_with_a_changed_movie_opens_or_is_refused(tmp_path: Path) -> None:
    """Through the front door, cache and windows included."""
    path = tmp_path / "t-v0"
    make_dataset(path, {"m0": PADS, "m1": PADS})
    movie = path / "data/movies/m0.hdf5"
    whole = movie.read_bytes()
    opened = 0
    for seed in range(60):
        movie.write_bytes(mutated(whole, seed))
        try:
            dataset = open_dataset(path)
        except DatasetError:
            continue
        opened += 1
        assert len(dataset.cache) == 2 * (len(PADS) + 1)
        assert dataset.windows.stacks.max() < len(dataset.cache)
    assert 0 < opened < 60

"""Data sets from elsewhere: what is not as declared is refused by file, field, expected and received."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from dataset.inspection import inspect_file
from dataset.loader import open_dataset
from dataset.reading import check_spec, read_attributes, read_observations
from dataset.store import DatasetError
from game.observation import ObservationSpec
from tests.dataset.small import make_dataset

NAME = "m1"
PADS = [0, 128, 128, 1] * 10
N = len(PADS)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "t-v0"
    make_dataset(path, {"m0": PADS, NAME: PADS, "m2": PADS})
    return path


def movie(data: Path) -> Path:
    return data / "data" / "movies" / f"{NAME}.hdf5"


Change = Callable[[h5py.Group], None]


def replaced(name: str, **options: Any) -> Change:
    """A change that puts another array in the place of one."""

    def change(group: h5py.Group) -> None:
        del group[name]
        group.create_dataset(name, **options)

    return change


def linked(name: str, link: object) -> Change:
    def change(group: h5py.Group) -> None:
        del group[name]
        group[name] = link

    return change


def without(name: str) -> Change:
    def change(group: h5py.Group) -> None:
        del group[name]

    return change


def attribute(name: str, value: object) -> Change:
    def change(group: h5py.Group) -> None:
        group.attrs[name] = np.bytes_(value) if isinstance(value, str) else value

    return change


def no_attribute(name: str) -> Change:
    def change(group: h5py.Group) -> None:
        del group.attrs[name]

    return change


def value(name: str, at: int, to: int) -> Change:
    def change(group: h5py.Group) -> None:
        group[name][at] = to

    return change


def external(group: h5py.Group) -> None:
    del group["observations"]
    group.create_dataset("observations", (N + 1, 8, 8), np.uint8, external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


def virtual(group: h5py.Group) -> None:
    layout = h5py.VirtualLayout((N + 1,), np.int32)
    layout[:] = h5py.VirtualSource("/tmp/other.hdf5", "x", shape=(N + 1,))
    del group["infos/x"]
    group.create_virtual_dataset("infos/x", layout)


def frames(count: int, dtype: type = np.uint8, **options: Any) -> Change:
    pictures = np.ones((count, 8, 8), dtype)
    return replaced("observations", data=pictures, **({"chunks": (16, 8, 8), "compression": "gzip"} | options))


INT = np.zeros(N + 1, np.int32)
OTHER_SPEC = json.dumps(ObservationSpec(9, 9).to_json())
CHANGES: list[tuple[Change, str]] = [
    (frames(N), rf"observations: expected the shape \({N + 1}, 8, 8\). Received: \({N}, 8, 8\)"),
    (frames(N + 2), rf"observations: expected the shape \({N + 1}, 8, 8\)"),
    (frames(N + 1, np.float32), "observations: expected uint8. Received: float32"),
    (frames(N + 1, chunks=(N + 1, 8, 8)), r"observations: expected chunks of \(16, 8, 8\)"),
    (frames(N + 1, fletcher32=True), "observations: expected gzip or plain data. Received: filter"),
    (
        replaced("observations", shape=(N + 1, 8, 8), dtype=np.uint8, chunks=(16, 8, 8), compression="gzip"),
        "observations: expected 3 chunks. Received: 0",
    ),
    (external, "observations: expected (chunks of|data in the file itself)"),
    (virtual, "x: expected data in the file itself. Received: data in another file"),
    (
        linked("observations", h5py.ExternalLink("/tmp/other.hdf5", "/x")),
        "observations: expected data in the file itself",
    ),
    (linked("infos", h5py.SoftLink("/episode")), "infos: expected data in the file itself"),
    (replaced("infos", data=INT), "infos: expected a group. Received: a dataset"),
    (without("actions"), "actions: expected a dataset. Received: nothing"),
    (without("infos/labelled"), "labelled: expected a dataset. Received: nothing"),
    (replaced("infos/pad_mask", data=INT[:-1]), r"pad_mask: expected the shape \(41,\). Received: \(40,\)"),
    (replaced("infos/pad_mask", data=INT.astype(float)), "pad_mask: expected int32. Received: float64"),
    (replaced("infos/pad_mask", shape=(3_000_000_000,), dtype=np.int32, chunks=True), r"pad_mask: expected the shape"),
    (
        replaced("infos/pad_mask", shape=(N + 1,), maxshape=(None,), dtype=np.int32, chunks=(1 << 24,)),
        "pad_mask: expected chunks of at most",
    ),
    (value("infos/pad_mask", 3, -1), "infos/pad_mask: expected values from 0 to 4095. Received: -1"),
    (value("infos/pad_mask", 3, 4096), "infos/pad_mask: expected values from 0 to 4095. Received: 4096"),
    (value("infos/labelled", 3, 2), "infos/labelled: expected values from 0 to 1. Received: 2"),
    (attribute("observation_spec", OTHER_SPEC), "observations: expected the shape"),
    (attribute("observation_spec", "{}"), "observation_spec: Object missing required field `height`"),
    (attribute("observation_spec", "[" * 9_000), "observation_spec"),
    (attribute("total_steps", N - 1), "observations: expected the shape"),
    (attribute("total_steps", 10**12), r"Expected `int` <= 1000000 - at `\$\.total_steps`"),
    (attribute("total_steps", 0), r"Expected `int` >= 1"),
    (attribute("total_steps", "40"), r"Expected `int`, got `str` - at `\$\.total_steps`"),
    (attribute("total_steps", np.array([40, 40])), r"total_steps: expected one value of at most .* Received: \(2,\)"),
    (attribute("total_steps", 40.0), "total_steps: expected a number, a truth value or a text"),
    (attribute("act", np.array("x", object)), "act: expected a number, a truth value or a text of fixed length"),
    (attribute("player", 3), r"Expected `str`, got `int` - at `\$\.player`"),
    (attribute("act", h5py.Empty("f")), "act: expected a number"),
    (attribute("act", "\x1b[2J"), "act: expected printable text"),
    (no_attribute("act"), "missing required field `act`"),
    (no_attribute("spin_dashes"), "missing required field `spin_dashes`"),
    (attribute("format_version", 3), "expected data set format 4. Received: 3"),
    (no_attribute("format_version"), "expected data set format 4. Received: None"),
    (attribute("game", "sonic2"), "game: expected quillrush"),
]


@pytest.mark.parametrize(("change", "reason"), CHANGES, ids=[reason[:40] for _, reason in CHANGES])
def test_what_is_not_as_declared_is_refused(data: Path, change: Change, reason: str) -> None:
    with h5py.File(movie(data), "r+") as file:
        change(file["episode"])
    with pytest.raises(DatasetError, match=reason) as error:
        open_dataset(data)
    assert str(movie(data)) in str(error.value)
    assert not list((data / "cache").glob("*.npy"))


def test_another_movies_pictures_are_refused(data: Path, tmp_path: Path) -> None:
    """A whole and sound file, but of other pictures than its data set has."""
    metadata = data / "data" / "metadata.json"
    fields = json.loads(metadata.read_text())
    fields["observation_spec"] = ObservationSpec(9, 9).to_json()
    metadata.write_text(json.dumps(fields))
    with pytest.raises(DatasetError, match=r"observation_spec: expected .*9.* Received: .*8"):
        open_dataset(data)


def test_a_packed_bomb_takes_no_memory(data: Path) -> None:
    """Little on the disk, much when unpacked: refused by its shape before anything is read."""
    with h5py.File(movie(data), "r+") as file:
        del file["episode/infos/x"]
        file["episode/infos"].create_dataset(
            "x", data=np.zeros(1 << 22, np.int32), compression="gzip", chunks=(1 << 22,)
        )
    with pytest.raises(DatasetError, match="x: expected the shape"):
        read_attributes(movie(data))


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([], "Expected `object`, got `array`"),
        ({"total_episodes": "3"}, r"Expected `int`, got `str` - at `\$\.total_episodes`"),
        ({"total_episodes": -1}, r"Expected `int` >= 0"),
        ({"total_episodes": 2}, "expected the 2 movies of its metadata.json. Received: 3"),
        ({"game": None}, r"Expected `str`, got `null` - at `\$\.game`"),
        ({"observation_spec": "x"}, r"Expected `object`, got `str` - at `\$\.observation_spec`"),
        ({"observation_spec": {"height": 8}}, "missing required field"),
        ({"observation_spec": ObservationSpec(10**9, 8).to_json()}, r"Expected `int` <= 512"),
        ({"observation_spec": ObservationSpec(8, 8).to_json() | {"resize": "other"}}, "Expected an observation spec"),
        ({"format_version": 3}, "expected data set format 4. Received: 3"),
    ],
)
def test_metadata_of_wrong_types_is_refused(data: Path, fields: Any, reason: str) -> None:
    path = data / "data" / "metadata.json"
    if isinstance(fields, dict):
        fields = json.loads(path.read_text()) | fields
    path.write_text(json.dumps(fields))
    with pytest.raises(DatasetError, match=reason) as error:
        open_dataset(data)
    assert str(data) in str(error.value)


def test_what_is_no_file_is_refused_at_once(data: Path) -> None:
    movie(data).unlink()
    os.mkfifo(movie(data))
    with pytest.raises(DatasetError, match="no file"):
        open_dataset(data)


def test_a_file_of_the_users_own_is_not_to_be_removed(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("# mine")
    with pytest.raises(DatasetError, match="not a converted movie") as error:
        inspect_file(readme)
    assert "elete" not in str(error.value)


@pytest.mark.parametrize(
    "link",
    [
        h5py.ExternalLink("/etc/passwd", "/episode"),
        h5py.ExternalLink("../../../other.hdf5", "/episode"),
        h5py.ExternalLink("movies/../../x.hdf5", "/episode"),
        h5py.ExternalLink("movies/m0.hdf5", "/other"),
        h5py.SoftLink("/x"),
    ],
)
def test_links_out_of_a_data_set_are_refused(data: Path, link: object) -> None:
    main = data / "data" / "main_data.hdf5"
    assert len(inspect_file(main)) == 3
    with h5py.File(main, "r+") as file:
        del file["episode_1"]
        file["episode_1"] = link
    with pytest.raises(DatasetError, match="expected links"):
        inspect_file(main)


def test_pictures_are_read_in_pieces(data: Path) -> None:
    assert sum(len(piece) for piece in read_observations(movie(data))) == N + 1


def test_pictures_no_data_set_can_hold() -> None:
    check_spec(ObservationSpec())
    with pytest.raises(DatasetError, match="<= 512"):
        check_spec(ObservationSpec(height=4000))

"""Data set -> training windows. The frames of all movies are read once into a memory-mapped file; training gathers from there.

Splits are by movie, never by frame. What makes batches of windows is dataset.batches.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from dataset.cache import frame_cache
from dataset.reading import read_attributes, read_infos, read_metadata, read_observations
from dataset.selection import Facts, Selection, composition, left_out_in_words
from dataset.split import Split, families, split
from dataset.store import IDENTITY, DatasetError, NothingMeantError, movie_files
from dataset.windows import LABEL_RULE, Windows, before_deaths, combos_before, frames_shown, windows_of_movie
from experiment.config import fingerprint
from game.certificate import is_by_a_person
from game.demonstrations import DOOMED_FRAMES
from game.observation import NO_COMBO, ObservationSpec
from game.ram import MODE_IN_PLAY

Infos = dict[str, np.ndarray]
"""Of one movie: int32 [N + 1] for each name of INFOS."""
INFOS = ("pad_mask", "game_mode", "labelled", "lives")
"""What labels are made of."""
USUAL_REACH = 12
"""Frames back to the oldest picture of the usual stack: four, one step of four frames apart. Shorter ones share its cache."""


@dataclass(frozen=True)
class Dataset:
    """An opened data set.

    Attributes:
        cache: uint8 [F, height, width], memory-mapped: the frames of all movies, one after the other; black where no window
            shows them.
        windows: of all movies.
        names, acts: of each movie.
        attributes: of each movie, as stored.
        left_out: movies of the data set that are not meant, name -> reason.
        combos: uint8 [F], held in the step before each frame (NO_COMBO: not known), where the network is shown that.
    """

    path: Path
    game: str
    observation: ObservationSpec
    frame_skip: int
    cache: np.ndarray
    windows: Windows
    names: list[str]
    acts: list[str]
    attributes: list[dict[str, Any]]
    left_out: dict[str, str] = field(default_factory=dict)
    combos: np.ndarray | None = None

    @property
    def composition(self) -> str:
        """Whose play it is, in words."""
        return composition([Facts.of_attributes(movie) for movie in self.attributes])

    @property
    def fingerprint(self) -> str:
        """Changes when any movie does, or the ROM, core, sidecar or label rule that its frames and labels belong to."""
        return fingerprint([identity_of(movie) for movie in self.attributes], LABEL_RULE)

    @property
    def families(self) -> list[str]:
        """Of each movie, the name of the one that it was made from by trimming, taking over or drilling; else its own."""
        return families(self.names, [movie.get("origin", "") for movie in self.attributes])


def open_dataset(
    path: Path,
    frame_skip: int = 4,
    merge: bool = True,
    stack: int = 4,
    select: Selection | None = None,
    action_history: bool = False,
) -> Dataset:
    """Open data/<name>, filling the frame cache when it is not there.

    Args:
        select: which of its movies are meant (None: all); the cache holds the others, too.
        action_history: whether the network is shown the combos before each frame.

    Raises:
        DatasetError: there is none, none of its movies is meant, or one of its files is not as it should be; names the
            file and the field.
        DiskError: no room for the frame cache.
    """
    metadata, stored = read_metadata(path)
    spec = replace(stored, stack=stack, action_history=action_history)
    files = _all_files(path, metadata["total_episodes"])
    attributes = [_checked_attributes(file, metadata["game"], stored) for file in files]
    left_out = _left_out(files, attributes, select)
    chosen = [number for number, file in enumerate(files) if file.stem not in left_out]
    if not chosen:
        raise NothingMeantError(
            f"{path}: none of its {len(files)} movies is meant: {'; '.join(left_out_in_words(left_out))}"
        )
    # before the cache is filled, because it looks at every file
    infos = {place: read_infos(files[place], INFOS) for place in chosen}
    first_rows = _first_rows(attributes)
    windows = _windows(infos, attributes, first_rows, select, frame_skip=frame_skip, merge=merge, stack=stack)
    reach = max(USUAL_REACH, (stack - 1) * frame_skip)
    return Dataset(
        path=path,
        game=metadata["game"],
        observation=spec,
        frame_skip=frame_skip,
        cache=_cache(path, files, attributes, infos, first_rows, frame_shape=spec.frame_shape, reach=reach),
        windows=windows,
        names=[files[number].stem for number in chosen],
        acts=[attributes[number]["act"] for number in chosen],
        attributes=[attributes[number] for number in chosen],
        left_out=left_out,
        combos=_combos(infos, first_rows, frame_skip, merge) if action_history else None,
    )


def _all_files(path: Path, expected: int) -> list[Path]:
    """The movies' files. DatasetError unless there are as many as were converted."""
    files = movie_files(path)
    if not files:
        raise DatasetError(f"{path} holds no movies. Run `make dataset` first.")
    if len(files) != expected:
        raise DatasetError(
            f"{path}: expected the {expected} movies of its metadata.json. Received: {len(files)}. "
            "Run `make dataset` to its end."
        )
    return files


def _left_out(files: list[Path], attributes: list[dict], select: Selection | None) -> dict[str, str]:
    """Movie name -> why it is not meant."""
    if select is None:
        return {}
    select.check()
    facts = {file.stem: Facts.of_attributes(movie) for file, movie in zip(files, attributes, strict=True)}
    return select.reasons_against(facts)


def _checked_attributes(file: Path, game: str, spec: ObservationSpec) -> dict[str, Any]:
    """A movie file's attributes, if it is of this game and its pictures are like the others'."""
    attributes = read_attributes(file)
    for name, expected in (("game", game), ("observation_spec", json.dumps(spec.to_json()))):
        if attributes[name] != expected:
            raise DatasetError(
                f"{file}: {name}: expected {expected}, as its data set has it. Received: {attributes[name]}. "
                "Run `make dataset` to convert it again."
            )
    return attributes


def _windows(
    infos: Mapping[int, Infos],
    attributes: list[dict],
    first_rows: np.ndarray,
    select: Selection | None,
    *,
    frame_skip: int,
    merge: bool,
    stack: int,
) -> Windows:
    """Those of the chosen movies, numbered in that order; their stacks are rows of the cache of all movies' frames."""
    parts = []
    for number, (place, of_movie) in enumerate(infos.items()):
        labelled = _labelled(of_movie)
        if select and select.deaths == "cut" and is_by_a_person(attributes[place]["player"]):
            labelled &= ~before_deaths(of_movie["lives"], DOOMED_FRAMES)
        parts.append(
            windows_of_movie(
                masks=_masks(of_movie),
                labelled=labelled,
                in_play=of_movie["game_mode"] == MODE_IN_PLAY,
                movie=number,
                first_row=int(first_rows[place]),
                frame_skip=frame_skip,
                stack=stack,
                merge=merge,
            )
        )
    return Windows.join(parts)


def _combos(infos: Mapping[int, Infos], first_rows: np.ndarray, frame_skip: int, merge: bool) -> np.ndarray:
    """uint8 [F], beside every row of the cache: the label of the step before; NO_COMBO in movies that are not meant."""
    combos = np.full(first_rows[-1], NO_COMBO, np.uint8)
    for place, of_movie in infos.items():
        combos[first_rows[place] : first_rows[place + 1]] = combos_before(_masks(of_movie), frame_skip, merge)
    return combos


def _masks(infos: Infos) -> np.ndarray:
    """What was pressed in each frame of a movie; its last observation is followed by none."""
    return infos["pad_mask"][:-1]


def _labelled(infos: Infos) -> np.ndarray:
    """bool [N], whether the teacher pressed each frame."""
    return infos["labelled"][:-1] != 0


def _first_rows(attributes: list[dict]) -> np.ndarray:
    """int64 [movies + 1], of each movie in the cache; last, how many rows there are."""
    return np.cumsum([0, *(movie["total_steps"] + 1 for movie in attributes)])


def _cache(
    path: Path,
    files: list[Path],
    attributes: list[dict],
    infos: Mapping[int, Infos],
    first_rows: np.ndarray,
    *,
    frame_shape: tuple[int, int],
    reach: int,
) -> np.ndarray:
    """The frames as one memory-mapped array; made again when a movie, or what it is made of, changes.

    Args:
        infos: of the chosen movies; those of the others are read when they are needed.
        reach: frames between the oldest and the newest picture of a stack.
    """
    key = fingerprint([(file.name, *identity_of(movie)) for file, movie in zip(files, attributes, strict=True)], reach)

    def shown() -> list[range]:
        found = []
        for place, file in enumerate(files):
            first = int(first_rows[place])
            of_movie = infos.get(place) or read_infos(file, ("labelled",))
            for part in frames_shown(_labelled(of_movie), reach):
                found.append(range(first + part.start, first + part.stop))
        return found

    def read(rows: range) -> Iterator[np.ndarray]:
        place = int(np.searchsorted(first_rows, rows.start, side="right")) - 1
        first = int(first_rows[place])
        return read_observations(files[place], rows.start - first, rows.stop - first)

    return frame_cache(path / "cache", key, (int(first_rows[-1]), *frame_shape), shown, read)


def identity_of(attributes: dict[str, Any]) -> list[Any]:
    """What a movie's frames and labels were made of."""
    return [attributes[name] for name in IDENTITY]


def split_movies(dataset: Dataset, validation: float, seed: int) -> Split:
    """Whole movies, and those made from them, on one side each; see dataset.split.split.

    Unpacks into (training, held); when nothing could be held out, its `note` says what to print beside the figures.
    """
    # an act's movies by a person and by others are split apart, so that both are on both sides where they can be
    groups = [
        f"{act} {is_by_a_person(movie['player'])}" for act, movie in zip(dataset.acts, dataset.attributes, strict=True)
    ]
    return split(groups, dataset.families, validation, seed)


def is_whole_play(attributes: dict[str, Any]) -> bool:
    """Whether a movie shows how often an act's player does something: not a drill, not a part of another movie, not a policy
    with a person beside it."""
    is_part = attributes.get("skill") or attributes.get("origin")
    return not is_part and attributes["player"] not in ("takeover", "correction", "policy")


def spin_dashes_per_movie(dataset: Dataset, act: str) -> float | None:
    """Spin dashes in a demonstration of this act, on average; None without demonstrations of it."""
    counts = []
    for movie, name in zip(dataset.attributes, dataset.acts, strict=True):
        if name == act and is_whole_play(movie):
            counts.append(movie["spin_dashes"])
    return sum(counts) / len(counts) if counts else None


def summary_of(dataset: Dataset) -> dict[str, Any]:
    """What a trainer prints of its data."""
    acts = sorted(set(dataset.acts))
    return {
        "path": str(dataset.path),
        "movies": len(dataset.names),
        "acts": len(acts),
        "windows": len(dataset.windows),
        "fingerprint": dataset.fingerprint,
        "spin_dashes": {act: round(spin_dashes_per_movie(dataset, act) or 0.0, 2) for act in acts},
    }

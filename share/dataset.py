"""A data set with its card: as it is, a Minari data set; uploaded, one that Minari finds under hf://."""

import shutil
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from dataset.inspection import MAIN_FILE
from dataset.reading import linked_files, read_attributes, read_metadata
from dataset.selection import Facts, composition
from dataset.store import dataset_path
from experiment.markdown import markdown_table
from game.certificate import is_by_a_person
from share.card import PERSONS_PLAY, Card, about_licence, default_licence, versions
from share.packing import SHARED, packed

Attributes = dict[str, Any]
"""Of a movie's file (dataset.reading.Attributes)."""
LOADING = """```python
from huggingface_hub import snapshot_download
from minari import MinariDataset

# a folder of real files: HDF5 does not follow the links of the hub's cache from one file to another
folder = snapshot_download("NAME/REPOSITORY", repo_type="dataset", local_dir="{name}")
dataset = MinariDataset(folder + "/data")
print(dataset.total_episodes, dataset[0].observations.shape)
```

In a repository called {name}, `minari download hf://NAME/{name}` finds it, too. One step is one frame (1/60 s); an observation
is one grey frame, an action one of 23 button combos; RAM variables and the raw pad are in `infos`."""


def pack_dataset(name: str, out: Path | None, licence: str) -> tuple[Path, list[str]]:
    """Copy a data set's movies, as far as its main file links to them, into a new folder with a card.

    Returns:
        The folder, and what to warn of.

    Raises:
        DatasetError: there is none of this name, or it is damaged.
        ValueError: the folder is there already.
    """
    source = dataset_path(name)
    metadata, spec = read_metadata(source)
    files = linked_files(source / "data" / MAIN_FILE)
    movies = [read_attributes(file) for file in files]
    by_a_person = any(is_by_a_person(movie["player"]) for movie in movies)
    licence = licence or default_licence(metadata["game"], by_a_person)
    out = out or SHARED / name
    card = _card(name, metadata["game"], spec.frame_shape, movies, licence=licence, by_a_person=by_a_person)
    with packed(out) as folder:
        (folder / "data" / "movies").mkdir(parents=True)
        for file in files:
            shutil.copyfile(file, folder / "data" / "movies" / file.name)
        for file in (source / "data" / MAIN_FILE, source / "data" / "metadata.json"):
            shutil.copyfile(file, folder / "data" / file.name)
        (folder / "README.md").write_text(card.text())
    return out, [PERSONS_PLAY] if by_a_person else []


def _card(
    name: str, game: str, shape: tuple[int, int], movies: Sequence[Attributes], *, licence: str, by_a_person: bool
) -> Card:
    frames = sum(movie["total_steps"] for movie in movies)
    whose = composition([Facts.of_attributes(movie) for movie in movies])
    front = {
        "license": licence,
        "pretty_name": f"Demonstrations of {game}",
        "task_categories": ["reinforcement-learning"],
        "tags": ["minari", "imitation-learning", "offline-rl", "stable-retro", game],
        "size_categories": [_size_category(frames)],
    }
    what = (
        f"{len(movies)} movies of {game} as frames and pads: {frames} frames ({frames / 3600:.0f} minutes), grey, "
        f"{shape[0]} x {shape[1]}. By player: {whose.replace('of yours', 'of the person who packed this')}."
    )
    warnings = {"A person's play": PERSONS_PLAY} if by_a_person else {}
    sections = {
        "What it is": what,
        **warnings,
        "Licence": about_licence(licence, game),
        "How to load it": LOADING.format(name=name),
        "Acts": _acts_table(movies),
        "Movies": _movies_table(movies),
        "Versions": f"Converted with {movies[0]['core']}; packed with {versions()}." if movies else versions(),
    }
    return Card(f"{name}: demonstrations of {game}", front, sections)


def _acts_table(movies: Sequence[Attributes]) -> str:
    by_act: defaultdict[str, list[Attributes]] = defaultdict(list)
    for movie in movies:
        by_act[movie["act"]].append(movie)
    rows = []
    for act, own in sorted(by_act.items()):
        passed = sum(movie["passed_end_x"] for movie in own)
        rows.append((act, len(own), passed, sum(movie["total_steps"] for movie in own)))
    return markdown_table(("act", "movies", "passed the end", "frames"), rows)


def _movies_table(movies: Sequence[Attributes]) -> str:
    rows = [(movie["movie"], movie["player"], movie["total_steps"], movie["movie_sha256"][:16]) for movie in movies]
    return markdown_table(("movie", "player", "frames", "SHA-256 of the bk2"), rows)


def _size_category(frames: int) -> str:
    """The hub's word for so many rows."""
    for limit, word in ((10**3, "n<1K"), (10**4, "1K<n<10K"), (10**5, "10K<n<100K"), (10**6, "100K<n<1M")):
        if frames < limit:
            return word
    return "1M<n<10M" if frames < 10**7 else "n>10M"

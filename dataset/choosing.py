"""Which movies are converted: found in files and folders, chosen by what is known of them without an emulator."""

from collections import Counter, defaultdict
from contextlib import suppress
from pathlib import Path

from dataset.provenance import facts_of
from dataset.selection import Facts, Selection, left_out_in_words
from dataset.store import DatasetError
from game.acts import ALL_ACT_NAMES
from game.certificate import read_sidecar
from game.movie import MovieError, read_movie


def find_movies(places: tuple[str, ...]) -> list[Path]:
    """All bk2 files in these files and folders. DatasetError when there are none."""
    found: list[Path] = []
    for place in map(Path, places):
        if place.is_dir():
            found += [path for path in sorted(place.rglob("*.bk2")) if not path.name.startswith(".")]
        elif place.is_file():
            found.append(place)
        else:
            raise DatasetError(
                f"No movie or folder at {place}. Record one first: `make record LEVEL=EmeraldHillZone.Act1`."
            )
    counts = Counter(path.stem for path in found)
    twice = sorted(stem for stem, count in counts.items() if count > 1)
    if twice:
        raise DatasetError(f"Expected movies with different names. Received twice: {', '.join(twice[:5])}")
    if not found:
        raise DatasetError(f"No bk2 movies in {', '.join(map(str, places))}.")
    return found


def choose_movies(movies: list[Path], select: Selection, limit: int = 0) -> list[Path]:
    """The movies that are meant, at most `limit` of each folder, those first that finish their act.

    Those of test acts are meant only where `select` names the act, or "test". One that cannot be read is kept: its
    conversion says what is wrong with it. DatasetError when none is left.
    """
    known: dict[str, Facts] = {}
    finished: dict[str, bool] = {}
    for path in movies:
        with suppress(MovieError):
            known[path.stem], finished[path.stem] = _facts(path)
    left_out = select.reasons_against(known)
    by_folder: defaultdict[Path, list[tuple[bool, int, Path]]] = defaultdict(list)
    for place, path in enumerate(movies):
        if path.stem not in left_out:
            by_folder[path.parent].append((not finished.get(path.stem, False), place, path))
    chosen: list[tuple[bool, int, Path]] = []
    for entries in by_folder.values():
        chosen += sorted(entries)[: limit or None]
    for line in left_out_in_words(left_out):
        print(line)
    if not chosen:
        raise DatasetError(f"None of {len(movies)} movies is meant by --select.")
    return [path for _, _, path in sorted(chosen, key=lambda entry: entry[1])]


def _facts(path: Path) -> tuple[Facts, bool]:
    """What is known of a movie beside its frames, and whether it finishes its act. MovieError when it cannot be read."""
    sidecar = read_sidecar(path)
    facts = facts_of(path, sidecar)
    frames = facts.get("frames")
    finished = facts.get("finished", False)
    movie = Facts(
        player=sidecar.player,
        act=facts.get("act") or (path.parent.name if path.parent.name in ALL_ACT_NAMES else ""),
        frames=read_movie(path).frames if frames is None else frames,
        died=facts.get("died", False) and not finished,
        recorded=facts.get("recorded", ""),
        skill=facts.get("skill", ""),
        noisy=facts.get("sticky", 0) > 0,
    )
    return movie, finished

"""What is in a movie or a data set, without any ROM: frames, combos, spin dashes, what the 23 combos lose."""

import json
from collections import Counter
from dataclasses import asdict, dataclass
from pathlib import Path

import h5py
import numpy as np

from dataset.store import DatasetError, read_arrays, read_attributes
from game.actions import CHANGE_REASONS, COMBO_NAMES, COMBO_OF_MASK, buttons_of, is_lossy
from game.games import game_of_id
from game.movie import read_movie
from game.spindash import pad_spin_dashes


@dataclass(frozen=True)
class Inspection:
    """One movie's figures. Shares are of frames; `repeat_last` is how often a frame's combo is the one before."""

    file: str
    game: str
    frames: int
    raw_pads: dict[str, int]
    combos: dict[str, int]
    changed_frames: int
    lossy_frames: int
    change_reasons: dict[str, int]
    spin_dashes: list[dict[str, int]]
    spin_dashes_from: str
    repeat_last: float


def inspect_file(path: Path) -> list[Inspection]:
    """The figures of a bk2 movie, of one converted movie, or of every episode of a data set.

    Raises:
        MovieError, DatasetError: not such a file, or damaged.
    """
    if path.is_dir():
        main = path / "data" / "main_data.hdf5"
        if not main.is_file():
            raise DatasetError(f"{path} holds no data/main_data.hdf5; expected a data set folder.")
        path = main
    if path.suffix == ".bk2":
        movie = read_movie(path)
        return [_inspect_masks(path.name, game_of_id(movie.game_id).name, movie.masks)]
    if path.name == "main_data.hdf5":
        return [_inspect_converted(file) for file in _linked_files(path)]
    return [_inspect_converted(path)]


def _linked_files(main: Path) -> list[Path]:
    try:
        with h5py.File(main, "r") as file:
            links = [file.get(name, getlink=True).filename for name in file]
    except (OSError, AttributeError) as error:
        raise DatasetError(f"{main} is not a data set's main file ({error}).") from error
    return [main.parent / link for link in links]


def _inspect_converted(path: Path) -> Inspection:
    attributes = read_attributes(path)
    masks = read_arrays(path, ("infos/pad_mask",))["infos/pad_mask"][:-1]
    revs = json.loads(attributes["spin_dash_revs"])
    inspection = asdict(_inspect_masks(path.name, attributes["game"], masks))
    confirmed = {"spin_dashes": [{"revs": rev} for rev in revs], "spin_dashes_from": "RAM"}
    return Inspection(**(inspection | confirmed))


def _inspect_masks(name: str, game: str, masks: np.ndarray) -> Inspection:
    combos = COMBO_OF_MASK[masks]
    pads = Counter(masks.tolist())
    reasons: Counter[str] = Counter()
    for mask, count in pads.items():
        for reason in CHANGE_REASONS[mask]:
            reasons[reason] += count
    return Inspection(
        file=name,
        game=game,
        frames=len(masks),
        raw_pads={"+".join(sorted(buttons_of(mask))) or "none": count for mask, count in pads.most_common()},
        combos={COMBO_NAMES[combo]: count for combo, count in Counter(combos.tolist()).most_common()},
        changed_frames=sum(count for mask, count in pads.items() if CHANGE_REASONS[mask]),
        lossy_frames=sum(count for mask, count in pads.items() if is_lossy(mask)),
        change_reasons=dict(reasons.most_common()),
        spin_dashes=[
            {"frame": dash.frame, "frames": dash.frames, "revs": dash.revs} for dash in pad_spin_dashes(masks)
        ],
        spin_dashes_from="pad",
        repeat_last=float((combos[1:] == combos[:-1]).mean()) if len(combos) > 1 else 0.0,
    )


def as_text(inspection: Inspection) -> str:
    """A few lines for a person."""
    frames = inspection.frames
    revs = [dash["revs"] for dash in inspection.spin_dashes]
    mean = f", {np.mean(revs):.1f} revs each" if revs else ""
    reasons = ", ".join(f"{name} {count}" for name, count in inspection.change_reasons.items()) or "none"
    lines = [
        f"{inspection.file}  ({inspection.game})",
        f"  frames            {frames} ({frames / 60:.0f} s)",
        f"  raw pad states    {len(inspection.raw_pads)}",
        f"  changed by map    {inspection.changed_frames} ({inspection.lossy_frames} lose something): {reasons}",
        f"  spin dashes       {len(revs)} by {inspection.spin_dashes_from}{mean}",
        f"  repeat-last       {inspection.repeat_last:.1%} of frames hold the combo of the frame before",
        "  combos",
    ]
    for name, count in inspection.combos.items():
        lines.append(f"    {name:<18}{count:>8}  {count / frames:>6.1%}")
    return "\n".join(lines)

"""What is in a movie or a data set, without any ROM: pads, combos, how long they are held, spin dashes, what 23 combos lose."""

import dataclasses
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from dataset.loader import window_labels
from dataset.store import DatasetError, read_arrays, read_attributes
from game.actions import BIT, CHANGE_REASONS, COMBO_NAMES, COMBO_OF_MASK, MERGED_COMBO, buttons_of, is_lossy
from game.games import game_of_id
from game.movie import read_movie
from game.spindash import SpinDash, SpinDashCounter, pad_spin_dashes

FRAME_SKIPS = (1, 2, 3, 4, 6, 8)
"""For which the repeat-last baseline is told."""


@dataclass(frozen=True)
class Inspection:
    """One movie's figures; frames are 1/60 s.

    Attributes:
        raw_pads, combos: how many frames hold each pad state and each of the 23 combos, most frequent first.
        jump_buttons: how many frames hold A, B and C; players differ, the game does not.
        changes: every pad state that its combo does not press as it was: held, label, reasons, frames.
        runs: how long combos are held without a change: their number, median, mean and longest, and the same by combo.
        spin_dashes: frame, frames (length of the charge) and revs of each.
        spin_dashes_from: "pad" (how they look in the log; a crouch in the air looks the same) or "RAM" (confirmed).
        repeat_last: frame skip -> how often a window's label is the one before, all phases together, A counted as B: what
            a clone reaches that only repeats itself.
        masks: uint16 [frames], not part of the JSON.
    """

    file: str
    game: str
    frames: int
    raw_pads: dict[str, int]
    combos: dict[str, int]
    jump_buttons: dict[str, int]
    changed_frames: int
    lossy_frames: int
    change_reasons: dict[str, int]
    changes: list[dict[str, Any]]
    runs: dict[str, Any]
    spin_dashes: list[dict[str, int]]
    spin_dashes_from: str
    repeat_last: dict[int, float]
    masks: np.ndarray = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """All figures as JSON values."""
        shown = [f.name for f in dataclasses.fields(self) if f.name != "masks"]
        return {name: getattr(self, name) for name in shown}


def inspect_file(path: Path) -> list[Inspection]:
    """The figures of a bk2 movie, of one converted movie, or of every episode of a data set.

    Raises:
        MovieError, GameError, DatasetError: not such a file, or damaged.
    """
    if path.suffix == ".bk2":
        movie = read_movie(path)
        return [inspect_masks(path.name, game_of_id(movie.game_id).name, movie.masks)]
    if path.is_dir():
        path = path / "data" / "main_data.hdf5"
    if path.name == "main_data.hdf5":
        return [_inspect_converted(file) for file in _linked_files(path)]
    return [_inspect_converted(path)]


def expand(path: Path) -> list[Path]:
    """The bk2 movies in a folder of movies; a file or a data set folder as it is."""
    if not path.is_dir() or (path / "data" / "main_data.hdf5").is_file():
        return [path]
    movies = sorted(movie for movie in path.rglob("*.bk2") if not movie.name.startswith("."))
    if not movies:
        raise DatasetError(f"{path} holds neither bk2 movies nor a data set (data/main_data.hdf5).")
    return movies


def _linked_files(main: Path) -> list[Path]:
    try:
        with h5py.File(main, "r") as file:
            links = [file.get(name, getlink=True).filename for name in file]
    except (OSError, AttributeError) as error:
        raise DatasetError(f"{main} is not a data set's main file ({error}).") from error
    return [main.parent / link for link in links]


def _inspect_converted(path: Path) -> Inspection:
    attributes = read_attributes(path)
    names = ("pad_mask", "spindash_flag", "inertia", "x")
    infos = read_arrays(path, tuple(f"infos/{name}" for name in names))
    masks = infos["infos/pad_mask"][:-1].astype(np.uint16)
    after = zip(*(infos[f"infos/{name}"][1:].tolist() for name in names[1:]), strict=True)
    counter = SpinDashCounter()
    for frame, (mask, (flag, inertia, x)) in enumerate(zip(masks.tolist(), after, strict=True)):
        counter.update(frame, mask, flag, inertia, x)
    return inspect_masks(path.name, attributes["game"], masks, counter.dashes)


def inspect_masks(name: str, game: str, masks: np.ndarray, confirmed: list[SpinDash] | None = None) -> Inspection:
    """The figures of pad masks, uint16 [frames]; spin dashes are those of RAM when they are given."""
    combos = COMBO_OF_MASK[masks]
    pads = Counter(masks.tolist())
    reasons: Counter[str] = Counter()
    for mask, count in pads.items():
        reasons.update(dict.fromkeys(CHANGE_REASONS[mask], count))
    dashes = pad_spin_dashes(masks) if confirmed is None else confirmed
    return Inspection(
        file=name,
        game=game,
        frames=len(masks),
        raw_pads={pad_name(mask): count for mask, count in pads.most_common()},
        combos={COMBO_NAMES[combo]: count for combo, count in Counter(combos.tolist()).most_common()},
        jump_buttons={button: int(((masks & BIT[button]) != 0).sum()) for button in ("A", "B", "C")},
        changed_frames=sum(count for mask, count in pads.items() if CHANGE_REASONS[mask]),
        lossy_frames=sum(count for mask, count in pads.items() if is_lossy(mask)),
        change_reasons=dict(reasons.most_common()),
        changes=_changes(pads),
        runs=_run_figures(combos),
        spin_dashes=[{"frame": dash.frame, "frames": dash.frames, "revs": dash.revs} for dash in dashes],
        spin_dashes_from="pad" if confirmed is None else "RAM",
        repeat_last={skip: repeat_last(masks, skip) for skip in FRAME_SKIPS},
        masks=masks,
    )


def pad_name(mask: int) -> str:
    """The buttons of a pad state, as "B+RIGHT"."""
    return "+".join(sorted(buttons_of(mask))) or "none"


def _changes(pads: Counter[int]) -> list[dict[str, Any]]:
    return [
        {
            "held": pad_name(mask),
            "label": COMBO_NAMES[COMBO_OF_MASK[mask]],
            "reasons": sorted(CHANGE_REASONS[mask]),
            "frames": count,
        }
        for mask, count in pads.most_common()
        if CHANGE_REASONS[mask]
    ]


def run_lengths(combos: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The combo and the length in frames of every stretch without a change: both integer [runs]."""
    starts = np.flatnonzero(np.concatenate([[True], combos[1:] != combos[:-1]])) if len(combos) else np.empty(0, int)
    return combos[starts], np.diff(np.append(starts, len(combos)))


def _run_figures(combos: np.ndarray) -> dict[str, Any]:
    held, lengths = run_lengths(combos)
    by_combo = {COMBO_NAMES[combo]: _spread(lengths[held == combo]) for combo in np.unique(held).tolist()}
    by_frequency = sorted(by_combo.items(), key=lambda item: -item[1]["count"])
    return _spread(lengths) | {"by_combo": dict(by_frequency)}


def _spread(lengths: np.ndarray) -> dict[str, float]:
    if not len(lengths):
        return {"count": 0, "median": 0.0, "mean": 0.0, "longest": 0}
    middle, mean = float(np.median(lengths)), round(float(lengths.mean()), 2)
    return {"count": len(lengths), "median": middle, "mean": mean, "longest": int(lengths.max())}


def repeat_last(masks: np.ndarray, frame_skip: int) -> float:
    """How often a window of `frame_skip` frames has the label of the one before, over all phases; 0 without two windows."""
    if frame_skip == 1:  # a window of one frame has no jump press to save
        windows = [MERGED_COMBO[COMBO_OF_MASK[masks]]]
    else:
        windows = [window_labels(masks, phase, frame_skip) for phase in range(frame_skip)]
    same = [labels[1:] == labels[:-1] for labels in windows]
    total = sum(map(len, same))
    return round(float(sum(map(np.sum, same)) / total), 4) if total else 0.0


def as_text(inspection: Inspection) -> str:
    """Some lines for a person."""
    frames, runs = inspection.frames, inspection.runs
    jumps = ", ".join(f"{name} {count}" for name, count in inspection.jump_buttons.items() if count) or "none"
    skips = "  ".join(f"{skip}: {share:.1%}" for skip, share in inspection.repeat_last.items())
    lines = [
        f"{inspection.file}  ({inspection.game})",
        f"  frames          {frames} ({frames / 60:.0f} s)",
        f"  pad states      {len(inspection.raw_pads)}, combos {len(inspection.combos)}; jumps by {jumps}",
        f"  changed by map  {inspection.changed_frames} frames, {inspection.lossy_frames} lose something",
        *(
            f"    {change['frames']:>6}  {change['held']} -> {change['label']} ({', '.join(change['reasons'])})"
            for change in inspection.changes
        ),
        f"  spin dashes     {_dashes_text(inspection)}",
        f"  runs            {runs['count']} (median {runs['median']:g}, mean {runs['mean']:.1f}, "
        f"longest {runs['longest']} frames)",
        f"  repeat-last     by frame skip  {skips}",
        f"  {'combo':<16}{'frames':>8}{'share':>8}{'runs':>7}{'median':>8}{'longest':>9}",
    ]
    for name, count in inspection.combos.items():
        run = runs["by_combo"][name]
        share = f"{count / frames:.1%}"
        lines.append(f"  {name:<16}{count:>8}{share:>8}{run['count']:>7}{run['median']:>8g}{run['longest']:>9}")
    return "\n".join(lines)


def _dashes_text(inspection: Inspection) -> str:
    dashes = inspection.spin_dashes
    if not dashes:
        return f"0 by {inspection.spin_dashes_from}"
    each = ", ".join(f"{dash['revs']}x{dash['frames']}" for dash in dashes[:12]) + (" …" if len(dashes) > 12 else "")
    revs, length = (np.mean([dash[key] for dash in dashes]) for key in ("revs", "frames"))
    return f"{len(dashes)} by {inspection.spin_dashes_from}, mean {revs:.1f} revs in {length:.0f} frames: {each}"


def totals_text(inspections: list[Inspection]) -> str:
    """One line for several movies together."""
    frames = sum(inspection.frames for inspection in inspections)
    dashes = sum(len(inspection.spin_dashes) for inspection in inspections)
    changed = sum(inspection.changed_frames for inspection in inspections)
    weights = [inspection.frames for inspection in inspections]
    repeats = {k: np.average([i.repeat_last[k] for i in inspections], weights=weights) for k in (1, 4)}
    return (
        f"together: {len(inspections)} movies, {frames} frames ({frames / 3600:.1f} min), {dashes} spin dashes, "
        f"{changed} frames changed by the map, repeat-last {repeats[1]:.1%} at 60 Hz and {repeats[4]:.1%} at frame skip 4"
    )

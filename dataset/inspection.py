"""What is in a movie or a data set, without any ROM: pads, combos, how long they are held, spin dashes, what 23 combos lose."""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from common.words import counted
from dataset.reading import linked_files, read_attributes, read_infos
from dataset.store import DatasetError
from dataset.windows import window_labels
from game.actions import BIT, CHANGE_REASONS, COMBO_NAMES, COMBO_OF_MASK, MERGED_COMBO, buttons_of, is_lossy
from game.games import game_of_id
from game.movie import read_movie
from game.spindash import SpinDash, SpinDashCounter, pad_spin_dashes

FRAME_SKIPS = (1, 2, 3, 4, 6, 8)
"""Those that the repeat-last baseline is reported for."""
MAIN_FILE = "main_data.hdf5"
"""Minari's name for the file of links that makes a data set one."""
SHOWN_DASHES = 12
"""Spin dashes that the text lists one by one."""


@dataclass(frozen=True)
class Inspection:
    """One movie's figures; frames are 1/60 s.

    Attributes:
        raw_pads, combos: how many frames hold each pad state and each of the 23 combos, most frequent first.
        jump_buttons: how many frames hold A, B and C; players differ, the game does not.
        changes: every pad state that its combo does not press as it was: held, label, reasons, frames.
        runs: how long combos are held without a change: their number, median, mean and longest, and the same for each combo.
        spin_dashes: frame, frames (length of the charge) and revs of each.
        spin_dashes_from: "pad" (how they look in the log; a crouch in the air looks the same) or "RAM" (confirmed).
        repeat_last: frame skip -> how often a window's label is the one before, all phases together, A counted as B. This is
            the accuracy of a clone that only repeats itself.
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
        figures = dict(vars(self))
        del figures["masks"]  # not a figure, and not JSON
        return figures


def inspect_file(path: Path) -> list[Inspection]:
    """The figures of a bk2 movie, of one converted movie, or of every episode of a data set.

    Raises:
        MovieError, GameError, DatasetError: not such a file, or damaged.
    """
    if path.suffix == ".bk2":
        movie = read_movie(path)
        game = game_of_id(movie.game_id)
        return [inspect_masks(path.name, game.name, movie.masks)]
    if path.is_dir():
        path = path / "data" / MAIN_FILE
    if path.name == MAIN_FILE:
        return [_inspect_converted(file) for file in linked_files(path)]
    return [_inspect_converted(path)]


def expand(path: Path) -> list[Path]:
    """The bk2 movies in a folder of movies; a file or a data set folder as it is."""
    main = path / "data" / MAIN_FILE
    if not path.is_dir() or main.is_file():
        return [path]
    movies = [movie for movie in path.rglob("*.bk2") if not movie.name.startswith(".")]
    if not movies:
        raise DatasetError(f"{path} holds neither bk2 movies nor a data set (data/{MAIN_FILE}).")
    return sorted(movies)


def _inspect_converted(path: Path) -> Inspection:
    game = read_attributes(path)["game"]
    infos = read_infos(path, ("pad_mask", "spindash_flag", "inertia", "x"))
    # N frames have N + 1 infos: the pad of frame i stands beside the RAM before it, the RAM after it one further.
    masks = infos["pad_mask"][:-1].astype(np.uint16)
    flags = infos["spindash_flag"][1:].tolist()
    inertias = infos["inertia"][1:].tolist()
    xs = infos["x"][1:].tolist()
    counter = SpinDashCounter()
    frames = zip(masks.tolist(), flags, inertias, xs, strict=True)
    for number, (mask, flag, inertia, x) in enumerate(frames):
        counter.update(number, mask, flag, inertia, x)
    return inspect_masks(path.name, game, masks, counter.dashes)


def inspect_masks(name: str, game: str, masks: np.ndarray, confirmed: list[SpinDash] | None = None) -> Inspection:
    """The figures of pad masks, uint16 [frames]; spin dashes are those of RAM when they are given."""
    combos = COMBO_OF_MASK[masks]
    pads = Counter(masks.tolist())
    lossy_frames = 0
    changed_frames = 0
    reasons: Counter[str] = Counter()
    for mask, frames in pads.items():
        if is_lossy(mask):
            lossy_frames += frames
        if CHANGE_REASONS[mask]:
            changed_frames += frames
            reasons.update(dict.fromkeys(CHANGE_REASONS[mask], frames))
    frames_of_combo = Counter(combos.tolist()).most_common()
    dashes = confirmed
    dashes_from = "RAM"
    if dashes is None:
        dashes = pad_spin_dashes(masks)
        dashes_from = "pad"
    return Inspection(
        file=name,
        game=game,
        frames=len(masks),
        raw_pads={pad_name(mask): frames for mask, frames in pads.most_common()},
        combos={COMBO_NAMES[combo]: frames for combo, frames in frames_of_combo},
        jump_buttons={button: frames_held(masks, button) for button in "ABC"},
        changed_frames=changed_frames,
        lossy_frames=lossy_frames,
        change_reasons=dict(reasons.most_common()),
        changes=_changes(pads),
        runs=_run_figures(combos),
        spin_dashes=[_dash_figures(dash) for dash in dashes],
        spin_dashes_from=dashes_from,
        repeat_last={skip: repeat_last(masks, skip) for skip in FRAME_SKIPS},
        masks=masks,
    )


def frames_held(masks: np.ndarray, button: str) -> int:
    """How many frames hold a button, alone or with others."""
    return int(np.count_nonzero(masks & BIT[button]))


def pad_name(mask: int) -> str:
    """The buttons of a pad state, as "B+RIGHT"."""
    return "+".join(sorted(buttons_of(mask))) or "none"


def _dash_figures(dash: SpinDash) -> dict[str, int]:
    return {"frame": dash.frame, "frames": dash.frames, "revs": dash.revs}


def _changes(pads: Counter[int]) -> list[dict[str, Any]]:
    changes = []
    for mask, frames in pads.most_common():
        if CHANGE_REASONS[mask]:
            change = {
                "held": pad_name(mask),
                "label": COMBO_NAMES[COMBO_OF_MASK[mask]],
                "reasons": sorted(CHANGE_REASONS[mask]),
                "frames": frames,
            }
            changes.append(change)
    return changes


def run_lengths(combos: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The combo and the length in frames of every stretch without a change: both integer [runs]."""
    if not len(combos):
        return combos, np.empty(0, int)
    changes = np.flatnonzero(np.diff(combos)) + 1
    starts = np.append(0, changes)
    lengths = np.diff(starts, append=len(combos))
    return combos[starts], lengths


def _run_figures(combos: np.ndarray) -> dict[str, Any]:
    held, lengths = run_lengths(combos)
    by_combo = {}
    for combo in np.unique(held).tolist():
        by_combo[COMBO_NAMES[combo]] = _length_figures(lengths[held == combo])
    most_runs_first = sorted(by_combo, key=lambda name: -by_combo[name]["count"])
    return _length_figures(lengths) | {"by_combo": {name: by_combo[name] for name in most_runs_first}}


def _length_figures(lengths: np.ndarray) -> dict[str, float]:
    if not len(lengths):
        return {"count": 0, "median": 0.0, "mean": 0.0, "longest": 0}
    return {
        "count": len(lengths),
        "median": float(np.median(lengths)),
        "mean": round(float(lengths.mean()), 2),
        "longest": int(lengths.max()),
    }


def repeat_last(masks: np.ndarray, frame_skip: int) -> float:
    """How often a window of `frame_skip` frames has the label of the one before, over all phases; 0 without two windows."""
    if frame_skip == 1:  # a window of one frame has no jump press to save
        phases = [MERGED_COMBO[COMBO_OF_MASK[masks]]]
    else:
        phases = [window_labels(masks, phase, frame_skip) for phase in range(frame_skip)]
    # Compared within each phase: the last window of one phase does not lead to the first of the next.
    repeats = np.concatenate([np.diff(labels) == 0 for labels in phases])
    if not len(repeats):
        return 0.0
    return round(float(repeats.mean()), 4)


def as_text(inspection: Inspection) -> str:
    """The figures as lines of text, the combos as a table."""
    frames = inspection.frames
    jumps = [f"{button} {count}" for button, count in inspection.jump_buttons.items() if count]
    lines = [
        f"{inspection.file}  ({inspection.game})",
        f"  frames          {frames} ({frames / 60:.0f} s)",
        f"  pad states      {len(inspection.raw_pads)}, combos {len(inspection.combos)}; "
        f"jumps by {', '.join(jumps) or 'none'}",
        f"  changed by map  {counted(inspection.changed_frames, 'frames')}, {inspection.lossy_frames} lose something",
    ]
    for change in inspection.changes:
        reasons = ", ".join(change["reasons"])
        lines.append(f"    {change['frames']:>6}  {change['held']} -> {change['label']} ({reasons})")
    runs = inspection.runs
    lengths = f"median {runs['median']:g}, mean {runs['mean']:.1f}, longest {runs['longest']} frames"
    shares = [f"{skip}: {share:.1%}" for skip, share in inspection.repeat_last.items()]
    lines += [
        f"  spin dashes     {_dashes_text(inspection)}",
        f"  runs            {runs['count']} ({lengths})",
        f"  repeat-last     by frame skip  {'  '.join(shares)}",
        *_combo_table(inspection),
    ]
    return "\n".join(lines)


def _dashes_text(inspection: Inspection) -> str:
    dashes = inspection.spin_dashes
    if not dashes:
        return f"0 by {inspection.spin_dashes_from}"
    each = ", ".join(f"{dash['revs']}x{dash['frames']}" for dash in dashes[:SHOWN_DASHES])
    if len(dashes) > SHOWN_DASHES:
        each += " …"
    revs = np.mean([dash["revs"] for dash in dashes])
    length = np.mean([dash["frames"] for dash in dashes])
    return f"{len(dashes)} by {inspection.spin_dashes_from}, mean {revs:.1f} revs in {length:.0f} frames: {each}"


def _combo_table(inspection: Inspection) -> list[str]:
    lines = [f"  {'combo':<16}{'frames':>8}{'share':>8}{'runs':>7}{'median':>8}{'longest':>9}"]
    for name, count in inspection.combos.items():
        run = inspection.runs["by_combo"][name]
        share = f"{count / inspection.frames:.1%}"
        lines.append(f"  {name:<16}{count:>8}{share:>8}{run['count']:>7}{run['median']:>8g}{run['longest']:>9}")
    return lines


def totals_text(inspections: list[Inspection]) -> str:
    """One line for several movies together."""
    frames = sum(inspection.frames for inspection in inspections)
    dashes = sum(len(inspection.spin_dashes) for inspection in inspections)
    changed = sum(inspection.changed_frames for inspection in inspections)
    each_frame = _mean_repeat_last(inspections, frame_skip=1)
    each_step = _mean_repeat_last(inspections, frame_skip=4)
    return (
        f"together: {len(inspections)} movies, {frames} frames ({frames / 3600:.1f} min), {dashes} spin dashes, "
        f"{counted(changed, 'frames')} changed by the map, "
        f"repeat-last {each_frame:.1%} at 60 Hz and {each_step:.1%} at frame skip 4"
    )


def _mean_repeat_last(inspections: list[Inspection], frame_skip: int) -> float:
    """Over all frames: a movie weighs by its length."""
    shares = [inspection.repeat_last[frame_skip] for inspection in inspections]
    lengths = [inspection.frames for inspection in inspections]
    return float(np.average(shares, weights=lengths))

"""How well a clone imitates its player.

Players hold a combo for long, so a clone that only repeats the last one is right nearly always and plain accuracy says
little. The report therefore gives that baseline, and the accuracy on *change* windows (the label differs from the one before).
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dataset.windows import Windows
from game.actions import COMBO_COUNT, COMBO_NAMES

SHOWN_SHARE = 0.005
"""Smaller shares round to nothing; their cells stay empty."""
SHOWN_COMBOS = 8
"""In the confusion picture, where each needs room for its name."""


@dataclass(frozen=True)
class Report:
    """Figures on validation windows.

    Attributes:
        accuracy, change_accuracy: the likeliest combo is the label, on all windows and on change windows.
        repeat_last: accuracy of repeating the label before.
        loss: mean cross-entropy, nats.
        calibration_error: expected calibration error over ten bins of confidence.
        confusion: int64 [23, 23], label by row, prediction by column.
    """

    windows: int
    changes: int
    accuracy: float
    change_accuracy: float
    repeat_last: float
    loss: float
    calibration_error: float
    confusion: np.ndarray

    def metrics(self) -> dict[str, float]:
        """The figures as TensorBoard tags."""
        return {
            "loss/validation": self.loss,
            "episode/accuracy": self.accuracy,
            "episode/change_accuracy": self.change_accuracy,
            "episode/repeat_last": self.repeat_last,
            "episode/calibration_error": self.calibration_error,
        }

    def recall(self) -> dict[str, float]:
        """Share of each combo's windows that are predicted right; combos that do not occur are left out."""
        totals = self.confusion.sum(axis=1)
        recall = {}
        for combo in np.flatnonzero(totals):
            recall[COMBO_NAMES[combo]] = float(self.confusion[combo, combo] / totals[combo])
        return recall

    def to_json(self) -> dict[str, Any]:
        """All figures as JSON values; "combos" names the rows and columns of "confusion"."""
        figures = dict(vars(self))
        del figures["confusion"]  # an array; it comes last, as lists
        figures["recall"] = self.recall()
        figures["confusion"] = self.confusion.tolist()
        figures["combos"] = list(COMBO_NAMES)
        return figures

    def as_text(self) -> str:
        """The figures as lines of text."""
        totals = self.confusion.sum(axis=1)
        lines = [
            f"accuracy {self.accuracy:.1%} (repeating the last combo: {self.repeat_last:.1%}) on {self.windows} windows",
            f"accuracy on the {self.changes} change windows {self.change_accuracy:.1%} (repeating: 0 %)",
            f"cross-entropy {self.loss:.3f} nats, calibration error {self.calibration_error:.3f}",
            "recall by combo:",
        ]
        for name, share in self.recall().items():
            total = totals[COMBO_NAMES.index(name)]
            lines.append(f"  {name:<14}{share:>7.1%} of {total}")
        return "\n".join(lines)


def make_report(probabilities: np.ndarray, windows: Windows) -> Report:
    """The report of predictions float32 [W, 23] on windows."""
    labels = windows.labels.astype(np.int64)
    predicted = probabilities.argmax(axis=1)
    right = predicted == labels
    confusion = np.zeros((COMBO_COUNT, COMBO_COUNT), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    change_accuracy = 0.0
    if windows.changes.any():
        change_accuracy = float(right[windows.changes].mean())
    rows = np.arange(len(labels))
    likelihood = np.maximum(probabilities[rows, labels], 1e-9)  # float32 softmax can give 0, whose log is infinite
    return Report(
        windows=len(labels),
        changes=int(windows.changes.sum()),
        accuracy=float(right.mean()),
        change_accuracy=change_accuracy,
        repeat_last=float(1.0 - windows.changes.mean()),
        loss=float(-np.log(likelihood).mean()),
        calibration_error=calibration_error(probabilities.max(axis=1), right),
        confusion=confusion,
    )


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error (Guo et al. 2017, arXiv:1706.04599): mean |accuracy - confidence| over equal bins,
    weighted by size.

    Args:
        confidence: float [W], the probability of the predicted combo.
        right: bool [W], whether it is the label.
    """
    bin_of = np.minimum((confidence * bins).astype(int), bins - 1)  # a confidence of 1 belongs to the last bin
    error = 0.0
    for number in range(bins):
        inside = bin_of == number
        if inside.any():
            gap = abs(right[inside].mean() - confidence[inside].mean())
            error += inside.mean() * gap
    return float(error)


def confusion_picture(report: Report, path: Path) -> np.ndarray:
    """Draw the confusion matrix to a PNG, in per cent of each row: combos that occur, most frequent first.

    Returns:
        The picture, uint8 [height, width, 3], readable at the size of a card of TensorBoard.
    """
    names, matrix = frequent_combos(report.confusion)
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(5, 5), dpi=120, layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    axes.set_xticks(range(len(names)), names, rotation=60, ha="right", rotation_mode="anchor", fontsize=13)
    axes.set_yticks(range(len(names)), names, fontsize=13)
    axes.set_xlabel("clone pressed", fontsize=13)
    axes.set_ylabel("player pressed (100 % each row)", fontsize=13)
    for (row, column), share in np.ndenumerate(shares):
        if share >= SHOWN_SHARE:
            _write_share(axes, row, column, share)
    canvas = FigureCanvasAgg(figure)
    canvas.print_png(path)
    rgba = np.asarray(canvas.buffer_rgba())
    return rgba[..., :3].copy()


def frequent_combos(confusion: np.ndarray) -> tuple[list[str], np.ndarray]:
    """The combos the player pressed most, and the confusion matrix of these alone: names, int64 [n, n].

    Whatever else was pressed, by either, is counted together as "others".
    """
    totals = confusion.sum(axis=1)
    order = np.argsort(-totals, kind="stable")
    kept = [combo for combo in order[:SHOWN_COMBOS] if totals[combo]]
    rest = np.setdiff1d(np.arange(len(confusion)), kept)
    names = [COMBO_NAMES[combo] for combo in kept]
    groups = [np.array([combo]) for combo in kept]
    if confusion[rest].any() or confusion[:, rest].any():
        names.append("others")
        groups.append(rest)
    matrix = np.array([[confusion[np.ix_(rows, columns)].sum() for columns in groups] for rows in groups])
    return names, matrix


def _write_share(axes: Axes, row: int, column: int, share: float) -> None:
    colour = "black"
    if share > 0.5:  # the cell is dark blue
        colour = "white"
    axes.text(column, row, f"{100 * share:.0f}", ha="center", va="center", fontsize=13, color=colour)

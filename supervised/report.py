"""How well a clone imitates, in numbers that do not flatter it.

Players hold a combo for long: repeating the last one is right nearly always, so plain accuracy says little. The report sets
accuracy on *change* windows (the label differs from the one before) beside that baseline.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dataset.loader import Windows
from game.actions import COMBO_COUNT, COMBO_NAMES


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
        return {COMBO_NAMES[i]: float(self.confusion[i, i] / totals[i]) for i in range(COMBO_COUNT) if totals[i]}

    def to_json(self) -> dict[str, Any]:
        plain = {k: v for k, v in vars(self).items() if k != "confusion"}
        return plain | {"recall": self.recall(), "confusion": self.confusion.tolist(), "combos": list(COMBO_NAMES)}

    def as_text(self) -> str:
        counts = self.confusion.sum(axis=1)
        lines = [
            f"accuracy {self.accuracy:.1%} (repeating the last combo: {self.repeat_last:.1%}) on {self.windows} windows",
            f"accuracy on the {self.changes} change windows {self.change_accuracy:.1%} (repeating: 0 %)",
            f"cross-entropy {self.loss:.3f} nats, calibration error {self.calibration_error:.3f}",
            "recall by combo:",
        ]
        lines += [
            f"  {name:<14}{share:>7.1%} of {counts[COMBO_NAMES.index(name)]}" for name, share in self.recall().items()
        ]
        return "\n".join(lines)


def make_report(probabilities: np.ndarray, windows: Windows) -> Report:
    """The report of predictions float32 [W, 23] on windows."""
    labels = windows.labels.astype(np.int64)
    predicted = probabilities.argmax(axis=1)
    right = predicted == labels
    confusion = np.zeros((COMBO_COUNT, COMBO_COUNT), np.int64)
    np.add.at(confusion, (labels, predicted), 1)
    likelihood = np.maximum(probabilities[np.arange(len(labels)), labels], 1e-9)
    changes = windows.changes
    return Report(
        windows=len(labels),
        changes=int(changes.sum()),
        accuracy=float(right.mean()),
        change_accuracy=float(right[changes].mean()) if changes.any() else 0.0,
        repeat_last=float(1.0 - changes.mean()),
        loss=float(-np.log(likelihood).mean()),
        calibration_error=calibration_error(probabilities.max(axis=1), right),
        confusion=confusion,
    )


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error (Guo et al. 2017): mean |accuracy - confidence| over equal bins, weighted by size."""
    which = np.minimum((confidence * bins).astype(int), bins - 1)
    error = 0.0
    for b in range(bins):
        inside = which == b
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return float(error)


def confusion_picture(report: Report, path: Path) -> np.ndarray:
    """Draw the confusion matrix (rows sum to 1) to a PNG; returns it as uint8 [height, width, 3]."""
    used = np.flatnonzero(report.confusion.sum(axis=0) + report.confusion.sum(axis=1))
    matrix = report.confusion[np.ix_(used, used)]
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    names = [COMBO_NAMES[i] for i in used]
    figure = Figure(figsize=(7, 6), dpi=110, layout="constrained")
    axes = figure.add_subplot()
    picture = axes.imshow(shares, vmin=0, vmax=1, cmap="Blues")
    axes.set_xticks(range(len(used)), names, rotation=90)
    axes.set_yticks(range(len(used)), names)
    axes.set_xlabel("clone pressed")
    axes.set_ylabel("player pressed")
    for i in range(len(used)):
        for j in range(len(used)):
            if shares[i, j] >= 0.005:
                colour = "white" if shares[i, j] > 0.5 else "black"
                axes.text(j, i, f"{shares[i, j]:.2f}".lstrip("0"), ha="center", va="center", fontsize=7, color=colour)
    figure.colorbar(picture, label="share of the row")
    canvas = FigureCanvasAgg(figure)
    canvas.print_png(path)
    return np.asarray(canvas.buffer_rgba())[..., :3].copy()

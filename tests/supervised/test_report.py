"""A clone's figures, by hand."""

from pathlib import Path

import numpy as np
import pytest

from dataset.windows import Windows
from game.actions import COMBO_NAMES
from supervised.report import Report, calibration_error, confusion_picture, frequent_combos, make_report


def windows(labels: list[int], changes: list[bool]) -> Windows:
    zeros = np.zeros(len(labels), int)
    return Windows(zeros[:, None], np.array(labels, np.uint8), np.array(changes), zeros == 1, zeros, zeros)


def four_windows() -> Report:
    """Three of four right; the likeliest combos are 2, 2, 5 and 2, the labels 2, 2, 5 and 8."""
    probabilities = np.zeros((4, 23), np.float32)
    for row, (combo, share) in enumerate([(2, 0.9), (2, 0.6), (5, 0.8), (2, 0.7)]):
        probabilities[row, combo] = share
        probabilities[row, 0] = 1 - share
    return make_report(probabilities, windows([2, 2, 5, 8], [False, False, True, True]))


def test_accuracy_and_its_baseline() -> None:
    report = four_windows()
    assert (report.windows, report.changes) == (4, 2)
    assert (report.accuracy, report.change_accuracy, report.repeat_last) == (0.75, 0.5, 0.5)


def test_the_loss_is_the_mean_cross_entropy_in_nats() -> None:
    expected = -np.mean(np.log([0.9, 0.6, 0.8, 1e-9]))  # a probability of 0 counts as 1e-9
    assert four_windows().loss == pytest.approx(expected, rel=1e-6)


def test_recall_and_confusion_have_the_label_first() -> None:
    report = four_windows()
    assert report.recall() == {"RIGHT": 1.0, "DOWN": 1.0, "B+RIGHT": 0.0}
    assert report.confusion[8, 2] == 1
    assert report.confusion.sum() == 4


def test_windows_without_any_change_have_no_accuracy_on_changes() -> None:
    probabilities = np.full((2, 23), 1 / 23, np.float32)
    report = make_report(probabilities, windows([0, 0], [False, False]))
    assert (report.change_accuracy, report.repeat_last) == (0.0, 1.0)


def test_calibration_by_hand() -> None:
    assert calibration_error(np.array([0.95, 0.95]), np.array([True, False])) == pytest.approx(0.45)
    assert calibration_error(np.array([1.0, 1.0]), np.array([True, True])) == 0.0
    # two bins, weighted by their sizes: 3/4 of 0.1 and 1/4 of 0.75
    confidence = np.array([0.9, 0.9, 0.9, 0.25])
    right = np.array([True, True, True, True])
    assert calibration_error(confidence, right) == pytest.approx(0.75 * 0.1 + 0.25 * 0.75)


def test_the_report_as_json_and_text() -> None:
    report = four_windows()
    figures = report.to_json()
    assert figures["confusion"][8][2] == 1
    assert figures["combos"][2] == "RIGHT"
    assert "accuracy 75.0% (repeating the last combo: 50.0%) on 4 windows" in report.as_text()
    assert report.metrics()["loss/validation"] == report.loss


def test_rare_combos_are_counted_together() -> None:
    confusion = np.zeros((23, 23), np.int64)
    for combo in range(10):
        confusion[combo, combo] = 100 - combo
    confusion[3, 20] = 7  # the clone pressed what the player never did
    names, matrix = frequent_combos(confusion)
    assert names == [*(COMBO_NAMES[combo] for combo in (3, 0, 1, 2, 4, 5, 6, 7)), "others"]
    assert matrix.sum() == confusion.sum()
    assert matrix[0, 0] == 97
    assert matrix[0, -1] == 7
    assert matrix[-1, -1] == 92 + 91


def test_only_combos_that_occur_have_a_row() -> None:
    names, matrix = frequent_combos(four_windows().confusion)
    assert names == [COMBO_NAMES[2], COMBO_NAMES[5], COMBO_NAMES[8]]
    assert matrix.tolist() == [[2, 0, 0], [0, 1, 0], [1, 0, 0]]


def test_the_confusion_picture_shows_the_combos_in_use(tmp_path: Path) -> None:
    picture = confusion_picture(four_windows(), tmp_path / "confusion.png")
    assert picture.ndim == 3
    assert picture.shape[2] == 3
    assert picture.std() > 10
    assert (tmp_path / "confusion.png").read_bytes().startswith(b"\x89PNG")

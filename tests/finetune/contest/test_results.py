"""contest.json and the table: means over acts, what is said of them, and the published figures apart from ours."""

import json
from pathlib import Path

import pytest

from finetune.contest.episodes import Figures
from finetune.contest.results import PROTOCOLS, PUBLISHED, ActScore, mean_score, save_results, show


def act(title: str, figures: Figures, steps: int = 1000) -> ActScore:
    return ActScore("TestZone.Act1", "quillrush", title, steps, 60.0, figures, 0.25)


GOOD = act("Good", Figures(30, 3000.0, 4000.0, 950, 3))
POOR = act("Poor", Figures(10, 1000.0, 2000.0, 990, 0))
NONE = act("None", Figures(0, None, None, 0, 0))


def test_the_score_is_the_mean_over_acts_not_over_episodes() -> None:
    assert mean_score([GOOD, POOR]) == 2000.0
    assert mean_score([GOOD, NONE]) is None


def test_the_file_keeps_published_figures_apart(tmp_path: Path) -> None:
    save_results(tmp_path / "contest.json", {"learner": "ppo", "departures": []}, [GOOD, POOR])
    results = json.loads((tmp_path / "contest.json").read_text())
    assert (results["format"], results["learner"], results["score"]) == (1, "ppo", 2000.0)
    assert results["acts"][0]["figures"]["episodes"] == 30
    assert results["published"]["note"].startswith("Published in 2018, on other levels")
    assert {row.protocol for row in PUBLISHED} == set(PROTOCOLS)


def test_the_table_says_what_its_figures_are(capsys: pytest.CaptureFixture[str]) -> None:
    show("a contest", [GOOD, POOR], ["100,000 steps"])
    text = capsys.readouterr().out
    assert [line.split() for line in text.splitlines() if line.startswith("  mean")] == [
        ["mean", "40", "in", "all", "2000", "3000", "3", "in", "all", "25.0", "%"]
    ]
    assert "Not the contest's protocol: 100,000 steps." in text
    assert "of the steps" not in text
    assert text.index("Another game's figures") > text.index("Poor")


def test_what_is_missing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    show("a contest", [GOOD, NONE], [])
    text = " ".join(capsys.readouterr().out.split())
    assert "Only 48% of the steps lie in episodes that ended" in text
    assert "No episode ended in None, so there is no score there, and no mean." in text

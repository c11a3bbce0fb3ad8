"""What a learner shows, on its way through a run's folder: whole, absent, damaged."""

import json
from pathlib import Path
from typing import Any

import pytest

from experiment.charts import CHARTS, PLAYING, Chart, read_charts, write_charts
from experiment.run import Run
from finetune.learners import LEARNERS

TWO = (PLAYING, Chart("KL, nats", {"loss/kl": "from the clone"}, note="How far it has moved."))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_charts_are_read_as_they_were_written(run: Run) -> None:
    assert read_charts(run.path) == ()
    write_charts(run, ())
    assert not (run.path / CHARTS).exists()
    write_charts(run, TWO)
    assert read_charts(run.path) == TWO


@pytest.mark.parametrize("name", LEARNERS)
def test_every_learner_says_what_it_shows(name: str, run: Run) -> None:
    charts = LEARNERS[name].charts
    write_charts(run, charts)
    assert read_charts(run.path) == charts
    titles = [chart.title for chart in charts]
    assert len(set(titles)) == len(titles) > 3
    assert "eval/progress" in charts[0].names


@pytest.mark.parametrize(
    ("chart", "told"),
    [
        ({"title": 3, "names": {"a": "b"}}, "Expected `str`, got `int` - at `$.charts[0].title`"),
        ({"title": "t", "names": {}}, "length >= 1"),
        ({"title": "t", "names": dict.fromkeys("abcd", "x")}, "length <= 3"),
        ({"title": "t" * 301, "names": {"a": "b"}}, "length <= 300"),
        ({"title": "t"}, "missing required field `names`"),
    ],
)
def test_damage_is_named(run: Run, chart: dict[str, Any], told: str) -> None:
    (run.path / CHARTS).write_text(json.dumps({"charts": [chart]}))
    with pytest.raises(ValueError, match=r"charts\.json") as refused:
        read_charts(run.path)
    assert told in str(refused.value)


def test_there_is_an_end_to_how_many(run: Run) -> None:
    write_charts(run, TWO * 20)
    with pytest.raises(ValueError, match="length <= 24"):
        read_charts(run.path)

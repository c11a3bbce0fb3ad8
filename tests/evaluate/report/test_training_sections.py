"""A learner's page: the charts its run says, its options, its best and last evaluation, a bred network's picture."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evaluate.players import training_runs
from evaluate.report.curves import read_training
from evaluate.report.page import _colours_of_runs
from evaluate.report.training_sections import best_and_last, training_section
from evaluate.results import Results
from experiment.charts import CHARTS, PLAYING, Chart, write_charts
from experiment.run import Run, portable
from game.observation import ObservationSpec
from policy.checkpoint import CheckpointInfo, save_checkpoint
from policy.genome import Genome
from tests.evaluate.made_up import write_training_runs

TINY = Genome(
    picture=np.array([2, 3]),
    activations=np.array(["tanh"] * 4),
    biases=np.zeros(4),
    responses=np.ones(4),
    sources=np.array([0, 3, 6]),
    targets=np.array([0, 1, 3]),
    weights=np.array([1.0, -2.0, 0.5]),
    motion=np.array(False),
)


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A made-up fine-tuning run."""
    _, place = write_training_runs(tmp_path, ("WingFortressZone",))
    return Run(place.parent.parent)


def page_of(run: Run) -> tuple[str, list[str]]:
    said: list[str] = []
    return training_section(read_training([run], said.append)), said


def headings(page: str) -> list[str]:
    return [piece.partition("</h4>")[0] for piece in page.split("<h4>")[1:]]


def test_a_learner_shows_what_its_run_says(run: Run) -> None:
    assert headings(page_of(run)[0])[:3] == ["Progress when playing", "Value loss", "Policy, nats"]  # of an older run
    note = "How far <it> has moved."
    unknown = Chart("Nobody's", {"loss/unknown": "never written"})
    write_charts(run, (PLAYING, Chart("KL alone", {"loss/kl": "from the clone"}, note=note), unknown))
    config = json.loads((run.path / "config.json").read_text())
    (run.path / "config.json").write_text(json.dumps(config | {"learner": "ppo", "preset": "demo, gamma 0.9"}))
    page, said = page_of(run)
    assert headings(page) == ["Progress when playing", "KL alone", "Training return against contest score"]
    assert "<figcaption>How far &lt;it&gt; has moved.</figcaption>" in page
    assert "<h3>Fine-tuning: ppo <small>" in page
    assert "<p>Options: demo, gamma 0.9.</p>" in page
    assert "Evaluations, over agent steps: the best 65.0\u00a0% at 40, which is the checkpoint that plays;" in page
    assert said == []


def test_damaged_charts_are_said_and_the_usual_ones_drawn(run: Run) -> None:
    (run.path / CHARTS).write_text('{"charts": [{"title": "KL"}]}')
    page, said = page_of(run)
    assert headings(page)[1] == "Value loss"
    assert len(said) == 1
    assert f"left out which charts a learner shows: {run.path / CHARTS}" in said[0]


def test_the_first_of_equally_good_evaluations_plays() -> None:
    words = best_and_last(((0.0, 0.1), (2000.0, 0.5), (3000.0, 0.5), (4000.0, 0.2)), "agent steps")
    assert "the best 50.0\u00a0% at 2k" in words
    assert "the last 20.0\u00a0% at 4k" in words


def test_a_bred_network_is_drawn(run: Run) -> None:
    assert "The network that plays" not in page_of(run)[0]
    info = CheckpointInfo("quillrush", 4, ObservationSpec(), step=7, kind="genome", action_set="jerk4")
    checkpoint = save_checkpoint(run.checkpoints / "000007", info, TINY.to_arrays())
    run.link("best", checkpoint)
    page, said = page_of(run)
    assert said == []
    assert page.count("data:image/png;base64,iVBOR") == 1
    (checkpoint / "weights.npz").write_bytes(b"nothing")
    page, said = page_of(run)
    assert "data:image" not in page
    assert "left out the picture of a network" in said[0]


def test_curves_have_their_players_colour(run: Run, results: Results) -> None:
    players = list(results.players)
    players[0] = replace(
        players[0], player=replace(players[0].player, source=str(run.checkpoints / "000001"), sha256="a")
    )
    changed = replace(results, players=tuple(players))
    assert training_runs([players[0].player])[0].path == run.path
    colours = _colours_of_runs(changed, {player.label: f"c{i}" for i, player in enumerate(players)})
    assert colours == {portable(run.path): "c0"}
    section = training_section(read_training([run], print), colours)
    assert '<li class="c0">' in section
    assert '<li class="v1">' not in section

"""Arms beside each other, worked out by hand, and the tables made of that."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiment.study.comparison import compare_arms, compare_claims, compare_with_clones, progress_after
from experiment.study.curves import band, draw_curves
from experiment.study.definition import Cell, Claim, Side, read_study
from experiment.study.records import Record, write_record
from experiment.study.table import fill_blocks, study_tables, write_blocks
from tests.experiment.study.made_up import STUDY, record

PROGRESSES = {"base": (0.4, 0.5, 0.3), "better": (0.5, 0.7, 0.6)}
RECORDS = {
    Cell(arm, seed): record(arm, seed, progress)
    for arm, found in PROGRESSES.items()
    for seed, progress in enumerate(found, 1)
}


def test_figures_are_means_over_training_runs() -> None:
    base, better = compare_arms(STUDY, RECORDS, "finetune")
    assert base.progress.mean == pytest.approx(0.45)
    # Student's t for 3 runs is 4.303; their standard deviation is 0.1
    assert base.progress.interval.high - 0.45 == pytest.approx(4.303 * 0.1 / 3**0.5, abs=1e-3)
    assert base.score.mean == pytest.approx(4050)
    assert base.completed.mean == base.died.mean == 0.5
    assert base.minutes == 10
    assert base.difference is None
    assert better.progress.mean == pytest.approx(0.65)


def test_differences_are_in_pairs_of_seeds() -> None:
    difference = compare_arms(STUDY, RECORDS, "finetune")[1].difference
    gains = np.array([0.1, 0.2, 0.3])
    assert difference.progress.mean == pytest.approx(0.2)
    assert difference.progress.interval.low == pytest.approx(0.2 - 4.303 * gains.std(ddof=1) / 3**0.5, abs=1e-3)
    # of nine pairs of runs per act, 8 are better and one is even
    assert difference.probability == pytest.approx(8.5 / 9)
    alone = {cell: found for cell, found in RECORDS.items() if cell.arm != "base" or cell.seed == 2}
    assert compare_arms(STUDY, alone, "finetune")[1].difference.progress.mean == pytest.approx(0.2)
    assert compare_arms(STUDY, alone, "finetune")[1].difference.progress.interval is None


def test_steps_to_a_milestone_are_those_of_each_run() -> None:
    base, better = compare_arms(STUDY, RECORDS, "finetune", milestones=(0.5, 0.75))
    assert base.reached[0.5] == (2000.0, 1000.0, None)
    assert better.reached[0.75] == (None, 2000.0, None)


def test_who_learns_nothing_has_no_steps_to_a_milestone() -> None:
    baselines = {cell: replace(found, curves={}) for cell, found in RECORDS.items()}
    base, better = compare_arms(STUDY, baselines, "finetune", milestones=(0.5,))
    assert base.reached[0.5] == better.reached[0.5] == ()
    assert "never" not in study_tables(STUDY, baselines)


def test_arms_are_compared_at_equal_minutes() -> None:
    """A run counts by its last evaluation until then, and an arm only when each of its runs has one."""
    curves = {
        Cell("base", 1): [(0.0, 0.0, 0.1), (1000.0, 60.0, 0.5), (2000.0, 130.0, 0.4)],
        Cell("base", 2): [(0.0, 0.0, 0.3), (1000.0, 50.0, 0.7)],
        Cell("better", 1): [(0.0, 0.0, 0.2)],
        Cell("better", 2): [(1000.0, 70.0, 0.9)],
    }
    records = {cell: replace(RECORDS[cell], curves={"finetune": curve}) for cell, curve in curves.items()}
    first = progress_after(STUDY, records, seconds=60)
    assert first["base"].mean == pytest.approx(0.6)
    assert "better" not in first
    second = progress_after(STUDY, records, seconds=130)
    assert second["base"].mean == pytest.approx(0.55)
    assert second["better"].mean == pytest.approx(0.55)
    text = study_tables(replace(STUDY, minutes=(1.0, 2.5)), records)
    assert "| arm | 1 min | 2.5 min |" in text
    assert "| better |  | 55.0 %" in text
    assert "equal minutes" not in study_tables(STUDY, records)


def test_a_stage_without_records_has_no_table() -> None:
    assert compare_arms(STUDY, RECORDS, "supervised") == []
    text = study_tables(STUDY, RECORDS)
    assert "The clone" not in text
    assert "| better | 3 | 65.0 %" in text
    assert "+20.0 [-4.8, 44.8]" in text
    assert "2k, 1k, never" in text
    assert "6 of 6 cells, 2 scored episodes per act each; 1.0 hours" in text


def test_a_stage_that_cells_share_is_paid_for_once() -> None:
    shared = {cell: found for cell, found in RECORDS.items() if cell.arm == "base"}
    twice = shared | {Cell("better", cell.seed): found for cell, found in shared.items()}
    assert "0.5 hours" in study_tables(STUDY, twice)


def with_clone(seed: int, clone: tuple[float, float, float], tuned: tuple[float, float, float]) -> Record:
    """A record of a clone and what was made of it, with the progress of both on three acts."""
    found = record("base", seed, 0.0)
    episodes = {}
    for stage, progresses in (("supervised", clone), ("finetune", tuned)):
        acts = zip("ABC", progresses, strict=True)
        episodes[stage] = {act: [(9000 * share, share, 0.0, 1.0, 900, 0.0)] for act, share in acts}
    return replace(found, episodes=episodes)


def test_what_was_learnt_is_held_against_its_own_clone_act_by_act() -> None:
    """A rises in every training, B falls, C does now this, now that; and A lies in another training's clone already."""
    trainings = [
        ((0.2, 0.5, 0.5), (0.5, 0.3, 0.9)),
        ((0.6, 0.7, 0.5), (0.8, 0.4, 0.1)),
        ((0.4, 0.6, 0.5), (0.65, 0.35, 0.6)),
    ]
    records = {Cell("base", seed): with_clone(seed, *both) for seed, both in enumerate(trainings, 1)}
    (result,) = compare_with_clones(STUDY, records)
    assert (result.above, result.below) == (("A",), ("B",))
    assert result.difference.progress.mean == pytest.approx((0.25 - 0.25 + 0.1 / 3) / 3)
    (line,) = [line for line in study_tables(STUDY, records).splitlines() if line.startswith("| base | 3 | +1.1 [")]
    assert line.endswith("| A | B |")
    (alone,) = compare_with_clones(STUDY, {Cell("base", 2): records[Cell("base", 2)]})
    assert (alone.above, alone.below) == (None, None)
    assert compare_with_clones(STUDY, RECORDS) == []


CLAIMS = """
about = "What is asked."
seeds = [1, 2, 3]
[stages]
supervised = ""
finetune = "ppo"
[arms.base]
[arms.better]
[pairs]
"as said" = ["better", "base"]
"the other way" = ["base", "better"]
"above its clone" = ["better", "better/supervised"]
"""


def test_claims_are_between_any_two_players(workdir: Path) -> None:
    (workdir / "made-up.toml").write_text(CLAIMS)
    study = read_study(workdir / "made-up.toml")
    clones = {cell: record("better", cell.seed, 0.3).episodes["finetune"] for cell in RECORDS if cell.arm == "better"}
    both = dict(RECORDS)
    for cell, episodes in clones.items():
        both[cell] = replace(RECORDS[cell], episodes=RECORDS[cell].episodes | {"supervised": episodes})
    said, other_way, above_clone = compare_claims(study, both)
    assert said.difference.progress.mean == pytest.approx(0.2)
    assert said.difference.score.mean == pytest.approx(1800)
    assert said.verdict == "no difference seen"  # three pairs that differ by 0.1 to 0.3
    assert other_way.difference.score.mean == pytest.approx(-1800)
    assert other_way.difference.probability == pytest.approx(0.5 / 9)
    assert above_clone.difference.progress.mean == pytest.approx(0.3)
    assert above_clone.verdict == "better"
    told = study_tables(study, both)
    assert "| above its clone | better | better, the clone | 3 | +30.0 [5.2, 54.8] | +2700 [" in told
    assert "| better |\n" in told.partition("Claims")[2]


def test_a_claim_without_both_arms_is_not_measured_yet(workdir: Path) -> None:
    side = Side("base", "finetune")
    study = replace(STUDY, claims=(Claim("as said", Side("better", "finetune"), side),))
    one = {cell: found for cell, found in RECORDS.items() if cell.arm == "base"}
    assert "| as said | better | base | 0 |  |  |  | not measured yet |" in study_tables(study, one)
    pair = one | {Cell("better", 1): RECORDS[Cell("better", 1)]}
    assert "nothing said yet (a claim needs 3 pairs)" in study_tables(study, pair)


def test_two_pairs_that_agree_prove_nothing() -> None:
    side = Side("base", "finetune")
    study = replace(STUDY, claims=(Claim("as said", Side("better", "finetune"), side),))
    two = {cell: found for cell, found in RECORDS.items() if cell.seed in (1, 2)}
    (said,) = compare_claims(study, two)
    assert said.difference.score.runs == 2
    assert said.verdict is None


def test_blocks_of_documents_are_made_anew(workdir: Path) -> None:
    (workdir / "studies").mkdir()
    (workdir / "studies" / "made-up.toml").write_text(
        'about = "What is asked."\nseeds = [1]\nbase = "base"\n[stages]\nfinetune = "ppo"\n[arms.base]\n'
    )
    page = workdir / "page.md"
    page.write_text("before\n<!-- study made-up -->\nold\n<!-- end of study -->\nafter\n")
    write_record(record("base", 1, 0.4))
    assert write_blocks(page)
    text = page.read_text()
    assert "old" not in text
    assert "| base | 1 | 45.0 %" in text
    assert text.startswith("before\n")
    assert text.endswith("<!-- end of study -->\nafter\n")
    assert fill_blocks(text) == text
    assert not write_blocks(page)


def test_a_band_goes_as_far_as_all_its_curves() -> None:
    short = [(0.0, 0.0, 0.0), (10.0, 5.0, 1.0)]
    long = [(0.0, 0.0, 0.2), (20.0, 8.0, 0.2)]
    x, middle, low, high = band([short, long], axis=0)
    assert x.tolist() == [0.0, 10.0]
    assert middle == pytest.approx([0.1, 0.6])
    assert low == pytest.approx([0.0, 0.2])
    assert high == pytest.approx([0.2, 1.0])


@pytest.mark.filterwarnings("ignore")
def test_curves_are_drawn(workdir: Path) -> None:
    path = draw_curves(STUDY, RECORDS, workdir / "curves.png")
    assert path.read_bytes().startswith(b"\x89PNG")
    with pytest.raises(ValueError, match="evaluations during training"):
        draw_curves(STUDY, {}, workdir / "none.png")

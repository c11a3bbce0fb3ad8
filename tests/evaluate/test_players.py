"""Players found by name, through run directories and by path; and what is said when they cannot be."""

from pathlib import Path

import pytest

from evaluate.players import find_players, training_runs
from experiment.run import run_of
from policy.checkpoint import CheckpointError
from tests.evaluate.made_up import save_run

pytestmark = pytest.mark.usefixtures("workdir")


def test_newest_clone_and_finetuned_are_found() -> None:
    clone = save_run("supervised", "mine")
    save_run("finetune", "better", parent=str(clone.resolve()))
    found = find_players(("random", "clone", "finetuned"), "quillrush", 4)
    assert [player.label for player in found] == ["random", "clone", "finetuned"]
    assert found[0].is_baseline
    assert found[1].source == "runs/supervised/mine/checkpoints/000007"
    assert len(found[1].sha256) == 64
    assert [run.path.name for run in training_runs(found)] == ["mine", "better"]
    assert [run.path.name for run in training_runs(found[2:])] == ["mine", "better"]


def test_what_is_not_trained_yet_is_said_and_skipped(capsys: pytest.CaptureFixture[str]) -> None:
    save_run("supervised", "other", game="sonic2")
    assert [c.label for c in find_players(("random", "clone"), "quillrush", 4)] == ["random"]
    assert "skipping clone: No finished supervised run on quillrush" in capsys.readouterr().out


def test_nobody_left_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"Expected at least one player.*Received: clone, finetuned"):
        find_players(("clone", "finetuned"), "quillrush", 4)


def test_paths_to_checkpoints_links_and_runs() -> None:
    save_run("finetune", "a")
    for given in ("runs/finetune/a/checkpoints/000007", "runs/finetune/a/best", "runs/finetune/a"):
        (found,) = find_players((given,), "quillrush", 4)
        assert found.label == "a 7"
        assert found.source == "runs/finetune/a/checkpoints/000007"


def test_the_same_player_twice_is_scored_once_and_labels_stay_unique() -> None:
    clone = save_run("supervised", "a")
    save_run("finetune", "a")
    found = find_players(("clone", str(clone), "runs/finetune/a"), "quillrush", 4)
    assert [player.label for player in found] == ["clone", "a 7"]
    found = find_players((str(clone), "runs/finetune/a"), "quillrush", 4)
    assert [player.label for player in found] == ["a 7", "a 7 (2)"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("finetune", r"Unknown player 'finetune'.*Did you mean finetuned\?.*right-and-jump.*checkpoint folder"),
        ("runs/nowhere", r"Unknown player 'runs/nowhere'"),
        (".", r"Expected a checkpoint folder or a run directory"),
    ],
)
def test_unknown_players(name: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        find_players(("random", name), "quillrush", 4)


def test_checkpoints_of_another_game_or_frame_skip_are_refused() -> None:
    save_run("supervised", "fast", frame_skip=2)
    with pytest.raises(CheckpointError, match=r"expected frame_skip 4. Received: 2"):
        find_players(("clone",), "quillrush", 4)
    with pytest.raises(CheckpointError, match=r"expected game sonic2. Received: quillrush"):
        find_players(("runs/supervised/fast",), "sonic2", 2)


def test_a_checkpoint_outside_a_run_has_no_run(tmp_path: Path) -> None:
    assert run_of(tmp_path / "000007") is None

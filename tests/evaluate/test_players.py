"""Players found by name, through run directories and by path; and what is said when they cannot be."""

from pathlib import Path

import pytest

from evaluate.config import Config
from evaluate.players import PlayerSpec, find_players, notes_on, training_runs
from experiment.finding import run_of
from experiment.run import Run, portable
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
        (".", r"Expected a checkpoint folder, a run directory, or a name"),
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


def test_other_weights_are_another_player() -> None:
    """Under the same checkpoint.json, too: old scores must not be taken for theirs."""
    first = save_run("supervised", "a")
    other = save_run("supervised", "b", weights_seed=2)
    assert (first / "checkpoint.json").read_bytes() == (other / "checkpoint.json").read_bytes()
    (before,) = find_players((str(first),), "quillrush", 4)
    (again,) = find_players((str(first),), "quillrush", 4)
    assert again.identity == before.identity
    (first / "weights.npz").write_bytes((other / "weights.npz").read_bytes())
    (exchanged,) = find_players((str(first),), "quillrush", 4)
    assert exchanged.sha256 != before.sha256
    (first / "checkpoint.json").write_text((first / "checkpoint.json").read_text() + "\n")
    (edited,) = find_players((str(first),), "quillrush", 4)
    assert edited.sha256 != exchanged.sha256


def test_a_finetuned_player_that_is_the_clone_is_called_so() -> None:
    clone = save_run("supervised", "mine")
    save_run("finetune", "in-vain", parent=str(clone), metrics={"is_parent": 1.0})
    found = find_players(("clone", "finetuned"), "quillrush", 4)
    assert [player.is_parent for player in found] == [False, True]
    assert notes_on(found) == ["finetuned is the clone itself: no later checkpoint was better"]
    save_run("finetune", "better", parent=str(clone), metrics={"is_parent": 0.0})
    assert notes_on(find_players(("clone", "finetuned"), "quillrush", 4)) == []


@pytest.mark.parametrize("content", ["[]", "null", '{"config": 3}', '{"learner": [1]', "", "[" * 10_000])
def test_a_damaged_run_blocks_no_other(content: str, capsys: pytest.CaptureFixture[str]) -> None:
    save_run("finetune", "good")
    damaged = save_run("finetune", "damaged").parent.parent
    (damaged / "config.json").write_text(content)
    (found,) = find_players(("finetuned",), "quillrush", 4)
    assert found.source.startswith("runs/finetune/good/")
    assert str(damaged / "config.json") in capsys.readouterr().out
    with pytest.raises(ValueError, match="Unknown player 'ppo'"):
        find_players(("ppo",), "quillrush", 4)


@pytest.mark.parametrize("parent", ["x" * 5000, "a\0b", "runs/loop", "\ud800", "/dev/zero"])
def test_a_parent_that_is_no_path_has_no_run(parent: str) -> None:
    loop = Path("runs/loop")
    loop.parent.mkdir()
    loop.symlink_to("loop")
    assert training_runs([PlayerSpec("a", "b", sha256="c", parent=f"{parent}/checkpoints/1")]) == []
    assert training_runs([PlayerSpec("a", "b", sha256="c", parent=parent)]) == []


def test_beside_finetuned_the_clone_is_its_own_parent(capsys: pytest.CaptureFixture[str]) -> None:
    """A newer clone, a trial say, must not stand beside the child of another one."""
    parent = save_run("supervised", "parent")
    save_run("finetune", "child", parent=portable(parent))
    save_run("supervised", "newer")
    clone, finetuned = find_players(("clone", "finetuned"), "quillrush", 4)
    assert clone.source == "runs/supervised/parent/checkpoints/000007"
    assert notes_on([clone, finetuned]) == []
    (alone,) = find_players(("clone",), "quillrush", 4)
    assert alone.source == "runs/supervised/newer/checkpoints/000007"


def test_players_that_are_no_pair_are_said() -> None:
    parent = save_run("supervised", "parent")
    save_run("supervised", "other")
    save_run("finetune", "child", parent=portable(parent))
    found = find_players(("clone", "child"), "quillrush", 4)
    assert [player.label for player in found] == ["clone", "child 7"]
    (note,) = notes_on(found)
    assert note.startswith("child 7 was not made from this clone but from runs/supervised/parent/")


def test_a_player_says_where_it_comes_from() -> None:
    run = Run.open("supervised", Config(game="quillrush"), [], name="mine", preset="demo, epochs 3")
    checkpoint = save_run("supervised", "mine")
    run.finish({"composition": "7 takes, 11 minutes, 4 acts of yours; 108 of search"})
    (found,) = find_players((str(checkpoint),), "quillrush", 4)
    assert found.about == (
        "runs/supervised/mine (demo, epochs 3), learnt from 7 takes, 11 minutes, 4 acts of yours; 108 of search"
    )

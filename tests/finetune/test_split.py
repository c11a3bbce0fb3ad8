"""Nothing of the acts that are kept away: not beside what is played, not by way of a parent."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from dataset.selection import Selection
from experiment.run import Run
from finetune.ppo.config import Config
from finetune.split import check_split, movies_beside
from finetune.stage import choose_parent
from game.acts import ACTS
from policy.checkpoint import load_checkpoint, save_checkpoint
from tests.finetune.clones import clone_run

HELD_OUT = {act.name for act in ACTS if act.held_out}
ALL = {act.name for act in ACTS}


def shown(config: Config) -> set[str]:
    """The acts whose demonstrations are shown."""
    select = movies_beside(config)
    select.check()
    return {act for act in ALL if not select._reason_against_act(act)}


@pytest.mark.parametrize(
    ("acts", "split", "left_out"),
    [
        ("all", False, set()),
        ("all", True, HELD_OUT),
        ("EmeraldHillZone.Act1", False, set()),  # the others are not to be forgotten
        ("contest:TestZone.Act1", False, set()),
        ("contest:EmeraldHillZone.Act1", False, {"EmeraldHillZone.Act1"}),
        ("contest:HillTopZone.Act2", False, HELD_OUT),
    ],
)
def test_demonstrations_beside_what_is_played(acts: str, split: bool, left_out: set[str]) -> None:
    assert shown(Config(acts=acts, contest_split=split)) == ALL - left_out


def test_no_more_than_the_clone_was_taught() -> None:
    taught = Selection(players="human", acts="HillTopZone.Act1,HillTopZone.Act2")
    assert movies_beside(Config(), taught) == taught
    split = movies_beside(Config(contest_split=True), taught)
    assert (split.players, split.acts, split.contest_split) == ("human", "HillTopZone.Act1", True)
    with pytest.raises(ValueError, match=r"was taught \(WingFortressZone\) may be shown"):
        movies_beside(Config(acts="contest:WingFortressZone"), Selection(acts="WingFortressZone"))


def write_config(checkpoint: Path, **config: object) -> None:
    run = Run(checkpoint.parents[1])
    whole = {"format": 2, "config": {"game": "quillrush"} | config, "inputs": ""}
    (run.path / "config.json").write_text(json.dumps(whole))


@pytest.mark.parametrize(
    ("meant", "warned"),
    [({"acts": "all"}, True), ({"acts": "all", "contest_split": True}, False), ({"acts": "WingFortressZone"}, False)],
)
def test_a_clone_taught_held_out_acts_is_warned_of(workdir: Path, capsys, meant: dict, warned: bool) -> None:
    write_config(clone_run(workdir, check="pass"), select=meant)
    assert choose_parent(Config(game="quillrush", contest_split=True)) is not None
    said = "runs/supervised/clone was itself taught CasinoNightZone.Act2, HillTopZone.Act2, MetropolisZone.Act3"
    assert (said in capsys.readouterr().out) == warned
    choose_parent(Config(game="quillrush", strict=True))  # without the split nothing is held out
    if warned:
        with pytest.raises(ValueError, match=said):
            choose_parent(Config(game="quillrush", contest_split=True, strict=True))


@pytest.mark.parametrize("acts", ["all", "contest:TestZone.Act1"])
def test_so_is_what_comes_from_such_a_clone(workdir: Path, acts: str) -> None:
    clone = clone_run(workdir, check="pass")
    write_config(clone, select={"acts": "all"})
    loaded = load_checkpoint(clone)
    tuned = workdir / "runs" / "finetune" / "tuned" / "checkpoints" / "000002"
    save_checkpoint(tuned, replace(loaded.info, parent="runs/supervised/clone/checkpoints/000001"), loaded.arrays)
    write_config(tuned, acts=acts, contest_split=True)
    with pytest.raises(ValueError, match="runs/supervised/clone was itself taught"):
        check_split(tuned, strict=True)
    write_config(clone, select={"acts": "all", "contest_split": True})
    check_split(tuned, strict=True)


def test_of_a_checkpoint_alone_nobody_knows(workdir: Path, capsys) -> None:
    loaded = load_checkpoint(clone_run(workdir, check="pass"))
    alone = save_checkpoint(workdir / "alone", loaded.info, loaded.arrays)
    check_split(alone, strict=False)
    assert "nobody knows which acts" in capsys.readouterr().out
    with pytest.raises(ValueError, match="it lies in no run"):
        check_split(alone, strict=True)

"""docs/adding-a-learner.md, followed word by word: the learner on that page works with everything around it."""

import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest

from record.pilots import load_pilot
from record.play import _checkpoint_to_watch
from tests.conftest import ROOT
from tests.finetune.clones import clone_run
from tests.resuming import ENVIRONMENT, assert_same_run, has_checkpoint, kill_when, numbers
from tests.resuming import finish as finish_plainly

PAGE = (ROOT / "docs" / "adding-a-learner.md").read_text()


@pytest.fixture
def project(workdir: Path) -> Path:
    """A clone, the page's file, and the page's line in the table; nothing else."""
    clone_run(workdir, check="pass")
    (code,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    (workdir / "random_search.py").write_text(code)
    (line,) = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
    line = line.replace("finetune.random_search", "random_search")  # it lies outside the package here
    (workdir / "started.py").write_text(
        "import runpy, sys\n"
        "from finetune.learners import LEARNERS, LearnerEntry\n"
        f"LEARNERS |= {{{line.strip()}}}\n"
        "if __name__ == '__main__':\n"  # not in the worker processes it spawns
        "    runpy.run_module(sys.argv.pop(1), run_name='__main__')\n"
    )
    return workdir


def started(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "started.py", module, *arguments]


def finetune(name: str) -> list[str]:
    return started("finetune", "random-search", "--preset", "smoke", "--game", "quillrush", "--name", name)


def finish(command: list[str]) -> str:
    return finish_plainly(command).stdout


def test_it_trains_resumes_is_scored_and_takes_over(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", f"{ROOT}:{project}")
    runs = project / "runs" / "finetune"
    assert "with random-search" in finish(finetune("whole"))
    kill_when(has_checkpoint(runs / "killed"), finetune("killed"))
    finish(finetune("killed"))
    assert_same_run(runs / "whole", runs / "killed")
    assert len(numbers(runs / "whole")) >= 2
    assert json.loads((runs / "whole" / "config.json").read_text())["learner"] == "random-search"

    scored = finish(
        started("evaluate", "--preset", "smoke", "--game", "quillrush", "--players", "random-search", "--name", "e")
    )
    assert "random-search" in scored
    results = json.loads((project / "runs" / "evaluate" / "e" / "results.json").read_text())
    assert results["players"][0]["player"]["parent"].endswith("runs/supervised/clone/checkpoints/000001")

    pilot = load_pilot(_checkpoint_to_watch("random-search", "quillrush"), "quillrush")
    picture = np.zeros((224, 320, 3), np.uint8)
    pilot.begin("EmeraldHillZone.Act1", picture)
    pilot.see(1, picture)
    pilot.hand_over()
    assert 0 <= pilot.mask(2) < 4096


def test_it_can_be_planned(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """--plan measures any learner through its protocol."""
    monkeypatch.setitem(ENVIRONMENT, "PYTHONPATH", f"{ROOT}:{project}")
    monkeypatch.setitem(ENVIRONMENT, "PLAN_SECONDS", "0")
    text = finish([*finetune("planned"), "--plan"])
    assert "agent steps/s" in text
    assert not (project / "runs" / "finetune").exists()

"""What make would type: every call whole, with names that hold spaces, and no space too many."""

import os
import shutil
import subprocess

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(not shutil.which("make"), reason="there is no make here")
STAGES = ("dataset", "bc", "finetune", "eval", "record", "record-skill")


def typed(*words: str) -> list[str]:
    """The commands of a call of make; nothing is run."""
    command = ["make", "--dry-run", "--old-file=install", "--old-file=install-dev", "--old-file=install-share", *words]
    # `make test` runs this very test: what it hands down would make this a part of it
    outside = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    done = subprocess.run(command, cwd=ROOT, env=outside, capture_output=True, text=True, check=True)
    return [line.replace(".venv/bin/", "") for line in done.stdout.splitlines()]


@pytest.mark.parametrize("words", [(), ("GAME=quillrush", "ARGS=--seed 2", "LEVEL=all", "INIT=none", "RUN=x")])
def test_no_space_is_left_behind(words: tuple[str, ...]) -> None:
    for line in typed(*STAGES, "rom", "doctor", *words):
        assert line == line.strip()
        assert "  " not in line


def test_names_with_spaces_stay_whole() -> None:
    assert typed("record", "LEVEL=Emerald Hill Zone, Act 1") == [
        'python -m record --player human --level "Emerald Hill Zone, Act 1" --takes 1'
    ]
    assert typed("finetune", "INIT=my runs/a")[0].endswith('--init "my runs/a"')
    assert typed("dataset", "MOVIES=my movies", "GAME=quillrush") == [
        'python -m dataset convert --preset full --game quillrush --movies "my movies"'
    ]
    assert typed("contest", "LEARNER=jerk", "LEVELS=my act", "STEPS=100") == [
        'python -m finetune contest jerk --preset full --acts "my act" --total-steps 100'
    ]
    assert typed("rom", "ROM=my roms/a.md") == ['python -m game rom "my roms/a.md"']


def test_options_are_handed_on() -> None:
    assert typed("eval", "PRESET=smoke", "GAME=quillrush", "ARGS=--episodes 2 --seed 3") == [
        "python -m evaluate --preset smoke --game quillrush --episodes 2 --seed 3"
    ]


def test_mine_is_every_stage_in_order_the_clone_without_you_first() -> None:
    """Beside `finetune`, the newest clone must be the person's own."""
    stages = [" ".join(line.split()[2:4]) for line in typed("mine", "GAME=quillrush")]
    assert stages == [
        "record mine", "dataset convert", "supervised without-you", "supervised --preset", "finetune ppo",
        "supervised likeness", "evaluate --preset", "record next",
    ]  # fmt: skip


def test_several_seeds_of_one_stage() -> None:
    assert typed("bc", "SEEDS=5") == ["python -m experiment seeds 5 supervised --preset full"]
    assert typed("finetune", "SEEDS=2", "LEARNER=jerk") == ["python -m experiment seeds 2 finetune jerk --preset full"]


def test_sharing_is_of_a_run_or_of_a_data_set() -> None:
    assert typed("share") == ["python -m share policy"]
    assert typed("share", "RUN=my run", "GAME=quillrush") == ['python -m share policy "my run" --game quillrush']
    assert typed("share", "DATA=quillrush-v0", "ARGS=--upload me/x") == [
        'python -m share dataset "quillrush-v0" --upload me/x'
    ]

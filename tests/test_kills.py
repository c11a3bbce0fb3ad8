"""A thousand kills over all stages (two hundred of them in tests/record/test_kills.py); figures in docs/testing.md."""

import os
import subprocess
import sys

import pytest

from tests.resuming import ENVIRONMENT

KILLS = os.environ.get("KILLS", "200")


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["dataset", "supervised", "finetune", "evaluate"])
def test_no_kill_changes_what_a_stage_does(stage: str) -> None:
    command = [sys.executable, "-m", "tests.kills", stage, "--kills", KILLS]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    print(done.stdout)
    assert done.returncode == 0, done.stderr

"""What is kept back while a library is loaded, and what is not."""

import os
import subprocess
import sys

import pytest

from common.quiet import without_noise
from tests.conftest import ROOT

NOISY = b"""WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795287757.218185   28188 port.cc:153] oneDNN custom operations are on. You may see slightly different
I0000 00:00:1795287757.218585   28188 cudart_stub.cc:31] Could not find cuda drivers on your machine, GPU will not be used.
E0000 00:00:1795287765.525252   28188 cuda_platform.cc:52] failed call to cuInit: INTERNAL: CUDA error: UNKNOWN ERROR (303)
"""


def test_noise_is_kept_back_and_all_else_is_passed_on(capfd: pytest.CaptureFixture) -> None:
    with without_noise():
        os.write(2, NOISY + b"E0000 out of memory\n")
    assert capfd.readouterr().err == "E0000 out of memory\n"


def test_what_was_said_before_an_error_is_not_lost(capfd: pytest.CaptureFixture) -> None:
    def load() -> None:
        with without_noise():
            os.write(2, b"cannot load libfoo.so\n")
            raise ImportError

    with pytest.raises(ImportError):
        load()
    os.write(2, b"after\n")
    assert capfd.readouterr().err == "cannot load libfoo.so\nafter\n"


@pytest.mark.parametrize("stage", ["supervised.train", "finetune.ppo.learner"])
def test_tensorflow_is_loaded_without_a_word(stage: str) -> None:
    """As the stages load it, and up to the first look at the devices."""
    code = (
        "from common.quiet import without_noise\n"
        "with without_noise():\n"
        f"    import {stage}\n"
        "from policy.device import prepare\n"
        "print(prepare(1)['device'])"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout
    assert done.stderr == ""

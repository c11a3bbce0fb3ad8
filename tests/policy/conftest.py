"""A checkpoint to load, damage and play."""

from pathlib import Path

import numpy as np
import pytest

from policy.checkpoint import CheckpointInfo, named, save_checkpoint
from tests.policy.made_up import SPEC, TINY, random_weights


@pytest.fixture
def checkpoint(tmp_path: Path) -> Path:
    info = CheckpointInfo("quillrush", 4, SPEC, TINY, 7, {"eval/progress": 0.5}, extra={"update": 3})
    state = named("o", [np.arange(3.0), np.array(5)])
    return save_checkpoint(tmp_path / "000007", info, named("w", random_weights(TINY)), state)

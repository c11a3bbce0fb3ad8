"""A fine-tuning run of any learner: which clone it begins from, and which learner it is."""

import json
from pathlib import Path

import numpy as np
import pytest

from finetune.learners import find_learner
from finetune.ppo.config import Config
from finetune.stage import choose_parent


def clone_run(workdir: Path, check: str) -> None:
    """A finished supervised run as the fine-tuner finds it."""
    from game.observation import ObservationSpec
    from policy.architecture import NetworkConfig, parameter_shapes
    from policy.checkpoint import CheckpointInfo, named, save_checkpoint

    folder = workdir / "runs" / "supervised" / "clone"
    network, spec = NetworkConfig(hidden=16), ObservationSpec()
    info = CheckpointInfo("quillrush", 4, spec, network, metrics={"eval/progress": 0.1})
    arrays = [np.zeros(shape, np.float32) for shape in parameter_shapes(network, spec)]
    save_checkpoint(folder / "checkpoints" / "000001", info, named("w", arrays))
    (folder / "best").symlink_to("checkpoints/000001")
    (folder / "config.json").write_text(json.dumps({"config": {"game": "quillrush"}, "inputs": ""}))
    (folder / "done.json").write_text(json.dumps({"spin_dash_check": check}))


def test_a_clone_that_fails_its_check_is_refused_unless_forced(workdir: Path) -> None:
    clone_run(workdir, check="fail")
    with pytest.raises(ValueError, match=r"fails its spin-dash check .*--force"):
        choose_parent(Config(game="quillrush"))
    assert choose_parent(Config(game="quillrush", force=True)) is not None
    with pytest.raises(ValueError, match=r"expected frame_skip 3. Received: 4"):
        choose_parent(Config(game="quillrush", force=True, frame_skip=3))
    with pytest.raises(ValueError, match=r"No finished supervised run on sonic2"):
        choose_parent(Config(game="sonic2"))


def test_an_unknown_learner_is_named_with_the_nearest() -> None:
    with pytest.raises(ValueError, match=r"Unknown LEARNER 'pp0'. Did you mean ppo"):
        find_learner("pp0")

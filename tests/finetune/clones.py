"""A finished cloning run as the fine-tuner finds it, made up."""

import json
from pathlib import Path

import numpy as np

from game.observation import ObservationSpec
from policy.architecture import NetworkConfig, parameter_shapes
from policy.checkpoint import CheckpointInfo, named, save_checkpoint

NETWORK = NetworkConfig(hidden=16)
SPEC = ObservationSpec()


def clone_run(workdir: Path, check: str, seed: int = 0, network: NetworkConfig = NETWORK) -> Path:
    """Write runs/supervised/clone below a folder, with random weights; returns its best checkpoint.

    Args:
        check: the verdict of its spin-dash check.
    """
    folder = workdir / "runs" / "supervised" / "clone"
    info = CheckpointInfo("quillrush", 4, SPEC, network, metrics={"eval/progress": 0.1})
    rng = np.random.default_rng(seed)
    arrays = [rng.normal(0, 0.05, shape).astype(np.float32) for shape in parameter_shapes(network, SPEC)]
    checkpoint = save_checkpoint(folder / "checkpoints" / "000001", info, named("w", arrays))
    (folder / "best").symlink_to("checkpoints/000001")
    (folder / "config.json").write_text(json.dumps({"format": 2, "config": {"game": "quillrush"}, "inputs": ""}))
    (folder / "done.json").write_text(json.dumps({"spin_dash_check": check, "best": str(checkpoint)}))
    return checkpoint

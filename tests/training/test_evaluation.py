"""By which episodes checkpoints are compared."""

from pathlib import Path

import pytest

from game.observation import ObservationSpec
from game.rollout import Episode
from game.seeds import schedule_seeds
from policy.checkpoint import CheckpointInfo, save_checkpoint
from training import evaluation
from training.evaluation import STALL_FRAMES, Evaluation


def test_every_act_is_played_with_every_seed_until_nothing_is_won(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def play(tasks: list, workers: int) -> list[Episode]:
        asked.extend(tasks)
        return [Episode(task.act, task.seed, 1, 0.0, task.seed % 2, 0, False, False, False, 0, 0) for task in tasks]

    monkeypatch.setattr(evaluation, "play_all", play)
    info = CheckpointInfo(game="quillrush", frame_skip=2, observation=ObservationSpec(stack=2))
    checkpoint = save_checkpoint(tmp_path / "checkpoint", info, {})
    acts = ("EmeraldHillZone.Act1", "WingFortressZone")
    mean = Evaluation(acts, schedule_seeds(4), max_frames=900)(checkpoint)
    assert mean == 0.5
    assert {(task.act, task.seed) for task in asked} == {(act, seed) for act in acts for seed in schedule_seeds(4)}
    for task in asked:
        assert task.player == str(checkpoint)
        assert task.temperature == 1.0
        assert (task.env.frame_skip, task.env.observation.stack, task.env.max_frames) == (2, 2, 900)
        assert task.env.stall_frames == STALL_FRAMES
        assert task.env.stick_probability == 0.25

"""The contest's presets: a learner's own options with the protocol's budget, limits and acts."""

from collections.abc import Mapping
from dataclasses import replace

from finetune.config import StageConfig
from finetune.learners import LearnerEntry
from game.rewards import CONTEST_FRAMES

CONTEST_STEPS = 1_000_000
"""Agent steps on each act, as in 2018."""
QUICK_STEPS = 100_000
FRAME_SKIP = 4
"""The contest's frames per step."""
CHECKPOINT_STEPS = 50_000
"""Between two checkpoints of the contest; a kill costs at most these steps."""

NOTES = (
    "The Retro Contest's protocol. Each of --acts by itself is learnt on for --total-steps, from --init; the score is the "
    "mean contest score of all the episodes that ended on the way. Test acts may be learnt on here, and nowhere else.\n\n"
    "Two options mean something else here: --evaluate-every is the steps between two checkpoints (nothing is evaluated "
    "before the end), --evaluate-episodes how many episodes tell the final progress."
)
"""What `--help` says."""


def presets_of(entry: LearnerEntry) -> Mapping[str, StageConfig]:
    """A learner's options for the contest, by the preset's name: full (as then), quick, smoke."""
    full = replace(
        entry.presets["full"],
        acts="test",
        total_steps=CONTEST_STEPS,
        max_frames=CONTEST_FRAMES,
        frame_skip=FRAME_SKIP,
        stall_frames=0,
        life_price=0.0,
        patience=0,
        evaluate_every=CHECKPOINT_STEPS,
        evaluate_episodes=5,
    )
    return {
        "full": full,
        "quick": replace(full, total_steps=QUICK_STEPS, evaluate_every=CHECKPOINT_STEPS // 2),
        "smoke": replace(entry.presets["smoke"], acts="TestZone.Act1,TestZone.Act2", patience=0, trial=True),
    }


def departures(config: StageConfig) -> list[str]:
    """In which ways a run is not the contest's protocol, in words; ValueError for one that nobody could score."""
    if config.max_frames > CONTEST_FRAMES:
        raise ValueError(
            f"--max-frames: expected at most {CONTEST_FRAMES}, the contest's limit. Received: {config.max_frames}"
        )
    found = []
    if config.total_steps != CONTEST_STEPS:
        found.append(f"{config.total_steps:,} steps per act instead of {CONTEST_STEPS:,}")
    if config.max_frames != CONTEST_FRAMES:
        found.append(f"episodes of {config.max_frames:,} frames instead of {CONTEST_FRAMES:,}")
    if config.stall_frames:
        found.append(f"episodes end after {config.stall_frames} frames without new ground")
    if config.frame_skip != FRAME_SKIP:
        found.append(f"{config.frame_skip} frames per step instead of {FRAME_SKIP}")
    return found

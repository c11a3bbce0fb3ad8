"""The options of IMPALA; apart from the learner, so that `--help` does not wait for TensorFlow."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from common.ranges import AboveZero, Count, NotNegative, Positive, Share
from experiment.charts import PLAYING, Chart
from finetune.config import StageConfig
from finetune.sampler import StartsName
from game.workers import core_count
from policy.architecture import NetworkConfig

FEWEST_ENVS = 18
"""With fewer environments, an update would see too few episodes."""


@dataclass(frozen=True)
class Config(StageConfig):
    """Fine-tune the clone with IMPALA (V-trace): rollouts are played while those before are learnt from."""

    lag: Count = 1
    """Updates by which the weights that play are behind: that many rollouts are under way while one is learnt from. 0: nobody
    plays meanwhile."""
    num_envs: Positive = max(core_count(), FEWEST_ENVS)
    """Environments; each worker process swaps several through its emulator."""
    rollout_length: Positive = 64
    """Steps of an unroll: what each environment plays between two updates."""
    epochs: Positive = 1
    """Passes over a rollout."""
    batch_unrolls: Positive = 3
    """Unrolls per gradient step."""
    learning_rate: AboveZero = 2e-4
    """At the start; falls linearly to a tenth."""
    gamma: Share = 0.985
    """Discount per step. A horizon of 67 steps: what kills or stops a player here shows within a few seconds."""
    trace_lambda: Share = 1.0
    """How far V-trace looks ahead before it trusts the critic."""
    rho_clip: AboveZero = 1.0
    """Largest importance weight of a step."""
    c_clip: AboveZero = 1.0
    """Largest importance weight by which what was found at a step counts for those before."""
    entropy_weight: NotNegative = 0.0005
    """Weight of the entropy bonus."""
    value_weight: NotNegative = 0.5
    """Weight of the critic's loss."""
    max_gradient_norm: AboveZero = 0.5
    """Gradients with a larger norm are scaled down to it."""
    kl_weight: NotNegative = 0.3
    """Weight of KL(clone || policy) at the start (0 from scratch)."""
    kl_half_life: AboveZero = 0.25
    """Share of all steps after which that weight has halved."""
    cloning_weight: NotNegative = 0.3
    """Weight of the cloning loss on windows of demonstrations at the start (0 from scratch, or without a data set)."""
    cloning_half_life: AboveZero = 0.5
    """Share of all steps after which that weight has halved."""
    cloning_batch: Positive = 64
    """Windows of demonstrations beside the samples of each gradient step."""
    critic_warmup: Share = 0.04
    """Share of all steps in which only the critic learns (none from scratch)."""
    act_focus: Share = 0.3
    """How far acts that still go badly are preferred: an act's weight is 1 - act_focus x its recent progress."""
    starts: StartsName = "cells"
    """Where episodes begin. none: at the act's start. uniform: anywhere along demonstrations, too. cells: where episodes
    fail most. frontier: from the end of the act backwards as it is mastered, then as cells."""
    start_share: Share = 0.3
    """Share of the episodes that begin inside an act, along demonstrations."""
    network: NetworkConfig = NetworkConfig()
    """From scratch only; otherwise the clone's."""
    action_set: Literal["all", "merged", "contest7", "jerk4"] = "all"
    """What the policy chooses from; from scratch only, otherwise the clone's."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the gradient steps; auto takes bfloat16 where it is fast."""

    @property
    def steps_per_update(self) -> int:
        """Agent steps in a rollout of all environments."""
        return self.num_envs * self.rollout_length

    @property
    def gradient_steps(self) -> int:
        """In an update: as many whole batches as there are."""
        return max(self.epochs * self.num_envs // self.batch_unrolls, 1)

    @property
    def uses_demonstrations(self) -> bool:
        """As starts of episodes, or in the cloning loss beside a clone."""
        return self.starts != "none" or (self.init != "none" and self.cloning_weight > 0)

    @property
    def updates(self) -> int:
        """In the whole run."""
        return max(self.total_steps // self.steps_per_update, 1)

    @property
    def warmup_steps(self) -> int:
        """Agent steps in which only the critic learns, when there is a clone to keep."""
        return self.steps_per_update * math.ceil(self.critic_warmup * self.updates)

    @property
    def planned_steps(self) -> int:
        """Whole updates only."""
        return self.updates * self.steps_per_update


PRESETS: Mapping[str, Config] = {
    "full": Config(patience=20),
    "demo": Config(total_steps=200_000, max_frames=9000, evaluate_every=57_600, evaluate_episodes=3, finalists=1),
    "smoke": Config(
        finalists=2,
        final_episodes=1,
        total_steps=512,
        num_envs=4,
        batch_unrolls=2,
        max_frames=300,
        evaluate_every=256,
        evaluate_episodes=1,
        acts="EmeraldHillZone.Act1,WingFortressZone",
        trial=True,
    ),
}

CHARTS = (
    PLAYING,
    Chart(
        "Age of unrolls, gradient steps",
        {"loss/age_mean": "mean", "loss/age_largest": "oldest"},
        note="How far the weights that played are behind those that learn. The pipeline is of fixed depth, so a level line.",
    ),
    Chart(
        "V-trace: rho clipped",
        {"loss/clipped": "share of the steps"},
        share=True,
        note="Where the policy that learns has grown more likely to act so than the one that played, by more than is trusted.",
    ),
    Chart("V-trace: importance ratio", {"loss/ratio": "mean of pi / mu"}, note="1: what was played is what is learnt."),
    Chart("KL, nats", {"loss/kl": "from the clone"}),
    Chart("Entropy, nats", {"loss/entropy": "of the policy"}),
    Chart("Explained variance", {"loss/explained_variance": "of V-trace's targets, by the critic"}),
    Chart("Losses", {"loss/value": "value, half squared error", "loss/cloning": "cloning, on demonstrations"}),
)

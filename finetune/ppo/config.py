"""The options of fine-tuning; apart from the learner, so that `--help` does not wait for TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from game.workers import core_count
from policy.forward import NetworkConfig


@dataclass(frozen=True)
class Config:
    """Fine-tune the clone with PPO on all acts or a list of them; the best checkpoint is kept."""

    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""
    init: str = ""
    """Where to begin: "" the newest clone of this game, "none" from scratch, or a checkpoint folder."""
    name: str = ""
    """Run name under runs/finetune/; by default made from the configuration."""
    acts: str = "all"
    """"all", or act names separated by commas."""
    contest_split: bool = False
    """Keep the contest's three held-out acts out of training."""
    force: bool = False
    """Go on with a clone that failed its spin-dash check."""
    seed: int = 1
    total_steps: int = 2_000_000
    """Agent steps in all."""
    envs: int = 0
    """Environments; each worker process swaps several through its emulator (0: one a core, but at least 18)."""
    rollout: int = 64
    """Steps an environment plays between two updates."""
    epochs: int = 3
    """Passes over a rollout."""
    minibatch: int = 256
    """Samples a gradient step."""
    learning_rate: float = 2e-4
    """At the start; falls linearly to a tenth."""
    gamma: float = 0.985
    """A horizon of 67 steps: what kills or stops a player here shows within a few seconds."""
    gae_lambda: float = 0.94
    clip: float = 0.2
    """Of the probability ratio."""
    entropy: float = 0.0005
    """Weight of the entropy bonus."""
    value_weight: float = 0.5
    gradient_norm: float = 0.5
    kl: float = 0.1
    """Weight of KL(clone || policy) at the start (0 from scratch)."""
    kl_half_life: float = 0.25
    """Share of all steps after which that weight has halved."""
    warm_up: float = 0.04
    """Share of all steps in which only the critic learns (none from scratch)."""
    reward: Literal["contest", "backtracking"] = "backtracking"
    reward_scale: float = 0.01
    frame_skip: int = 4
    max_frames: int = 18_000
    """Frames an episode."""
    focus: float = 0.3
    """How far acts that still go badly are preferred: an act is drawn with weight 1 - focus x its recent progress."""
    evaluate_every: int = 20
    """Updates between two evaluations, each followed by a checkpoint."""
    evaluate_episodes: int = 2
    """Episodes an act in an evaluation."""
    patience: int = 0
    """Evaluations without a new best after which training stops (0: never)."""
    network: NetworkConfig = NetworkConfig()
    """From scratch only; otherwise the clone's."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    workers: int = 0
    """Emulator processes (0: one a core)."""

    @property
    def steps_per_update(self) -> int:
        return self.envs * self.rollout

    @property
    def updates(self) -> int:
        return max(self.total_steps // self.steps_per_update, 1)


FEWEST_ENVS = 18
"""With fewer, an update would see too few episodes."""


def fitted(config: Config) -> Config:
    """The configuration with what follows the machine filled in, so that it says what was run."""
    return replace(config, envs=config.envs or max(core_count(), FEWEST_ENVS))


PRESETS: Mapping[str, Config] = {
    "full": Config(patience=20),
    "gpu": Config(total_steps=10_000_000, minibatch=1024, learning_rate=3e-4, patience=20),
    "demo": Config(total_steps=200_000, max_frames=4500, evaluate_every=50, evaluate_episodes=2, force=True),
    "smoke": Config(
        total_steps=512, envs=4, rollout=64, epochs=1, minibatch=128, max_frames=300, evaluate_every=1,
        evaluate_episodes=1, acts="EmeraldHillZone.Act1,WingFortressZone", force=True,
    ),
}  # fmt: skip

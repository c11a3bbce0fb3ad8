"""The options of PPO; apart from the learner, so that `--help` does not wait for TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from common.ranges import AboveZero, Count, NotNegative, Positive, Share
from experiment.charts import PLAYING, Chart
from finetune.config import ActorCriticConfig
from policy.architecture import NOISE_SCALE, NetworkConfig


@dataclass(frozen=True)
class Config(ActorCriticConfig):
    """Fine-tune the clone with PPO on all acts or a list of them; the best checkpoint is kept."""

    epochs: Positive = 3
    """Passes over a rollout."""
    batch_size: Positive = 256
    """Samples per gradient step."""
    bptt_steps: Positive = 16
    """Of a network with a memory: steps through which gradients flow back in time. Divides rollout_length and batch_size."""
    gae_lambda: Share = 0.94
    """How far advantages look ahead before they trust the critic."""
    clip_ratio: AboveZero = 0.2
    """How far the probability ratio may leave 1 before it stops paying."""
    value_clip: NotNegative = 0.0
    """How far a value may leave the acting critic's before that stops paying (0: as far as it likes)."""
    consistency_weight: NotNegative = 0.0
    """Weight of what it changes in policy and value to move the picture by up to 4 pixels (DrAC: Raileanu et al. 2021,
    arXiv:2006.12862, where it is 0.1). 0: not looked at; else a gradient step takes twice as long."""
    value_epochs: Count = 0
    """Further passes over a rollout in which the critic teaches the torso with all its weight, while the policy is held where
    it is (after the auxiliary phase of Cobbe et al. 2021, arXiv:2009.04416, which looks at many rollouts)."""
    value_kl_weight: NotNegative = 1.0
    """Of value_epochs: weight of KL(policy before them || policy)."""
    serial: Count = 0
    """Rounds through the acts one after the other, each for an equal share of all steps, as new episodes begin; 0: all acts
    jointly, one drawn for every episode."""
    noisy: bool = False
    """Explore by noise on the weights of the dense layers, whose size is learnt, too (from a clone, its weights are the means);
    each environment keeps its noise for a rollout."""
    noise_scale: AboveZero = NOISE_SCALE
    """Size of that noise at the start."""

    def piece(self, network: NetworkConfig) -> int:
        """Steps of the pieces that minibatches are made of: every step by itself, unless the network has a memory.

        ValueError where a rollout or a minibatch is no whole number of them.
        """
        if not network.has_memory:
            return 1
        if self.rollout_length % self.bptt_steps or self.batch_size % self.bptt_steps:
            raise ValueError(
                f"--bptt-steps {self.bptt_steps}: expected a divisor of --rollout-length and --batch-size. "
                f"Received: {self.rollout_length} and {self.batch_size}"
            )
        return self.bptt_steps

    def check(self, acts: int) -> None:
        """ValueError where so many acts cannot have their turns."""
        turns = self.serial * acts
        if turns > self.updates:
            raise ValueError(
                f"--serial {self.serial}: expected at least one update for each of {turns} turns "
                f"({turns * self.steps_per_update:,} steps). Received: --total-steps {self.total_steps:,}"
            )


# of a long training: practice where acts are failed most, at a price for a lost life, in bolder steps (docs/results.md)
_LONG = Config(
    total_steps=1_000_000,
    learning_rate=2.5e-4,
    start_share=0.9,
    practice_length=0.1,
    life_price=0.3,
    evaluate_every=100_000,
)

PRESETS: Mapping[str, Config] = {
    "full": _LONG,
    "gpu": replace(_LONG, total_steps=10_000_000, batch_size=1024, learning_rate=3e-4, evaluate_every=500_000),
    "demo": Config(total_steps=50_000, max_frames=9000, evaluate_every=50_000, finalists=2, final_episodes=3),
    "mine": Config(total_steps=200_000, max_frames=9000, evaluate_every=57_600, finalists=2),
    # PPO2 as torinrettig's Sonic-Deep-Reinforcement-Learning had it; docs/learners.md says where this departs
    "seed000": Config(
        init="none",
        acts="EmeraldHillZone.Act1",
        action_set="contest7",
        network=NetworkConfig(torso="separable"),
        total_steps=10_000_000,
        num_envs=16,
        rollout_length=256,
        epochs=4,
        batch_size=1024,
        learning_rate=7.5e-5,
        critic_learning_rate=7.5e-5,
        learning_rate_end=1.0,
        value_weight=0.5,
        gamma=0.99,
        gae_lambda=0.95,
        clip_ratio=0.1,
        value_clip=0.1,
        entropy_weight=0.01,
        act_focus=0.0,
        starts="none",
        stall_frames=0,
        evaluate_every=102_400,
        evaluate_episodes=5,
    ),
    "smoke": Config(
        finalists=2,
        final_episodes=1,
        total_steps=512,
        num_envs=4,
        epochs=1,
        batch_size=128,
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
        "Explained variance",
        {"loss/explained_variance": "of the returns, by the critic"},
        note="1: the critic foresees every return; 0: no better than their mean, below it worse.",
    ),
    Chart(
        "Clipped",
        {"loss/clipped": "share of the samples"},
        share=True,
        note="How often a new probability left the trusted range around the old one. Always 0: nothing moves.",
    ),
    Chart("KL, nats", {"loss/kl": "from the clone", "loss/ratio_kl": "from the policy that acted"}),
    Chart("Entropy, nats", {"loss/entropy": "of the policy"}, note="0: it always does the same."),
    Chart(
        "Losses",
        {
            "loss/value": "value, half squared error",
            "loss/value_phase": "the same in further passes",
            "loss/cloning": "cloning, on demonstrations",
        },
    ),
    Chart("Pictures moved", {"loss/consistency": "what it changes in policy and value"}),
)

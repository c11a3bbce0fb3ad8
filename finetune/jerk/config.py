"""The options of JERK and of what was built on it: mutation, blocks played by a policy, episodic memory."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

from common.ranges import AboveZero, Positive, Share
from experiment.charts import PLAYING, Chart
from finetune.config import StageConfig
from game.env import EnvConfig
from game.observation import ObservationSpec
from game.rewards import PERFECT_RETURNS, RewardName


@dataclass(frozen=True)
class Config(StageConfig):
    """JERK: find sequences of combos by running and jumping, replay those that pay; by option with mutation, blocks
    played by a policy, and episodic memory. Only the latter two use the clone."""

    reward: RewardName = "contest"
    """What is learnt from. contest: every change of progress pays, as JERK was written for. The others as everywhere:
    backtracking, sparse, tiers, fitness."""
    reward_scale: AboveZero = 1.0
    """Rewards are multiplied by this; 1 leaves them in points of the contest."""
    evaluate_every: Positive = 250_000
    """Agent steps between two evaluations; rare, because who stands still at a sequence's end is watched to the limit."""
    stick_probability: Share = 0.25
    """Chance of a sticky frame in training: the contest's. At 0 every replay is exact."""
    episodes_per_act: Positive = 1
    """Episodes of every act in one update; they know nothing of each other. More, where acts are few and cores many."""
    exploit_bias: Share = 0.25
    """Chance of a replay at the start of the run; it grows with the share of the run that is done."""
    kept_sequences: Positive = 20
    """Sequences kept of every act."""
    forward_steps: Positive = 100
    """Steps of a block forward."""
    backward_steps: Positive = 70
    """Steps of a block back, after a block forward that won nothing."""
    jump_probability: Share = 0.1
    """Chance per step that a scripted block begins a jump."""
    jump_steps: Positive = 4
    """Steps of a scripted jump."""
    mutation: Share = 0.0
    """Chance that an episode that explores begins with a changed copy of a known sequence, and not with nothing."""
    stall_steps: Positive = 100
    """Steps without new ground after which a changed copy is left for blocks."""
    blocks: Literal["scripted", "policy"] = "scripted"
    """policy: the parent plays blocks forward. Needs a clone or another network."""
    policy_share: Share = 0.7
    """Share of the blocks forward that the policy plays; the others are scripted."""
    memory: bool = False
    """Let an episodic memory over the parent's features play blocks forward. Needs a clone or another network."""
    memory_share: Share = 0.5
    """Share of the blocks forward in which memory is asked first."""
    memory_capacity: Positive = 2_000
    """Moments remembered of every act; the one written longest ago is forgotten."""
    memory_neighbours: Positive = 10
    """Moments by which memory judges a new one."""
    # measured with a clone: moments within 0.01 lay some 10 pixels apart, those at 0.02 in places that only look alike
    memory_distance: AboveZero = 0.01
    """Cosine distance within which a remembered moment says anything about a new one."""
    memory_merge: AboveZero = 0.002
    """Cosine distance within which two moments with the same action are one."""
    memory_gamma: Share = 0.99
    """Discount per step of remembered returns."""

    @property
    def needs_policy(self) -> bool:
        """Whether anything is asked of the parent's network."""
        return self.memory or self.blocks == "policy"

    @property
    def perfect_return(self) -> float:
        """What an episode hardly exceeds; of the contest's, the end at once."""
        return PERFECT_RETURNS[self.reward] * self.reward_scale

    @property
    def uses_parent(self) -> bool:
        return self.needs_policy

    @property
    def warmup_steps(self) -> int:
        """-1: nothing is known at the start, so that is not worth an evaluation (training.loop.Schedule)."""
        return -1

    def env(self, spec: ObservationSpec) -> EnvConfig:
        """The environment of training."""
        return replace(super().env(spec), stick_probability=self.stick_probability)


PRESETS: Mapping[str, Config] = {
    "full": Config(),
    "demo": Config(total_steps=300_000, max_frames=4500, evaluate_every=100_000, finalists=1),
    "mine": Config(total_steps=200_000, max_frames=4500, evaluate_every=100_000, finalists=2),
    "smoke": Config(
        finalists=2,
        final_episodes=1,
        total_steps=600,
        max_frames=300,
        mutation=0.5,
        evaluate_every=300,
        evaluate_episodes=1,
        acts="EmeraldHillZone.Act1,WingFortressZone",
        trial=True,
    ),
}

CHARTS = (
    PLAYING,
    Chart(
        "How episodes begin",
        {"loss/replayed": "as a replay (exploit)", "loss/mutated": "as a changed copy"},
        share=True,
        note="The others explore. The chance of a replay grows with the share of the run that is done.",
    ),
    Chart(
        "Best sequences, return",
        {"loss/best_found": "when found", "loss/best_mean": "mean of their replays"},
        note="Means over acts. What the find is above the replays was luck.",
    ),
    Chart("Best sequences, length", {"loss/best_length": "steps, mean over acts"}),
    Chart(
        "Replays that are exact",
        {"loss/replays_exact": "share of the replays"},
        share=True,
        note="Exact: they pay what the find paid. Without sticky frames all are, with them hardly any.",
    ),
    Chart("What replays fall short by", {"loss/replay_shortfall": "return, mean"}),
    Chart("Sequences kept", {"loss/sequences": "of all acts"}),
    Chart("Memory: moments", {"loss/memory_size": "remembered", "loss/memory_lookups": "looked up in an update"}),
    Chart("Memory: known", {"loss/memory_hits": "share of the look-ups"}, share=True),
)

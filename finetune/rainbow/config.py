"""The options of Rainbow; apart from the learner, so that `--help` does not wait for TensorFlow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from common.ranges import AboveZero, NotNegative, Positive, Share
from experiment.charts import PLAYING, Chart
from finetune.config import RolloutConfig
from game.acts import CONTEST
from policy.architecture import NetworkConfig


@dataclass(frozen=True)
class Config(RolloutConfig):
    """Learn what actions are worth with Rainbow, from what was played before as well; the best checkpoint is kept."""

    rollout_length: Positive = 16
    """Steps each environment plays between two updates of the network that plays."""
    replay_capacity: Positive = 100_000
    """Steps kept to learn from, of all environments together: 0.9 GB of memory for 100,000."""
    learning_starts: Positive = 20_000
    """Steps in the replay before the first gradient step; preloaded ones count."""
    train_every: Positive = 4
    """Agent steps per gradient step."""
    batch_size: Positive = 32
    """Samples per gradient step."""
    learning_rate: AboveZero = 1e-4
    """Of Adam."""
    adam_epsilon: AboveZero = 1.5e-4
    """Of Adam: so large that rare gradients are not blown up."""
    max_gradient_norm: AboveZero = 10.0
    """Gradients with a larger norm are scaled down to it."""
    gamma: Share = 0.99
    """Discount per step."""
    target_every: Positive = 8192
    """Agent steps between two copies to the target network, counted over the whole run."""
    n_step: Positive = 3
    """Steps of a return before it trusts the target network; 1 for none of this."""
    distributional: bool = True
    """Learn the distribution over returns, not only its mean (C51)."""
    value_min: Annotated[float, Meta(le=0)] = -5.0
    """The least return of the distribution's support ..."""
    value_max: AboveZero = 45.0
    """... and the largest: at reward scale 0.01, two thirds of an act run through at full speed, and the time bonus."""
    double: bool = True
    """The online network chooses the action whose value the target network gives."""
    dueling: bool = True
    """Learn the state's value apart from the actions' advantages."""
    noisy: bool = True
    """Explore by noise on the dense layers' weights, whose size is learnt; without it, by random actions (epsilon)."""
    epsilon: Share = 0.02
    """Without noise: share of random actions, ..."""
    epsilon_steps: Positive = 100_000
    """... reached after so many agent steps, falling linearly from 1."""
    prioritised: bool = True
    """Sample more often what was predicted badly."""
    priority_alpha: Share = 0.5
    """How far sampling follows the loss."""
    priority_beta: Share = 0.4
    """How far importance weights make up for it."""
    priority_epsilon: NotNegative = 0.1
    """Added to every loss, so that nothing is never sampled again."""
    act_focus: Share = 0.3
    """How far acts that still go badly are preferred: an act's weight is 1 - act_focus x its recent progress."""
    preload: Literal["none", "movies", "player", "run"] = "movies"
    """What the replay is filled with before anything is learnt. movies: demonstrations. player: episodes of any player. run:
    what another Rainbow run kept."""
    preload_from: str = ""
    """Which: files or folders of movies separated by commas, by default all of this game; random, right, right-and-jump, a run
    or a checkpoint, by default the clone; a Rainbow run, by default what it begins from, else the newest."""
    preload_steps: Positive = 50_000
    """Steps to preload, at most; they are no agent steps."""
    torso: Literal["nature", "residual", "pooled", "separable"] = "nature"
    """From scratch only; otherwise the clone's."""
    hidden: Positive = 512
    """Units of the dense layer below the heads; from scratch only, otherwise the clone's."""
    action_set: Literal["all", "merged", "contest7", "jerk4"] = "merged"
    """What the policy chooses from. merged: A counts as B, or one jump's value would be learnt twice."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the gradient steps; auto takes bfloat16 where it is fast."""

    @property
    def begins_as_parent(self) -> bool:
        """A policy's logits are no values, so the heads are new."""
        return False

    @property
    def alpha(self) -> float:
        """The exponent of sampling; 0 where every step is sampled alike."""
        return self.priority_alpha if self.prioritised else 0.0

    @property
    def beta(self) -> float:
        """The exponent of the importance weights."""
        return self.priority_beta if self.prioritised else 0.0

    def check(self) -> None:
        """ValueError for options that contradict each other."""
        # some of the replay always waits, or has lost its stacks
        if self.learning_starts > self.replay_capacity // 2:
            raise ValueError(
                f"Expected --learning-starts of at most half of --replay-capacity {self.replay_capacity}. "
                f"Received: {self.learning_starts}"
            )
        if self.preload == "player" and self.acts.startswith(CONTEST):
            raise ValueError("In a contest nobody plays on its act beside what counts. Received: --preload player")

    def exploration(self, steps: int) -> float:
        """The share of random actions after so many agent steps; none where noise explores."""
        if self.noisy:
            return 0.0
        done = min(steps / self.epsilon_steps, 1.0)
        return 1.0 + done * (self.epsilon - 1.0)

    def network(self, below: NetworkConfig | None) -> NetworkConfig:
        """The architecture, on the torso and hidden layer of another when given."""
        if self.distributional:
            heads = "rainbow" if self.dueling else "distributional"
        else:
            heads = "dueling" if self.dueling else "values"
        return NetworkConfig(
            torso=below.torso if below else self.torso,
            hidden=below.hidden if below else self.hidden,
            heads=heads,  # type: ignore[arg-type]
            noisy=self.noisy,
        )


PRESETS: Mapping[str, Config] = {
    "full": Config(patience=20),
    # the dense layers' weights take the time, not the samples: twice as many samples, half as often
    "demo": Config(
        total_steps=300_000, max_frames=9000, evaluate_every=57_600, batch_size=64, train_every=8, finalists=1
    ),
    # as it was once tuned in the contest: learnt slowly and often, with a longer look ahead
    "tuned": Config(
        n_step=5,
        learning_rate=1e-5,
        target_every=5192,
        train_every=1,
        priority_epsilon=0.5,
        replay_capacity=500_000,
        preload="none",
        action_set="contest7",
    ),
    # as it once did best in the contest: the replay filled by an earlier run, sampled almost uniformly
    "preloaded": Config(priority_alpha=0.2, preload="run", preload_steps=100_000, action_set="contest7"),
    "smoke": Config(
        finalists=2,
        final_episodes=1,
        total_steps=512,
        num_envs=4,
        replay_capacity=4_000,
        learning_starts=200,
        train_every=16,
        batch_size=16,
        target_every=256,
        preload_steps=200,
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
        "Q, in the learner's rewards",
        {"loss/value": "of the actions taken"},
        note="What it expects from here on. Rising without progress rising: it overestimates.",
    ),
    Chart("TD error, nats", {"loss/td": "mean of the samples", "loss/td_largest": "largest"}),
    Chart(
        "Priorities",
        {"loss/priority": "mean in the replay", "loss/importance": "mean importance weight"},
        note="A step is sampled in proportion to its priority; its weight makes up for a part of that.",
    ),
    Chart("Age of samples, agent steps", {"loss/sample_age": "mean"}),
    Chart(
        "Noise on the weights",
        {"loss/noise": "mean scale"},
        note="Learnt, from 0.5 on; towards 0 where there is nothing left to explore.",
    ),
    Chart("Random actions", {"loss/exploration": "share"}, share=True, note="Only without noise."),
    Chart("Replay, steps", {"loss/replay_size": "kept", "loss/preloaded": "preloaded"}),
)

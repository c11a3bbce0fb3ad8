"""The options that every learner of the fine-tuning stage has, or every actor-critic; a learner's own Config adds to them."""

import math
from dataclasses import dataclass, replace
from typing import Literal

from common.cores import core_count
from common.ranges import AboveZero, BelowOne, Count, NotNegative, Positive, Share
from finetune.sampler import StartsName
from game.crew import Crew
from game.env import EnvConfig
from game.observation import ObservationSpec
from game.reward_wrappers import OTHER_REWARDS
from game.rewards import RewardName
from policy.architecture import NetworkConfig

FEWEST_ENVS = 18
"""With fewer environments, an update would see too few episodes, of too few acts."""


@dataclass(frozen=True)
class StageConfig:
    """What a run of any learner is: where it begins, what it plays, how long, and how it is watched."""

    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""
    init: str = ""
    """Where to begin: "" the newest clone of this game, "none" from scratch, or a run or checkpoint folder."""
    name: str = ""
    """Run name under runs/finetune/; by default made from the configuration."""
    acts: str = "all"
    """"all", or act names separated by commas."""
    contest_split: bool = False
    """Keep the contest's three held-out acts out of training."""
    strict: bool = False
    """Refuse a clone that failed its spin-dash check, or under the contest split one that was taught held-out acts, instead of
    going on with a warning."""
    trial: bool = False
    """Only try whether everything works: nobody else takes this run for the newest, and trial clones may be begun from."""
    seed: Count = 1
    """Of all chance in the run."""
    total_steps: Positive = 2_000_000
    """Agent steps in all."""
    reward: RewardName = "backtracking"
    """What is learnt from; scored is by the contest's. contest: every change of progress pays. backtracking: only new ground
    does, so walking back costs nothing. sparse: 1 for the end of the act, nothing else. tiers: what raises the game's own
    score, more than in proportion. fitness: 10 for every frame that wins new ground, 100,000 for the end."""
    reward_scale: AboveZero = 0.01
    """Rewards are multiplied by this. sparse and tiers are small already: 1 suits them."""
    frame_skip: Positive = 4
    """Frames per step."""
    max_frames: Positive = 18_000
    """Frames per episode."""
    evaluate_every: Positive = 23_040
    """Agent steps between two evaluations, each followed by a checkpoint."""
    evaluate_episodes: Positive = 2
    """Episodes per act in an evaluation."""
    finalists: Positive = 4
    """Checkpoints that play on at the end: those that came furthest on schedule and what the run began with; the better half
    goes on to twice as many episodes, until one is left (1: the furthest is taken as it is)."""
    final_episodes: Positive = 2
    """Episodes per act that each of them plays on at first."""
    patience: Count = 0
    """Evaluations without a new best after which training stops (0: never)."""
    stall_frames: Count = 900
    """Frames without new ground after which a training episode is cut short (0: never); evaluation waits a minute, scoring does
    not mind."""
    life_price: Share = 0.0
    """What a lost life costs in training: this share of the reward for the ground not covered; nothing where --reward pays no
    ground."""
    workers: Count = 0
    """Emulator processes (0: one per core)."""
    cluster: str = ""
    """Where they run instead: a Ray cluster's HOST:PORT, `auto` for this machine's, `local` for one here (docs/cluster.md)."""

    @property
    def crew(self) -> Crew:
        """Who plays, and where."""
        return Crew(self.workers, self.cluster, self.game)

    @property
    def planned_steps(self) -> int:
        """Agent steps of the whole run; a learner that takes them in larger units rounds down."""
        return self.total_steps

    @property
    def warmup_steps(self) -> int:
        """Agent steps before the policy first changes, when it begins from a parent."""
        return 0

    @property
    def uses_demonstrations(self) -> bool:
        """Whether the movies there are decide what is learnt, besides what the parent was taught."""
        return False

    @property
    def begins_as_parent(self) -> bool:
        """Whether what is learnt begins by playing exactly as its parent does."""
        return True

    @property
    def uses_parent(self) -> bool:
        """Whether anything of a parent is used; else none is looked for."""
        return True

    def env(self, spec: ObservationSpec) -> EnvConfig:
        """The environment of training, sticky frame skip included."""
        return EnvConfig(
            game=self.game,
            frame_skip=self.frame_skip,
            observation=spec,
            reward=self.reward,
            reward_scale=self.reward_scale,
            max_frames=self.max_frames,
            stall_frames=self.stall_frames,
            life_price=0.0 if self.reward in OTHER_REWARDS else self.life_price,
        )


@dataclass(frozen=True)
class RolloutConfig(StageConfig):
    """What the learners have alike that play rollouts of many environments."""

    num_envs: Positive = max(core_count(), FEWEST_ENVS)
    """Environments; each worker process swaps several through its emulator."""
    rollout_length: Positive = 64
    """Steps each environment plays between two updates of the network that plays."""

    @property
    def steps_per_update(self) -> int:
        """Agent steps in a rollout of all environments."""
        return self.num_envs * self.rollout_length

    @property
    def updates(self) -> int:
        """In the whole run."""
        return max(self.total_steps // self.steps_per_update, 1)

    @property
    def planned_steps(self) -> int:
        """Whole updates only."""
        return self.updates * self.steps_per_update


@dataclass(frozen=True)
class ActorCriticConfig(RolloutConfig):
    """What PPO and IMPALA have alike: rollouts, a critic, and ties to the clone and to demonstrations."""

    learning_rate: AboveZero = 1e-4
    """At the start; falls linearly."""
    critic_learning_rate: AboveZero = 3e-3
    """Of the critic's head, which nobody has taught anything when the rest is a clone's; falls alike. At the policy's rate it
    would still know nothing when the policy begins to move."""
    learning_rate_end: Share = 0.1
    """Share of it that is left at the end; 1 for a constant one."""
    gamma: Share = 0.985
    """Discount per step. A horizon of 67 steps: what kills or stops a player here shows within a few seconds."""
    gamma_end: BelowOne = 0.0
    """Discount at the end, up to which the horizon grows by the same factor in equal times (cf. Schwarzer et al. 2023,
    arXiv:2305.19452, section 4); 0: it stays."""
    entropy_weight: NotNegative = 0.0005
    """Weight of the entropy bonus."""
    value_weight: NotNegative = 0.05
    """Weight of the critic's loss in what moves the torso: much of it would undo what the torso was taught. (Its head has an
    optimizer of its own.)"""
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
    critic_warmup: Share = 0.06
    """Share of all steps in which only the critic learns (none from scratch)."""
    act_focus: Share = 0.3
    """How far acts that still go badly are preferred: an act's weight is 1 - act_focus x its recent progress."""
    starts: StartsName = "cells"
    """Where episodes begin. none: at the act's start. uniform: anywhere along demonstrations, too. cells: where episodes
    fail most. frontier: from the end of the act backwards as it is mastered, then as cells."""
    start_share: Share = 0.3
    """Share of the episodes in acts with demonstrations that begin by cell, along these; in the first, at the act's start."""
    practice_length: Share = 0.0
    """Share of an act's way after which an episode that began inside it ends, so that the next can practise elsewhere
    (0: it goes on to the act's end)."""
    network: NetworkConfig = NetworkConfig()
    """From scratch only; otherwise the clone's."""
    action_set: Literal["all", "merged", "contest7", "jerk4"] = "all"
    """What the policy chooses from; from scratch only, otherwise the clone's."""
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    """Of the gradient steps; auto takes bfloat16 where it is fast."""

    @property
    def warmup_steps(self) -> int:
        """Agent steps in which only the critic learns, when there is a clone to keep."""
        return self.steps_per_update * math.ceil(self.critic_warmup * self.updates)

    def discount(self, done: float) -> float:
        """The discount after a share of the run."""
        if not self.gamma_end:
            return self.gamma
        return 1.0 - (1.0 - self.gamma) ** (1.0 - done) * (1.0 - self.gamma_end) ** done

    @property
    def uses_demonstrations(self) -> bool:
        """As starts of episodes, or in the cloning loss beside a clone."""
        return self.starts != "none" or (self.init != "none" and self.cloning_weight > 0)

    def env(self, spec: ObservationSpec) -> EnvConfig:
        return replace(super().env(spec), practice_length=self.practice_length)

"""The options that every learner of the fine-tuning stage has; a learner's own Config adds to them."""

from dataclasses import dataclass

from common.ranges import AboveZero, Count, Positive, Share
from game.crew import Crew
from game.env import EnvConfig
from game.observation import ObservationSpec
from game.reward_wrappers import OTHER_REWARDS
from game.rewards import RewardName


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
    """Refuse a clone that failed its spin-dash check, instead of going on with a warning."""
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
    """Frames without new ground after which a training episode is cut short (0: never); evaluation knows no such limit."""
    life_price: Share = 0.0
    """What a lost life costs in training: this share of the reward for the ground not covered."""
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
        """The environment of training, sticky frame skip included. ValueError for options that contradict each other."""
        if self.life_price and self.reward in OTHER_REWARDS:
            raise ValueError(
                f"--life-price is a share of what the ground pays. Received: --reward {self.reward}, which pays no ground"
            )
        return EnvConfig(
            game=self.game,
            frame_skip=self.frame_skip,
            observation=spec,
            reward=self.reward,
            reward_scale=self.reward_scale,
            max_frames=self.max_frames,
            stall_frames=self.stall_frames,
            life_price=self.life_price,
        )

"""The options of the evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass

from common.ranges import Count, NotNegative, Positive, Share
from game.crew import Crew
from game.rewards import CONTEST_FRAMES
from game.seeds import scoring_seeds


@dataclass(frozen=True)
class Config:
    """Score players on every act: a table, a report to open in a browser, and videos."""

    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""
    players: tuple[str, ...] = ("random", "right-and-jump", "clone", "finetuned")
    """Baselines (random, right, right-and-jump), clone, finetuned (the newest of this game; clone is then its parent), a
    learner's name (its newest), without-you (the newest clone of search play only), run names or directories, checkpoints."""
    acts: str = "all"
    """"all" (the 18), "test" (the five of Quillrush nobody trains on), "held-out", or act names separated by commas."""
    episodes: Positive = 5
    """Episodes per act, for every player with the same seeds."""
    seed: Count = 1
    """Another seed, other episodes."""
    frame_skip: Positive = 4
    """Frames per step; the players' checkpoints must have learnt with the same."""
    stick_probability: Share = 0.25
    """Chance that the first frame of a step still holds the combo before (the contest's; 0 turns it off)."""
    max_frames: Positive = CONTEST_FRAMES
    """Frames per episode."""
    temperature: NotNegative = 1.0
    """Of the networks' choice: 1 draws from the policy, 0 takes the likeliest combo."""
    videos: Count = 18
    """Episodes to render: the last player's best, median and worst of acts from its best to its worst, then the player's
    before it."""
    report: bool = True
    """Make the report, with its videos and maps; --no-report leaves the figures (results.json, table.md)."""
    workers: Count = 0
    """Emulator processes (0: one per core)."""
    cluster: str = ""
    """Where they run instead: a Ray cluster's HOST:PORT, `auto` for this machine's, `local` for one here (docs/cluster.md)."""
    name: str = ""
    """Run name under runs/evaluate/; by default made from the configuration."""
    trial: bool = False
    """Only try whether everything works: the players may be trials, too."""

    @property
    def crew(self) -> Crew:
        """Who plays, and where."""
        return Crew(self.workers, self.cluster, self.game)

    @property
    def seeds(self) -> range:
        """The episodes' seeds, the same for every act and player."""
        return scoring_seeds(self.seed, self.episodes)


PRESETS: Mapping[str, Config] = {
    "full": Config(),
    "demo": Config(episodes=5, max_frames=9000, videos=3),
    "mine": Config(
        players=("right-and-jump", "without-you", "clone", "finetuned"), episodes=5, max_frames=9000, videos=6
    ),
    "smoke": Config(acts="EmeraldHillZone.Act1,WingFortressZone", episodes=1, max_frames=300, videos=1, trial=True),
}

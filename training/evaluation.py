"""How well a checkpoint plays while it is being trained: whole episodes under the contest's conditions."""

from dataclasses import dataclass
from pathlib import Path

from game.crew import Crew
from game.env import EnvConfig
from policy.checkpoint import read_info
from policy.episodes import EpisodeTask, mean_progress, play_all

STALL_FRAMES = 3_600
"""An episode that wins no new ground for a minute is cut short: whoever stands still would be watched for five. It must not be
much less: scoring knows no such limit, and a clone that draws its actions frees itself in the end. One that scored 88.7 % of an
act without a limit had 77.6 % at twenty seconds, so that checkpoints were told apart by what does not count."""


@dataclass(frozen=True)
class Evaluation:
    """Call it with a checkpoint folder for the mean progress, 0 to 1, over acts and seeds.

    Attributes:
        acts: names of the acts played.
        seeds: of the episodes, the same for every act (see game.seeds).
        max_frames: frames per episode.
        workers: emulator processes (0: one per core), or a crew elsewhere.
    """

    acts: tuple[str, ...]
    seeds: range
    max_frames: int
    workers: int | Crew = 0

    def __call__(self, checkpoint: Path) -> float:
        info = read_info(checkpoint)
        env = EnvConfig(
            game=info.game,
            frame_skip=info.frame_skip,
            observation=info.observation,
            max_frames=self.max_frames,
            stall_frames=STALL_FRAMES,
        )
        tasks = []
        for act in self.acts:
            tasks += [EpisodeTask(str(checkpoint), act, seed, env) for seed in self.seeds]
        return mean_progress(play_all(tasks, self.workers))

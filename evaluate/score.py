"""The evaluation: every player plays every act with the same seeds; what finished stays when it is stopped.

The contest's conditions (sticky frame skip, 18,000 frames), with one departure: an episode goes on past the contest's
end x until the game itself calls the act done, so that "passed the end x" and "completed the act" are told apart. The
contest score is the same with and without: nothing is paid after the end x.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path

from evaluate.players import Contestant, find_contestants
from evaluate.report.page import write_report
from evaluate.results import Results, describe_machine, summarise_players
from evaluate.store import EpisodeStore, place_of, read_episodes
from evaluate.table import act_table, as_markdown, show, summary_table
from evaluate.videos import render_videos
from experiment.config import to_json
from experiment.progress import Tracker
from experiment.run import Run, write_json
from game.acts import select_acts
from game.env import EnvConfig
from game.games import choose_game
from game.rewards import CONTEST_FRAMES
from game.rollout import Episode
from game.workers import run_tasks
from policy.episodes import EpisodeTask, play_task

SEED_STRIDE = 10_000
"""Seeds begin at this times the evaluation's seed: never one with which another stage chose its checkpoint."""

MOST_FAILURES = 5
"""Episodes that may fail before the evaluation stops and says why."""


@dataclass(frozen=True)
class Config:
    """Score players on every act: a table, a report to open in a browser, and videos."""

    game: str = ""
    """sonic2 or quillrush; by default sonic2 once its ROM is imported."""
    players: tuple[str, ...] = ("random", "right-and-jump", "clone", "finetuned")
    """Controls (random, right, right-and-jump), clone, finetuned (the newest of this game), checkpoint folders or run
    directories."""
    acts: str = "all"
    """"all", or act names separated by commas."""
    episodes: int = 5
    """Episodes an act, for every player with the same seeds."""
    seed: int = 1
    """Another seed, other episodes."""
    frame_skip: int = 4
    """Frames a step; the players' checkpoints must have learnt with the same."""
    stick_probability: float = 0.25
    """Chance that the first frame of a step still holds the combo before (the contest's; 0 turns it off)."""
    max_frames: int = CONTEST_FRAMES
    """Frames an episode."""
    temperature: float = 1.0
    """Of the networks' choice: 1 draws from the policy, 0 takes the likeliest combo."""
    videos: int = 18
    """Episodes to render: the last player's best one of each act first, then the player's before it."""
    workers: int = 0
    """Emulator processes (0: one a core)."""
    name: str = ""
    """Run name under runs/evaluate/; by default made from the configuration."""

    @property
    def seeds(self) -> range:
        """The episodes' seeds, the same for every act and player."""
        return range(self.seed * SEED_STRIDE, self.seed * SEED_STRIDE + self.episodes)


PRESETS: Mapping[str, Config] = {
    "full": Config(),
    "demo": Config(episodes=5, max_frames=4500, videos=3),
    "smoke": Config(acts="EmeraldHillZone.Act1,WingFortressZone", episodes=1, max_frames=300, videos=1),
}


def evaluate(config: Config) -> Run:
    """Score, print, report. A finished run's table is printed again; an unfinished one goes on.

    Raises:
        ValueError: an unknown game, act or player, or a checkpoint that does not fit.
        RuntimeError: episodes that could not be played; the others are kept.
    """
    if config.episodes < 1:
        raise ValueError(f"Expected at least one episode an act. Received: episodes {config.episodes}")
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    game.check_rom()
    config = replace(config, game=game.name)
    acts = list(dict.fromkeys(act.name for act in select_acts(config.acts)))
    contestants = find_contestants(config.players, game.name, config.frame_skip)
    inputs = {"rom": game.sha1, "players": [contestant.identity for contestant in contestants]}
    run = Run.open("evaluate", replace(config, workers=0), inputs, config.name, f"{game.name}-s{config.seed}")
    if run.finished:
        print(f"evaluation: {run.path} is finished; reusing it")
    else:
        print(f"evaluating {', '.join(contestant.label for contestant in contestants)} -> {run.path}")
        play_missing(config, acts, contestants, run)
    results = collect(config, acts, contestants, run)
    show(summary_table(results))
    show(act_table(results))
    if not run.finished:
        publish(results, config, run)
    print(f"report: {run.path / 'report.html'}")
    return run


def play_missing(config: Config, acts: Sequence[str], contestants: Sequence[Contestant], run: Run) -> None:
    """Play the episodes that are not saved yet, each with its movie. RuntimeError when some cannot be played."""
    store = EpisodeStore(run.path / "episodes.jsonl")
    order = list(product(contestants, acts, config.seeds))
    tasks = {
        episode_task(config, contestant, act, seed, run.path): contestant.label
        for contestant, act, seed in order
        if (contestant.label, act, seed) not in store.episodes
    }
    failures: list[str] = []
    with Tracker("evaluating", len(order), "episodes", len(order) - len(tasks)) as tracker:
        for outcome in run_tasks(play_afresh, tasks, config.workers):
            label = tasks[outcome.task]
            if outcome.error:
                failures.append(f"{label} on {outcome.task.act}, seed {outcome.task.seed}: {outcome.error}")
                tracker.say(failures[-1])
                if len(failures) > MOST_FAILURES:
                    break
                continue
            store.add(label, outcome.result)
            tracker.advance(1, f"{label} on {outcome.result.act}: {outcome.result.progress:.0%}")
    if failures:
        raise RuntimeError(
            f"{len(failures)} episodes could not be played, the first being {failures[0]}. "
            "All others are kept; the same command tries the missing ones again."
        )


def play_afresh(task: EpisodeTask) -> Episode:
    """Play an episode in a worker; the movie that an attempt cut short may have left behind makes way."""
    if task.movie is not None:
        task.movie.unlink(missing_ok=True)
    return play_task(task)


def episode_task(config: Config, contestant: Contestant, act: str, seed: int, folder: Path) -> EpisodeTask:
    """One player on one act under this evaluation's conditions."""
    env = EnvConfig(
        game=config.game,
        frame_skip=config.frame_skip,
        stick_probability=config.stick_probability,
        observation=contestant.observation,
        max_frames=config.max_frames,
        end="completion",
    )
    movie = place_of(folder, "movies", contestant.label, act, seed, "bk2")
    return EpisodeTask(contestant.source, act, seed, env, config.temperature, movie)


def collect(config: Config, acts: Sequence[str], contestants: Sequence[Contestant], run: Run) -> Results:
    """The figures of a run whose episodes are all there."""
    episodes = read_episodes(run.path / "episodes.jsonl")
    players = summarise_players(contestants, acts, config.seeds, episodes, config.seed)
    return Results(config.game, to_json(config), describe_machine(), players)


def publish(results: Results, config: Config, run: Run) -> None:
    """results.json and table.md, then videos and report; then the run is finished."""
    write_json(run.path / "results.json", results.to_json())
    tables = (as_markdown(table(results)) for table in (summary_table, act_table))
    (run.path / "table.md").write_text("\n".join(tables))
    videos = render_videos(results, config.videos, run.path, config.workers)
    write_report(results, videos, run.path / "report.html")
    best = max(results.players, key=lambda player: player.progress.mean)
    progress = {player.label: player.progress.mean for player in results.players}
    run.finish({"progress": progress, "best": best.label, "videos": len(videos)})

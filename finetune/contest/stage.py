"""One run of the contest: every act by itself, each in a run directory of its own, and their mean.

runs/contest/<name>/ holds contest.json and a folder for each act, which the loop of training resumes like any other run;
beside its metrics lies episodes.jsonl with every episode that ended. Nobody takes a policy of the contest for "the newest".
"""

import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from experiment.config import in_words
from experiment.metrics import METRICS, read_metrics
from experiment.run import Run, portable
from finetune.config import StageConfig
from finetune.contest.config import departures, presets_of
from finetune.contest.episodes import EPISODES, Recorded, figures_of, read_episodes
from finetune.contest.results import RESULTS, ActScore, mean_score, points, save_results, show
from finetune.learners import LearnerEntry
from finetune.stage import choose_parent
from game.acts import ACTS, CONTEST
from game.games import Game, choose_game
from game.levels import Level, contest_levels
from game.seeds import schedule_seeds
from policy.checkpoint import Checkpoint
from training.evaluation import Evaluation
from training.loop import Schedule, progress_of, train

STAGE = "contest"


def hold_contest(entry: LearnerEntry, config: StageConfig) -> Run:
    """Learn on each act in turn, and score all episodes; the run directory holds the result.

    Raises:
        ValueError: no such game, act or clone; levels whose ROM is not there; limits beyond the contest's.
        KeyboardInterrupt: stopped; the same call goes on.
    """
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    preset = in_words(config, presets_of(entry))
    config = replace(config, game=game.name)
    levels = contest_levels(game, config.acts)
    departed = departures(config)
    # what was learnt on Sonic 2 plays its custom levels, too
    parent = choose_parent(replace(config, game=game.made_from or game.name))
    departed += seen_before(levels, parent)
    origin = origin_of(parent, [level.game for level in levels])
    label = f"{game.name}-{entry.name}-s{config.seed}"
    run = Run.open(STAGE, config, origin, name=config.name, label=label, learner=entry.name, preset=preset)
    about = {"game": game.name, "learner": entry.name, "preset": preset, "origin": origin, "departures": departed}
    with run.held():
        print(f"contest of {entry.name} ({preset}) from {origin} -> {run.path}")
        acts: list[ActScore] = []
        for level in levels:
            acts.append(_play(entry, config, parent, run, level))
            save_results(run.path / RESULTS, about, acts)
        if not run.finished:
            run.finish({"score": mean_score(acts), "acts": len(acts)})
    steps = f"{config.total_steps:,} steps per act"
    show(f"Contest of {entry.name} on {game.name}: {steps}, seed {config.seed}", acts, departed)
    return run


def origin_of(parent: Checkpoint | None, games: Collection[Game]) -> str:
    """What a run is fed, in words: where it begins, and the ROMs. GameError when one is not there, or a wrong one."""
    for game in games:
        game.check_rom()
    begins = portable(parent.path) if parent else "none"
    return f"{begins} on ROM {', '.join(sorted({game.sha1 for game in games}))}"


def seen_before(levels: Sequence[Level], parent: Checkpoint | None) -> list[str]:
    """The acts that what one begins with may have learnt on, in words; those of the contest are unseen."""
    if parent is None:
        return []
    names = [level.title for level in levels if level.act in ACTS]
    if not names:
        return []
    return [f"begun from {portable(parent.path)}, which may have learnt on {', '.join(names)}"]


def _play(entry: LearnerEntry, config: StageConfig, parent: Checkpoint | None, whole: Run, level: Level) -> ActScore:
    """Learn on one act, or read what an earlier call learnt there."""
    name = f"{whole.path.name}/{level.game.name}-{level.act.name}"
    config = replace(config, game=level.game.name, acts=CONTEST + level.act.name, name=name)
    run = Run.open(STAGE, config, origin_of(parent, [level.game]), name=name, learner=entry.name)
    with run.held():
        if not run.finished:
            _learn(entry, config, parent, run, level)
    score = _score(run, level)
    figures = score.figures
    print(f"{score.title}: {points(figures.score)} in {figures.episodes} episodes of {score.steps:,} steps", flush=True)
    return score


def _learn(entry: LearnerEntry, config: StageConfig, parent: Checkpoint | None, run: Run, level: Level) -> None:
    learner = Recorded(entry.make(config, parent), run.path / EPISODES, level.act.name, config.frame_skip)
    try:
        schedule = schedule_of(config, f"contest, {level.title}")
        best = train(learner, schedule, run, evaluation_of(config, level))
    finally:
        # emulator processes end here, whatever happened
        learner.close()
    _keep_only(best)
    run.finish({"best": portable(best), "steps": int(learner.steps), "progress": progress_of(best)})


def _keep_only(best: Path) -> None:
    """Remove an act's other checkpoints: they were for going on, and there may be dozens."""
    for checkpoint in best.parent.iterdir():
        if checkpoint != best:
            shutil.rmtree(checkpoint)


def schedule_of(config: StageConfig, title: str) -> Schedule:
    """Checkpoints on the way; the only evaluation is at the end, when nothing is learnt any more."""
    return Schedule(
        total=config.planned_steps,
        evaluate_every=0,
        unchanged_until=-1,
        checkpoint_every=config.evaluate_every,
        title=title,
    )


def evaluation_of(config: StageConfig, level: Level) -> Evaluation:
    """How far the final policy gets in its act, on seeds of their own."""
    return Evaluation(
        acts=(level.act.name,),
        seeds=schedule_seeds(config.evaluate_episodes),
        max_frames=config.max_frames,
        workers=config.crew,
    )


def _score(run: Run, level: Level) -> ActScore:
    """A finished act's score, from its files."""
    return ActScore(
        act=level.act.name,
        game=level.game.name,
        title=level.title,
        steps=int(run.summary["steps"]),
        seconds=round(learning_seconds(read_metrics(run.path / METRICS)), 1),
        figures=figures_of(read_episodes(run.path / EPISODES)),
        final_progress=float(run.summary["progress"]),
    )


def learning_seconds(lines: Sequence[Mapping[str, float]]) -> float:
    """How long the updates of a run took together, from its metrics."""
    seconds = 0.0
    before = 0.0
    for line in lines:
        rate = line.get("time/steps_per_second", 0.0)
        if rate > 0:
            seconds += (line["step"] - before) / rate
        before = line["step"]
    return seconds

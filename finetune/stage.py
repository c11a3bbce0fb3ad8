"""One run of the fine-tuning stage, whichever learner it is: where it begins, where it is kept, how it is watched."""

from dataclasses import replace

from experiment.run import Run, find_checkpoint, portable, run_of
from finetune.config import StageConfig
from finetune.learners import LearnerEntry
from game.acts import select_acts
from game.games import choose_game
from game.seeds import schedule_seeds
from policy.checkpoint import Checkpoint, check_compatible, load_checkpoint
from training.evaluation import Evaluation
from training.loop import Schedule, progress_of, train


def fine_tune(entry: LearnerEntry, config: StageConfig) -> Run:
    """Train a learner; the run directory holds the result. A finished run is returned as it is.

    Raises:
        ValueError: no such game, act or clone, or a clone that failed its spin-dash check.
        KeyboardInterrupt: stopped; the same call goes on.
    """
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    config = replace(config, game=game.name)
    parent = choose_parent(config)
    origin = portable(parent.path) if parent else "none"
    label = f"{game.name}-{entry.name}-s{config.seed}"
    run = Run.open("finetune", config, origin, name=config.name, label=label, learner=entry.name)
    if run.finished:
        print(f"fine-tuned: {run.path} is finished; reusing it")
        return run
    print(f"fine-tuning {origin if parent else 'from scratch'} with {entry.name} -> {run.path}")
    learner = entry.make(config, parent)
    try:
        best = train(learner, schedule_of(config), run, evaluation_of(config))
    finally:
        learner.close()
    run.finish({"best": portable(best), "steps": int(learner.steps), "progress": progress_of(best)})
    print(f"fine-tuned: {portable(best)} (mean progress {progress_of(best):.1%} on its evaluation)")
    return run


def schedule_of(config: StageConfig) -> Schedule:
    """When this run evaluates and stops."""
    return Schedule(
        total=config.planned_steps,
        evaluate_every=config.evaluate_every,
        patience=config.patience,
        title="fine-tuning",
    )


def evaluation_of(config: StageConfig) -> Evaluation:
    """How this run's checkpoints are compared: on the acts it trains on, with seeds of their own."""
    acts = select_acts(config.acts, config.contest_split)
    return Evaluation(
        acts=tuple(act.name for act in acts),
        seeds=schedule_seeds(config.evaluate_episodes),
        max_frames=config.max_frames,
        workers=config.workers,
    )


def choose_parent(config: StageConfig) -> Checkpoint | None:
    """The checkpoint to begin from, or None. ValueError when its spin-dash check failed and `force` is off."""
    if config.init == "none":
        return None
    path = find_checkpoint(config.init, ("supervised",), config.game)
    if not config.init:
        _check_spin_dash(run_of(path), config.force)
    parent = load_checkpoint(path)
    check_compatible(parent.info, parent.path, config.game, config.frame_skip)
    return parent


def _check_spin_dash(run: Run | None, force: bool) -> None:
    if run is None or run.summary["spin_dash_check"] != "fail":
        return
    problem = f"The clone {run.path} fails its spin-dash check (see {run.path / 'spindash.json'})."
    if not force:
        raise ValueError(f"{problem} Train it further, or go on all the same with --force.")
    print(f"{problem} Going on all the same.")

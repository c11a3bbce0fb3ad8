"""One run of the fine-tuning stage, whichever learner it is: where it begins, where it is kept, how it is watched."""

from dataclasses import replace
from pathlib import Path

from experiment.charts import write_charts
from experiment.config import in_words
from experiment.finding import find_checkpoint, run_of
from experiment.run import Run, portable
from finetune.config import StageConfig
from finetune.learners import LearnerEntry
from finetune.split import check_split
from finetune.starts import fingerprint_of_movies
from game.acts import training_acts
from game.games import choose_game
from game.seeds import final_seeds, schedule_seeds
from policy.checkpoint import Checkpoint, check_compatible, load_checkpoint, read_info
from training.choice import choose_best
from training.evaluation import Evaluation
from training.loop import Schedule, train


def fine_tune(entry: LearnerEntry, config: StageConfig) -> Run:
    """Train a learner; the run directory holds the result. A finished run is returned as it is.

    Raises:
        ValueError: no such game, act or clone, or a clone that failed its spin-dash check.
        KeyboardInterrupt: stopped; the same call goes on.
    """
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    preset = in_words(config, entry.presets)
    config = replace(config, game=game.name)
    training_acts(config.acts, config.contest_split)  # before a run is begun: an unknown act is the user's to mend
    parent = choose_parent(config)
    origin = f"{portable(parent.path) if parent else 'none'} on ROM {game.sha1}"
    if config.uses_demonstrations:
        origin += f", demonstrations {fingerprint_of_movies(config)}"
    label = f"{game.name}-{entry.name}-s{config.seed}"
    run = Run.open("finetune", config, origin, name=config.name, label=label, learner=entry.name, preset=preset)
    with run.held():
        if run.finished:
            print(f"fine-tuned: {run.path} ({preset}) is finished; reusing it")
        else:
            print(f"fine-tuning {_described(parent)} with {entry.name} ({preset}) -> {run.path}")
            write_charts(run, entry.charts)
            _train(entry, config, parent, run)
    return run


def _described(parent: Checkpoint | None) -> str:
    """Where training begins, in words: whose play the clone learnt from, too."""
    if parent is None:
        return "from scratch"
    run = run_of(parent.path)
    learnt = run.summary.get("composition", "") if run and run.finished else ""
    return f"from {portable(parent.path)}" + (f", which learnt from {learnt}," if learnt else "")


def _train(entry: LearnerEntry, config: StageConfig, parent: Checkpoint | None, run: Run) -> None:
    learner = entry.make(config, parent)
    try:
        schedule = schedule_of(config, has_parent=parent is not None)
        start_metrics = {"is_parent": 1.0} if parent and config.begins_as_parent else {}
        train(learner, schedule, run, evaluation_of(config), start_metrics)
    finally:
        # emulator processes end here, whatever happened
        learner.close()
    best, progress = choose_among_finalists(config, run)
    # step 0 is the parent under another name
    is_parent = parent is not None and config.begins_as_parent and read_info(best).step == 0
    summary = {"best": portable(best), "steps": int(learner.steps), "progress": progress}
    run.finish(summary | {"is_parent": is_parent})
    print(f"fine-tuned: {portable(best)} (mean progress {progress:.1%} in the episodes that chose it)")
    if is_parent:
        print("this is the parent itself: no later checkpoint was better on the evaluation's episodes")


def choose_among_finalists(config: StageConfig, run: Run) -> tuple[Path, float]:
    """The run's best checkpoint and its mean progress, by more episodes than the schedule had."""

    def play(checkpoint: Path, seeds: range) -> float:
        return replace(evaluation_of(config), seeds=seeds)(checkpoint)

    seeds = final_seeds(config.evaluate_episodes)
    return choose_best(run, play, config.finalists, config.final_episodes, seeds)


def schedule_of(config: StageConfig, has_parent: bool) -> Schedule:
    """When this run evaluates and stops."""
    return Schedule(
        total=config.planned_steps,
        evaluate_every=config.evaluate_every,
        unchanged_until=config.warmup_steps if has_parent else min(config.warmup_steps, 0),
        patience=config.patience,
        title="fine-tuning",
    )


def evaluation_of(config: StageConfig) -> Evaluation:
    """How this run's checkpoints are compared: on the acts it trains on, with seeds of their own."""
    acts = training_acts(config.acts, config.contest_split)
    return Evaluation(
        acts=tuple(act.name for act in acts),
        seeds=schedule_seeds(config.evaluate_episodes),
        max_frames=config.max_frames,
        workers=config.crew,
    )


def choose_parent(config: StageConfig) -> Checkpoint | None:
    """The checkpoint to begin from, or None.

    Raises:
        ValueError: its spin-dash check failed or it knows held-out acts, and `strict` is on; or one is named of which nothing
            would be used.
    """
    if config.init == "none":
        return None
    if not config.uses_parent:
        if config.init:
            raise ValueError(f"With these options nothing of a checkpoint is used. Received: --init {config.init}")
        return None
    path = find_checkpoint(config.init, ("supervised",), config.game, trials=config.trial)
    _check_spin_dash(run_of(path), config.strict)
    if config.contest_split:
        check_split(path, config.strict)
    parent = load_checkpoint(path)
    check_compatible(parent.info, parent.path, config.game, config.frame_skip)
    return parent


def _check_spin_dash(run: Run | None, strict: bool) -> None:
    """Warn of a clone that failed its check, or of which too little was seen; with `strict` on, ValueError for a failure."""
    if run is None or not run.finished:
        return
    verdict = run.summary.get("spin_dash_check")
    name = portable(run.path)
    if verdict == "not enough seen":
        print(f"note: the clone {name} covered too little ground for a spin-dash verdict; going on")
    if verdict != "fail":
        return
    problem = f"the clone {name} fails its spin-dash check (see {name}/spindash.json)"
    if strict:
        raise ValueError(f"{problem}. Train it further, or go on all the same without --strict.")
    print(f"warning: {problem}; going on: practice may still find what it lacks (--strict refuses)")

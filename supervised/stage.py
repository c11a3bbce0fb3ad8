"""One run of the cloning stage: the data set, the training, the report and the spin-dash check of its best checkpoint."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from common.quiet import without_noise
from dataset.loader import Dataset, open_dataset, summary_of
from dataset.selection import Facts, left_out_in_words
from dataset.store import dataset_path
from experiment.config import in_words
from experiment.metrics import add_image
from experiment.run import Run, portable, write_json
from game.acts import select_acts
from game.env import EnvConfig
from game.games import choose_game
from game.seeds import clone_choice_seeds
from supervised.config import PRESETS, Config
from supervised.report import confusion_picture
from supervised.spindash_check import as_table, check_spin_dashes, verdict_of
from training.evaluation import Evaluation
from training.loop import Schedule, train

if TYPE_CHECKING:
    from supervised.train import Cloning


def clone(config: Config) -> Run:
    """Clone a data set; the run directory holds the result. A finished run is returned as it is.

    Raises:
        ValueError: no such game or data set.
        KeyboardInterrupt: stopped; the same call goes on.
    """
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    preset = in_words(config, PRESETS)
    config = replace(config, game=game.name, data=config.data or f"{game.name}-v0")
    path = dataset_path(config.data)
    dataset = open_dataset(
        path, config.frame_skip, config.merge_a_into_b, select=config.select, action_history=config.action_history
    )
    if dataset.game != game.name:
        raise ValueError(f"data/{config.data}: expected a data set of {game.name}. Received: one of {dataset.game}")
    label = f"{game.name}-s{config.seed}"
    run = Run.open("supervised", config, dataset.fingerprint, name=config.name, label=label, preset=preset)
    with run.held():
        if run.finished:
            print(f"clone: {run.path} ({preset}) is finished; reusing it")
        else:
            _introduce(config, dataset)
            print(f"cloning ({preset}) -> {run.path}")
            _train(config, dataset, run)
    return run


def _introduce(config: Config, dataset: Dataset) -> None:
    """Whose play it is that is learnt from, and what is left out."""
    for line in left_out_in_words(dataset.left_out):
        print(line)
    print(f"data set: {dataset.path}: {dataset.composition}; {len(dataset.windows)} windows")
    facts = [Facts.of_attributes(movie) for movie in dataset.attributes]
    if len({movie.by_a_person for movie in facts}) == 2:  # both a person's and others'
        print(f"a window of yours counts {config.human_weight:g} times, of a takeover {config.takeover_weight:g} times")


def _train(config: Config, dataset: Dataset, run: Run) -> None:
    with without_noise():
        from supervised.train import Cloning  # here, because everything above needs no TensorFlow

    learner = Cloning(config, dataset)
    best = train(learner, schedule_of(config), run, evaluation_of(config))
    learner.restore(best)
    conclude(run, best, learner, config, dataset)


def schedule_of(config: Config) -> Schedule:
    """When this run plays and saves."""
    return Schedule(
        total=config.epochs,
        evaluate_every=config.play_every,
        unchanged_until=-1,
        checkpoint_every=1,
        title="cloning",
        unit="epochs",
    )


def evaluation_of(config: Config) -> Evaluation:
    """How this run's checkpoints are compared: on the acts whose movies are meant."""
    acts = select_acts(config.select.acts, config.select.contest_split)
    return Evaluation(
        acts=tuple(act.name for act in acts),
        seeds=clone_choice_seeds(config.play_episodes),
        max_frames=config.max_frames,
        workers=config.workers,
    )


def conclude(run: Run, best: Path, learner: "Cloning", config: Config, dataset: Dataset) -> None:
    """Report, confusion picture and spin-dash check of the best checkpoint; then the run is finished."""
    report = learner.report(learner.validation)
    write_json(run.path / "report.json", report.to_json() | {"note": learner.validation_note})
    picture = confusion_picture(report, run.path / "confusion.png")
    add_image(run.path, config.epochs, "confusion", picture)
    env = EnvConfig(
        game=config.game, frame_skip=config.frame_skip, observation=dataset.observation, max_frames=config.max_frames
    )
    check = check_spin_dashes(best, dataset, env, config.check_episodes, config.workers)
    write_json(run.path / "spindash.json", [vars(line) for line in check])
    print(report.as_text())
    if learner.validation_note:
        print(f"note: {learner.validation_note}")
    print("\n" + as_table(check))
    verdicts = [line.verdict for line in check]
    verdict = verdict_of(check)
    run.finish(
        {
            "best": portable(best),
            "report": report.metrics(),
            "data": summary_of(dataset),
            "composition": dataset.composition,
            "spin_dash_passed": verdicts.count("pass"),
            "spin_dash_failed": verdicts.count("fail"),
            "spin_dash_check": verdict,
        }
    )
    print(f"clone: {portable(best)}; spin-dash check: {verdict}")

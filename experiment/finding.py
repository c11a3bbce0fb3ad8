"""Which run, and which checkpoint, a user means: the one place that decides this. Whoever asks prints what was taken.

A *place* is a checkpoint folder; a run directory, for its best checkpoint; a run's name; the name of a stage's product
(`clone`, `finetuned`, `without-you`) or of a learner, for the newest; or "" for the newest of the first stage asked.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

from common.names import did_you_mean
from experiment.run import RUNS, Run, RunError, readable_runs

PRODUCTS = {"clone": "supervised", "finetuned": "finetune"}
"""What a stage's newest finished run is called."""

WITHOUT_YOU = "without-you"
"""The newest clone that was made from the search player's movies only, to compare with (`make mine`)."""


def finished_runs(stage: str) -> list[Run]:
    """The finished runs of a stage that can be read, the one that finished last at the end."""
    runs = readable_runs(stage, "done.json")
    return sorted(runs, key=lambda run: (run.path / "done.json").stat().st_mtime_ns)


def newest_run(
    stage: str, game: str = "", learner: str = "", trials: bool = False, where: Callable[[Run], bool] | None = None
) -> Run:
    """The run of a stage that finished last, of one game and one learner when given.

    Args:
        trials: whether runs that only tried whether everything works (PRESET=smoke) may be meant, too.
        where: what else must hold of it.

    Raises:
        RunError: there is none; names the trials that there are.
    """
    finished = finished_runs(stage)
    if game:
        finished = [run for run in finished if run.config.get("game") == game]
    if learner:
        finished = [run for run in finished if run.learner == learner]
    if where:
        finished = [run for run in finished if where(run)]
    meant = [run for run in finished if trials or not run.is_trial]
    if meant:
        return meant[-1]
    wanted = f"{learner} {stage}".strip() + (f" run on {game}" if game else " run")
    advice = f"Run `python -m {stage} {learner}`".rstrip() + " first"
    if finished:
        advice += f", or name the trial: {finished[-1].path}"
    raise RunError(f"No finished {wanted} under {RUNS / stage}. {advice}.")


def find_checkpoint(place: str, stages: Sequence[str], game: str, trials: bool = False) -> Path:
    """The checkpoint at a place (see the head of this file).

    Args:
        stages: for place "", in order; for a run's name, where it is looked for (none: everywhere).
        game: of newest runs.
        trials: as in `newest_run`.

    Raises:
        RunError: there is none.
    """
    if place == WITHOUT_YOU:
        return newest_run("supervised", game, trials=trials, where=_saw_only_search).best
    if place in PRODUCTS:
        return newest_run(PRODUCTS[place], game, trials=trials).best
    if place:
        return _checkpoint_at(place, game, trials)
    for stage in stages:
        try:
            return newest_run(stage, game, trials=trials).best
        except RunError as error:
            missing = error
    raise missing


def _saw_only_search(run: Run) -> bool:
    chosen = run.config.get("select")
    return isinstance(chosen, dict) and chosen.get("players") == "search"


def _checkpoint_at(place: str, game: str, trials: bool) -> Path:
    """The checkpoint at a path, of the run of a name, or of a learner's newest run."""
    path = Path(place)
    if (path / "checkpoint.json").is_file():
        return path
    if (path / "config.json").is_file():
        return Run(path).best
    named = run_named(place)
    if named:
        return named.best
    if place in learners():
        return newest_run("finetune", game, learner=place, trials=trials).best
    hint = did_you_mean(place, (*PRODUCTS, WITHOUT_YOU, *learners(), *run_names()), most=1)
    raise RunError(
        f"Expected a checkpoint folder, a run directory, or a name: a run's, {', '.join(PRODUCTS)}, or a learner's. "
        f"Received: {place}.{hint}"
    )


def run_named(name: str) -> Run | None:
    """The run of this name, in whichever stage that makes checkpoints; None when there is none."""
    if not name or name != Path(name).name:
        return None
    for stage in PRODUCTS.values():
        if (RUNS / stage / name / "config.json").is_file():
            return Run(RUNS / stage / name)
    return None


def run_names() -> list[str]:
    """The names of all runs that make checkpoints."""
    names: list[str] = []
    for stage in PRODUCTS.values():
        names += [path.parent.name for path in (RUNS / stage).glob("*/config.json")]
    return sorted(names)


def learners() -> list[str]:
    """The learners that have a finished run here, by name."""
    return sorted({run.learner for run in finished_runs("finetune")} - {""})


def run_of(checkpoint: Path) -> Run | None:
    """The run directory a checkpoint lies in, if it still lies in one."""
    folder = Path(checkpoint).parent
    inside = folder.name == "checkpoints" and (folder.parent / "config.json").is_file()
    return Run(folder.parent) if inside else None

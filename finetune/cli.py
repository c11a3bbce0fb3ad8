"""The command line of the fine-tuning stage: `python -m finetune [contest] [LEARNER] [options]`."""

import sys
from collections.abc import Sequence

from experiment import cli
from experiment.config import parse
from finetune.learners import DEFAULT, LEARNERS, find_learner
from game.acts import CONTEST as CONTEST_ACTS

PLAN = "--plan"
PLANNING = "train nothing; measure this machine for half a minute and say what the run would take."
CONTEST = "contest"


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status (experiment.cli)."""
    return cli.run("finetune", lambda: _work(arguments), "the same command goes on from the last checkpoint")


def _work(arguments: Sequence[str] | None) -> None:
    rest = list(sys.argv[1:] if arguments is None else arguments)
    if rest[:1] == [CONTEST]:
        _hold_contest(rest[1:])
        return
    name = rest.pop(0) if rest and not rest[0].startswith("-") else DEFAULT
    entry = find_learner(name)
    planning = PLAN in rest
    notes = (
        f"Learners (the first word): {', '.join(LEARNERS)}; {DEFAULT} by default.\n\n"
        f"{CONTEST} LEARNER: the Retro Contest's protocol; see `python -m finetune contest --help`.\n\n"
        f"{PLAN}: {PLANNING}"
    )
    options = [word for word in rest if word != PLAN]
    config = parse(entry.config_class, entry.presets, f"python -m finetune {name}", options, notes)
    if config.acts.startswith(CONTEST_ACTS):
        raise ValueError(
            f"Expected acts to train on. Received: {config.acts}, which only `finetune contest` may learn on"
        )
    # imported here, because they lead to TensorFlow's users and --help should not wait
    if planning:
        from finetune.plan import plan

        plan(entry, config)
    else:
        from finetune.stage import fine_tune

        fine_tune(entry, config)


def _hold_contest(rest: list[str]) -> None:
    from finetune.contest.config import NOTES, presets_of

    name = rest.pop(0) if rest and not rest[0].startswith("-") else DEFAULT
    entry = find_learner(name)
    planning = PLAN in rest
    options = [word for word in rest if word != PLAN]
    notes = f"{NOTES}\n\n{PLAN}: {PLANNING}"
    config = parse(entry.config_class, presets_of(entry), f"python -m finetune {CONTEST} {name}", options, notes)
    # here, as above
    if planning:
        from finetune.contest.plan import plan_contest

        plan_contest(entry, config)
    else:
        from finetune.contest.stage import hold_contest

        hold_contest(entry, config)

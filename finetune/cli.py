"""The command line of the fine-tuning stage."""

import sys
from collections.abc import Sequence

from experiment.config import parse
from finetune.ppo.config import PRESETS, Config

PLAN = "--plan"


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    rest = list(sys.argv[1:] if arguments is None else arguments)
    planning = PLAN in rest
    notes = f"{PLAN}: train nothing; measure this machine for half a minute and say what the run would take."
    config = parse(Config, PRESETS, "python -m finetune", [word for word in rest if word != PLAN], notes)
    try:
        if planning:
            from finetune.plan import plan

            plan(config)
        else:
            from finetune.ppo.learner import train

            train(config)
    except (ValueError, RuntimeError) as error:
        print(f"finetune: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("finetune: stopped; the same command goes on from the last checkpoint", file=sys.stderr)
        return 130
    return 0

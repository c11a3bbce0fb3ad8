"""The command line of the evaluation stage."""

import sys
from collections.abc import Sequence

from experiment.config import parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 2 when something asked for cannot be had or an episode could not be played."""
    from evaluate.score import PRESETS, Config, evaluate

    config = parse(Config, PRESETS, "python -m evaluate", arguments)
    try:
        evaluate(config)
    except (ValueError, RuntimeError, OSError) as error:
        print(f"evaluate: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("evaluate: stopped; the same command goes on after the last whole episode", file=sys.stderr)
        return 130
    return 0

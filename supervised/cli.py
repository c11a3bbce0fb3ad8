"""The command line of the cloning stage."""

import sys
from collections.abc import Sequence

from experiment.config import parse
from supervised.config import PRESETS, Config


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 0 also when the spin-dash check fails (fine-tuning is what refuses)."""
    config = parse(Config, PRESETS, "python -m supervised", arguments)
    from supervised.train import train

    try:
        train(config)
    except ValueError as error:
        print(f"supervised: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("supervised: stopped; the same command goes on after the last whole epoch", file=sys.stderr)
        return 130
    return 0

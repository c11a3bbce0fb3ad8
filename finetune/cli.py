"""The command line of the fine-tuning stage."""

import sys
from collections.abc import Sequence

from experiment.config import parse


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status."""
    from finetune.ppo import PRESETS, Config, train

    config = parse(Config, PRESETS, "python -m finetune", arguments)
    try:
        train(config)
    except (ValueError, RuntimeError) as error:
        print(f"finetune: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("finetune: stopped; the same command goes on from the last checkpoint", file=sys.stderr)
        return 130
    return 0

"""What a contest would take on this machine: measured on its first act, nothing kept."""

import math
from collections.abc import Sequence
from dataclasses import replace

from common.words import counted
from finetune.config import StageConfig
from finetune.contest.config import CONTEST_STEPS, QUICK_STEPS, departures
from finetune.learners import LearnerEntry
from finetune.plan import Measured, duration, measure, memory, parent_or_none, row, speed
from game.acts import CONTEST
from game.games import choose_game
from game.levels import Level, contest_levels
from game.machine import processor_name


def plan_contest(entry: LearnerEntry, config: StageConfig) -> Measured:
    """Measure updates of this configuration on the contest's first act, and print what all of it would take.

    Raises:
        ValueError: no such game or act; levels whose ROM is not there; limits beyond the contest's.
    """
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    config = replace(config, game=game.name, strict=False)
    departures(config)
    levels = contest_levels(game, config.acts)
    # what was learnt on Sonic 2 plays its custom levels, too
    parent, origin = parent_or_none(replace(config, game=game.made_from or game.name))
    first = levels[0]
    first.game.check_rom()
    print(
        f"measuring {entry.name}, {origin}, on {first.title}, for about half a minute on {processor_name()}", flush=True
    )
    learning = replace(config, game=first.game.name, acts=CONTEST + first.act.name)
    measured = measure(entry.make(learning, parent))
    print("\n".join(report(config, measured, levels)))
    return measured


def report(config: StageConfig, measured: Measured, levels: Sequence[Level]) -> list[str]:
    """The plan as lines of text."""
    lengths = [steps for steps in (QUICK_STEPS, CONTEST_STEPS) if steps != config.total_steps]
    others = [f"{steps:,} steps per act: {_learning(steps, measured, levels)}" for steps in lengths]
    return [
        *row("speed", speed(config, measured)),
        *row("this one", *_whole(config, measured, levels)),
        *row("others", ", ".join(others)),
        *row("memory", memory(measured)),
        *row("disk", _disk(config, measured, levels)),
    ]


def _learning(steps: int, measured: Measured, levels: Sequence[Level]) -> str:
    return duration(len(levels) * steps / measured.steps_per_second)


def _whole(config: StageConfig, measured: Measured, levels: Sequence[Level]) -> tuple[str, str]:
    """How long learning takes, and how long at most the final policies' episodes."""
    acts = counted(len(levels), "acts")
    longest_steps = len(levels) * config.evaluate_episodes * config.max_frames / config.frame_skip
    longest = duration(longest_steps / measured.acting_per_second)
    return (
        f"{config.total_steps:,} steps on each of {acts}: {_learning(config.total_steps, measured, levels)} of learning",
        f"and {config.evaluate_episodes} episodes of each final policy, at most {longest} in all",
    )


def _disk(config: StageConfig, measured: Measured, levels: Sequence[Level]) -> str:
    """Of the act being learnt every checkpoint is kept, of the others the last."""
    checkpoints = math.ceil(config.planned_steps / config.evaluate_every) + len(levels) - 1
    return f"at most {checkpoints * measured.checkpoint_bytes / 1e9:.2f} GB of checkpoints"

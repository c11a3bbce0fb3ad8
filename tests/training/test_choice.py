"""The last choice between checkpoints: more episodes for the furthest, none of which had chosen them before."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from experiment.metrics import PROGRESS
from experiment.run import Run
from game.observation import ObservationSpec
from game.seeds import SCHEDULE, final_seeds, schedule_seeds
from policy.checkpoint import CheckpointInfo, save_checkpoint
from training.choice import choose_best, finalists_of
from training.loop import Schedule

SEEDS = final_seeds(scheduled=3)


@pytest.fixture
def run(workdir: Path) -> Run:
    """A run that was evaluated at five steps, and saved once without that; furthest by luck at 40."""
    run = Run.open("finetune", Schedule(total=45, evaluate_every=10), "", name="r")
    for step, progress in {0: 0.5, 10: 0.6, 20: 0.7, 30: 0.8, 40: 0.9}.items():
        save(run, step, {PROGRESS: progress})
    save(run, 45, {})
    run.link("best", run.checkpoints / name(40))
    return run


def save(run: Run, step: int, metrics: Mapping[str, float]) -> None:
    info = CheckpointInfo("quillrush", 4, ObservationSpec(), step=step, metrics=dict(metrics), kind="sequences")
    save_checkpoint(run.checkpoints / name(step), info, {})


def name(step: int) -> str:
    return f"{step:09d}"


class Playing:
    """Gives every checkpoint what it is really worth; stops before its `stop_at`-th round."""

    def __init__(self, worth: Mapping[int, float], stop_at: int = 0) -> None:
        self.worth = {name(step): progress for step, progress in worth.items()}
        self.stop_at = stop_at
        self.asked: list[tuple[int, range]] = []

    def __call__(self, checkpoint: Path, seeds: range) -> float:
        if self.stop_at and len(self.asked) + 1 == self.stop_at:
            raise KeyboardInterrupt
        self.asked.append((int(checkpoint.name), seeds))
        return self.worth[checkpoint.name]


WORTH = {0: 0.55, 20: 0.72, 30: 0.81, 40: 0.6}


def test_the_luckiest_gives_way_to_the_best(run: Run) -> None:
    play = Playing(WORTH)
    best, progress = choose_best(run, play, finalists=4, episodes=2, seeds=SEEDS)
    assert (best.name, progress) == (name(30), pytest.approx(0.81))
    assert run.best.name == name(30)
    first, second = SEEDS[:2], SEEDS[2:6]
    assert play.asked == [(0, first), (20, first), (30, first), (40, first), (20, second), (30, second)]


def test_no_seed_had_chosen_before() -> None:
    assert SEEDS.start == schedule_seeds(3).stop
    assert SEEDS.stop == SCHEDULE.stop


def test_what_it_began_with_plays_on_however_it_fared(run: Run) -> None:
    assert [path.name for path in finalists_of(run, 2)] == [name(0), name(40)]
    assert [path.name for path in finalists_of(run, 99)] == [name(step) for step in (0, 10, 20, 30, 40)]
    best, _ = choose_best(run, Playing({0: 0.65, 40: 0.64}), finalists=2, episodes=2, seeds=SEEDS)
    assert best.name == name(0)


def test_of_equals_the_earlier_needed_less_training(run: Run) -> None:
    best, _ = choose_best(run, Playing(dict.fromkeys(WORTH, 0.7)), finalists=4, episodes=1, seeds=SEEDS)
    assert best.name == name(0)


def test_one_finalist_is_the_furthest_on_schedule_and_plays_no_more(run: Run) -> None:
    play = Playing({})
    assert choose_best(run, play, finalists=1, episodes=2, seeds=SEEDS) == (run.checkpoints / name(40), 0.9)
    assert play.asked == []


@pytest.mark.parametrize("stop_at", range(1, 7))
def test_a_choice_that_was_stopped_goes_on(run: Run, stop_at: int) -> None:
    stopped = Playing(WORTH, stop_at)
    with pytest.raises(KeyboardInterrupt):
        choose_best(run, stopped, finalists=4, episodes=2, seeds=SEEDS)
    going_on = Playing(WORTH)
    best, progress = choose_best(run, going_on, finalists=4, episodes=2, seeds=SEEDS)
    assert (best.name, progress) == (name(30), pytest.approx(0.81))
    assert len(stopped.asked) + len(going_on.asked) == 6

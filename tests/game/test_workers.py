"""Worker processes: answers, errors, deaths."""

import os
import signal

from game.workers import run_tasks


def square(number: int) -> int:
    """Fails for 3, dies for 5."""
    if number == 3:
        raise ValueError("three is right out")
    if number == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    return number * number


def test_outcomes_errors_and_deaths() -> None:
    outcomes = {outcome.task: outcome for outcome in run_tasks(square, range(7), workers=2)}
    assert {task: o.result for task, o in outcomes.items() if not o.error} == {0: 0, 1: 1, 2: 4, 4: 16, 6: 36}
    assert outcomes[3].error == "three is right out"
    assert "died (exit code -9)" in outcomes[5].error


def test_no_tasks_no_processes() -> None:
    assert list(run_tasks(square, [])) == []

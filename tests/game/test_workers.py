"""Worker processes: answers, errors, deaths and silence, at every moment of a task."""

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from game import crew
from game.tasks import Outcome, TaskPool, run_all, run_tasks
from game.workers import Worker, WorkerDied, WorkerError

PATIENCE = 20.0
"""Seconds: more than a process needs to start on a busy machine, less than anybody waits for a hang."""


def square(number: int) -> int:
    """Fails for 3, dies for 5."""
    if number == 3:
        raise ValueError("three is right out")
    if number == 5:
        die()
    return number * number


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def die_the_first_time(note: Path) -> str:
    """Dies unless the note is there, and leaves it."""
    if not note.exists():
        note.touch()
        die()
    return "done"


def die_in_the_answer(note: Path) -> bytes:
    """Dies the first time while its answer, larger than a pipe holds, is on its way."""
    if note.exists():
        return b"done"
    note.touch()
    killer = threading.Timer(1.0, die)  # by then the process waits for the pipe to be emptied
    killer.start()
    return bytes(50 << 20)


def die_after_the_answer(note: Path) -> str:
    """Dies a moment after its first answer has left."""
    if not note.exists():
        note.touch()
        threading.Timer(0.3, die).start()
    return "done"


def sleep_for_ever(note: Path) -> str:
    """Hangs unless the note is there, and leaves it."""
    if note.exists():
        return "done"
    note.touch()
    time.sleep(10_000)
    return "never"


def wait_for(seconds: float) -> str:
    time.sleep(seconds)
    return "done"


def echo(failure: str = ""):
    """What answers each message with itself; "die", "hang" and "fail" are obeyed."""
    if failure:
        raise ValueError(failure)

    def answer(message: str) -> str:
        if message == "die":
            die()
        if message == "hang":
            time.sleep(10_000)
        if message == "fail":
            raise ValueError("as asked for")
        return message

    return answer


@pytest.fixture
def make_worker():
    made = []

    def make(*args, timeout: float = PATIENCE) -> Worker:
        made.append(Worker(echo, *args, timeout=timeout))
        return made[-1]

    yield make
    for worker in made:
        worker.close()


def test_outcomes_errors_and_deaths() -> None:
    outcomes = {outcome.task: outcome for outcome in run_tasks(square, range(7), workers=2)}
    assert {task: o.result for task, o in outcomes.items() if not o.error} == {0: 0, 1: 1, 2: 4, 4: 16, 6: 36}
    assert outcomes[3].error == "three is right out"
    assert "died (exit code -9)" in outcomes[5].error


def test_results_of_all_tasks_come_in_their_order() -> None:
    noted: list[int] = []
    assert run_all(square, [4, 1, 4, 2], workers=2, noted=noted.append) == [16, 1, 16, 4]
    assert sorted(noted) == [1, 4, 16, 16]  # as they came
    with pytest.raises(RuntimeError, match="Task 1 could not be done: three is right out"):
        run_all(square, [1, 3], workers=1)


def test_no_tasks_no_processes() -> None:
    assert list(run_tasks(square, [])) == []


def own_process(number: int) -> int:
    if number < 0:
        time.sleep(10_000)
    return os.getpid()


def test_a_pool_keeps_its_processes_from_call_to_call() -> None:
    pool = TaskPool(own_process, workers=1)
    try:
        first, second = ({outcome.result for outcome in pool.run(range(2))} for _ in range(2))
        assert first == second
        assert list(pool.run([])) == []
    finally:
        pool.close()


def test_a_call_given_up_half_way_leaves_no_answers_to_the_next() -> None:
    pool = TaskPool(own_process, workers=2)
    try:
        running = pool.run([1, -1])
        assert next(running).task == 1
        running.close()
        assert sorted(outcome.task for outcome in pool.run([2, 3, 4])) == [2, 3, 4]
    finally:
        pool.close()


def test_a_task_whose_process_died_is_tried_again(tmp_path: Path) -> None:
    note = tmp_path / "note"
    assert list(run_tasks(die_the_first_time, [note])) == [Outcome(note, "done")]
    note.unlink()
    (outcome,) = run_tasks(die_the_first_time, [note], retries=0)
    assert "died" in outcome.error


def test_a_death_in_the_middle_of_an_answer_is_a_death(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Worker.receive

    def receive_late(worker: Worker):
        worker.process.join(2)  # until the answer's first piece lies in the pipe and its sender is dead
        return real(worker)

    monkeypatch.setattr(Worker, "receive", receive_late)
    note = tmp_path / "note"
    assert list(run_tasks(die_in_the_answer, [note])) == [Outcome(note, b"done")]


def test_a_death_between_an_answer_and_the_next_task_is_healed(tmp_path: Path) -> None:
    """The consumer takes its time, so the process is dead for certain when the next task is handed out."""
    notes = [tmp_path / "note"] * 3
    results = []
    for outcome in run_tasks(die_after_the_answer, notes, workers=1, retries=0):
        results.append(outcome)
        time.sleep(1)
    assert results == [Outcome(note, "done") for note in notes]


def test_a_task_that_hangs_is_tried_again_and_holds_nobody_up(tmp_path: Path) -> None:
    note = tmp_path / "note"
    begun = time.monotonic()
    outcomes = list(run_tasks(sleep_for_ever, [note, note, note], workers=2, timeout=5))
    assert outcomes == [Outcome(note, "done")] * 3
    assert time.monotonic() - begun < 3 * PATIENCE  # not for ever


def test_a_task_that_always_hangs_is_given_up_with_the_cause() -> None:
    outcomes = {outcome.task: outcome for outcome in run_tasks(wait_for, [600.0, 0.0], workers=2, retries=0, timeout=5)}
    assert outcomes[0.0].result == "done"
    assert outcomes[600.0].error == "an emulator process gave no answer in 5 seconds and was killed"


def test_silence_is_noticed_though_others_keep_answering(monkeypatch: pytest.MonkeyPatch) -> None:
    """One worker hangs, the other's answers never stop coming."""
    monkeypatch.setattr(crew, "first_ready", lambda workers, patience: [workers[-1]])

    class Fake:
        def __init__(self, left: float) -> None:
            self.left = left

        def seconds_left(self) -> float:
            return self.left

    hung, quick = Fake(0.0), Fake(9.0)
    assert set(crew.Crew().due([hung, quick])) == {hung, quick}


def test_a_worker_says_how_it_ended_and_can_be_started_again(make_worker) -> None:
    worker = make_worker()
    worker.send("hello")
    assert worker.receive() == "hello"
    worker.send("die")
    with pytest.raises(WorkerDied, match=r"exit code -9"):
        worker.receive()
    with pytest.raises(WorkerDied, match=r"exit code -9"):
        worker.send("anybody?")
    worker.try_send("anybody?")
    with pytest.raises(WorkerDied, match=r"exit code -9"):
        worker.receive()
    worker.start()
    worker.send("again")
    assert worker.receive() == "again"
    worker.send("fail")
    with pytest.raises(WorkerError, match="as asked for"):
        worker.receive()


def test_silence_counts_from_the_message_and_ends_the_process(make_worker) -> None:
    worker = make_worker(timeout=1.5)
    assert worker.seconds_left() == 0
    worker.start()
    worker.send("hang")
    assert 0 < worker.seconds_left() <= 1.5
    time.sleep(1.6)
    begun = time.monotonic()
    with pytest.raises(WorkerDied, match=r"no answer in 1\.5 seconds and was killed"):
        worker.receive()
    assert time.monotonic() - begun < 1
    assert not worker.process.is_alive()


def test_an_answer_that_lies_ready_is_never_too_late(make_worker) -> None:
    worker = make_worker(timeout=PATIENCE)
    worker.send("hello")
    worker.send("hello again")
    assert worker.connection.poll(PATIENCE)
    worker._deadlines[0] = 0.0  # long past
    assert worker.seconds_left() == 0
    assert worker.receive() == "hello"
    assert worker.seconds_left() > 0  # that of the second message
    assert worker.receive() == "hello again"
    assert worker.seconds_left() == 0


def test_an_error_before_the_first_message_is_reported(make_worker) -> None:
    worker = make_worker("no such game")
    worker.process.join(PATIENCE)
    worker.try_send("hello")
    with pytest.raises(WorkerError, match="no such game"):
        worker.receive()


def test_closing_ends_a_process_that_hangs(make_worker) -> None:
    worker = make_worker()
    worker.send("hang")
    worker.close(patience=0.1)
    assert not worker.process.is_alive()

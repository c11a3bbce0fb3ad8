"""Tasks worked off by a crew: `run_tasks`, and a pool of workers that stays."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from game.crew import AnyWorker, Crew
from game.workers import ANSWER_SECONDS, WorkerDied


@dataclass(frozen=True)
class Outcome:
    """What became of one task: its result, or what went wrong with it (`error` is then not empty)."""

    task: Any
    result: Any = None
    error: str = ""


@dataclass(frozen=True)
class _Runner:
    """What a worker does: calls a function with each task it is sent."""

    function: Callable[[Any], Any]

    def __call__(self, task: Any) -> Outcome:
        try:
            return Outcome(task, self.function(task))
        except Exception as error:
            return Outcome(task, error=f"{error}" or repr(error))


class TaskPool:
    """Workers that run a function on tasks, and stay from one call of `run` to the next.

    A task whose worker dies or hangs is tried again in a new one, then given up with the cause; one whose node goes down is
    tried again in any case.

    Args:
        function: importable by name; called in the worker.
        workers: how many, and where; a number: so many processes here, 0: one per core.
        most: workers at most.
        retries: how often a task is tried again.
        timeout: seconds a task may take, the start of its worker included.
    """

    def __init__(
        self,
        function: Callable[[Any], Any],
        workers: int | Crew = 0,
        most: int = 1_000_000,
        retries: int = 1,
        timeout: float = ANSWER_SECONDS,
    ) -> None:
        self._crew = Crew.of(workers)
        self._retries = retries
        count = self._crew.size(most)
        self._workers = [self._crew.hire(_Runner, function, timeout=timeout) for _ in range(count)]

    def run(self, tasks: Iterable[Any]) -> Iterator[Outcome]:
        """Yields the outcomes of picklable tasks as they come, in no fixed order."""
        waiting = [(task, self._retries) for task in tasks][::-1]
        busy: dict[AnyWorker, tuple[Any, int]] = {}
        try:
            for worker in self._workers:
                _hand_out(worker, waiting, busy)
            while busy:
                for worker in self._crew.due(busy):
                    task, tries = busy.pop(worker)
                    try:
                        yield worker.receive()
                    except WorkerDied as death:
                        if tries > 0 or death.blameless:
                            waiting.append((task, tries - (not death.blameless)))
                        else:
                            yield Outcome(task, error=str(death))
                    _hand_out(worker, waiting, busy)
        finally:
            # given up half-way: answers to come would be taken for those of the next call. It starts them anew
            for worker in busy:
                worker.close()

    def close(self) -> None:
        """End the workers."""
        for worker in self._workers:
            worker.close()


def run_tasks(
    function: Callable[[Any], Any],
    tasks: Iterable[Any],
    workers: int | Crew = 0,
    retries: int = 1,
    timeout: float = ANSWER_SECONDS,
) -> Iterator[Outcome]:
    """The outcomes of tasks by a pool (see TaskPool) that lives as long as they take; no more workers than tasks."""
    todo = list(tasks)
    if not todo:
        return
    pool = TaskPool(function, workers, len(todo), retries, timeout)
    try:
        yield from pool.run(todo)
    finally:
        pool.close()


@dataclass(frozen=True)
class _Numbered:
    """A function of a task, called with (the task's number, the task)."""

    function: Callable[[Any], Any]

    def __call__(self, numbered: tuple[int, Any]) -> Any:
        return self.function(numbered[1])


def run_all(
    function: Callable[[Any], Any],
    tasks: Iterable[Any],
    workers: int | Crew = 0,
    noted: Callable[[Any], None] = lambda result: None,
) -> list[Any]:
    """The results of all tasks by workers, in the tasks' order. RuntimeError when one could not be done.

    Args:
        noted: told of every result as it comes.
    """
    results = {}
    for outcome in run_tasks(_Numbered(function), enumerate(tasks), workers):
        number, _ = outcome.task
        if outcome.error:
            raise RuntimeError(f"Task {number} could not be done: {outcome.error}")
        results[number] = outcome.result
        noted(outcome.result)
    return [results[number] for number in sorted(results)]


def _hand_out(worker: AnyWorker, waiting: list, busy: dict[AnyWorker, tuple[Any, int]]) -> None:
    """Give a worker the next task, if there is one."""
    if not waiting:
        return
    task, tries = waiting.pop()
    try:
        worker.send(task)
    except WorkerDied:  # with the task before or since then, so this one is not to blame
        worker.start()
        worker.try_send(task)
    busy[worker] = (task, tries)

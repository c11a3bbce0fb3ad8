"""Worker processes: one emulator each, because the core allows one per process. Restarted when they die.

Workers are spawned, not forked, so they never inherit TensorFlow's threads, and each does its NumPy on one thread.
"""

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

import numpy as np

SPAWN = multiprocessing.get_context("spawn")
ANSWER_SECONDS = 7_200.0
"""How long an answer may take unless a caller says otherwise. The longest tasks take a quarter of it (searching a take: 2.4
million frames); what takes longer hangs."""
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class WorkerError(RuntimeError):
    """Code in a worker raised; the message is its traceback."""


class WorkerDied(RuntimeError):
    """A worker process ended without an answer (killed, crashed in the core), or gave none in time and was killed."""


def shared_array(shape: tuple[int, ...], dtype: Any) -> tuple[Any, np.ndarray]:
    """Zeroed memory that spawned processes can share: (handle to pass on, array)."""
    handle = SPAWN.RawArray("b", int(np.prod(shape)) * np.dtype(dtype).itemsize)
    return handle, shared_view(handle, shape, dtype)


def shared_view(handle: Any, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """The array that lies in shared memory."""
    return np.frombuffer(handle, dtype=dtype).reshape(shape)


def core_count() -> int:
    """Processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    """These environment variables for as long as the block lasts."""
    before = {key: os.environ.get(key) for key in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for key, value in before.items():
            if value is None:
                del os.environ[key]
            else:
                os.environ[key] = value


class Worker:
    """A process that runs `serve(connection, *args)` until it is closed.

    `serve` answers every message it receives with ("done", answer); an exception in it reaches `receive`. A process that
    hangs (in the core, say) is found out by `timeout`: seconds from a message to its answer.
    """

    def __init__(self, serve: Callable[..., None], *args: Any, timeout: float = ANSWER_SECONDS) -> None:
        self._serve = serve
        self._args = args
        self._timeout = timeout
        self._deadlines: deque[float] = deque()  # of the unanswered messages, oldest first; time.monotonic()
        self._launch()

    def _launch(self) -> None:
        self.connection, remote = SPAWN.Pipe()
        self.process = SPAWN.Process(target=_guarded, args=(self._serve, remote, *self._args), daemon=True)
        with _environment(_ONE_THREAD):  # a spawned process reads it before any of our code runs
            self.process.start()
        remote.close()

    def start(self) -> None:
        """Start again after a death; whatever the process held is gone, and no message to it is answered any more."""
        self.close(patience=0)
        self._deadlines.clear()
        self._launch()

    def send(self, message: Any) -> None:
        """WorkerDied when nobody is there to read it."""
        try:
            self.connection.send(message)
        except OSError as error:
            raise WorkerDied(self._obituary()) from error
        self._deadlines.append(time.monotonic() + self._timeout)

    def try_send(self, message: Any) -> None:
        """The same, but silent when nobody is there: `receive` notices."""
        with suppress(WorkerDied):
            self.send(message)

    def seconds_left(self) -> float:
        """Until the oldest unanswered message is due; 0 when it is overdue, or nothing is awaited."""
        if not self._deadlines:
            return 0.0
        return max(self._deadlines[0] - time.monotonic(), 0.0)

    def receive(self) -> Any:
        """The answer to the oldest unanswered message.

        Raises:
            WorkerDied: the process ended without one, or gave none in time and was killed.
            WorkerError: code in it raised.
        """
        try:
            if not self.connection.poll(self.seconds_left()):  # true at a process's end, too
                self._kill()
                raise WorkerDied(f"an emulator process gave no answer in {self._timeout:g} seconds and was killed")
            status, answer = self.connection.recv()
        except (EOFError, OSError) as error:  # a plain OSError when it ended in the middle of an answer
            raise WorkerDied(self._obituary()) from error
        if self._deadlines:  # none when it failed before it was sent anything
            self._deadlines.popleft()
        if status == "error":
            raise WorkerError(answer)
        return answer

    def _obituary(self) -> str:
        self.process.join(5)
        return f"an emulator process died (exit code {self.process.exitcode})"

    def close(self, patience: float = 2.0) -> None:
        """End the process, by force when it does not end of itself in so many seconds."""
        self.connection.close()
        self.process.join(patience)
        if self.process.is_alive():
            self._kill()

    def _kill(self) -> None:
        self.process.kill()
        self.process.join(5)  # not for ever: a process that waits for a broken disk cannot be killed


def _guarded(serve: Callable[..., None], connection: Connection, *args: Any) -> None:
    """The worker's outermost frame: errors go to the parent, and the parent's end, however sudden, is the worker's too."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    try:
        serve(connection, *args)
    except (EOFError, ConnectionError):
        return
    except BaseException:
        connection.send(("error", traceback.format_exc()))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


@dataclass(frozen=True)
class Outcome:
    """What became of one task: its result, or what went wrong with it (`error` is then not empty)."""

    task: Any
    result: Any = None
    error: str = ""


def _serve_tasks(connection: Connection, function: Callable[[Any], Any]) -> None:
    while True:
        task = connection.recv()
        try:
            answer = Outcome(task, function(task))
        except Exception as error:
            answer = Outcome(task, error=f"{error}" or repr(error))
        connection.send(("done", answer))


class TaskPool:
    """Worker processes that run a function on tasks, and stay from one call of `run` to the next.

    A task whose process dies or hangs is tried again in a new one, then given up with the cause.

    Args:
        function: importable by name; called in the worker.
        workers: processes; 0 means one per core.
        retries: how often a task is tried again.
        timeout: seconds a task may take, the start of its process included.
    """

    def __init__(
        self, function: Callable[[Any], Any], workers: int = 0, retries: int = 1, timeout: float = ANSWER_SECONDS
    ) -> None:
        count = workers or core_count()
        self._retries = retries
        self._workers = [Worker(_serve_tasks, function, timeout=timeout) for _ in range(count)]

    def run(self, tasks: Iterable[Any]) -> Iterator[Outcome]:
        """Yields the outcomes of picklable tasks as they come, in no fixed order."""
        waiting = [(task, self._retries) for task in tasks][::-1]
        busy: dict[Connection, tuple[Worker, Any, int]] = {}
        try:
            for worker in self._workers:
                _hand_out(worker, waiting, busy)
            while busy:
                for connection in _due(busy):
                    worker, task, tries = busy.pop(connection)
                    try:
                        yield worker.receive()
                    except WorkerDied as death:
                        if tries > 0:
                            waiting.append((task, tries - 1))
                        else:
                            yield Outcome(task, error=str(death))
                    _hand_out(worker, waiting, busy)
        finally:
            # given up half-way: answers to come would be taken for those of the next call. It starts them anew
            for worker, _, _ in busy.values():
                worker.close()

    def close(self) -> None:
        """End the processes."""
        for worker in self._workers:
            worker.close()


def run_tasks(
    function: Callable[[Any], Any],
    tasks: Iterable[Any],
    workers: int = 0,
    retries: int = 1,
    timeout: float = ANSWER_SECONDS,
) -> Iterator[Outcome]:
    """The outcomes of tasks by a pool (see TaskPool) that lives as long as they take; no more processes than tasks."""
    todo = list(tasks)
    if not todo:
        return
    pool = TaskPool(function, min(workers or core_count(), len(todo)), retries, timeout)
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


def run_all(function: Callable[[Any], Any], tasks: Iterable[Any], workers: int = 0) -> list[Any]:
    """The results of all tasks by worker processes, in the tasks' order. RuntimeError when one could not be done."""
    results = {}
    for outcome in run_tasks(_Numbered(function), enumerate(tasks), workers):
        number, _ = outcome.task
        if outcome.error:
            raise RuntimeError(f"Task {number} could not be done: {outcome.error}")
        results[number] = outcome.result
    return [results[number] for number in sorted(results)]


def _due(busy: dict[Connection, tuple[Worker, Any, int]]) -> set[Connection]:
    """Waits for news: the connections with an answer, with an end, or without time left."""
    patience = min(worker.seconds_left() for worker, _, _ in busy.values())
    answered = wait(list(busy), timeout=patience)
    overdue = [connection for connection, (worker, _, _) in busy.items() if worker.seconds_left() == 0]
    return {*answered, *overdue}  # type: ignore[arg-type]


def _hand_out(worker: Worker, waiting: list, busy: dict[Connection, tuple[Worker, Any, int]]) -> None:
    """Give a worker the next task, if there is one."""
    if not waiting:
        return
    task, tries = waiting.pop()
    try:
        worker.send(task)
    except WorkerDied:  # with the task before or since then, so this one is not to blame
        worker.start()
        worker.try_send(task)
    busy[worker.connection] = (worker, task, tries)

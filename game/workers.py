"""Worker processes: one emulator each, because the core allows one per process. Restarted when they die.

Workers are spawned, not forked, so they never inherit TensorFlow's threads, and each does its NumPy on one thread.
"""

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

import numpy as np

SPAWN = multiprocessing.get_context("spawn")
_ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class WorkerError(RuntimeError):
    """Code in a worker raised; the message is its traceback."""


class WorkerDied(RuntimeError):
    """A worker process ended without an answer (killed, crashed in the core)."""


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

    `serve` answers every message it receives with ("done", answer); an exception in it reaches `receive`.
    """

    def __init__(self, serve: Callable[..., None], *args: Any) -> None:
        self._serve = serve
        self._args = args
        self.start()

    def start(self) -> None:
        """Start, or start again after a death; whatever the process held is gone."""
        self.connection, remote = SPAWN.Pipe()
        self.process = SPAWN.Process(target=_guarded, args=(self._serve, remote, *self._args), daemon=True)
        with _environment(_ONE_THREAD):  # a spawned process reads it before any of our code runs
            self.process.start()
        remote.close()

    def send(self, message: Any) -> None:
        """WorkerDied when nobody is there to read it."""
        try:
            self.connection.send(message)
        except (BrokenPipeError, ConnectionError) as error:
            raise WorkerDied(self._obituary()) from error

    def try_send(self, message: Any) -> None:
        """The same, but silent when nobody is there: `receive` notices."""
        with suppress(WorkerDied):
            self.send(message)

    def receive(self) -> Any:
        """The answer to the oldest unanswered message. WorkerDied or WorkerError when there is none."""
        try:
            status, answer = self.connection.recv()
        except (EOFError, ConnectionError) as error:
            raise WorkerDied(self._obituary()) from error
        if status == "error":
            raise WorkerError(answer)
        return answer

    def _obituary(self) -> str:
        self.process.join(5)
        return f"an emulator process died (exit code {self.process.exitcode})"

    def close(self) -> None:
        """End the process."""
        self.connection.close()
        self.process.join(2)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


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


def run_tasks(
    function: Callable[[Any], Any], tasks: Iterable[Any], workers: int = 0, retries: int = 1
) -> Iterator[Outcome]:
    """Run a function on every task in worker processes; yields outcomes as they come, in no fixed order.

    A task whose process dies is tried again in a new one, then given up with the cause.

    Args:
        function: importable by name; called in the worker.
        tasks: picklable values.
        workers: processes; 0 means one per core.
    """
    waiting = [(task, retries) for task in tasks][::-1]
    pool = [Worker(_serve_tasks, function) for _ in range(min(workers or core_count(), len(waiting)))]
    busy: dict[Any, tuple[Worker, Any, int]] = {}
    try:
        for worker in pool:
            _hand_out(worker, waiting, busy)
        while busy:
            for connection in wait(list(busy)):
                worker, task, tries = busy.pop(connection)
                try:
                    yield worker.receive()
                except WorkerDied as death:
                    worker.start()
                    if tries > 0:
                        waiting.append((task, tries - 1))
                    else:
                        yield Outcome(task, error=str(death))
                _hand_out(worker, waiting, busy)
    finally:
        for worker in pool:
            worker.close()


def _hand_out(worker: Worker, waiting: list, busy: dict) -> None:
    if waiting:
        task, tries = waiting.pop()
        worker.send(task)
        busy[worker.connection] = (worker, task, tries)

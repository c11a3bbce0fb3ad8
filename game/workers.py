"""Worker processes: one emulator each, because the core allows one per process. Restarted when they die.

Workers are spawned, not forked, so they never inherit TensorFlow's threads, and each does its NumPy on one thread. Those on
other machines (game.ray_workers) have the same face; who wants some asks a crew (game.crew).
"""

import multiprocessing
import os
import signal
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection, wait
from typing import Any

import numpy as np

SPAWN = multiprocessing.get_context("spawn")
ANSWER_SECONDS = 7_200.0
"""How long an answer may take unless a caller says otherwise. The longest tasks take a quarter of it (searching a take: 2.4
million frames); what takes longer hangs."""
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


class WorkerError(RuntimeError):
    """Code in a worker raised; the message is its traceback."""


class WorkerDied(RuntimeError):
    """A worker process ended without an answer (killed, crashed in the core), or gave none in time and was killed.

    Attributes:
        blameless: it went down with its machine, so that what it was doing has nothing to do with it.
    """

    def __init__(self, message: str, blameless: bool = False) -> None:
        super().__init__(message)
        self.blameless = blameless


Handle = Callable[[Any], Any]
"""What a worker is in its process: called with each message it is sent, for the answer."""


def shared_array(shape: tuple[int, ...], dtype: Any) -> tuple[Any, np.ndarray]:
    """Zeroed memory that spawned processes can share: (handle to pass on, array)."""
    handle = SPAWN.RawArray("b", int(np.prod(shape)) * np.dtype(dtype).itemsize)
    return handle, shared_view(handle, shape, dtype)


def shared_view(handle: Any, shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """The array that lies in shared memory."""
    return np.frombuffer(handle, dtype=dtype).reshape(shape)


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
    """A process that calls `make(*args)` for what answers its messages, and answers them until it is closed.

    An exception in it reaches `receive`. A process that hangs (in the core, say) is found out by `timeout`: seconds from a
    message to its answer.
    """

    def __init__(self, make: Callable[..., Handle], *args: Any, timeout: float = ANSWER_SECONDS) -> None:
        self._make = make
        self._args = args
        self._timeout = timeout
        self._deadlines: deque[float] = deque()  # of the unanswered messages, oldest first; time.monotonic()
        self._launch()

    def _launch(self) -> None:
        self.connection, remote = SPAWN.Pipe()
        self.process = SPAWN.Process(target=_guarded, args=(self._make, remote, *self._args), daemon=True)
        with _environment(ONE_THREAD):  # a spawned process reads it before any of our code runs
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


def first_ready(workers: Collection[Worker], patience: float) -> list[Worker]:
    """Waits at most so many seconds for news: the workers with an answer, or with an end."""
    by_connection = {worker.connection: worker for worker in workers}
    return [by_connection[connection] for connection in wait(list(by_connection), patience)]  # type: ignore[index]


def _guarded(make: Callable[..., Handle], connection: Connection, *args: Any) -> None:
    """The worker's outermost frame: errors go to the parent, and the parent's end, however sudden, is the worker's too."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    try:
        handle = make(*args)
        while True:
            connection.send(("done", handle(connection.recv())))
    except (EOFError, ConnectionError):
        return
    except BaseException:
        connection.send(("error", traceback.format_exc()))


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)

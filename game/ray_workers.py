"""Workers on the nodes of a Ray cluster: an actor a core, with the face of a worker process (game.workers.Worker).

An actor that dies is not started again by Ray (`max_restarts` is 0): it would come back empty without anybody's knowing, and
would wait for a free core, of which there is none where every core has its actor. Who knows what it held calls `start`, as
for a process, and the new one may share a core.
"""

import os
import re
import socket
import time
import traceback
from collections import deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from common.cluster import ClusterError, join, passed_on
from game.games import GameError, find_game
from game.workers import ANSWER_SECONDS, ONE_THREAD, Handle, WorkerDied, WorkerError

START_SECONDS = 120.0
"""How long an actor may take to be there: it waits for a free core, if it wants one of its own, and reads its modules."""
NOTICED_SECONDS = 3
"""How long a cluster may take to see what went down with a worker: its node, or that its core is free."""

_HOLDING: set["RayWorker"] = set()
"""This process's workers that have a core of their own; further ones share."""


def cluster_cores(address: str) -> int:
    """The cores of a cluster's living nodes, as they say themselves; at least 1."""
    return max(int(join(address).cluster_resources().get("CPU", 0)), 1)


@dataclass(frozen=True)
class Node:
    """What a node must have before a worker begins there. Picklable."""

    cluster: str
    game: str = ""
    folder: Path = field(default_factory=Path.cwd)
    """The project's, in which paths begin."""

    def enter(self) -> str:
        """Go to the folder; returns what is missing, "" when nothing is."""
        try:
            os.chdir(self.folder)
        except OSError as error:
            return f"cannot work in {self.folder} ({error.strerror}); the project lies at the same path on every node"
        try:
            if self.game:
                find_game(self.game).check_rom()
        except GameError as error:
            return f"{error} A ROM is never sent to another machine."
        return ""


class Host:
    """The actor: one process on a node, which answers what its handle answers."""

    def __init__(self) -> None:
        self._handle: Handle | None = None

    def settle(self, node: Node, make: Callable[..., Handle], args: tuple) -> tuple[str, str, str]:
        """Get ready; returns (the node's id, its name, what it lacks)."""
        import ray

        missing = node.enter()
        if not missing:
            self._handle = make(*args)
        return ray.get_runtime_context().get_node_id(), socket.gethostname(), missing

    def answer(self, message: Any) -> tuple[str, Any]:
        """("done", answer), or ("error", traceback)."""
        try:
            if self._handle is None:
                raise RuntimeError("Expected settle() before answer().")
            return "done", self._handle(message)
        except Exception:
            return "error", traceback.format_exc()


class RayWorker:
    """An actor somewhere in a cluster; see game.workers.Worker, whose face it has."""

    def __init__(self, node: Node, make: Callable[..., Handle], *args: Any, timeout: float = ANSWER_SECONDS) -> None:
        self._ray = join(node.cluster)
        self._task = (node, make, args)
        self._timeout = timeout
        self._answers: deque[Any] = deque()  # names of the answers to come, oldest first
        self._deadlines: deque[float] = deque()  # of these; time.monotonic()
        self._waited_in_vain = False  # for a core of its own, which somebody else's work holds
        self._place = ("", "")  # (the node's id, its name) once it is known
        self._launch()

    def _launch(self, wants_core: bool = True) -> None:
        # pools live side by side (rollouts wait while an evaluation plays), and cores go down with their nodes
        if wants_core and len(_HOLDING) < cluster_cores(self._task[0].cluster):
            _HOLDING.add(self)
        options = {
            "num_cpus": int(self in _HOLDING),
            "max_restarts": 0,
            "max_task_retries": 0,
            "scheduling_strategy": "SPREAD",
            "runtime_env": {"env_vars": ONE_THREAD | passed_on()},
        }
        self._actor = self._ray.remote(Host).options(**options).remote()
        self._settled = self._actor.settle.remote(*self._task)
        self._is_settled = False
        self._is_closed = False
        self._settle_by = time.monotonic() + START_SECONDS

    def start(self) -> None:
        """Start again after a death, wherever there is room; no message is answered any more."""
        self.close()
        self._answers.clear()
        self._deadlines.clear()
        cores = self._ray.available_resources().get("CPU", 0)
        self._launch(wants_core=cores >= 1 and not self._waited_in_vain)

    def send(self, message: Any) -> None:
        """WorkerDied when it is known to have died; else a death shows at the next `receive`."""
        if self._is_closed:
            raise WorkerDied(f"a worker on {self._where()} had died")
        self._answers.append(self._actor.answer.remote(message))
        self._deadlines.append(time.monotonic() + self._timeout)

    def try_send(self, message: Any) -> None:
        """The same, but silent."""
        with suppress(WorkerDied):
            self.send(message)

    def seconds_left(self) -> float:
        """Until the oldest unanswered message is due, or the start; 0 when it is overdue, or nothing is awaited."""
        if not self._deadlines:
            return 0.0
        due = self._deadlines[0]
        if not self._has_begun():
            due = min(due, self._settle_by)
        return max(due - time.monotonic(), 0.0)

    def _has_begun(self) -> bool:
        """Whether the actor is there, or has said what its node lacks."""
        return self._is_settled or bool(self._ray.wait([self._settled], timeout=0)[0])

    def receive(self) -> Any:
        """The answer to the oldest unanswered message.

        Raises:
            WorkerDied: the actor or its node ended without one, or it gave none in time and was killed.
            WorkerError: code in it raised.
            ClusterError: its node lacks what it needs.
        """
        if self._is_closed:
            raise WorkerDied(f"a worker on {self._where()} had died")
        self._settle()
        status, answer = self._get(self._answers[0], self.seconds_left(), "gave no answer")
        self._answers.popleft()
        self._deadlines.popleft()
        if status == "error":
            raise WorkerError(f"on node {self._place[1]}: {answer}")
        return answer

    def _settle(self) -> None:
        if self._is_settled:
            return
        patience = max(self._settle_by - time.monotonic(), 0.0)
        identity, name, missing = self._get(self._settled, patience, "was not started")
        self._place = (identity, name)
        if missing:
            raise ClusterError(f"node {self._place[1]}: {missing}")
        self._is_settled = True

    def _get(self, name: Any, patience: float, silence: str) -> Any:
        """What has this name, copied out of the store, which forgets it as soon as nobody names it."""
        errors = self._ray.exceptions
        try:
            return self._ray.get(name, timeout=patience)
        except errors.GetTimeoutError as error:
            self._waited_in_vain = not self._is_settled
            self.close()
            raise WorkerDied(f"a worker on {self._where()} {silence} in time and was killed") from error
        except errors.RayTaskError as error:
            raise WorkerError(f"on {self._where()}: {error}") from error
        except errors.RayError as error:
            self.close()
            if getattr(error, "actor_init_failed", False):  # and would fail again
                raise ClusterError(_not_begun(str(error), self._task[0])) from error
            raise WorkerDied(f"a worker on {self._where()} died ({error})", self._node_is_gone()) from error

    def _where(self) -> str:
        return f"node {self._place[1]}" if self._place[1] else "the cluster"

    def _node_is_gone(self) -> bool:
        """Whether it went down with its node; one that stands is looked at for a while."""
        for _ in range(NOTICED_SECONDS if self._place[0] else 0):
            living = {node["NodeID"] for node in self._ray.nodes() if node["Alive"]}
            if self._place[0] not in living:
                return True
            time.sleep(1)
        return False

    def first_answer(self) -> Any:
        """What names the answer that `receive` waits for."""
        return self._answers[0]

    def close(self) -> None:
        """End the actor at once."""
        self._is_closed = True
        _HOLDING.discard(self)
        with suppress(Exception):  # whatever Ray says of one that is gone already
            self._ray.kill(self._actor)


def _not_begun(reason: str, node: Node) -> str:
    """What is wrong with a node that cannot even import the project, from what Ray says of it at length."""
    address = re.search(r"ip=([^,) ]+)", reason)
    where = f"node {address[1]}" if address else "a node"
    what = reason.strip().splitlines()[-1].rstrip(")")
    return (
        f"{where} cannot begin ({what}). Expected on every node: the project at {node.folder}, on a disk that all see, and "
        "its environment, made by `make install install-cluster`."
    )


def first_ready_of(workers: Collection[RayWorker], patience: float) -> list[RayWorker]:
    """Waits at most so many seconds for news: the workers with an answer, or with an end."""
    import ray

    by_answer = {worker.first_answer(): worker for worker in workers}
    ready, _ = ray.wait(list(by_answer), num_returns=1, timeout=patience)
    return [by_answer[answer] for answer in ready]

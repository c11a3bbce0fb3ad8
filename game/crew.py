"""A crew: how many workers play, and where: in processes of this machine, or on the nodes of a cluster."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from common.cores import core_count
from game.exchange import ArrayShapes, SharedMemory, Wire
from game.ray_workers import Node, RayWorker, cluster_cores, first_ready_of
from game.workers import ANSWER_SECONDS, Handle, Worker, first_ready

AnyWorker = Worker | RayWorker


@dataclass(frozen=True)
class Crew:
    """How many workers, and where.

    Attributes:
        workers: how many at most (0: one per core).
        cluster: a Ray cluster's address; "" for processes of this machine.
        game: of which a node must have the ROM; "" for none in particular.
    """

    workers: int = 0
    cluster: str = ""
    game: str = ""

    @classmethod
    def of(cls, workers: "int | Crew") -> "Crew":
        """A number alone means so many processes of this machine."""
        return workers if isinstance(workers, Crew) else cls(workers)

    def size(self, most: int) -> int:
        """How many workers there will be, where no more than so many have something to do."""
        cores = cluster_cores(self.cluster) if self.cluster else core_count()
        return min(self.workers or cores, most)

    def hire(self, make: Callable[..., Handle], *args: Any, timeout: float = ANSWER_SECONDS) -> AnyWorker:
        """A worker; see `Worker`."""
        if self.cluster:
            return RayWorker(Node(self.cluster, self.game), make, *args, timeout=timeout)
        return Worker(make, *args, timeout=timeout)

    def due(self, workers: Collection[Any]) -> list[Any]:
        """Waits for news: the workers with an answer, with an end, or without time left."""
        overdue = [worker for worker in workers if worker.seconds_left() == 0]
        patience = min(worker.seconds_left() for worker in workers)
        ready = first_ready_of(workers, patience) if self.cluster else first_ready(workers, patience)
        return [*ready, *(worker for worker in overdue if worker not in ready)]

    def exchange(self, shapes: ArrayShapes, buffers: int) -> SharedMemory | Wire:
        """How rollouts come from the workers."""
        return Wire(shapes, buffers) if self.cluster else SharedMemory(shapes, buffers)

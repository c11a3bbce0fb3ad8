"""The cells of a study on the nodes of a Ray cluster, as many at once as it has cores for.

A cell's record is the sign that it is done, and who works on it holds it, wherever that is: a command that died is given
again, and a cell whose node died is gone on with on another.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from common.cluster import ClusterError, join, passed_on
from experiment.study.cells import Report, work_off
from experiment.study.definition import Cell, Study

HOLDER_SECONDS = 120.0
"""How long a cell's holder is waited for: it may have lost its node or its command a moment ago, and not noticed yet."""
NODES_PER_CELL = 20
"""How many may die under a cell before it has failed: it may be what kills them."""


def work_off_on_cluster(study: Study, cells: Sequence[Cell], address: str, cores: int) -> Iterator[Report]:
    """Run the cells that have no record, and report on each as it ends. When it is stopped, cells under way end their step.

    Args:
        address: of the cluster (common.cluster.join).
        cores: of a cell; 0: as many as the smallest node has.

    Raises:
        ClusterError: no cluster can be joined there, or no node of it has so many cores.
    """
    ray = join(address)
    of_nodes = _cores_of_nodes(ray)
    cores = cores or min(of_nodes, default=1)
    if of_nodes and cores > max(of_nodes):
        raise ClusterError(
            f"--cores {cores}: expected at most the cores of the largest node, {max(of_nodes)}. No cell would ever begin."
        )
    task = ray.remote(_work_off_there).options(
        num_cpus=cores,
        max_retries=NODES_PER_CELL,
        scheduling_strategy="SPREAD",
        runtime_env={"env_vars": passed_on()},
    )
    under_way = {task.remote(Path.cwd(), study, cell, cores): cell for cell in cells}
    try:
        while under_way:
            ended, _ = ray.wait(list(under_way))
            yield _report(ray, ended[0], under_way.pop(ended[0]))
    finally:
        for name in under_way:
            ray.cancel(name)
        if under_way:
            ray.wait(list(under_way), num_returns=len(under_way))


def _cores_of_nodes(ray: Any) -> list[int]:
    """Of every node that has any."""
    cores = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    return [count for count in cores if count]


def _report(ray: Any, name: Any, cell: Cell) -> Report:
    try:
        return ray.get(name)
    except ray.exceptions.RayError as error:
        return Report(cell, False, f"failed: {error}")


def _work_off_there(folder: Path, study: Study, cell: Cell, cores: int) -> Report:
    """The task, in whichever node it is."""
    os.chdir(folder)
    with own_cores(cores):
        return work_off(study, cell, HOLDER_SECONDS)


@contextmanager
def own_cores(count: int) -> Iterator[None]:
    """Keep this process and those it starts to so many cores, which no other cell here has; to none where so many are not free.

    Ray only counts cores. Stages take as many workers and threads as they may use.
    """
    if not hasattr(os, "sched_setaffinity"):  # only Linux can bind a process
        yield
        return
    before = os.sched_getaffinity(0)
    folder = Path(tempfile.gettempdir()) / f"study-cores-{os.getuid()}"
    folder.mkdir(exist_ok=True)
    with ExitStack() as held:
        found: list[int] = []
        for core in before:
            if len(found) < count and _took(FileLock(folder / str(core)), held):
                found.append(core)
        if len(found) == count:
            os.sched_setaffinity(0, found)
        try:
            yield
        finally:
            os.sched_setaffinity(0, before)


def _took(lock: FileLock, held: ExitStack) -> bool:
    """Take a lock for as long as the stack is; False where somebody has it."""
    try:
        held.enter_context(lock.acquire(blocking=False))
    except Timeout:
        return False
    return True

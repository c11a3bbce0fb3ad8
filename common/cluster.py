"""A Ray cluster, joined by its address. Ray is an extra: nobody else imports it, and here nobody does without an address."""

import os
import signal
import socket
from typing import Any

from common.cores import core_count

LOCAL = "local"
AUTO = "auto"
PASSED_ON = ("RUNS", "INTEGRATION", "PYTHONPATH")
"""Environment variables that say where things lie, for the nodes as for this machine."""
REACHED_SECONDS = 10.0
"""How long an address may take to answer."""

HOW_TO_INSTALL = "--cluster needs Ray, which is not installed here. Install it with `make install-cluster`."
EXPECTED = f"expected `{LOCAL}` (starts one here), `{AUTO}` (the one that this machine belongs to) or HOST:PORT"


class ClusterError(ValueError):
    """There is no cluster to work on, or a node of it cannot work; the message says what to do."""


def join(address: str) -> Any:
    """The module `ray`, connected to the cluster at this address; the first call of a process connects.

    Args:
        address: local, auto, or HOST:PORT of its head.

    Raises:
        ClusterError: Ray is not installed, or nobody answers at the address.
    """
    ray = _import_ray()
    if not ray.is_initialized():
        _connect(ray, address)
    return ray


def passed_on() -> dict[str, str]:
    """The environment variables that work on a node is to see as this process does; "" for those that are not set, because the
    shell in which a node was begun may have them."""
    return {name: os.environ.get(name, "") for name in PASSED_ON}


def publish(value: Any) -> Any:
    """Put a value into the store of the cluster that was joined, once for all nodes; what names it there."""
    return _import_ray().put(value)


def fetch(name: Any) -> Any:
    """What was published under a name; arrays are read-only views of the node's store."""
    return _import_ray().get(name)


def _import_ray() -> Any:
    # nothing is reported to Ray's makers, and no GPU hidden from this process
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    # by itself Ray runs workers at niceness 15: beside other work an evaluation took twelve times as long
    os.environ.setdefault("RAY_worker_niceness", "0")
    try:
        import ray
    except ImportError as error:
        raise ClusterError(HOW_TO_INSTALL) from error
    return ray


def _connect(ray: Any, address: str) -> None:
    options: dict[str, Any] = {"log_to_driver": False, "logging_level": "error", "configure_logging": False}
    if address == LOCAL:
        options |= {"num_cpus": core_count(), "include_dashboard": False}
    elif address != AUTO:
        _check_reached(address)
    on_term = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(address=address, **options)
    except Exception as error:  # Ray raises bare ones where a node is not there in time
        raise ClusterError(f"--cluster {address}: cannot join a cluster there: {error}\n{_advice(address)}") from error
    finally:
        signal.signal(signal.SIGTERM, on_term)  # Ray's own would end a training without its checkpoint


def _check_reached(address: str) -> None:
    """ClusterError where nobody listens: Ray itself would try for a minute, then end the process."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal():
        raise ClusterError(f"--cluster: {EXPECTED}. Received: {address!r}")
    try:
        socket.create_connection((host, int(port)), REACHED_SECONDS).close()
    except (OSError, OverflowError) as error:
        raise ClusterError(f"--cluster {address}: nobody answers there ({error}). {_advice(address)}") from error


def _advice(address: str) -> str:
    if address == AUTO:
        return f"This machine belongs to no cluster; {EXPECTED}. docs/cluster.md shows how to start one."
    return (
        f"Is its head running (`ray start --head --port={address.rpartition(':')[2]}` there), and does this machine belong "
        f"to it (`ray start --address={address}` here)? A head that asks for a token is shown it only with "
        "RAY_AUTH_MODE=token. See docs/cluster.md."
    )

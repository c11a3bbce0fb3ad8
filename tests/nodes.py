"""Nodes of a Ray cluster on a network that is not localhost: a network namespace with a raylet for each, on one bridge.

Who may make namespaces may use them: root, or a shell of `unshare --user --map-root-user --net --mount`.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.resuming import ENVIRONMENT

BRIDGE = "nodes0"
NETWORK = "10.177.0"
ADDRESS = f"{NETWORK}.1:6399"
AT_WORK = ("ray::Host", "ray::_work_off_there")
"""As processes are called that play, and that run a study's cell."""
RAY = str(Path(sys.executable).with_name("ray"))
SETTINGS = ENVIRONMENT | {
    "RAY_AUTH_MODE": "disabled",
    "RAY_USAGE_STATS_ENABLED": "0",
    # one that was cut off is given up after some ten seconds instead of half a minute
    "RAY_health_check_period_ms": "2000",
    "RAY_health_check_timeout_ms": "3000",
    "RAY_health_check_failure_threshold": "3",
}
START_SECONDS = 300.0
"""A raylet may take a minute to be there on a machine that has other work."""


class Nodes:
    """The nodes of one cluster, a core each. The head, in which nobody plays, is at the bridge's own end.

    Attributes:
        names: of the nodes that were added and neither killed nor cut off.
    """

    def __init__(self, folder: Path) -> None:
        self.names: list[str] = []
        self._folder = folder
        self._made = 1
        self._begun: list[subprocess.Popen[bytes]] = []
        _ip("link", "add", BRIDGE, "type", "bridge")
        _ip("address", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
        _ip("link", "set", BRIDGE, "up")
        _ip("link", "set", "lo", "up")
        port = ADDRESS.rpartition(":")[2]
        self._begin("head", [], ["--head", f"--port={port}", "--num-cpus=0", "--include-dashboard=false"])

    def _begin(self, name: str, inside: list[str], options: list[str]) -> None:
        place = [f"--node-ip-address={NETWORK}.{self._made}", f"--temp-dir={self._folder / name}"]
        command = [*inside, RAY, "start", *options, *place, "--block"]
        with (self._folder / f"{name}.log").open("w") as log:
            self._begun.append(subprocess.Popen(command, env=SETTINGS, stdout=log, stderr=log, start_new_session=True))

    def add(self) -> None:
        """One more node. It is not waited for."""
        self._made += 1
        name = f"node{self._made}"
        _ip("netns", "add", name)
        _ip("link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name)
        _ip("link", "set", name, "master", BRIDGE, "up")
        _ip("-n", name, "address", "add", f"{NETWORK}.{self._made}/24", "dev", "eth0")
        _ip("-n", name, "link", "set", "eth0", "up")
        _ip("-n", name, "link", "set", "lo", "up")
        self._begin(name, ["ip", "netns", "exec", name], [f"--address={ADDRESS}", "--num-cpus=1"])
        self.names.append(name)

    def at_work(self) -> list[str]:
        """The nodes in which somebody is."""
        return [name for name in self.names if any(command.startswith(AT_WORK) for command in _commands(name))]

    def kill(self, name: str) -> None:
        """SIGKILL for every process of a node."""
        self.names.remove(name)
        _kill(name)

    def cut_off(self, name: str) -> None:
        """Pull the plug of a node's network; its processes run on."""
        self.names.remove(name)
        _ip("-n", name, "link", "set", "eth0", "down")

    def wait(self, count: int) -> None:
        """Until so many nodes are there besides the head."""
        wait_until(lambda: self.living() >= count, f"of {count} nodes; see {self._folder}")

    def living(self) -> int:
        """Nodes besides the head, as it sees them."""
        told = subprocess.run([RAY, "status", "--address", ADDRESS], env=SETTINGS, capture_output=True, text=True)
        return told.stdout.partition("Pending:")[0].count(" node_") - 1

    def close(self) -> None:
        """Leave nothing behind."""
        head, *others = self._begun
        head.terminate()
        for number in range(2, self._made + 1):
            _kill(f"node{number}")
            # a namespace is taken down later than it is deleted, and its link's name would not be free for the next cluster
            _ip("link", "delete", f"node{number}")
            _ip("netns", "delete", f"node{number}")
        for process in (head, *others):
            process.wait(60)
        _ip("link", "delete", BRIDGE)


def wait_until(condition: Callable[[], bool], what: str, seconds: float = START_SECONDS) -> None:
    """Looks again and again; AssertionError when it takes too long."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds:g} s in vain for {what}"
        time.sleep(0.2)


@contextmanager
def nodes(count: int) -> Iterator[Nodes]:
    """A cluster of so many nodes; skips the test where there can be none."""
    pytest.importorskip("ray", reason="Ray is not installed (make install-cluster)")
    try:
        _ip("netns", "add", "node1")
        _ip("netns", "delete", "node1")
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("no network namespaces may be made here (root may)")
    # short, because the names of sockets lie below it
    with tempfile.TemporaryDirectory(prefix="n", ignore_cleanup_errors=True) as folder:
        found = Nodes(Path(folder))
        try:
            for _ in range(count):
                found.add()
            found.wait(count)
            yield found
        finally:
            found.close()


def _pids(name: str) -> list[int]:
    told = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=True)
    return [int(pid) for pid in told.stdout.split()]


def _commands(name: str) -> Iterator[str]:
    for pid in _pids(name):
        with suppress(OSError):
            yield Path(f"/proc/{pid}/cmdline").read_text()


def _kill(name: str) -> None:
    for pid in _pids(name):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)

"""Workers on the nodes of a Ray cluster: the numbers of processes of one machine, whoever dies."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from common.cluster import ClusterError, join
from game.crew import Crew
from game.exchange import FrameStrip
from game.rollouts import RolloutPool
from game.tasks import run_tasks
from policy.players import NetworkActor
from tests.conftest import ROOT
from tests.game.test_rollouts import ALIKE, LAYOUT, NETWORK, SPEC, weights


@pytest.mark.parametrize("resets", [[], [3], [2, 3, 8]])
def test_stacks_come_out_of_a_strip_as_they_went_in(resets: list[int]) -> None:
    rng = np.random.default_rng(1)
    stacks = np.zeros((9, 6, 5, 4), np.uint8)
    for t in range(9):
        stacks[t] = rng.integers(0, 256, stacks[t].shape)
        if t > 0 and t not in resets:
            stacks[t, ..., :-1] = stacks[t - 1, ..., 1:]
    strip = FrameStrip.of(stacks[:-1], stacks[-1])
    unpacked = np.zeros_like(stacks)
    strip.unpack(unpacked[:-1], unpacked[-1])
    np.testing.assert_array_equal(stacks, unpacked)
    assert strip.is_whole.nonzero()[0].tolist() == [0, *resets]


def test_who_lacks_ray_is_told_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(ClusterError, match="make install-cluster"):
        join("local")


@pytest.mark.parametrize("address", ["nowhere", "127.0.0.1:1", "127.0.0.1:port"])
def test_an_address_where_nobody_is_says_so(address: str) -> None:
    pytest.importorskip("ray", reason="Ray is not installed (make install-cluster)")
    with pytest.raises(ClusterError, match="--cluster") as caught:
        join(address)
    assert address in str(caught.value)


def square(number: int) -> int:
    return number * number


def test_without_an_address_ray_is_not_imported(tmp_path: Path) -> None:
    (tmp_path / "ray.py").write_text("raise SystemExit('imported')")
    code = (
        "from game.tasks import run_tasks\nfrom tests.game.test_ray_workers import square\n"
        "if __name__ == '__main__':\n    assert [o.result for o in run_tasks(square, [3], 1)] == [9]\n"
    )
    script = tmp_path / "script.py"
    script.write_text(code)
    env = os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"}
    done = subprocess.run([sys.executable, str(script)], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture
def nodes(monkeypatch: pytest.MonkeyPatch):
    """A cluster of three nodes with raylets and object stores of their own, and this process at its head."""
    ray = pytest.importorskip("ray", reason="Ray is not installed (make install-cluster)")
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    monkeypatch.chdir(ROOT)
    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    for _ in range(3):
        found.add_node(num_cpus=1)
    join(found.address)
    yield found
    ray.shutdown()
    found.shutdown()


KILLS = int(os.environ.get("NODE_KILLS", "3"))
"""Nodes killed in the test below; the environment variable is for more."""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_nodes_die_and_come_and_the_numbers_stay(nodes) -> None:
    draw = random.Random(1)
    here = RolloutPool(LAYOUT, NetworkActor(NETWORK, SPEC), 1)
    there = RolloutPool(LAYOUT, NetworkActor(NETWORK, SPEC), Crew(0, nodes.address, "quillrush"))
    try:
        for rollout in range(KILLS + 1):
            there.begin(rollout, weights(rollout), ALIKE)
            if rollout < KILLS:  # in the middle of a rollout: more than one is on its way to a node
                nodes.remove_node(draw.choice(list(nodes.worker_nodes)), allow_graceful=False)
                nodes.add_node(num_cpus=1)
            received, ended = there.finish()
            expected, ended_here = here.collect(rollout, weights(rollout), ALIKE)
            for name, array in vars(expected).items():
                np.testing.assert_array_equal(array, vars(received)[name], err_msg=f"{name} of rollout {rollout}")
            assert ended == ended_here
            assert here.get_state() == there.get_state()
        assert there.restarts >= 1
        print(f"{there.restarts} restarts, {there.exchange.bytes} bytes")
        assert there.exchange.bytes / (LAYOUT.num_envs * LAYOUT.steps * (KILLS + 1)) < 11_000
    finally:
        here.close()
        there.close()


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_tasks_and_a_rom_that_is_not_there(nodes) -> None:
    crew = Crew(0, nodes.address, "quillrush")
    assert sorted(outcome.result for outcome in run_tasks(square, range(5), crew)) == [0, 1, 4, 9, 16]
    with pytest.raises(ClusterError, match=r"node .*No ROM for sonic2.*never sent"):
        list(run_tasks(square, range(2), Crew(1, nodes.address, "sonic2")))


class Holder:
    """Somebody else's actor."""

    def here(self) -> bool:
        return True


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_cores_that_others_hold_are_shared_in_the_end(nodes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("game.ray_workers.START_SECONDS", 30.0)
    ray = join(nodes.address)
    holders = [ray.remote(Holder).options(num_cpus=1).remote() for _ in range(3)]
    assert all(ray.get([holder.here.remote() for holder in holders]))
    began = time.monotonic()
    assert sorted(outcome.result for outcome in run_tasks(square, [3, 4], Crew(2, nodes.address))) == [9, 16]
    assert time.monotonic() - began > 30

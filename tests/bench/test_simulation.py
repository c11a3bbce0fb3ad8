"""The simulated cluster: by hand where one can, and in the directions that nothing else allows."""

from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("simpy", reason="simpy is not installed: make install-dev")

from bench.costs import Costs, read
from bench.simulate import COUNTS, as_seen, saturation
from bench.simulation import Setting, bottleneck, simulate
from game.games import ROOT

COSTS = Costs(
    commit="",
    machine="",
    load_average=0.0,
    rollout_steps=64,
    num_envs=18,
    playing=(0.1,),
    ppo=0.001,
    impala=0.001,
    load=0.0,
    unpack=0.0,
    copy=0.0,
    step_bytes=10_000.0,
    weights_bytes=0,
    seen=(),
)
LOCAL = Setting("ppo", 2, 0.001, latency=0.0, free=frozenset({"wire"}))


def test_ppo_plays_then_learns() -> None:
    """2 actors play 0.1 s together; 128 steps are learnt from in 0.128 s."""
    assert simulate(COSTS, LOCAL).steps_per_second == pytest.approx(128 / 0.228)


def test_impala_plays_while_it_learns() -> None:
    """Learning is the longer: it alone counts. When acting is, acting counts."""
    impala = replace(LOCAL, algorithm="impala")
    assert simulate(COSTS, impala).steps_per_second == pytest.approx(128 / 0.128)
    quick = replace(impala, learning=0.0001)
    assert simulate(COSTS, quick).steps_per_second == pytest.approx(128 / 0.1)


def test_rollouts_take_turns_on_the_wire() -> None:
    """20 rollouts of 640 kB over 6.4 MB/s take 2 s, however many play."""
    wire = Setting("ppo", 20, 0.0, bandwidth=6.4e6, latency=0.0)
    assert simulate(COSTS, wire).steps_per_second == pytest.approx(20 * 64 / 2.1)
    assert bottleneck(COSTS, wire)[0] == "wire"
    assert simulate(COSTS, wire).peak_store_bytes == pytest.approx(640_000)


def test_nodes_pass_weights_on() -> None:
    """7 nodes and the learner: 1, 2 and 4 copies at a time, three transfers of 1 s."""
    costs = replace(COSTS, weights_bytes=1000)
    spread = Setting("ppo", 7, 0.0, bandwidth=1000.0, latency=0.0, actors_per_node=1, free=frozenset({"wire"}))
    assert simulate(costs, spread).steps_per_second == pytest.approx(7 * 64 / 3.1)


def test_stragglers_hold_ppo_up_more_than_a_learner_that_is_busy_anyway() -> None:
    def kept(algorithm: str) -> float:
        setting = Setting(algorithm, 64, 0.001, updates=8)  # type: ignore[arg-type]
        slow = simulate(COSTS, replace(setting, stragglers=0.1)).steps_per_second
        return slow / simulate(COSTS, setting).steps_per_second

    assert kept("ppo") < 0.98
    assert kept("impala") > kept("ppo")


def test_a_learner_saturates() -> None:
    rates = [min(count, 16) for count in COUNTS]
    assert saturation([float(rate) for rate in rates]) == 16


def test_recorded_costs_are_read_and_compared_with_what_was_seen() -> None:
    costs = read(Path(ROOT) / "results" / "bench" / "costs.json")
    assert len(costs.playing) >= 20
    assert as_seen(costs).count("\n") == 1 + len(costs.seen)

"""Where one learner saturates, as tables and a plot, from recorded costs (bench.costs) by simulation (bench.simulation)."""

import argparse
from dataclasses import replace
from pathlib import Path

from bench.costs import Costs, read
from bench.simulation import Part, Setting, bottleneck, simulate
from common.files import whole_file

COUNTS = (1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1000)
SATURATED = 0.9
"""Of the steps/s with the most actors: from there on more actors bring little."""
STRAGGLERS = 0.02
SAMPLES = 100_000
"""Samples/s of the assumed GPU."""
PPO_EPOCHS = 3
LADDER = 3
"""Bottlenecks that are named, one after the other."""


def settings(costs: Costs) -> dict[str, Setting]:
    """What is simulated, by name."""
    gpu = 1.0 / SAMPLES
    found = {
        "PPO, learner measured": Setting("ppo", 1, costs.ppo),
        "IMPALA, learner measured": Setting("impala", 1, costs.impala),
        "PPO, GPU assumed": Setting("ppo", 1, PPO_EPOCHS * gpu),
        "IMPALA, GPU assumed": Setting("impala", 1, gpu),
    }
    for name in ("PPO, GPU assumed", "IMPALA, GPU assumed"):
        found[f"{name}, stragglers"] = replace(found[name], stragglers=STRAGGLERS)
    return found


def main(arguments: list[str]) -> int:
    """Print the tables, draw the plot."""
    parser = argparse.ArgumentParser(prog="python -m bench simulate", description=__doc__)
    parser.add_argument("file", type=Path, help="recorded costs")
    parser.add_argument("--plot", type=Path, help="PNG to draw")
    options = parser.parse_args(arguments)
    costs = read(options.file)
    print(f"costs of {costs.machine}, commit {costs.commit}, load {costs.load_average:.1f}\n")
    print(as_seen(costs) + "\n")
    curves = {name: curve(costs, setting) for name, setting in settings(costs).items()}
    print(table(costs, curves))
    if options.plot:
        draw(curves, options.plot)
    return 0


def as_seen(costs: Costs) -> str:
    """The real trainings beside the simulated ones: no wire, no other machine."""
    lines = ["| PPO here, workers | seen, steps/s | simulated |", "|---:|---:|---:|"]
    nowhere: frozenset[Part] = frozenset({"wire", "object store", "unpacking", "weights broadcast"})
    for seen in costs.seen:
        share = costs.num_envs // seen.workers
        setting = Setting("ppo", seen.workers, costs.ppo, envs_per_actor=share, free=nowhere)
        lines.append(
            f"| {seen.workers} | {seen.steps_per_second:,.0f} | {simulate(costs, setting).steps_per_second:,.0f} |"
        )
    return "\n".join(lines)


def curve(costs: Costs, setting: Setting) -> list[float]:
    """Steps/s for every one of COUNTS."""
    return [simulate(costs, replace(setting, actors=count)).steps_per_second for count in COUNTS]


def saturation(rates: list[float]) -> int:
    """The fewest actors that give nearly as much as the most do."""
    for count, rate in zip(COUNTS, rates, strict=True):
        if rate >= SATURATED * rates[-1]:
            return count
    return COUNTS[-1]


def ladder(costs: Costs, setting: Setting) -> list[str]:
    """The bottleneck of the most actors, then the next one were that free, and so on."""
    found = []
    setting = replace(setting, actors=COUNTS[-1])
    for _ in range(LADDER):
        part, gain = bottleneck(costs, setting)
        found.append(f"{part} ({gain:.1f}×)")
        setting = replace(setting, free=setting.free | {part})
    return found


def table(costs: Costs, curves: dict[str, list[float]]) -> str:
    """Rates, where they saturate, and what limits 1,000 actors."""
    shown = (1, 16, 64, 256, 1000)
    heads = " | ".join(f"{count:,} actors" for count in shown)
    lines = [f"| steps/s | {heads} | saturates at | limits 1,000 actors, then, then |", "|---|" + "---:|" * 6 + "---|"]
    for name, setting in settings(costs).items():
        rates = dict(zip(COUNTS, curves[name], strict=True))
        figures = " | ".join(f"{rates[count]:,.0f}" for count in shown)
        lines.append(f"| {name} | {figures} | {saturation(curves[name])} | {', '.join(ladder(costs, setting))} |")
    return "\n".join(lines)


def draw(curves: dict[str, list[float]], path: Path) -> None:
    """Steps/s over actors, both logarithmic."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7, 4.5), layout="constrained")
    axes = figure.subplots()
    for name, rates in curves.items():
        style = "--" if name.endswith("stragglers") else "-"
        axes.loglog(COUNTS, rates, style, marker=".", label=name)
    axes.set_xlabel("actors, one core each")
    axes.set_ylabel("agent steps/s, simulated")
    axes.grid(True, which="both", alpha=0.3)
    axes.legend(fontsize=8)
    with whole_file(path) as part:
        figure.savefig(part, format="png", dpi=110)

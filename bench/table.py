"""The result as Markdown."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.evidence import Evidence, Pair


def markdown(evidence: Evidence) -> str:
    """The whole result: rows, growth, limits, profile, machine."""
    others = evidence.others
    parts = [_rows(evidence.pairs)] if evidence.pairs else []
    drawn = {"growth": _growth, "nodes": _nodes, "profile": _profile}
    parts += [draw(others[name]) for name, draw in drawn.items() if name in others]
    limits = _limits(others)
    if limits:
        parts.append("\n".join(["| limit | seen | under |", "|---|---:|---:|", *limits]))
    versions = ", ".join(f"{name} {number}" for name, number in evidence.versions.items())
    load = others.get("load", 0.0)
    parts.append(
        f"Commit {evidence.commit}. Machine: {evidence.machine}, load {load:.1f} at the start; Python {evidence.python}, "
        f"{versions}."
    )
    return "\n\n".join(parts) + "\n"


def _rows(pairs: Sequence[Pair]) -> str:
    lines = [
        "| stage | against | ours | theirs | unit | ratio [95 %] | at least | transitions |",
        "|---|---|---:|---:|---|---:|---:|---|",
    ]
    for pair in pairs:
        start = f"| {pair.stage} | {pair.against} |"
        if pair.problem:
            lines.append(f"{start} | | {pair.unit} | {pair.problem} | {pair.target} | |")
            continue
        ours = statistics.median(single.ours.rate for single in pair.rounds)
        theirs = statistics.median(single.theirs.rate for single in pair.rounds)
        figures = f"{ours:,.0f} | {theirs:,.0f} | {pair.unit} | **{pair.ratio:.2f}**{_between(pair)} | {pair.target}"
        lines.append(f"{start} {figures} | {_compared(pair)} |")
    return "\n".join(lines)


def _between(pair: Pair) -> str:
    if pair.interval is None:
        return ""
    return f" [{pair.interval.low:.2f}, {pair.interval.high:.2f}]"


def _compared(pair: Pair) -> str:
    """The arrays that were compared, or why there were none."""
    return ", ".join(pair.checked) or pair.unchecked


def _growth(growth: list[tuple[str, int, float]]) -> str:
    lines = ["| growth | worker processes | agent steps/s |", "|---|---:|---:|"]
    for what, count, rate in growth:
        lines.append(f"| {what} | {count} | {rate:,.0f} |")
    return "\n".join(lines)


def _nodes(nodes: str | Sequence[Mapping[str, Any]]) -> str:
    """One row per number of nodes, or why there are none."""
    if isinstance(nodes, str):
        return f"Nodes of a cluster: not measured. {nodes}."
    lines = [
        "| nodes | acting, steps/s | PPO, steps/s | conversion | evaluation | bytes per step | object stores, at most |",
        "|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for row in nodes:
        rates = f"{row['acting']:,.0f} | {row['ppo']:,.0f} | {row['conversion_seconds']:.0f} s"
        more = f"{row['evaluation_seconds']:.0f} s | {row['step_bytes']:,.0f} | {max(row['store_mib'], default=0):,.0f} MiB"
        lines.append(f"| {row['nodes']} | {rates} | {more} |")
    return "\n".join(lines)


def _limits(result: Mapping[str, Any]) -> list[str]:
    """The lines of what was looked at."""
    lines = []
    if "memory" in result:
        what = f"resident memory, cloning on 50 GB of frames (index {result['memory']['index_gb']:.2f} GB)"
        lines.append(f"| {what} | {result['memory']['peak_gb']:.2f} GB | 4 GB |")
    for stage, (seconds, imported) in result.get("help", {}).items():
        tensorflow = "TensorFlow not imported"
        if imported:
            tensorflow = "TensorFlow imported"
        lines.append(f"| `python -m {stage} --help` ({tensorflow}) | {seconds:.2f} s | 1.5 s |")
    if "first_frame" in result:
        lines.append(f"| `make record` to its window | {result['first_frame']:.2f} s | 3 s |")
    return lines


def _profile(profile: dict[str, float]) -> str:
    lines = ["| part of an agent step, one core | microseconds |", "|---|---:|"]
    for name, microseconds in profile.items():
        lines.append(f"| {name} | {microseconds:,.0f} |")
    return "\n".join(lines)

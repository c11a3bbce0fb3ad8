"""The result as Markdown."""

import statistics
from typing import Any


def markdown(result: dict[str, Any]) -> str:
    """The whole result: rows, growth, limits, profile, machine."""
    parts = [_rows(result["rows"])]
    if "growth" in result:
        parts += [_growth(result["growth"]), _limits(result), _profile(result["profile"])]
    machine = result["machine"]
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    where = f"{machine['cores']} cores ({machine['processor']}), load {machine['load']:.1f} at the start"
    parts.append(f"Machine: {where}; Python {machine['python']}, {versions}.")
    return "\n\n".join(parts) + "\n"


def _rows(rows: list[dict[str, Any]]) -> str:
    lines = [
        "| stage | against | ours | theirs | unit | ratio (rounds) | at least |",
        "|---|---|---:|---:|---|---:|---:|",
    ]
    for row in rows:
        start = f"| {row['stage']} | {row['against']} |"
        if "problem" in row:
            lines.append(f"{start} | | {row['unit']} | {row['problem']} | {row['target']} |")
            continue
        ours = statistics.median(row["ours"])
        theirs = statistics.median(row["theirs"])
        ratios = [our / their for our, their in zip(row["ours"], row["theirs"], strict=True)]
        ratio = f"**{row['ratio']:.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"
        lines.append(f"{start} {ours:,.0f} | {theirs:,.0f} | {row['unit']} | {ratio} | {row['target']} |")
    return "\n".join(lines)


def _growth(growth: list[tuple[str, int, float]]) -> str:
    lines = ["| growth | worker processes | agent steps/s |", "|---|---:|---:|"]
    for what, count, rate in growth:
        lines.append(f"| {what} | {count} | {rate:,.0f} |")
    return "\n".join(lines)


def _limits(result: dict[str, Any]) -> str:
    memory = result["memory"]
    lines = ["| limit | seen | under |", "|---|---:|---:|"]
    what = f"resident memory, cloning on 50 GB of frames (index {memory['index_gb']:.2f} GB)"
    lines.append(f"| {what} | {memory['peak_gb']:.2f} GB | 4 GB |")
    for stage, (seconds, imported) in result["help"].items():
        tensorflow = "TensorFlow not imported"
        if imported:
            tensorflow = "TensorFlow imported"
        lines.append(f"| `python -m {stage} --help` ({tensorflow}) | {seconds:.2f} s | 1.5 s |")
    lines.append(f"| `make record` to its window | {result['first_frame']:.2f} s | 3 s |")
    return "\n".join(lines)


def _profile(profile: dict[str, float]) -> str:
    lines = ["| part of an agent step, one core | microseconds |", "|---|---:|"]
    for name, microseconds in profile.items():
        lines.append(f"| {name} | {microseconds:,.0f} |")
    return "\n".join(lines)

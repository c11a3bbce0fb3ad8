"""Made-up results for tables, charts and the report; made-up runs to find players in."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from evaluate.config import Config
from evaluate.players import PlayerSpec
from evaluate.results import Results, describe_machine, summarise_players
from experiment.config import to_json
from experiment.run import Run
from game.acts import find_act
from game.observation import ObservationSpec
from game.rewards import contest_reward
from game.rollout import Episode
from policy.architecture import NetworkConfig, parameter_shapes
from policy.checkpoint import CheckpointInfo, named, save_checkpoint

START_X = 96
MACHINE = {"precision": "bfloat16", "device": "a <processor>", "threads": 2}
NETWORK = NetworkConfig(hidden=16)


def make_episode(act: str, seed: int, progress: float, finished: bool = False, seconds: int = 40) -> Episode:
    """An episode that goes evenly to `progress`, then stands still for the last third."""
    length = find_act(act).end_x - START_X
    frames = 60 * seconds
    trace = []
    for frame in range(0, frames + 1, 60):
        share = min(frame / (frames * 2 / 3), 1.0)
        trace.append((frame, START_X + int(share * progress * length)))
    return Episode(
        act=act,
        seed=seed,
        frames=frames,
        score=contest_reward(0.0, progress, frames),
        progress=progress,
        max_x=START_X + int(progress * length),
        passed_end_x=progress == 1.0,
        finished=finished,
        died=not finished,
        spin_dashes=int(10 * progress),
        rings=3,
        trace=trace,
    )


def make_results(labels: Sequence[str], acts: Sequence[str], episodes: int = 3, seed: int = 0) -> Results:
    """Players of growing skill on acts; labels other than the baselines' names stand for checkpoints."""
    rng = np.random.default_rng(seed)
    config = Config(game="quillrush", players=tuple(labels), episodes=episodes)
    players = []
    for label in labels:
        is_baseline = label in ("random", "right", "right-and-jump")
        players.append(PlayerSpec(label, label, sha256="" if is_baseline else "ab" * 32))
    found = {}
    for skill, player in enumerate(players, start=1):
        for act in acts:
            base = rng.uniform(0.3, 1.1) * skill / len(players)
            for number in config.seeds:
                progress = float(np.clip(base + rng.normal(0, 0.08), 0.01, 1.0))
                seconds = int(rng.integers(20, 70))
                finished = progress == 1.0
                found[player.label, act, number] = make_episode(act, number, progress, finished, seconds)
    summaries = summarise_players(players, acts, config.seeds, found, bootstrap_seed=1)
    return Results("quillrush", to_json(config), describe_machine(), summaries)


def write_training_runs(folder: Path, acts: Sequence[str], name: str = "made-up") -> tuple[Path, Path]:
    """A cloning and a fine-tuning run with metrics and a spin-dash check; returns their (empty) checkpoint folders."""
    cloning = folder / "runs" / "supervised" / name
    tuning = folder / "runs" / "finetune" / name
    for run, steps, metrics in ((cloning, 12, _cloning_metrics), (tuning, 40, _tuning_metrics)):
        (run / "checkpoints" / "000001").mkdir(parents=True)
        (run / "config.json").write_text(json.dumps({"format": 2, "config": {}, "machine": MACHINE}))
        _write_metrics(run, steps, metrics)
    (cloning / "spindash.json").write_text(json.dumps(_spin_dash_check(acts)))
    return cloning / "checkpoints" / "000001", tuning / "checkpoints" / "000001"


def _write_metrics(run: Path, steps: int, metrics: Callable[[float, float], dict[str, float]]) -> None:
    """One line per step from metrics(share of training, noise), every third one with an evaluation."""
    rng = np.random.default_rng(3)
    lines = []
    for step in range(1, steps + 1):
        share = step / steps
        values = {"step": step, **metrics(share, rng.normal(0, 0.03))}
        if step % 3 == 0 or step == steps:
            values["eval/progress"] = 0.25 + 0.4 * share
        lines.append(json.dumps(values) + "\n")
    (run / "metrics.jsonl").write_text("".join(lines))


def _cloning_metrics(share: float, noise: float) -> dict[str, float]:
    return {
        "loss/train": 2.2 - share + noise,
        "loss/validation": 2.3 - 0.8 * share,
        "episode/accuracy": 0.6 + 0.2 * share,
        "episode/change_accuracy": 0.4 * share,
        "episode/repeat_last": 0.72,
    }


def _tuning_metrics(share: float, noise: float) -> dict[str, float]:
    return {
        "loss/value": 3.0 - 2.0 * share + noise,
        "loss/kl": 0.4 * share,
        "loss/entropy": 2.5 - share,
        "episode/progress": 0.3 + 0.3 * share + noise,
        "episode/score": 9000 * (0.3 + 0.3 * share + noise),
        "episode/return": 30 + 30 * share + 100 * noise,
    }


def _spin_dash_check(acts: Sequence[str]) -> list[dict[str, Any]]:
    """Every act passes, but the first has nothing to compare with, and the last fails."""
    lines: list[dict[str, Any]] = []
    for act in acts:
        figures = {"expected": 4.0, "dashes": 3.0, "progress": 0.5, "rate": 6.0, "low": 2.9, "high": 11.0}
        lines.append({"act": act, **figures, "verdict": "pass", "reason": "", "episodes": 3})
    lines[0] |= {"expected": 0.0, "verdict": "no reference", "reason": "no demonstration spin-dashes"}
    lines[-1] |= {"dashes": 0.0, "rate": 0.0, "low": 0.0, "high": 1.8, "verdict": "fail"}
    return lines


def save_run(
    stage: str,
    name: str,
    game: str = "quillrush",
    frame_skip: int = 4,
    parent: str = "",
    metrics: Mapping[str, float] = MappingProxyType({}),
    weights_seed: int = 1,
) -> Path:
    """A finished run with one checkpoint of random weights."""
    spec = ObservationSpec()
    rng = np.random.default_rng(weights_seed)
    shapes = parameter_shapes(NETWORK, spec)
    weights = [rng.normal(0, 0.02, shape).astype(np.float32) for shape in shapes]
    run = Run.open(stage, Config(game=game), [], name=name)
    info = CheckpointInfo(game, frame_skip, spec, NETWORK, step=7, parent=parent, metrics=dict(metrics))
    checkpoint = save_checkpoint(run.checkpoints / "000007", info, named("w", weights))
    run.link("best", checkpoint)
    run.finish({})
    return checkpoint

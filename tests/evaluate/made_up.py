"""Made-up results for tables, charts and the report; made-up runs to find players in."""

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evaluate.players import Contestant
from evaluate.results import Results, describe_machine, summarise_players
from evaluate.score import Config
from experiment.config import to_json
from experiment.run import Run
from game.acts import find_act
from game.observation import ObservationSpec
from game.rewards import contest_reward
from game.rollout import Episode
from policy.checkpoint import CheckpointInfo, save_checkpoint
from policy.forward import NetworkConfig, parameter_shapes

START_X = 96
NETWORK = NetworkConfig(hidden=16)


def make_episode(act: str, seed: int, progress: float, finished: bool = False, seconds: int = 40) -> Episode:
    """An episode that goes evenly to `progress`, then stands still for the last third."""
    end = find_act(act).end_x
    length = end - START_X
    frames = 60 * seconds
    ways = np.minimum(np.arange(0, frames + 1, 60) / (frames * 2 / 3), 1.0)
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
        trace=[(int(60 * i), START_X + int(way * progress * length)) for i, way in enumerate(ways)],
    )


def make_results(labels: Sequence[str], acts: Sequence[str], episodes: int = 3, seed: int = 0) -> Results:
    """Players of growing skill on acts; labels other than the controls' names stand for checkpoints."""
    rng = np.random.default_rng(seed)
    config = Config(game="quillrush", players=tuple(labels), episodes=episodes)
    controls = ("random", "right", "right-and-jump")
    contestants = [Contestant(label, label, "" if label in controls else "ab" * 32) for label in labels]
    found = {}
    for skill, contestant in enumerate(contestants, start=1):
        for act in acts:
            base = rng.uniform(0.3, 1.1) * skill / len(contestants)
            for number in config.seeds:
                progress = float(np.clip(base + rng.normal(0, 0.08), 0.01, 1.0))
                seconds = int(rng.integers(20, 70))
                found[contestant.label, act, number] = make_episode(act, number, progress, progress == 1.0, seconds)
    players = summarise_players(contestants, acts, config.seeds, found, bootstrap_seed=1)
    return Results("quillrush", to_json(config), describe_machine(), players)


def write_training_runs(folder: Path, acts: Sequence[str]) -> tuple[Path, Path]:
    """A cloning and a fine-tuning run with metrics and a spin-dash check; returns their (empty) checkpoint folders."""
    rng = np.random.default_rng(3)
    runs = {"supervised": 12, "finetune": 40}
    places = []
    for stage, steps in runs.items():
        run = folder / "runs" / stage / "made-up"
        places.append(run / "checkpoints" / "000001")
        places[-1].mkdir(parents=True)
        (run / "config.json").write_text("{}")
        (run / "metrics.jsonl").write_text("".join(_metrics_line(stage, i, steps, rng) for i in range(1, steps + 1)))
    names = ("act", "expected", "dashes", "progress", "rate", "verdict")
    lines = [dict(zip(names, (act, 4.0, 3.0, 0.5, 6.0, "pass"), strict=True)) for act in acts]
    lines[0] |= {"expected": 0.0, "verdict": "no reference"}
    lines[-1] |= {"dashes": 0.0, "rate": 0.0, "verdict": "fail"}
    (folder / "runs/supervised/made-up/spindash.json").write_text(json.dumps(lines))
    return places[0], places[1]


def _metrics_line(stage: str, i: int, steps: int, rng: np.random.Generator) -> str:
    share = i / steps
    values = {"step": i, "loss/train": 2.2 - share + rng.normal(0, 0.03), "loss/validation": 2.3 - 0.8 * share}
    values |= {
        "episode/accuracy": 0.6 + 0.2 * share,
        "episode/change_accuracy": 0.4 * share,
        "episode/repeat_last": 0.72,
    }
    if stage == "finetune":
        values = {"step": i * 50_000, "loss/value": 3 - 2 * share + rng.normal(0, 0.1), "loss/kl": 0.4 * share}
        values |= {"loss/entropy": 2.5 - share, "episode/progress": 0.3 + 0.3 * share + rng.normal(0, 0.03)}
    if i % 3 == 0 or i == steps:
        values["eval/progress"] = 0.25 + 0.4 * share
    return json.dumps(values) + "\n"


def save_run(stage: str, name: str, game: str = "quillrush", frame_skip: int = 4, parent: str = "") -> Path:
    """A finished run with one checkpoint of random weights."""
    spec = ObservationSpec()
    rng = np.random.default_rng(1)
    weights = [rng.normal(0, 0.02, shape).astype(np.float32) for shape in parameter_shapes(NETWORK, spec)]
    run = Run.open(stage, Config(game=game), [], name)
    info = CheckpointInfo(game, frame_skip, spec, NETWORK, step=7, parent=parent)
    checkpoint = save_checkpoint(run.checkpoints / "000007", info, weights)
    run.link("best", checkpoint)
    run.finish({})
    return checkpoint

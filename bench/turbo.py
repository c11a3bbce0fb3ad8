"""A peer in a Python of its own: RetroVecEnv of env-stableretro-turbo, whose emulators are stepped by native threads.

Its wheels are for Python 3.14 only, so this runs where the environment variable TURBO_PYTHON says, and imports nothing of the
product but the tables of acts and combos. Same act, frame skip with sticky frames and grey 96 x 96 x 4 as ours.

The contest's rewards and ends are a Lua script, and its scripts do not bear threads (1.0.1.post48 ends in a bus error or an
abort within 50 steps of two environments). So they are said in a scenario of variables here: every change of x pays, left of
the start, too, and a lost life ends an episode; the act's end, which random play does not reach, is left out. Its pictures are
shrunk otherwise than by OpenCV's INTER_AREA (by up to 78 grey levels), so that what is compared is RAM.
"""

import json
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from bench.common import ACT, EPISODE_FRAMES, FRAME_SKIP, ROOT, Measure, random_combos, timed
from bench.transitions import COMPARED, Arrays, script
from game.actions import MASK_OF_COMBO, PAD_ARRAYS
from game.acts import find_act

VECTOR_STEPS = 800
"""Agent steps per environment and round."""
START_X = 96
"""Where the act begins."""


def scenario() -> dict[str, Any]:
    """The contest's rewards and a lost life, in variables."""
    pays = 9000.0 / (find_act(ACT).end_x - START_X)
    return {
        "reward": {"variables": {"x": {"reward": pays, "penalty": pays}}},
        "done": {"variables": {"lives": {"measurement": "delta", "op": "negative"}}},
    }


def made(count: int, stick_probability: float = 0.25, info_filter: str = "terminal") -> Any:
    """So many environments, on a thread per core."""
    import env_stableretro_turbo as turbo

    integrations = turbo.data.Integrations
    integrations.add_custom_path(str(ROOT / "game" / "quillrush" / "integration"))
    file = Path(tempfile.mkdtemp()) / "scenario.json"
    file.write_text(json.dumps(scenario()))
    return turbo.RetroVecEnv(
        "Quillrush-Genesis-v0",
        state=ACT,
        scenario=str(file),
        inttype=integrations.ALL,
        use_restricted_actions=turbo.Actions.ALL,
        num_envs=count,
        num_threads=min(count, len(os.sched_getaffinity(0))),
        obs_resize=(96, 96),
        obs_layout="hwc",
        frame_skip=FRAME_SKIP,
        frame_stack=4,
        sticky_action_prob=stick_probability,
        info_filter=info_filter,
    )


def pads(combos: list[int]) -> np.ndarray:
    """int8 [environments, 12], the buttons of a combo for each."""
    return np.stack([PAD_ARRAYS[int(MASK_OF_COMBO[combo])] for combo in combos]).astype(np.int8)


def vector(count: str) -> Measure:
    """Agent steps/s of so many environments under random play; it knows no time limit, so all begin anew together."""
    size = int(count)
    venv = made(size)
    players = [random_combos(seed) for seed in range(size)]
    venv.reset(seed=0)

    def work() -> None:
        for step in range(VECTOR_STEPS):
            _, _, terminated, truncated, _ = venv.step(pads([next(player) for player in players]))
            over = terminated | truncated | (step % (EPISODE_FRAMES // FRAME_SKIP) == 0)
            if over.any():
                venv.reset(options={"reset_mask": over})

    return lambda: timed(size * VECTOR_STEPS, work)


def transitions() -> Arrays:
    """RAM of the first of two environments."""
    venv = made(2, stick_probability=0.0, info_filter="all")
    venv.reset(seed=0)
    seen = []
    for combo in script():
        _, _, _, _, infos = venv.step(pads([combo, combo]))
        seen.append([int(infos[name][0]) for name in COMPARED])
    return {"ram": np.array(seen, np.int64)}

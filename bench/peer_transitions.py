"""The peers' transitions, by the same environments and vectors that are timed (see bench.transitions)."""

from functools import partial
from typing import Any

import numpy as np

from bench.our_transitions import joined
from bench.peers import one_env, retro_env, subprocesses, vectorised
from bench.transitions import FRAMES, Arrays, Recorder, script
from game.acts import ACT_NAMES

ENV = partial(retro_env, max_frames=FRAMES, stick_probability=0.0)


def _played(venv: Any) -> Arrays:
    """The first environment of a vector of stable-baselines3, which begins anew by itself after the last step."""
    recorder = Recorder()
    stacks = venv.reset()
    for combo in script():
        following, rewards, dones, infos = venv.step(np.full(venv.num_envs, combo))
        truncated = bool(infos[0].get("TimeLimit.truncated", False))
        recorder.add(stacks[0], rewards[0], bool(dones[0]) and not truncated, truncated)
        if dones[0]:
            break
        stacks = following
    venv.close()
    return recorder.arrays()


def env() -> Arrays:
    """One environment."""
    return _played(one_env(ENV))


def vector_sb3() -> Arrays:
    """SubprocVecEnv."""
    return _played(subprocesses(2, ENV))


def vector_gymnasium() -> Arrays:
    """AsyncVectorEnv with shared memory and FrameStackObservation."""
    venv = vectorised(2, ENV)
    recorder = Recorder()
    stacks, _ = venv.reset()
    for combo in script():
        before = np.moveaxis(np.array(stacks[0])[..., 0], 0, -1)  # [4, height, width, 1] -> [height, width, 4]
        stacks, rewards, terminated, truncated, _ = venv.step(np.array([combo, combo]))
        recorder.add(before, rewards[0], terminated[0], truncated[0])
        if terminated[0] or truncated[0]:
            break
    venv.close()
    return recorder.arrays()


def acts() -> Arrays:
    """The environments of an evaluation, act by act."""
    return joined([_played(one_env(partial(ENV, act, max_frames=80))) for act in ACT_NAMES])

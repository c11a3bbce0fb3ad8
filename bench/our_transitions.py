"""Our sides' transitions, by the same environments, vectors and pools that are timed (see bench.transitions)."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import gymnasium
import h5py
import numpy as np

from bench.common import ACT
from bench.environments import RandomActor, bare_emulator, ppo_config
from bench.stages import some_movies
from bench.transitions import COMPARED, FRAMES, Arrays, Recorder, script
from dataset.convert import Task, convert_movie
from game.actions import MASK_OF_COMBO
from game.acts import ACT_NAMES
from game.emulator import shared_emulator
from game.env import EnvConfig, make_env
from game.games import find_game
from game.movie import read_movie, replay
from game.observation import ObservationSpec, observe
from game.rollouts import PoolLayout, RolloutPool
from game.training_episodes import Starts
from game.vector import VectorEnv

CONFIG = EnvConfig(act=ACT, max_frames=FRAMES, stick_probability=0.0)


def bare_frames(game: str = "quillrush") -> Arrays:
    """The bare core: its pictures, looked at only here."""
    emulator, state = bare_emulator(game)
    emulator.set_state(state)
    emulator.step(0)  # an episode begins with an idle frame
    frames = []
    for combo in script()[: FRAMES // CONFIG.frame_skip]:
        frames.append(observe(emulator.screen(), ObservationSpec()))
        for _ in range(CONFIG.frame_skip):
            emulator.step(int(MASK_OF_COMBO[combo]))
    return {"frames": np.stack(frames)}


def bare_airstriker() -> Arrays:
    """`bare_frames` of the other game."""
    return bare_frames("airstriker")


def env(game: str = "quillrush", config: EnvConfig = CONFIG) -> Arrays:
    """One environment."""
    emulator, state = bare_emulator(game)
    single = make_env(config, emulator)
    return episode(single, {"state": state})


def episode(single: gymnasium.Env, options: dict[str, Any] | None = None) -> Arrays:
    """The script in one environment, until the episode ends."""
    recorder = Recorder()
    observation, _ = single.reset(seed=0, options=options)
    for combo in script():
        following, reward, terminated, truncated, _ = single.step(combo)
        recorder.add(observation, float(reward), terminated, truncated)
        if terminated or truncated:
            break
        observation = following
    return recorder.arrays()


def variables() -> Arrays:
    """RAM after each step of one environment."""
    single = make_env(replace(CONFIG, max_frames=10 * FRAMES))
    single.reset(seed=0)
    seen = []
    for combo in script():
        *_, info = single.step(combo)
        seen.append([info[name] for name in COMPARED])
    return {"ram": np.array(seen, np.int64)}


def env_airstriker() -> Arrays:
    """`env` of the other game: only its pictures mean something, its RAM is not Sonic's."""
    played = env("airstriker", replace(CONFIG, max_frames=FRAMES))
    return {"frames": played["frames"]}


def vector() -> Arrays:
    """Environments stepped together."""
    venv = VectorEnv(CONFIG, [ACT, ACT])
    recorder = Recorder()
    observations, _ = venv.reset(seed=0)
    stack = observations[0].copy()
    for combo in script():
        following, rewards, terminated, truncated, _ = venv.step([combo, combo])
        recorder.add(stack, rewards[0], terminated[0], truncated[0])
        if terminated[0] or truncated[0]:
            break
        stack = following[0].copy()
    venv.close()
    return recorder.arrays()


class ScriptedActor(RandomActor):
    """The actor that is timed, but it presses the script."""

    def load(self, weights: np.ndarray) -> None:
        self._combos = iter(script())


def rollouts(config: EnvConfig = CONFIG) -> Arrays:
    """Whole rollouts handed over by a worker: one of a single environment, which is the episode."""
    steps = FRAMES // config.frame_skip
    layout = PoolLayout(config, num_envs=1, steps=steps, seed=0, parameters=1)
    pool = RolloutPool(layout, ScriptedActor(), workers=1)
    played, _ = pool.collect(0, np.zeros(1, np.float32), Starts.of_acts((ACT,)))
    recorder = Recorder()
    for step in range(steps):
        recorder.add(
            played.observations[0, step],
            played.rewards[0, step],
            played.terminated[0, step],
            played.truncated[0, step],
        )
        if played.terminated[0, step] or played.truncated[0, step]:
            break
    pool.close()
    return recorder.arrays()


def ppo() -> Arrays:
    """Whole rollouts with the environment of the PPO that is timed."""
    config = ppo_config(envs=1).env(ObservationSpec())
    return rollouts(replace(config, act=ACT, max_frames=FRAMES, stick_probability=0.0))


def acts() -> Arrays:
    """The environments of an evaluation, act by act."""
    emulator = shared_emulator(find_game("quillrush"))
    parts = []
    for act in ACT_NAMES:
        parts.append(episode(make_env(replace(CONFIG, act=act, max_frames=80), emulator)))
    return joined(parts)


def joined(parts: list[Arrays]) -> Arrays:
    """Several episodes, one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def bare_replay() -> Arrays:
    """RAM after every frame of a movie that the bare core replays."""
    emulator = shared_emulator(find_game("quillrush"))
    seen = []
    for _ in replay(emulator, read_movie(some_movies()[0])):
        seen.append(emulator.variables())
    return {"ram": np.array([list(variables.values()) for variables in seen], np.int64)}


def converter() -> Arrays:
    """RAM after every frame as the converter wrote it."""
    output = Path("converted.hdf5")
    convert_movie(Task(some_movies()[0], output, game="quillrush", observation=ObservationSpec()))
    emulator = shared_emulator(find_game("quillrush"))
    with h5py.File(output) as file:
        infos = file["episode/infos"]
        columns = [infos[name][1:] for name in emulator.variables()]  # the first is before any frame
    return {"ram": np.stack(columns, axis=1).astype(np.int64)}

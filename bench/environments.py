"""Our environments under random play: the bare core, one environment, several together, whole rollouts."""

import gzip
import itertools
from pathlib import Path

import numpy as np

from bench.common import (
    ACT,
    BATCH_SIZE,
    EPISODE_FRAMES,
    EPOCHS,
    FRAME_SKIP,
    ROLLOUT,
    STEPS,
    Measure,
    random_combos,
    timed,
)
from finetune.ppo.config import Config as PpoConfig
from game.actions import MASK_OF_COMBO
from game.emulator import Emulator
from game.env import ActEnv, EnvConfig, make_env
from game.games import Game, find_game
from game.rollouts import PoolLayout, RolloutPool
from game.savestate import CORE_STATE_BYTES
from game.training_episodes import Starts
from game.vector import VectorEnv

VECTOR_STEPS = 800
"""Agent steps per environment and round of a vector."""
ROLLOUT_ENVS = 8


def airstriker() -> Game:
    """The game that ships with stable-retro, as one of ours: its frames cost the core half as much again as Quillrush's."""
    import stable_retro.data

    retro_id = "Airstriker-Genesis-v0"
    folder = Path(stable_retro.data.path()) / "stable" / retro_id
    sha1 = (folder / "rom.sha").read_text().strip()
    return Game("airstriker", retro_id, sha1, integration=folder, roms=(folder / "rom.md",))


def bare_emulator(game: str) -> tuple[Emulator, bytes]:
    """An emulator and the state that play begins with."""
    if game == "airstriker":
        emulator = Emulator(airstriker())
        packed = (emulator.game.integration / "Level1.state").read_bytes()
        state = gzip.decompress(packed)
        if len(state) != CORE_STATE_BYTES:
            raise ValueError(f"Expected a state of {CORE_STATE_BYTES} bytes. Received: {len(state)}")
        return emulator, state
    env = ActEnv(Emulator(find_game(game)), EnvConfig(game=game, act=ACT))
    env.reset(seed=0)
    return env.emulator, env.start_state


def bare_frames(game: str = "quillrush") -> Measure:
    """The floor of one environment: four core frames per agent step, nothing looked at."""
    emulator, state = bare_emulator(game)
    core = emulator._core  # our own `step` sets the pad each time; the floor does so once per agent step
    combos = random_combos()

    def work() -> None:
        for step in range(STEPS):
            if step % (EPISODE_FRAMES // FRAME_SKIP) == 0:
                emulator.set_state(state)
            mask = int(MASK_OF_COMBO[next(combos)])
            emulator.step(mask)
            for _ in range(FRAME_SKIP - 1):  # the pad stays as it is
                core.step()

    return lambda: timed(STEPS, work)


def env(game: str = "quillrush") -> Measure:
    """One environment: grey 96 x 96 x 4, RAM, reward."""
    emulator, state = bare_emulator(game)
    env = make_env(EnvConfig(act=ACT, max_frames=EPISODE_FRAMES), emulator)
    combos = random_combos()

    def work() -> None:
        over = True
        for _ in range(STEPS):
            if over:
                env.reset(seed=0, options={"state": state})
            _, _, terminated, truncated, _ = env.step(next(combos))
            over = terminated or truncated

    return lambda: timed(STEPS, work)


def vector(count: str) -> Measure:
    """Environments stepped together."""
    size = int(count)
    venv = VectorEnv(EnvConfig(max_frames=EPISODE_FRAMES), [ACT] * size)
    venv.reset(seed=0)
    players = [random_combos(seed) for seed in range(size)]

    def work() -> None:
        for _ in range(VECTOR_STEPS):
            venv.step([next(player) for player in players])

    return lambda: timed(size * VECTOR_STEPS, work)


class RandomActor:
    """game.rollouts.Actor without a network."""

    memory = np.zeros(0, np.float32)

    def load(self, weights: np.ndarray) -> None:
        self._combos = random_combos()

    def begin(self, rng: np.random.Generator) -> None:
        pass

    def decide(self, observation: np.ndarray, rng: np.random.Generator) -> tuple[int, float, float]:
        return next(self._combos), 0.0, 0.0

    def value(self, observation: np.ndarray) -> float:
        return 0.0


def rollouts(workers: str = "0") -> Measure:
    """Whole rollouts handed over, as training takes them."""
    env = EnvConfig(max_frames=EPISODE_FRAMES)
    layout = PoolLayout(env, num_envs=ROLLOUT_ENVS, steps=ROLLOUT, seed=0, parameters=1)
    pool = RolloutPool(layout, RandomActor(), int(workers))
    numbers = itertools.count()
    weights = np.zeros(1, np.float32)  # RandomActor has none

    def collect(rollouts: int) -> None:
        for _ in range(rollouts):
            pool.collect(next(numbers), weights, Starts.of_acts((ACT,)))

    collect(1)  # starts the emulators
    return lambda: timed(3 * ROLLOUT_ENVS * ROLLOUT, lambda: collect(3))


def ppo_config(envs: int, workers: int = 0) -> PpoConfig:
    """Of `make finetune INIT=none`, with the counts a comparison asks for, and the contest's rewards and ends as peers have."""
    return PpoConfig(
        game="quillrush",
        init="none",
        acts=ACT,
        num_envs=envs,
        rollout_length=ROLLOUT,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        max_frames=EPISODE_FRAMES,
        workers=workers,
        reward="contest",
        reward_scale=1.0,
        stall_frames=0,
        starts="none",
    )

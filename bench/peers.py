"""The peers: what a user would otherwise build, from stable-retro's own example, Gymnasium, stable-baselines3, PyTorch.

Nothing of the product imports this, and the packages are imported inside functions, because ours are measured without
them. Same act, same frame skip with sticky frames, grey 96 x 96 x 4, the same 23 combos and the same network as ours.
"""

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import gymnasium
import numpy as np

from bench.common import (
    ACT,
    BATCH_SIZE,
    EPISODE_FRAMES,
    EPOCHS,
    EVALUATION_FRAMES,
    FRAME_SKIP,
    ROLLOUT,
    STEPS,
    Measure,
    Timed,
    random_combos,
    timed,
)
from game.actions import COMBO_COUNT, MASK_OF_COMBO, PAD_ARRAYS
from game.acts import ACT_NAMES
from game.games import find_game

VECTOR_STEPS = 400
"""Agent steps per environment and round of a vector."""


class Combos(gymnasium.ActionWrapper):
    """23 discrete combos -> the pad's twelve buttons."""

    def __init__(self, env: gymnasium.Env) -> None:
        super().__init__(env)
        self.action_space = gymnasium.spaces.Discrete(COMBO_COUNT)

    def action(self, action: int) -> np.ndarray:
        mask = MASK_OF_COMBO[int(action)]
        return PAD_ARRAYS[int(mask)]


def retro_env(act: str = ACT, max_frames: int = EPISODE_FRAMES, stick_probability: float = 0.25) -> gymnasium.Env:
    """RetroEnv with the wrappers of stable-retro's PPO example: sticky frame skip, time limit, WarpFrame."""
    import stable_retro
    from gymnasium.wrappers import TimeLimit
    from stable_baselines3.common.atari_wrappers import WarpFrame
    from stable_retro.examples.ppo import StochasticFrameSkip

    game = find_game("quillrush")
    integrations = stable_retro.data.Integrations
    integrations.add_custom_path(str(game.integration.parent))
    env = stable_retro.make(
        game.retro_id,
        act,
        scenario="contest",
        inttype=integrations.ALL,
        use_restricted_actions=stable_retro.Actions.ALL,
        render_mode="rgb_array",
    )
    env = StochasticFrameSkip(Combos(env), n=FRAME_SKIP, stickprob=stick_probability)
    env = TimeLimit(env, max_episode_steps=max_frames // FRAME_SKIP)
    return WarpFrame(env, width=96, height=96)


def one_env(make_inner: Callable[[], gymnasium.Env]) -> Any:
    """One environment as a vector of stable-baselines3, in this process, with stacks."""
    from stable_baselines3.common.monitor import Monitor
    from stable_baselines3.common.vec_env import DummyVecEnv, VecFrameStack

    def make() -> gymnasium.Env:
        return Monitor(make_inner())  # evaluate_policy asks for its episode statistics

    return VecFrameStack(DummyVecEnv([make]), n_stack=4)


def subprocesses(count: int, make: Callable[[], gymnasium.Env] = retro_env) -> Any:
    """SubprocVecEnv with stacks."""
    from stable_baselines3.common.vec_env import SubprocVecEnv, VecFrameStack

    return VecFrameStack(SubprocVecEnv([make] * count), n_stack=4)


def _stepping(venv: Any, count: int, steps: int) -> Measure:
    """Agent steps/s of a vector under random play."""
    players = [random_combos(seed) for seed in range(count)]
    venv.reset()

    def work() -> None:
        for _ in range(steps):
            venv.step(np.array([next(player) for player in players]))

    return lambda: timed(count * steps, work)


def env_retro() -> Measure:
    """One environment."""
    return _stepping(one_env(retro_env), 1, STEPS)


def vector_sb3(count: str) -> Measure:
    """SubprocVecEnv."""
    return _stepping(subprocesses(int(count)), int(count), VECTOR_STEPS)


def vectorised(count: int, make_inner: Callable[[], gymnasium.Env] = retro_env) -> Any:
    """Gymnasium's AsyncVectorEnv with shared memory and FrameStackObservation."""
    from gymnasium.vector import AsyncVectorEnv
    from gymnasium.wrappers import FrameStackObservation

    def make() -> gymnasium.Env:
        return FrameStackObservation(make_inner(), 4)

    return AsyncVectorEnv([make] * count, shared_memory=True)


def vector_gymnasium(count: str) -> Measure:
    """Gymnasium's vector."""
    return _stepping(vectorised(int(count)), int(count), VECTOR_STEPS)


def torch_torso(units: int = 512) -> Any:
    """The network's torso in PyTorch: convolutions 32 8x8/4, 64 4x4/2, 48 3x3/1, then a dense layer."""
    from torch import nn

    return nn.Sequential(
        nn.Conv2d(4, 32, kernel_size=8, stride=4),
        nn.ReLU(),
        nn.Conv2d(32, 64, kernel_size=4, stride=2),
        nn.ReLU(),
        nn.Conv2d(64, 48, kernel_size=3, stride=1),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(48 * 8 * 8, units),
        nn.ReLU(),
    )


def _torso() -> Any:
    """The torso as a class of stable-baselines3: it hands over pictures [B, 4, 96, 96], 0 to 1."""
    import torch
    from stable_baselines3.common.torch_layers import BaseFeaturesExtractor

    class Torso(BaseFeaturesExtractor):
        def __init__(self, observation_space: gymnasium.Space, features_dim: int = 512) -> None:
            super().__init__(observation_space, features_dim)
            self.layers = torch_torso(features_dim)

        def forward(self, observations: torch.Tensor) -> torch.Tensor:
            return self.layers(observations)

    return Torso


def _model(venv: Any, threads: int = 0) -> Any:
    """stable-baselines3's PPO; 0 threads: as many as PyTorch takes by itself."""
    import torch
    from stable_baselines3 import PPO

    if threads:
        torch.set_num_threads(threads)
    return PPO(
        "CnnPolicy",
        venv,
        n_steps=ROLLOUT,
        batch_size=BATCH_SIZE,
        n_epochs=EPOCHS,
        learning_rate=2e-4,
        seed=0,
        device="cpu",
        policy_kwargs={"features_extractor_class": _torso(), "net_arch": []},
    )


def ppo_sb3(envs: str, threads: str = "0") -> Measure:
    """stable-baselines3's PPO end to end, agent steps/s."""
    count = int(envs)
    model = _model(subprocesses(count), int(threads))
    steps = 2 * ROLLOUT * count
    model.learn(steps // 2)
    return lambda: timed(steps, lambda: model.learn(steps, reset_num_timesteps=False))


def cloning_torch(threads: str = "0") -> Measure:
    """Behaviour cloning as `imitation` trains it: stacks kept in memory, a shuffling DataLoader, fp32, Adam."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader, Dataset

    if int(threads):
        torch.set_num_threads(int(threads))
    observations, labels = _stacks_in_memory()

    class Transitions(Dataset):
        def __len__(self) -> int:
            return len(labels)

        def __getitem__(self, index: int) -> dict[str, Any]:
            return {"obs": observations[index], "acts": labels[index]}

    torch.manual_seed(0)
    network = nn.Sequential(torch_torso(), nn.Linear(512, COMBO_COUNT))
    optimizer = torch.optim.Adam(network.parameters(), 5e-4)

    def work() -> None:
        for batch in DataLoader(Transitions(), batch_size=BATCH_SIZE, shuffle=True, drop_last=True):
            logits = network(batch["obs"].float() / 255.0)
            loss = nn.functional.cross_entropy(logits, batch["acts"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    whole_batches = len(labels) // BATCH_SIZE
    return lambda: timed(whole_batches * BATCH_SIZE, work)


def _stacks_in_memory() -> tuple[np.ndarray, np.ndarray]:
    """24 batches of the bench's data set: observations uint8 [W, 4, 96, 96], labels int64 [W]."""
    from dataset.batches import Epoch
    from dataset.loader import open_dataset

    data = open_dataset(Path("data") / "bench-v0")
    epoch = Epoch(data, data.windows, BATCH_SIZE, seed=0, epoch=0)
    batches = [epoch[number] for number in range(min(24, len(epoch)))]
    observations = np.concatenate([stacks for stacks, _, _ in batches])
    labels = np.concatenate([labels for _, labels, _ in batches])
    return observations.transpose(0, 3, 1, 2), labels.astype(np.int64)


def evaluation_sb3(threads: str = "0") -> Measure:
    """evaluate_policy on 18 acts, one after the other, one episode each; agent steps/s."""
    from stable_baselines3.common.evaluation import evaluate_policy

    venv = one_env(partial(retro_env, max_frames=EVALUATION_FRAMES))
    model = _model(venv, int(threads))
    venv.close()

    def measure() -> Timed:
        steps = 0
        began = time.perf_counter()
        for act in ACT_NAMES:
            env = one_env(partial(retro_env, act, EVALUATION_FRAMES))
            _, lengths = evaluate_policy(model, env, 1, deterministic=False, return_episode_rewards=True)
            steps += sum(lengths)
            env.close()
        return Timed(steps, time.perf_counter() - began)

    return measure

"""The peers: what a user would otherwise build, from stable-retro's own example, Gymnasium, stable-baselines3, PyTorch.

Development only; nothing of the product imports this. Same act, same frame skip with sticky frames, grey 96 x 96 x 4, the
same 23 combos and the same network as ours.
"""

import time
from collections.abc import Callable
from typing import Any

import gymnasium
import numpy as np

from bench.ours import ACT, EPISODE_FRAMES, EVALUATION_FRAMES, STEPS, Measure, random_combos, rate_of
from game.actions import COMBO_COUNT, MASK_OF_COMBO, PAD_ARRAYS
from game.acts import ACT_NAMES
from game.games import find_game


class Combos(gymnasium.ActionWrapper):
    """23 discrete combos -> the pad's twelve buttons."""

    def __init__(self, env: gymnasium.Env) -> None:
        super().__init__(env)
        self.action_space = gymnasium.spaces.Discrete(COMBO_COUNT)

    def action(self, action: int) -> np.ndarray:
        return PAD_ARRAYS[int(MASK_OF_COMBO[int(action)])]


def retro_env(act: str = ACT, max_frames: int = EPISODE_FRAMES) -> gymnasium.Env:
    """RetroEnv with the wrappers of stable-retro's PPO example: sticky frame skip, time limit, WarpFrame."""
    import stable_retro
    from gymnasium.wrappers import TimeLimit
    from stable_baselines3.common.atari_wrappers import WarpFrame
    from stable_retro.examples.ppo import StochasticFrameSkip

    game = find_game("quillrush")
    stable_retro.data.Integrations.add_custom_path(str(game.integration.parent))
    env = stable_retro.make(
        game.retro_id, act, inttype=stable_retro.data.Integrations.ALL, use_restricted_actions=stable_retro.Actions.ALL,
        render_mode="rgb_array",
    )  # fmt: skip
    env = StochasticFrameSkip(Combos(env), n=4, stickprob=0.25)
    return WarpFrame(TimeLimit(env, max_episode_steps=max_frames // 4), 96, 96)


def _dummy(act: str = ACT, max_frames: int = EPISODE_FRAMES) -> Any:
    from stable_baselines3.common.monitor import Monitor
    from stable_baselines3.common.vec_env import DummyVecEnv, VecFrameStack

    return VecFrameStack(DummyVecEnv([lambda: Monitor(retro_env(act, max_frames))]), n_stack=4)


def _stepping(venv: Any, count: int, steps: int) -> Measure:
    """Agent steps/s of a vector under random play."""
    players = [random_combos(seed) for seed in range(count)]
    venv.reset()

    def work() -> None:
        for _ in range(steps):
            venv.step(np.array([next(player) for player in players]))

    return lambda: rate_of(count * steps, work)


def env_retro() -> Measure:
    """One environment."""
    return _stepping(_dummy(), 1, STEPS)


def vector_sb3(count: str) -> Measure:
    """SubprocVecEnv."""
    from stable_baselines3.common.vec_env import SubprocVecEnv, VecFrameStack

    return _stepping(VecFrameStack(SubprocVecEnv([retro_env] * int(count)), n_stack=4), int(count), 400)


def vector_gymnasium(count: str) -> Measure:
    """AsyncVectorEnv with shared memory and FrameStackObservation."""
    from gymnasium.vector import AsyncVectorEnv
    from gymnasium.wrappers import FrameStackObservation

    def make() -> gymnasium.Env:
        return FrameStackObservation(retro_env(), 4)

    return _stepping(AsyncVectorEnv([make] * int(count), shared_memory=True), int(count), 400)


def _torso() -> Any:
    """The network's torso in PyTorch, as stable-baselines3 wants it: pictures [B, 4, 96, 96], 0 to 1."""
    import torch
    from stable_baselines3.common.torch_layers import BaseFeaturesExtractor
    from torch import nn

    class Torso(BaseFeaturesExtractor):
        def __init__(self, observation_space: gymnasium.Space, features_dim: int = 512) -> None:
            super().__init__(observation_space, features_dim)
            self.layers = torch_torso(nn, features_dim)

        def forward(self, observations: torch.Tensor) -> torch.Tensor:
            return self.layers(observations)

    return Torso


def torch_torso(nn: Any, units: int = 512) -> Any:
    """Convolutions 32 8x8/4, 64 4x4/2, 48 3x3/1, dense 512."""
    return nn.Sequential(
        nn.Conv2d(4, 32, 8, 4), nn.ReLU(), nn.Conv2d(32, 64, 4, 2), nn.ReLU(), nn.Conv2d(64, 48, 3, 1), nn.ReLU(),
        nn.Flatten(), nn.Linear(48 * 8 * 8, units), nn.ReLU(),
    )  # fmt: skip


def _model(venv: Any, threads: int = 0) -> Any:
    import torch
    from stable_baselines3 import PPO

    if threads:
        torch.set_num_threads(threads)
    return PPO(
        "CnnPolicy", venv, n_steps=128, batch_size=256, n_epochs=4, learning_rate=2e-4, seed=0, device="cpu",
        policy_kwargs={"features_extractor_class": _torso(), "net_arch": []},
    )  # fmt: skip


def ppo_sb3(envs: str, threads: str = "0") -> Measure:
    """stable-baselines3's PPO end to end, agent steps/s."""
    from stable_baselines3.common.vec_env import SubprocVecEnv, VecFrameStack

    count = int(envs)
    model = _model(VecFrameStack(SubprocVecEnv([retro_env] * count), n_stack=4), int(threads))
    steps = 2 * 128 * count
    model.learn(steps // 2)
    return lambda: rate_of(steps, lambda: model.learn(steps, reset_num_timesteps=False))


def cloning_torch(threads: str = "0") -> Measure:
    """Behaviour cloning as `imitation` trains it: stacks kept in memory, a shuffling DataLoader, fp32, Adam."""
    from pathlib import Path

    import torch
    from torch import nn
    from torch.utils.data import DataLoader, Dataset

    from dataset.loader import Epoch, open_dataset

    if int(threads):
        torch.set_num_threads(int(threads))
    data = open_dataset(Path("data") / "bench-v0")
    pairs = [
        (observations.transpose(0, 3, 1, 2), labels)
        for _, (observations, labels) in zip(range(24), Epoch(data, data.windows, 256, 0, 0), strict=False)
    ]
    observations = np.concatenate([pair[0] for pair in pairs])
    labels = np.concatenate([pair[1] for pair in pairs]).astype(np.int64)

    class Transitions(Dataset):
        def __len__(self) -> int:
            return len(labels)

        def __getitem__(self, index: int) -> dict[str, Any]:
            return {"obs": observations[index], "acts": labels[index]}

    torch.manual_seed(0)
    network = nn.Sequential(torch_torso(nn), nn.Linear(512, COMBO_COUNT))
    optimizer = torch.optim.Adam(network.parameters(), 5e-4)

    def work() -> None:
        for batch in DataLoader(Transitions(), batch_size=256, shuffle=True, drop_last=True):
            logits = network(batch["obs"].float() / 255.0)
            loss = nn.functional.cross_entropy(logits, batch["acts"])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return lambda: rate_of(len(labels) // 256 * 256, work)


def evaluation_sb3(threads: str = "0") -> Measure:
    """evaluate_policy on 18 acts, one after the other, one episode each; agent steps/s."""
    from stable_baselines3.common.evaluation import evaluate_policy

    venv = _dummy(max_frames=EVALUATION_FRAMES)
    model = _model(venv, int(threads))
    venv.close()

    def measure() -> float:
        steps, began = 0, time.perf_counter()
        for act in ACT_NAMES:
            env = _dummy(act, EVALUATION_FRAMES)
            _, lengths = evaluate_policy(model, env, 1, deterministic=False, return_episode_rewards=True)
            steps += sum(lengths)
            env.close()
        return steps / (time.perf_counter() - began)

    return measure


SIDES: dict[str, Callable[..., Measure]] = {
    "env-retro": env_retro,
    "vector-sb3": vector_sb3,
    "vector-gymnasium": vector_gymnasium,
    "ppo-sb3": ppo_sb3,
    "cloning-torch": cloning_torch,
    "evaluation-sb3": evaluation_sb3,
}

"""Environments stepped together: the same numbers as one stepped alone."""

import numpy as np
import pytest

from game.env import EnvConfig, make_env
from game.vector import VectorEnv

CONFIG = EnvConfig(max_frames=200)
ACTS = ["EmeraldHillZone.Act1", "CasinoNightZone.Act2"]


def test_stepped_together_equals_stepped_alone() -> None:
    vector = VectorEnv(CONFIG, ACTS)
    observations, _ = vector.reset(seed=5)
    alone = make_env(CONFIG)
    expected, _ = alone.reset(seed=6, options={"act": ACTS[1]})
    np.testing.assert_array_equal(observations[1], expected)
    for i in range(60):
        action = (2, 8)[i // 5 % 2]
        observations, rewards, terminated, truncated, infos = vector.step([action, action])
        expected, reward, *over, _ = alone.step(action)
        assert rewards[1] == pytest.approx(reward)
        assert [terminated[1], truncated[1]] == over
        if any(over):
            np.testing.assert_array_equal(infos[1]["final_observation"], expected)
            break
        np.testing.assert_array_equal(observations[1], expected)
    vector.close()
    alone.close()
    assert i == 49

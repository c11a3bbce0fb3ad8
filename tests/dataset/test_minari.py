"""A data set in Minari: loaded as it is, and its environment made again."""

import json
from pathlib import Path

import numpy as np
import pytest

from dataset.convert import Task, convert_movie
from dataset.loader import open_dataset
from dataset.reading import read_attributes
from dataset.store import write_main_file
from game.observation import ObservationSpec
from tests.dataset.small import make_dataset

pytestmark = pytest.mark.filterwarnings("ignore")
SPEC = ObservationSpec(height=48, width=64)


@pytest.fixture
def data(tmp_path: Path, shipped_movie: Path) -> Path:
    """A data set of one movie."""
    file = convert_movie(Task(shipped_movie, tmp_path / "t-v0/data/movies/a.hdf5", "quillrush", SPEC))
    write_main_file(tmp_path / "t-v0", "quillrush", SPEC, {file: read_attributes(file)["total_steps"]})
    return tmp_path / "t-v0"


def test_the_recovered_environment_plays_an_episode_as_it_was(data: Path) -> None:
    """The movie begins where the act does, and its first frame is the idle one of `reset`."""
    minari = pytest.importorskip("minari")
    dataset = minari.MinariDataset(data / "data")
    (episode,) = list(dataset)
    env = dataset.recover_environment()
    assert env.observation_space == dataset.observation_space
    assert env.action_space == dataset.action_space
    observation, info = env.reset(seed=1)
    assert (info["zone"], info["act_number"]) == (0, 0)
    observations = [observation]
    rewards = []
    for combo in episode.actions[1:]:
        observation, reward, terminated, truncated, info = env.step(combo)
        observations.append(observation)
        rewards.append(reward)
        if terminated or truncated:
            break
    env.close()
    played = len(observations)
    assert played > 1500
    np.testing.assert_array_equal(np.array(observations), episode.observations[1 : played + 1])
    np.testing.assert_allclose(
        rewards, episode.rewards[1:played], atol=0.1
    )  # the movie counts the idle frame, too, which costs its time bonus 0.06


def test_a_data_set_without_a_spec_opens_as_before(tmp_path: Path) -> None:
    path = tmp_path / "old-v0"
    make_dataset(path, {"a": [0] * 40})
    file = path / "data" / "metadata.json"
    metadata = json.loads(file.read_text())
    del metadata["env_spec"]
    file.write_text(json.dumps(metadata))
    assert len(open_dataset(path).names) == 1
    minari = pytest.importorskip("minari")
    assert minari.MinariDataset(path / "data").env_spec is None

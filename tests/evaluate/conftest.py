"""Made-up results as fixtures."""

from collections.abc import Callable

import pytest

from evaluate.results import Results
from game.rollout import Episode
from tests.evaluate.made_up import make_episode, make_results


@pytest.fixture
def results() -> Results:
    return make_results(
        ("random", "right-and-jump", "clone", "finetuned"), ("EmeraldHillZone.Act1", "WingFortressZone")
    )


@pytest.fixture
def results_of() -> Callable[..., Results]:
    return make_results


@pytest.fixture
def episode_of() -> Callable[..., Episode]:
    return make_episode

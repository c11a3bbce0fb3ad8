"""No two purposes share a seed, and no two streams a generator."""

from itertools import combinations

import numpy as np
import pytest

from game.seeds import (
    PURPOSES,
    SCORING_STRIDE,
    Stream,
    clone_choice_seeds,
    schedule_seeds,
    scoring_seeds,
    spin_dash_seeds,
    stream,
    training_seed,
)


def test_the_ranges_of_all_purposes_are_disjoint() -> None:
    for (_, one), (_, other) in combinations(PURPOSES.items(), 2):
        assert one.stop <= other.start or other.stop <= one.start


def test_every_purpose_draws_from_its_own_range() -> None:
    rng = np.random.default_rng(0)
    drawn = {
        "scoring": [*scoring_seeds(0, 5), *scoring_seeds(99_999, SCORING_STRIDE)],
        "choosing the clone's checkpoint": clone_choice_seeds(20),
        "evaluation on schedule": schedule_seeds(20),
        "spin-dash check": spin_dash_seeds(20),
        "training": [training_seed(rng) for _ in range(100)],
    }
    assert set(drawn) == set(PURPOSES)
    for purpose, seeds in drawn.items():
        assert all(seed in PURPOSES[purpose] for seed in seeds), purpose
    assert not set(scoring_seeds(1, 5)) & set(scoring_seeds(2, 5))


@pytest.mark.parametrize(("seed", "count"), [(-1, 5), (100_000, 5), (1, 0), (1, SCORING_STRIDE + 1)])
def test_what_would_leave_the_range_is_refused(seed: int, count: int) -> None:
    with pytest.raises(ValueError, match="Expected"):
        scoring_seeds(seed, count)


def test_streams_are_told_apart_by_purpose_seed_and_place() -> None:
    first = [
        stream(purpose, seed, *place).random()
        for purpose in Stream
        for seed in (1, 2)
        for place in ((), (0,), (1,), (0, 1), (1, 0))
    ]
    assert len(set(first)) == len(first)
    assert stream(Stream.EPOCH, 1, 3).random() == stream(Stream.EPOCH, 1, 3).random()

"""Whose windows count how often."""

from dataset.weights import weights_of_movies


def by(*players: str) -> list[dict[str, str]]:
    """Attributes of movies by these players."""
    return [{"player": player} for player in players]


def test_a_persons_play_counts_more_and_a_takeover_most() -> None:
    players = by("search", "human", "takeover", "unknown", "correction")
    weights = weights_of_movies(players, human=4.0, takeover=8.0, correction=2.0)
    assert weights.tolist() == [1.0, 4.0, 8.0, 4.0, 2.0]
    assert weights_of_movies(by("human", "takeover"), human=4.0, takeover=8.0).tolist() == [1.0, 2.0]
    assert weights_of_movies(by("search", "human"), human=0.0).tolist() == [1.0, 0.0]

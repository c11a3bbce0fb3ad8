"""The demonstrations along which training episodes may begin."""

from collections.abc import Sequence

from common.words import counted
from experiment.run import RUNS
from game.demonstrations import MOVIES, movies_of
from game.training_episodes import Demonstrations


def find_demonstrations(game: str, acts: Sequence[str], strategy: str) -> Demonstrations:
    """The whole takes of these acts; none, and a word about it, where there are none or none are wanted."""
    if strategy == "none":
        return Demonstrations()
    movies = {}
    for act in acts:
        found = movies_of(game, act)
        if found:
            movies[act] = tuple(map(str, found))
    lacking = len(acts) - len(movies)
    if lacking:
        print(
            f"starts: no demonstrations of {counted(lacking, 'acts')} in {MOVIES / game}; "
            "episodes there begin at the act's start"
        )
    return Demonstrations(movies, str(RUNS / "keyframes"))

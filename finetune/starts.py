"""The demonstrations along which training episodes may begin."""

import hashlib

from common.words import counted
from experiment.run import RUNS
from finetune.config import ActorCriticConfig, StageConfig
from finetune.sampler import StartSampler
from game.acts import CONTEST, training_acts
from game.demonstrations import MOVIES, movies_of
from game.training_episodes import Demonstrations


def find_demonstrations(config: StageConfig, strategy: str) -> Demonstrations:
    """The whole takes of the acts trained on; none, and a word about it, where there are none.

    None at all where none are wanted, and in the contest: its acts are unseen, and its episodes begin at their start.
    """
    if strategy == "none" or config.acts.startswith(CONTEST):
        return Demonstrations()
    movies = {}
    acts = training_acts(config.acts, config.contest_split)
    for act in acts:
        found = movies_of(config.game, act.name)
        if found:
            movies[act.name] = tuple(map(str, found))
    lacking = len(acts) - len(movies)
    if lacking:
        print(
            f"starts: no demonstrations of {counted(lacking, 'acts')} in {MOVIES / config.game}; "
            "episodes there begin at the act's start"
        )
    return Demonstrations(movies, str(RUNS / "keyframes"))


def sampler_along(demonstrations: Demonstrations, config: ActorCriticConfig) -> StartSampler:
    """Who draws where the episodes of an actor-critic begin."""
    return StartSampler(
        [act.name for act in training_acts(config.acts, config.contest_split)],
        focus=config.act_focus,
        demonstrated=demonstrations.movies,
        share=config.start_share,
        strategy=config.starts,
        practice_length=config.practice_length,
    )


def fingerprint_of_movies(config: StageConfig) -> str:
    """Changes when a whole take of the acts trained on is added, removed or another: then another run is meant."""
    seen = hashlib.blake2b(digest_size=4)
    for act in training_acts(config.acts, config.contest_split):
        for movie in movies_of(config.game, act.name):
            seen.update(movie.name.encode() + movie.read_bytes())
    return seen.hexdigest()

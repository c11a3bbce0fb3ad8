"""Which movies train and which validate: whole families of movies, so that nothing seen in training is validated on."""

from collections.abc import Sequence
from typing import NamedTuple

from game.seeds import Stream, stream


class Split(NamedTuple):
    """Movies by number.

    Attributes:
        training: those trained on.
        held: those held out; empty when nothing could be.
    """

    training: set[int]
    held: set[int]

    @property
    def is_validated(self) -> bool:
        """Whether anything is held out. If not, every figure is of the training data, and whoever prints one must say so."""
        return bool(self.held)

    @property
    def validation(self) -> set[int]:
        """The movies that figures are made of: those held out, or else those trained on."""
        return self.held or self.training

    @property
    def note(self) -> str:
        """What is to be printed beside the figures; "" when they are of movies held out."""
        if self.held:
            return ""
        return "no movie held out: these figures are of the training data"


def families(names: Sequence[str], origins: Sequence[str]) -> list[str]:
    """The family of each movie: the name of the movie that it was, over any number of steps, made from.

    Args:
        names: of the movies; origins: what each was made from, "" for a movie of its own. An origin need not be there itself:
            two trims of a movie that was deleted are still of one family.
    """
    made_from = dict(zip(names, origins, strict=True))
    return [_first_ancestor(name, made_from) for name in names]


def _first_ancestor(name: str, made_from: dict[str, str]) -> str:
    seen = [name]
    while made_from.get(seen[-1]):
        above = made_from[seen[-1]]
        if above in seen:  # files renamed in a circle are one family, too
            return min(seen[seen.index(above) :])
        seen.append(above)
    return seen[-1]


def split(acts: Sequence[str], family: Sequence[str], validation: float, seed: int) -> Split:
    """Draw families act by act, so that every act is on both sides where it can be. An act with one family keeps it to train.

    Args:
        acts, family: of each movie. A family belongs to the act of its first movie.
        validation: share of each act's families to hold out, at least one; 0 holds out nothing.
    """
    rng = stream(Stream.SPLIT, seed)
    first_of = {name: family.index(name) for name in family}
    held_families: set[str] = set()
    for act in sorted(set(acts)):
        heads = rng.permutation([i for i, name in enumerate(acts) if name == act and first_of[family[i]] == i])
        count = 0
        if validation:
            wanted = max(round(len(heads) * validation), 1)
            count = max(min(wanted, len(heads) - 1), 0)
        held_families |= {family[i] for i in heads[:count].astype(int)}
    held = {i for i, name in enumerate(family) if name in held_families}
    return Split(set(range(len(acts))) - held, held)

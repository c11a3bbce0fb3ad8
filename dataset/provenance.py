"""What a movie's sidecar means for the data set: which frames are labels, and what the movie was made from."""

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, TypedDict

import msgspec
import numpy as np

from game.certificate import Sidecar
from game.movie import MovieError

Count = Annotated[int, msgspec.Meta(ge=0)]


class Source(TypedDict):
    """The movie that another was made from."""

    file: str


class Facts(TypedDict, total=False):
    """Those of a sidecar's facts that decide what is taught. Others may be there, too."""

    segments: list[tuple[str, Count]]
    skill: str
    act: str
    frames: Count
    finished: bool
    died: bool
    recorded: str
    sticky: Annotated[float, msgspec.Meta(ge=0, le=1)]
    trimmed_from: Source
    made_from: Source


def facts_of(path: Path, sidecar: Sidecar) -> Facts:
    """A sidecar's facts by declared types. MovieError names the field that is of another."""
    try:
        return msgspec.convert(sidecar.facts, Facts)
    except msgspec.ValidationError as error:
        raise MovieError(f"{path}: the sidecar's facts: {error}") from error


def origin_of(facts: Facts) -> str:
    """The name (without .bk2) of the movie that a trim, a takeover or a drill was made from; "" when it is its own."""
    source = facts.get("trimmed_from") or facts.get("made_from")
    if source is None:
        return ""
    return source["file"].removesuffix(".bk2")


def digest(path: Path, sidecar: Sidecar) -> str:
    """Changes when anything in a sidecar does that decides frames, labels, the split or what is meant; not with a score
    or a date."""
    facts = facts_of(path, sidecar)
    certificate: list[Any] | None = None
    if sidecar.certificate is not None:
        certificate = [sidecar.certificate.frames, *sidecar.certificate.hashes]
    matters: list[Any] = [sidecar.player, facts.get("segments"), facts.get("skill", ""), origin_of(facts), certificate]
    if facts.get("sticky"):
        matters.append(facts["sticky"])
    return hashlib.blake2b(json.dumps(matters).encode(), digest_size=8).hexdigest()


def labelled_frames(path: Path, sidecar: Sidecar, frames: int) -> np.ndarray:
    """bool [frames]: which frames are labels. In a takeover those a person pressed, in a correction those the search player
    did, in a policy's movie none, else all.

    Raises:
        MovieError: the sidecar's segments do not cover the movie.
    """
    if sidecar.player not in ("takeover", "correction", "policy"):
        return np.ones(frames, bool)
    segments = facts_of(path, sidecar).get("segments")
    if segments is None:
        raise MovieError(f"{path}: the sidecar of a {sidecar.player} does not say who pressed which frames (segments)")
    counts = [count for _, count in segments]
    if sum(counts) != frames:  # compared before anything of that size is made: a damaged count may be huge
        raise MovieError(f"{path}: expected segments over {frames} frames in the sidecar. Received: {sum(counts)}")
    return np.repeat([who != "policy" for who, _ in segments], counts)

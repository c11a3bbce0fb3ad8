"""What is known of a movie beside it: the certificate of its replay, and the sidecar <movie>.json that carries it.

A certificate is a RAM hash for every second of a replay. A movie that no longer gives it was changed, or was recorded with
another ROM or core.
"""

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec

from common.files import read_json, whole_file
from game.emulator import Emulator
from game.movie import Movie, MovieError, replay

CERTIFICATE_FRAMES = 60
"""A certificate holds one RAM hash for every so many frames."""

MOST_FRAMES = 1_000_000
"""No movie is longer: the largest log that is read holds four hours, 932,000 frames."""


def ram_hash(block: bytes) -> str:
    """A short hash of work RAM. (Savestates are never hashed: they carry stray bytes.)"""
    return hashlib.blake2b(block, digest_size=8).hexdigest()


@dataclass(frozen=True)
class Certificate:
    """What a movie's replay must give: the RAM hash after frames 0, 60, 120 … and after the last one."""

    frames: int
    hashes: tuple[str, ...]

    def divergence(self, replayed: "Certificate") -> int | None:
        """The first frame at which another replay is known to differ, or None when all agree."""
        if self.frames != replayed.frames:
            return min(self.frames, replayed.frames)
        for i, (expected, received) in enumerate(zip(self.hashes, replayed.hashes, strict=True)):
            if expected != received:
                return min(i * CERTIFICATE_FRAMES, self.frames - 1)
        return None


class Certifier:
    """Collects a certificate during a replay: call `see` after every frame."""

    def __init__(self, frames: int) -> None:
        self._frames = frames
        self._hashes: list[str] = []

    def see(self, frame: int, emulator: Emulator) -> None:
        if frame % CERTIFICATE_FRAMES == 0 or frame == self._frames - 1:
            self._hashes.append(ram_hash(emulator.ram()))

    def certificate(self) -> Certificate:
        return Certificate(self._frames, tuple(self._hashes))


def check_frame(emulator: Emulator, frame: int, certificate: Certificate | None) -> None:
    """In the middle of a replay, behind this frame: ValueError when RAM is not what the certificate says, if there is one."""
    if certificate is None or frame % CERTIFICATE_FRAMES or frame >= certificate.frames:
        return
    if ram_hash(emulator.ram()) != certificate.hashes[frame // CERTIFICATE_FRAMES]:
        raise ValueError(f"its replay differs from its certificate at frame {frame}; recorded with another ROM or core")


def certify(emulator: Emulator, movie: Movie) -> Certificate:
    """Replay a movie for its certificate only."""
    certifier = Certifier(movie.frames)
    for frame in replay(emulator, movie):
        certifier.see(frame, emulator)
    return certifier.certificate()


NOT_BY_A_PERSON = ("search", "policy", "correction")
"""Players of a sidecar who are no person; whatever else it says, or does not say, a person's hands were in it."""


def is_by_a_person(player: str) -> bool:
    """Whether a sidecar's player is a person, alone or beside a policy."""
    return player not in NOT_BY_A_PERSON


@dataclass(frozen=True)
class Sidecar:
    """What is known of a movie beside the movie, in <movie>.json.

    Attributes:
        player: who played: "search", "human", "policy", "takeover" (policy and human by turns), "correction" (policy and
            search by turns) or "unknown".
        certificate: what the replay must give; None when nobody has certified it.
        facts: further JSON values (seed, score, completion …), for a reader.
    """

    player: str = "unknown"
    certificate: Certificate | None = None
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class _StoredCertificate:
    frames: Annotated[int, msgspec.Meta(ge=1, le=MOST_FRAMES)]
    hashes: list[Annotated[str, msgspec.Meta(max_length=64)]]


@dataclass(frozen=True)
class _StoredSidecar:
    player: str = "unknown"
    certificate: _StoredCertificate | None = None
    facts: dict[str, Any] = field(default_factory=dict)


def read_sidecar(movie: Path) -> Sidecar:
    """The sidecar of a movie file; an empty one when there is none. MovieError when it is damaged."""
    path = movie.with_suffix(".json")
    if not os.path.lexists(path):
        return Sidecar()
    if not path.is_file():  # a pipe would be waited for without end
        raise MovieError(f"{path}: expected a movie sidecar (a JSON file). Received: something that is no file")
    try:
        stored = read_json(path, _StoredSidecar)
        return Sidecar(stored.player, _checked(path, stored.certificate), stored.facts)
    except (OSError, ValueError) as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise MovieError(f"{path}: not a readable movie sidecar ({reason})") from error


def _checked(path: Path, stored: _StoredCertificate | None) -> Certificate | None:
    """The certificate when it has as many hashes as its frames ask for. ValueError otherwise."""
    if stored is None:
        return None
    expected = hash_count(stored.frames)
    if len(stored.hashes) != expected:
        raise ValueError(
            f"{path}: certificate.hashes: expected {expected} of them for {stored.frames} frames. "
            f"Received: {len(stored.hashes)}"
        )
    return Certificate(stored.frames, tuple(stored.hashes))


def hash_count(frames: int) -> int:
    """How many hashes the certificate of so many frames (at least 1) holds."""
    last = frames - 1
    regular = last // CERTIFICATE_FRAMES + 1
    return regular + (last % CERTIFICATE_FRAMES != 0)


def write_sidecar(movie: Path, sidecar: Sidecar) -> None:
    """Write <movie>.json, whole."""
    fields: dict[str, Any] = {"player": sidecar.player, "certificate": None, "facts": sidecar.facts}
    if sidecar.certificate is not None:
        fields["certificate"] = {"frames": sidecar.certificate.frames, "hashes": list(sidecar.certificate.hashes)}
    with whole_file(movie.with_suffix(".json")) as beside:
        beside.write_text(json.dumps(fields, separators=(",", ":")))

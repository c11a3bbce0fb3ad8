"""Sidecars from anywhere: parsed by declared types, bounded in size, time and memory."""

import json
import os
import time
from pathlib import Path

import pytest

from game.certificate import (
    CERTIFICATE_FRAMES,
    MOST_FRAMES,
    Certificate,
    Certifier,
    Sidecar,
    hash_count,
    ram_hash,
    read_sidecar,
    write_sidecar,
)
from game.movie import MovieError


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    return tmp_path / "a.bk2"


def refused(movie: Path, content: bytes) -> str:
    movie.with_suffix(".json").write_bytes(content)
    with pytest.raises(MovieError) as error:
        read_sidecar(movie)
    message = str(error.value)
    assert message.startswith(f"{movie.with_suffix('.json')}: ")
    return message


def test_what_is_written_is_read(movie: Path) -> None:
    sidecar = Sidecar("human", Certificate(61, ("a", "b")), {"seed": 3, "segments": [["human", 61]]})
    write_sidecar(movie, sidecar)
    assert read_sidecar(movie) == sidecar
    assert read_sidecar(movie.with_name("other.bk2")) == Sidecar()


@pytest.mark.parametrize("frames", [1, 2, 59, 60, 61, 119, 120, 121, 122])
def test_a_certificate_has_a_hash_every_second_and_one_for_the_last_frame(frames: int) -> None:
    hashed = {frame for frame in range(frames) if frame % CERTIFICATE_FRAMES == 0} | {frames - 1}
    assert hash_count(frames) == len(hashed)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ([], "Expected `object`, got `array`"),
        ({"player": 3}, r"Expected `str`, got `int` - at `$.player`"),
        ({"facts": []}, r"Expected `object`, got `array` - at `$.facts`"),
        ({"certificate": 1}, "certificate"),
        ({"certificate": {"frames": 1}}, "missing required field `hashes`"),
        ({"certificate": {"frames": True, "hashes": ["a"]}}, "$.certificate.frames"),
        ({"certificate": {"frames": 0, "hashes": []}}, "Expected `int` >= 1 - at `$.certificate.frames`"),
        ({"certificate": {"frames": 2, "hashes": ["a", 3]}}, "$.certificate.hashes[1]"),
        ({"certificate": {"frames": 2, "hashes": ["a", "b" * 65]}}, "length <= 64"),
        ({"certificate": {"frames": 120, "hashes": ["a"]}}, "expected 3 of them for 120 frames. Received: 1"),
    ],
)
def test_the_field_is_named(movie: Path, fields: object, reason: str) -> None:
    assert reason in refused(movie, json.dumps(fields).encode())


@pytest.mark.parametrize("frames", ["1000001", "1" + "0" * 18, "1" + "0" * 30, "1e300", "1e999", "-1"])
def test_huge_counts_are_refused_at_once(movie: Path, frames: str) -> None:
    began = time.perf_counter()
    assert "$.certificate.frames" in refused(movie, f'{{"certificate": {{"frames": {frames}, "hashes": []}}}}'.encode())
    assert time.perf_counter() - began < 1.0


def test_the_longest_movies_certificate_fits(movie: Path) -> None:
    hashes = tuple(f"{number:016x}" for number in range(hash_count(MOST_FRAMES)))
    write_sidecar(movie, Sidecar("human", Certificate(MOST_FRAMES, hashes), {"segments": [["human", 9]] * 1_000}))
    assert read_sidecar(movie).certificate.frames == MOST_FRAMES


def test_a_sidecar_without_end_is_refused(movie: Path) -> None:
    path = movie.with_suffix(".json")
    assert "expected at most" in refused(movie, b" " * (1 << 21))
    path.unlink()
    path.symlink_to("/dev/zero")
    with pytest.raises(MovieError, match="no file"):
        read_sidecar(movie)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(MovieError, match="no file"):
        read_sidecar(movie)


@pytest.mark.parametrize("frames", [1, 60, 61, 62, 150])
def test_a_certificate_covers_the_last_frame(frames: int) -> None:
    """A movie that differs in its last frame only must not pass: a hash is taken there, too."""

    class Counting:
        """An emulator whose RAM is the number of the frame."""

        block = b""

        def ram(self) -> bytes:
            return self.block

    emulator = Counting()
    certifier = Certifier(frames)
    for frame in range(frames):
        emulator.block = str(frame).encode()
        certifier.see(frame, emulator)
    hashes = certifier.certificate().hashes
    assert hashes[-1] == ram_hash(str(frames - 1).encode())
    assert len(hashes) == len(range(0, frames, 60)) + (frames % 60 != 1)


def test_a_divergence_is_a_frame() -> None:
    expected = Certificate(200, tuple("abcde"))
    assert expected.divergence(Certificate(200, tuple("abXde"))) == 120
    assert expected.divergence(Certificate(200, tuple("abcdX"))) == 199
    assert expected.divergence(Certificate(150, tuple("abcd"))) == 150
    assert expected.divergence(expected) is None

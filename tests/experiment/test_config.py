"""A dataclass as a command line."""

from dataclasses import dataclass

import pytest

from experiment.config import fingerprint, parse


@dataclass(frozen=True)
class Inner:
    size: int = 3


@dataclass(frozen=True)
class Config:
    """A test's config."""

    game: str = "quillrush"
    """Which game."""
    epochs: int = 2
    inner: Inner = Inner()


PRESETS = {"full": Config(), "smoke": Config(epochs=1)}


def test_presets_are_the_same_dataclass_with_other_values() -> None:
    assert parse(Config, PRESETS, "x", []) == Config()
    assert parse(Config, PRESETS, "x", ["--preset", "smoke"]) == Config(epochs=1)
    assert parse(Config, PRESETS, "x", ["--inner.size", "5", "--preset=smoke"]) == Config("quillrush", 1, Inner(5))


def test_unknown_presets_and_options_stop(capsys) -> None:
    for wrong in (["--preset", "huge"], ["--epoch", "3"]):
        with pytest.raises(SystemExit) as stop:
            parse(Config, PRESETS, "x", wrong)
        assert stop.value.code == 2
    assert "full" in capsys.readouterr().err


def test_help_names_every_field(capsys) -> None:
    with pytest.raises(SystemExit):
        parse(Config, PRESETS, "x", ["--help"])
    out = capsys.readouterr().out
    assert all(word in out for word in ("--epochs", "--inner.size", "Which game", "Presets"))


def test_fingerprints_tell_values_apart() -> None:
    assert fingerprint({"a": 1}) == fingerprint({"a": 1}) != fingerprint({"a": 2})

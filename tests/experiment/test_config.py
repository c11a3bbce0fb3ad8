"""A dataclass as a command line."""

from dataclasses import dataclass

import pytest

from common.ranges import NotNegative, Positive, Share, checked
from experiment.config import fingerprint, in_words, parse


@dataclass(frozen=True)
class Inner:
    size: Positive = 3


@dataclass(frozen=True)
class Config:
    """A test's config."""

    game: str = "quillrush"
    """Which game."""
    epochs: Positive = 2
    """How long."""
    share: Share = 0.5
    weight: NotNegative = 0.0
    inner: Inner = Inner()


PRESETS = {"full": Config(), "smoke": Config(epochs=1)}


def test_presets_are_the_same_dataclass_with_other_values() -> None:
    assert parse(Config, PRESETS, "x", []) == Config()
    assert parse(Config, PRESETS, "x", ["--preset", "smoke"]) == Config(epochs=1)
    assert parse(Config, PRESETS, "x", ["--inner.size", "5", "--preset=smoke"]) == Config(epochs=1, inner=Inner(5))


def test_unknown_presets_and_options_stop(capsys) -> None:
    for wrong in (["--preset", "huge"], ["--epoch", "3"]):
        with pytest.raises(SystemExit) as stop:
            parse(Config, PRESETS, "x", wrong)
        assert stop.value.code == 2
    assert "full" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "value", "expected"),
    [
        ("--epochs", "-3", "--epochs: expected at least 1. Received: -3"),
        ("--share", "1.5", "--share: expected at least 0 and at most 1. Received: 1.5"),
        ("--share", "nan", "--share: expected at least 0 and at most 1. Received: nan"),
        ("--weight", "inf", "--weight: expected at least 0. Received: inf"),
        ("--inner.size", "0", "--inner.size: expected at least 1. Received: 0"),
    ],
)
def test_numbers_out_of_range_are_named_with_what_is_expected(option: str, value: str, expected: str) -> None:
    with pytest.raises(ValueError, match=f"^{expected}$"):
        parse(Config, PRESETS, "x", [option, value])


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ValueError, match=r"--epochs: .* Received: 0; --weight: expected at least 0\. Received: -1"):
        checked(Config(epochs=0, weight=-1.0))
    edge = Config(epochs=1, share=1.0)
    assert checked(edge) is edge


def test_a_range_keeps_the_help_and_the_type(capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        parse(Config, PRESETS, "x", ["--epochs", "many"])
    assert stop.value.code == 2
    with pytest.raises(SystemExit):
        parse(Config, PRESETS, "x", ["--help"])
    assert "How long." in capsys.readouterr().out


def test_help_names_every_field(capsys) -> None:
    with pytest.raises(SystemExit):
        parse(Config, PRESETS, "x", ["--help"])
    out = capsys.readouterr().out
    assert all(word in out for word in ("--epochs", "--inner.size", "Which game", "Presets"))


def test_fingerprints_tell_values_apart() -> None:
    assert fingerprint({"a": 1}) == fingerprint({"a": 1}) != fingerprint({"a": 2})


def test_a_config_in_words_is_its_nearest_preset_and_what_differs() -> None:
    presets = {"full": Config(), "smoke": Config(epochs=1), "twin": Config(epochs=1)}
    assert in_words(Config(), presets) == "full"
    assert in_words(Config(epochs=1, game="quillrush"), presets) == "smoke/twin"
    assert in_words(Config(epochs=7, inner=Inner(size=9)), presets) == "full/smoke/twin, epochs 7, inner.size 9"

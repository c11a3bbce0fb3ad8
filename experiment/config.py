"""A stage's frozen dataclass as its command line: `--preset NAME`, then one option per field, named as the field."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import tyro

ConfigT = TypeVar("ConfigT")


def parse(
    config_class: type[ConfigT],
    presets: Mapping[str, ConfigT],
    prog: str,
    arguments: Sequence[str] | None = None,
    notes: str = "",
) -> ConfigT:
    """The config that a command line asks for. SystemExit (status 2) when it makes no sense.

    Args:
        presets: name -> complete config; the first is the default. `--preset smoke --epochs 2` takes smoke's values
            with one changed.
        arguments: instead of sys.argv[1:].
        notes: what `--help` says besides.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    names = tuple(presets)
    choice: Any = dataclasses.make_dataclass("Preset", [("preset", Literal[names], names[0])], frozen=True)
    chosen, rest = tyro.cli(choice, prog=prog, args=given, return_unknown_args=True, add_help=False)
    about_presets = f"Presets (--preset NAME): {', '.join(names)}."
    description = "\n\n".join(part for part in (config_class.__doc__, about_presets, notes) if part)
    return tyro.cli(config_class, prog=prog, description=description, default=presets[chosen.preset], args=rest)


def to_json(config: Any) -> dict[str, Any]:
    """A config's fields, nested ones included, as JSON values."""
    return json.loads(json.dumps(dataclasses.asdict(config), default=str))


def fingerprint(*parts: Any) -> str:
    """Six hex digits that change when any of the parts (JSON values) does."""
    return hashlib.blake2b(json.dumps(parts, sort_keys=True, default=str).encode(), digest_size=3).hexdigest()

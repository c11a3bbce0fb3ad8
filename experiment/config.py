"""A stage's frozen dataclass as its command line: `--preset NAME`, then one option a field, named as the field."""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import tyro

ConfigT = TypeVar("ConfigT")


def parse(
    config_class: type[ConfigT],
    presets: Mapping[str, ConfigT],
    prog: str,
    arguments: Sequence[str] | None = None,
    notes: str = "",
) -> ConfigT:
    """The config that a command line asks for.

    Args:
        presets: name -> complete config; the first is the default. `--preset smoke --epochs 2` takes smoke's values
            with one changed.
        arguments: instead of sys.argv[1:].
        notes: what `--help` says besides.
    """
    rest = list(sys.argv[1:] if arguments is None else arguments)
    name = next(iter(presets))
    for i, argument in enumerate(rest):
        if argument == "--preset" or argument.startswith("--preset="):
            given = argument.split("=", 1)[1:] or rest[i + 1 : i + 2]
            name = given[0] if given else ""
            del rest[i : i + (1 if "=" in argument else 2)]
            break
    if name not in presets:
        raise SystemExit(f"{prog}: unknown preset {name!r}. Expected one of: {', '.join(presets)}.")
    description = (
        f"{(config_class.__doc__ or '').strip()}\n\nPresets (--preset NAME): {', '.join(presets)}.\n\n{notes}".strip()
    )
    return tyro.cli(config_class, prog=prog, description=description, default=presets[name], args=rest)


def to_json(config: Any) -> dict[str, Any]:
    """A config's fields, nested ones included, as JSON values."""
    return json.loads(json.dumps(dataclasses.asdict(config), default=str))


def fingerprint(*parts: Any) -> str:
    """Six hex digits that change when any of the parts (JSON values) does."""
    return hashlib.blake2b(json.dumps(parts, sort_keys=True, default=str).encode(), digest_size=3).hexdigest()

"""A stage's frozen dataclass as its command line: `--preset NAME`, then one option per field, named as the field.

A number's range is part of its field's type (common.ranges), and is checked before anything is done.
"""

import dataclasses
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeVar

import tyro

from common.ranges import checked

ConfigT = TypeVar("ConfigT")


def parse(
    config_class: type[ConfigT],
    presets: Mapping[str, ConfigT],
    prog: str,
    arguments: Sequence[str] | None = None,
    notes: str = "",
) -> ConfigT:
    """The config that a command line asks for.

    Raises:
        SystemExit: (status 2) an option or preset there is not, or a word where a number is wanted.
        ValueError: numbers out of their ranges; names each option, what is expected and what was received.

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
    default = presets[chosen.preset]
    return checked(tyro.cli(config_class, prog=prog, description=description, default=default, args=rest))


def to_json(config: Any) -> dict[str, Any]:
    """A config's fields, nested ones included, as JSON values."""
    return json.loads(json.dumps(dataclasses.asdict(config), default=str))


CLUSTER = "cluster"
"""The option that says on which machines; the numbers are the same on any."""
WORKERS = "workers"
"""The option that says in how many processes; the numbers are the same with any."""
NAMES = ("game", "data", "name", "seed", WORKERS, CLUSTER)
"""Options that say where or with whom, not how."""


def in_words(config: Any, presets: Mapping[str, Any]) -> str:
    """A config as its nearest preset and what differs from it: "demo", or "demo, epochs 3". What only names is left out."""
    fields = _flat(to_json(config))
    candidates = []
    for name, preset in presets.items():
        usual = _flat(to_json(preset))
        changed = [field for field in fields if fields[field] != usual.get(field) and field not in NAMES]
        candidates.append((name, changed))
    fewest = min(len(changed) for _, changed in candidates)
    nearest = [name for name, changed in candidates if len(changed) == fewest]
    changed = next(changed for _, changed in candidates if len(changed) == fewest)
    return ", ".join(["/".join(nearest), *(f"{field} {fields[field]}" for field in changed)])


def _flat(fields: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested fields by their dotted names, as the command line spells them."""
    found: dict[str, Any] = {}
    for name, value in fields.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{prefix}{name}.")
        else:
            found[prefix + name] = value
    return found


def fingerprint(*parts: Any) -> str:
    """Six hex digits that change when any of the parts (JSON values) does."""
    return hashlib.blake2b(json.dumps(parts, sort_keys=True, default=str).encode(), digest_size=3).hexdigest()

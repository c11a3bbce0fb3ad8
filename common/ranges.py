"""What a number may be, as part of its type: `epochs: Positive = 12`, or `Annotated[int, Meta(ge=1, le=512)]`.

The same `Meta` that bounds what is parsed from JSON bounds what is typed on a command line.
"""

import dataclasses
import math
from collections.abc import Iterator
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

from msgspec import Meta

ConfigT = TypeVar("ConfigT")

Positive = Annotated[int, Meta(ge=1)]
Count = Annotated[int, Meta(ge=0)]
Share = Annotated[float, Meta(ge=0, le=1)]
BelowOne = Annotated[float, Meta(ge=0, lt=1)]
NotNegative = Annotated[float, Meta(ge=0)]
AboveZero = Annotated[float, Meta(gt=0)]

_BOUNDS = (
    ("ge", "at least", lambda value, bound: value >= bound),
    ("gt", "more than", lambda value, bound: value > bound),
    ("le", "at most", lambda value, bound: value <= bound),
    ("lt", "less than", lambda value, bound: value < bound),
)


def checked(config: ConfigT) -> ConfigT:
    """The same config, a dataclass.

    Raises:
        ValueError: numbers out of the ranges of their fields, in nested configs too; names each one's option, what is
            expected and what was received.
    """
    problems = list(_out_of_range(config, "--"))
    if problems:
        raise ValueError("; ".join(problems))
    return config


def _out_of_range(config: Any, prefix: str) -> Iterator[str]:
    hints = get_type_hints(type(config), include_extras=True)
    for field in dataclasses.fields(config):
        value = getattr(config, field.name)
        option = prefix + field.name.replace("_", "-")
        if dataclasses.is_dataclass(value):
            yield from _out_of_range(value, f"{option}.")
        bounds = bounds_of(hints[field.name])
        if bounds and not (math.isfinite(value) and all(holds(value, bound) for _, bound, holds in bounds)):
            expected = " and ".join(f"{words} {bound}" for words, bound, _ in bounds)
            yield f"{option}: expected {expected}. Received: {value}"


def bounds_of(hint: Any) -> list[tuple]:
    """The bounds that belong to a field's type: (in words, the bound, the comparison) each."""
    if get_origin(hint) is not Annotated:
        return []
    bounds = []
    for meta in get_args(hint)[1:]:
        for name, words, holds in _BOUNDS:
            bound = getattr(meta, name, None)
            if bound is not None:
                bounds.append((words, bound, holds))
    return bounds

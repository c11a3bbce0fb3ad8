"""The [sweep] table of a study: options tried out together. Every trial is an arm that is written out from it.

[sweep]
sampler = "tpe"                   # "grid": every combination; "random"; "tpe": where the trials so far were good
trials = 30                       # of random and tpe
objective = "last"                # or "best", of a training's evaluations on schedule; never of scoring seeds

[sweep.options.finetune]          # by stage: a list to choose from, or a range
gamma = [0.985, 0.997]
learning-rate = { low = 1e-5, high = 1e-3, log = true }
epochs = { low = 1, high = 8 }    # whole numbers, as both ends are
"network.hidden" = [256, 512]     # in quotes, as there is a dot in it
"""

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
import numpy as np

from common.files import read_json
from experiment.config import fingerprint

TRIALS = "trials.json"
"""Beside the records of a sweep whose trials depend on each other: those asked for so far, in their order."""
DIGITS = 3
"""Of a drawn number: finer than any difference that could be seen, and short enough for a name."""
LONGEST_NAME = 80
MOST_TRIALS = 10_000
DRAWS_PER_TRIAL = 20
"""After so many draws that were there already, a random sweep has seen all there is."""

Value = str | int | float | bool
Values = dict[str, dict[str, Value]]
"""Of a trial: stage -> option (as one types it, without the dashes) -> value."""


Number = Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)] | Annotated[float, msgspec.Meta(ge=-1e12, le=1e12)]


class Range(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Numbers from low to high, both included; `log`: every power of ten is as likely as any other."""

    low: Number
    high: Number
    log: bool = False

    def __post_init__(self) -> None:
        if not self.low < self.high:
            raise ValueError(f"expected low below high. Received: {self.low} and {self.high}")
        if self.log and self.low <= 0:
            raise ValueError(f"expected low above 0 where log is true. Received: {self.low}")

    @property
    def whole(self) -> bool:
        """Whether it is of whole numbers."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    def drawn(self, share: float) -> int | float:
        """The number that lies `share` (0 to 1) of the way from low to high."""
        low, high = float(self.low), float(self.high)
        if self.whole:  # half a number further at both ends, so that all are as likely
            low, high = low - 0.5, high + 0.5
        if self.log:
            exponent = math.log(low) + share * (math.log(high) - math.log(low))
            return self.rounded(math.exp(exponent))
        return self.rounded(low + share * (high - low))

    def rounded(self, number: float) -> int | float:
        """The nearest number that is tried."""
        nearest = round(number) if self.whole else float(f"{number:.{DIGITS}g}")
        return min(max(nearest, self.low), self.high)


Choices = Annotated[list[Value], msgspec.Meta(min_length=1)]


class Sweep(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is tried out, and how.

    Attributes:
        options: stage -> option -> what it may be.
        trials: how many; None for a grid, which has as many as it has.
        seed: of what is drawn; another one gives other trials.
    """

    options: dict[str, dict[str, Range | Choices]]
    sampler: Literal["grid", "random", "tpe"] = "grid"
    trials: Annotated[int, msgspec.Meta(ge=1, le=MOST_TRIALS)] | None = None
    objective: Literal["last", "best"] = "last"
    seed: Annotated[int, msgspec.Meta(ge=0)] = 0

    def __post_init__(self) -> None:
        places = list(self.places())
        if not places:
            raise ValueError("expected at least one option below [sweep.options.STAGE]. Received: none")
        ranges = [option for _, option, domain in places if isinstance(domain, Range)]
        if self.sampler == "grid" and ranges:
            raise ValueError(f"expected lists in a grid, whose values are all tried. Received: a range for {ranges[0]}")
        combinations = math.prod(len(domain) for _, _, domain in places if isinstance(domain, list))
        if self.sampler == "grid" and combinations > MOST_TRIALS:
            raise ValueError(f"expected a grid of at most {MOST_TRIALS} combinations. Received: {combinations}")
        if (self.sampler == "grid") != (self.trials is None):
            raise ValueError("expected a number of trials with the samplers random and tpe, and none with grid")

    def places(self) -> Iterator[tuple[str, str, Range | list[Value]]]:
        """Every (stage, option, what it may be), in the file's order."""
        for stage, options in self.options.items():
            for option, domain in options.items():
                yield stage, option, domain


def trials_of(sweep: Sweep, asked: Path) -> dict[str, Values]:
    """The arms that are trials: name -> values, as many as are known.

    Args:
        asked: the file of the trials asked for so far. What depends on no trial before is written out without it.
    """
    if sweep.sampler == "grid":
        trials = _grid(sweep)
    elif sweep.sampler == "random":
        trials = _random(sweep)
    else:
        trials = read_trials(asked)
    named: dict[str, Values] = {}
    for values in trials:
        named.setdefault(arm_name(values), values)
    return named


def read_trials(path: Path) -> list[Values]:
    """The trials asked for so far; ValueError names what is damaged."""
    return read_json(path, list[Values]) if path.is_file() else []


def _grid(sweep: Sweep) -> list[Values]:
    places = list(sweep.places())
    domains = [domain for _, _, domain in places if isinstance(domain, list)]
    return [_values(places, chosen) for chosen in itertools.product(*domains)]


def _random(sweep: Sweep) -> list[Values]:
    """Trial by trial from the sweep's seed, each at most once."""
    places = list(sweep.places())
    wanted = sweep.trials or 0
    random = np.random.default_rng([sweep.seed])
    found: dict[str, Values] = {}
    for _ in range(DRAWS_PER_TRIAL * wanted):
        chosen = [_drawn(domain, random.random()) for _, _, domain in places]
        values = _values(places, chosen)
        found.setdefault(arm_name(values), values)
        if len(found) == wanted:
            break
    return list(found.values())


def _drawn(domain: Range | list[Value], share: float) -> Value:
    if isinstance(domain, Range):
        return domain.drawn(share)
    return domain[int(share * len(domain))]


def _values(places: list[tuple[str, str, Range | list[Value]]], chosen: list[Value] | tuple[Value, ...]) -> Values:
    values: Values = {}
    for (stage, option, _), value in zip(places, chosen, strict=True):
        values.setdefault(stage, {})[option] = value
    return values


def options_of(values: Values) -> dict[str, list[str]]:
    """Stage -> the words that a trial adds to its command line: an option that is true or false is a word by itself."""
    words: dict[str, list[str]] = {}
    for stage, options in values.items():
        words[stage] = []
        for option, value in options.items():
            if isinstance(value, bool):
                words[stage].append(_switch(option, on=value))
            else:
                words[stage] += [f"--{option}", str(value)]
    return words


def _switch(option: str, on: bool) -> str:
    """ "--memory" or "--no-memory"; of a nested option it is the last part that is denied, as tyro has it."""
    if on:
        return f"--{option}"
    group, dot, name = option.rpartition(".")
    return f"--{group}{dot}no-{name}"


def arm_name(values: Values) -> str:
    """A trial's name says what it is: "learning-rate-0.0003-gamma-0.99". The same values have the same name for good."""
    words = [word.removeprefix("--") for more in options_of(values).values() for word in more]
    whole = "-".join(words)
    readable = re.sub(r"[^a-z0-9.-]+", "-", whole.lower()).strip("-.")
    if readable == whole and len(whole) <= LONGEST_NAME:
        return readable
    return f"{readable[:LONGEST_NAME]}-{fingerprint(values)}"


def fits(sweep: Sweep, values: Mapping[str, Mapping[str, Value]]) -> bool:
    """Whether a trial is one that this sweep could try; trials stay when its ranges are changed."""
    given = {(stage, option): value for stage, options in values.items() for option, value in options.items()}
    places = {(stage, option): domain for stage, option, domain in sweep.places()}
    return given.keys() == places.keys() and all(_holds(places[place], value) for place, value in given.items())


def _holds(domain: Range | list[Value], value: Value) -> bool:
    if isinstance(domain, Range):
        return isinstance(value, int | float) and domain.low <= value <= domain.high
    return value in domain

"""A card: README.md with the YAML front matter that the Hugging Face hub reads, and sections for people."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from game.machine import package_version

PACKAGES = ("stable-retro", "numpy", "h5py", "gymnasium", "tensorflow")
UNKNOWN = "unknown"
"""The hub's word where no licence is named."""


@dataclass(frozen=True)
class Card:
    """What stands in README.md.

    Attributes:
        front: the front matter; JSON values.
        sections: heading -> text, in order.
    """

    title: str
    front: Mapping[str, Any]
    sections: Mapping[str, str]

    def text(self) -> str:
        """README.md. A value of the front matter is written as JSON, which is YAML."""
        front = "\n".join(f"{name}: {json.dumps(value)}" for name, value in self.front.items())
        body = "\n\n".join(f"## {heading}\n\n{text}" for heading, text in self.sections.items())
        return f"---\n{front}\n---\n\n# {self.title}\n\n{body}\n"


def versions() -> str:
    """What it was made with."""
    known = {name: package_version(name) for name in PACKAGES}
    return ", ".join(f"{name} {version}" for name, version in known.items() if version)


def default_licence(game: str, by_a_person: bool) -> str:
    """That of the project where everything is the project's own: the embedded game, played by no person."""
    return "mit" if game == "quillrush" and not by_a_person else UNKNOWN


def about_licence(licence: str, game: str) -> str:
    """The licence in a sentence, and what it cannot be about."""
    sentence = f"{licence}."
    if licence == UNKNOWN:
        sentence = (
            "None was named; who packed this can, with `--licence` (https://hf.co/docs/hub/repositories-licenses)."
        )
    if game != "quillrush":
        sentence += " The game and its pictures belong to its makers. Its ROM is not here: bring your own."
    return sentence


PERSONS_PLAY = (
    "This holds the play of a person: every press of a button at every sixtieth of a second, from which a person can be told "
    "apart from others, and the time it was recorded at. Share it only if that person agrees."
)
"""The warning wherever a person's movies are in, or were learnt from."""

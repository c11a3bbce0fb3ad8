"""The recorder's state: what is shown and what is going on.

The recorder owns it, the commands change it by the methods below, the view and its cards only read it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from record.take import Take
from record.window.controls import Controls
from record.window.remap import Remap
from record.window.saving import Keeper
from record.window.setup import Presser, Setup, Start

Screen = Literal["start", "play", "summary", "saving", "remap", "quit"]
"""start: a card with the keys; summary: a card with what was played; saving: the movie is on the disk and is being replayed
to prove it; remap: choosing keys."""

MESSAGE_TICKS = 200
SLOWER = {1: 2, 2: 4, 4: 1}
"""Slow motion: ticks per frame, from each setting to the next."""

OTHER: dict[Presser, Presser] = {"human": "policy", "policy": "human"}


@dataclass
class RecorderState:
    """One session of the recorder as it stands.

    Attributes:
        setup: what the window was opened for; it never changes.
        game: the game's name, as in movies/<game>/.
        keeper: what became of the take.
        index: which of the setup's starts is offered or played.
        take: the one being played or looked back on, None while there is none.
        remap: the choice of keys while it is going on.
        in_control: who presses the pad; a watched movie counts as "policy".
        paused: until the pause key; stepped: paused, but the frame is to be seen without the card.
        waiting: until a button of the pad is pressed (after a rewind).
        rewinding: while its key is held.
        slow: ticks per frame of the game.
        overlay: whether the bar is shown.
        picture: the game's last one, uint8 [224, 320, 3].
        note: a line on the start card.
        dropped: frames of this take whose picture came too late to be shown.
        all_played, all_dropped: frames of the whole session.
        ticks: sixtieths of a second since the session began.
        messages: every line shown, to be printed at the end; the newest is shown until tick `message_until`.
        warned_of: the command that throws the take away when it comes once more.
    """

    setup: Setup
    game: str
    keeper: Keeper
    index: int = 0
    screen: Screen = "start"
    take: Take | None = None
    remap: Remap | None = None
    in_control: Presser = "human"
    paused: bool = False
    stepped: bool = False
    waiting: bool = False
    rewinding: bool = False
    slow: int = 1
    overlay: bool = True
    picture: np.ndarray = field(default_factory=lambda: np.zeros((224, 320, 3), np.uint8))
    note: str = ""
    dropped: int = 0
    all_played: int = 0
    all_dropped: int = 0
    ticks: int = 0
    messages: list[str] = field(default_factory=list)
    message_until: int = 0
    warned_of: str = ""

    @property
    def start(self) -> Start:
        """What is offered on the start card, or played."""
        return self.setup.starts[self.index]

    @property
    def is_playing(self) -> bool:
        """Whether frames are going by."""
        return self.screen == "play" and not (self.paused or self.waiting or self.rewinding)

    @property
    def has_unsaved_play(self) -> bool:
        """Whether a person has played and it is not saved yet, so that leaving saves it."""
        take = self.take
        if take is None or self.keeper.saved or self.setup.kind == "watch" or take.is_empty:
            return False
        return "human" in take.who_played()

    def facts(self, devices: Collection[str]) -> dict[str, Any]:
        """What the sidecar says besides the take's own facts; `devices` are those that pressed a button of the pad."""
        facts = dict(self.setup.facts)
        facts["device"] = ", ".join(sorted(devices)) or "none"
        facts["dropped_frames"] = self.dropped
        if self.start.goal != "act":
            facts["skill"] = self.start.goal
        return facts | self.start.origin

    @property
    def message(self) -> str:
        """The line to show now, "" when there is none."""
        if not self.messages or self.ticks >= self.message_until:
            return ""
        return self.messages[-1]

    def say(self, text: str) -> None:
        """Show a line for a few seconds, and print it at the end."""
        self.message_until = self.ticks + MESSAGE_TICKS
        self.messages.append(text)

    def begin(self, take: Take, keeper: Keeper) -> None:
        """A take begins, in the hands of whoever the window was opened for."""
        self.take = take
        self.keeper = keeper
        self.screen = "play"
        self.in_control = self.setup.first_in_control
        self.paused = False
        self.stepped = False
        self.waiting = False
        self.rewinding = False
        self.dropped = 0
        self.warned_of = ""

    def pause(self) -> None:
        """Stop, with the card over the picture."""
        self.paused = True
        self.stepped = False

    def toggle_pause(self) -> None:
        """Stop, or go on; going on also ends the wait after a rewind."""
        self.paused = not (self.paused or self.waiting)
        self.stepped = False
        self.waiting = False

    def stop_at_frame(self) -> None:
        """Stop without the card, so that a single frame can be looked at."""
        self.paused = True
        self.stepped = True
        self.waiting = False

    def slow_down(self) -> None:
        """To the next slower motion, and from the slowest back to full speed."""
        self.slow = SLOWER[self.slow]

    def toggle_overlay(self) -> None:
        """The bar on, or off."""
        self.overlay = not self.overlay

    def pass_pad(self) -> None:
        """From the policy to the person, or back."""
        self.in_control = OTHER[self.in_control]
        self.waiting = False

    def choose_keys(self, controls: Controls) -> None:
        """Begin to ask for the pad's keys, one after the other."""
        self.remap = Remap(controls)
        self.screen = "remap"

    def end_choosing_keys(self) -> None:
        """Back to the start card."""
        self.remap = None
        self.screen = "start"

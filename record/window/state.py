"""The recorder's state: what is shown and what is going on.

The recorder owns it, the commands change it by the methods below, the view and its cards only read it.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from game.games import find_game
from record.playback import Playback
from record.take import Take
from record.window.controls import Controls
from record.window.remap import Remap
from record.window.saving import Keeper
from record.window.setup import Presser, Setup, Start

Screen = Literal["start", "play", "watch", "summary", "saving", "remap", "quit"]
"""start: a card with the first keys; watch: a movie; summary: a card with what was played; saving: the movie is on the disk
and is being replayed to prove it; remap: choosing keys."""

MESSAGE_TICKS = 200
SLOWER = {1: 2, 2: 4, 4: 1}
"""Slow motion: ticks per frame, from each setting to the next."""
FASTER = {1: 2, 2: 4, 4: 8, 8: 1}
"""Fast forward: frames per tick, from each setting to the next."""

OTHER: dict[Presser, Presser] = {"human": "policy", "policy": "human"}


@dataclass
class RecorderState:
    """One session of the recorder as it stands.

    Attributes:
        setup: what the window is for at the moment.
        game: the game's name, as in movies/<game>/.
        home: what it was for before a movie was watched in between; None when nothing was.
        keeper: what became of the take.
        index: which of the setup's starts is offered or played.
        take: the one being played or looked back on, None while there is none.
        playback: the movie being watched, None while there is none.
        target: the frame of it that is on its way to be shown, None when none is.
        typed: digits of the frame to go to while they are typed, None while they are not.
        ended: whether the movie has played to its end by itself.
        remap: the choice of keys while it is going on.
        in_control: who presses the pad.
        paused: until the pause key; stepped: paused, but the frame is to be seen without the card.
        waiting: until a button of the pad is pressed (after a rewind).
        rewinding: while its key is held.
        slow: ticks per frame of the game.
        fast: frames per tick, of a movie that is watched.
        showing_keys: whether the card with all keys lies over everything.
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
    home: Setup | None = None
    screen: Screen = "start"
    take: Take | None = None
    playback: Playback | None = None
    target: int | None = None
    typed: str | None = None
    ended: bool = False
    remap: Remap | None = None
    in_control: Presser = "human"
    paused: bool = False
    stepped: bool = False
    waiting: bool = False
    rewinding: bool = False
    slow: int = 1
    fast: int = 1
    showing_keys: bool = False
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
        return self.screen in ("play", "watch") and not (self.paused or self.waiting or self.rewinding)

    @property
    def title(self) -> str:
        """The act's name as its game calls it."""
        return find_game(self.game).title(self.start.act.name)

    @property
    def has_unsaved_play(self) -> bool:
        """Whether a person has played and it is not saved yet, so that leaving saves it."""
        take = self.take
        if take is None or self.keeper.saved or take.is_empty:
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
        if self.typed is not None:
            return f"go to frame: {self.typed}_   (Return: go, Escape: stay)"
        if self.messages and self.ticks < self.message_until:
            return self.messages[-1]
        return self.hint

    @property
    def hint(self) -> str:
        """What the window waits for, as long as it does."""
        if self.screen == "play" and self.waiting and not self.paused:
            return "press a button of the pad to play on from here"
        return ""

    def say(self, text: str) -> None:
        """Show a line for a few seconds, and print it at the end."""
        self.message_until = self.ticks + MESSAGE_TICKS
        self.messages.append(text)

    def hush(self) -> None:
        """Show no line of before any longer, and forget the key that was to be pressed once more."""
        self.message_until = self.ticks
        self.warned_of = ""

    def is_warned(self, command: str) -> bool:
        """Whether a command that throws the take away may do so: its warning is still to be read."""
        return self.warned_of == command and self.ticks < self.message_until

    def offer(self, setup: Setup) -> None:
        """The window is for something else from now on."""
        self.setup = setup
        self.index = setup.first

    def begin(self, take: Take, keeper: Keeper) -> None:
        """A take begins, in the hands of whoever the window was opened for."""
        self.clear(keeper)
        self.take = take
        self.screen = "play"
        self.in_control = self.setup.first_in_control

    def begin_watching(self, playback: Playback, keeper: Keeper) -> None:
        """A movie begins."""
        self.clear(keeper)
        self.playback = playback
        self.screen = "watch"

    def clear(self, keeper: Keeper) -> None:
        """Nothing is played or watched, and nothing of what was is shown any longer."""
        self.hush()
        self.take = None
        self.playback = None
        self.keeper = keeper
        self.target = None
        self.typed = None
        self.ended = False
        self.showing_keys = False
        self.paused = False
        self.stepped = False
        self.waiting = False
        self.rewinding = False
        self.dropped = 0
        self.fast = 1

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
        self.fast = 1

    def speed_up(self) -> None:
        """To the next faster motion, and from the fastest back to full speed."""
        self.fast = FASTER[self.fast]
        self.slow = 1

    def toggle_keys(self) -> None:
        """Show all keys, or no longer; the game stands still meanwhile, and afterwards until it is told to go on."""
        self.showing_keys = not self.showing_keys
        if self.showing_keys and self.is_playing:
            self.pause()

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

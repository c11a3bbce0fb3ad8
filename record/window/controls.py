"""Keys and gamepad buttons -> the pad mask and the recorder's commands. The mapping is a JSON file, movies/controls.json.

Every input is a *token*: "key:left", "pad:a" (any gamepad SDL knows, named as on an Xbox pad), "joy:3", "joy:hat0-up" (any
other). A button or command may have several.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import pygame

from common.files import read_json
from experiment.run import write_json
from game.actions import BIT
from record.window.gamepads import Pads, Token

PAD: dict[str, tuple[str, ...]] = {
    "UP": ("key:up", "pad:dpup", "pad:lefty-", "joy:hat0-up", "joy:axis1-"),
    "DOWN": ("key:down", "pad:dpdown", "pad:lefty+", "joy:hat0-down", "joy:axis1+"),
    "LEFT": ("key:left", "pad:dpleft", "pad:leftx-", "joy:hat0-left", "joy:axis0-"),
    "RIGHT": ("key:right", "pad:dpright", "pad:leftx+", "joy:hat0-right", "joy:axis0+"),
    "A": ("key:z", "pad:x", "joy:0"),
    "B": ("key:x", "pad:a", "joy:1"),
    "C": ("key:c", "pad:b", "joy:2"),
    "START": ("key:return", "pad:start", "joy:9"),
    "X": (),
    "Y": (),
    "Z": (),
    "MODE": (),
}
"""The pad's buttons by default. X, Y, Z and MODE do nothing in the game, so they are left free."""

COMMANDS: dict[str, tuple[str, ...]] = {
    "confirm": ("key:return", "pad:start", "joy:9"),
    "previous": ("key:left", "pad:dpleft", "joy:hat0-left"),
    "next": ("key:right", "pad:dpright", "joy:hat0-right"),
    "keys": ("key:f1",),
    "pause": ("key:p", "key:space", "pad:guide"),
    "step": ("key:n",),
    "step_back": ("key:b",),
    "rewind": ("key:backspace", "pad:leftshoulder", "joy:4"),
    "slow": ("key:s",),
    "fast": ("key:f",),
    "first": ("key:home",),
    "last": ("key:end",),
    "frame": ("key:g",),
    "watch": ("key:w",),
    "restart": ("key:f5",),
    "save": ("key:f2",),
    "discard": ("key:delete",),
    "next_act": ("key:f6",),
    "takeover": ("key:tab", "pad:rightshoulder", "joy:5"),
    "overlay": ("key:o",),
    "mute": ("key:m",),
    "quieter": ("key:-", "key:[-]"),
    "louder": ("key:=", "key:+", "key:[+]"),
    "remap": ("key:f4",),
    "screenshot": ("key:f12",),
    "fullscreen": ("key:f11",),
    "leave": ("key:escape",),
}
"""What the recorder itself listens to."""
SHARED = ("confirm", "previous", "next")
"""Commands that only mean something where nobody plays, so that the pad may have their keys, too."""

Mapping = dict[str, tuple[str, ...]]


MAPPING_BYTES = 1 << 16
"""Of the file; one with every key of a keyboard in it takes a twentieth."""

KEYBOARD = -1
"""Where a key's token comes from; gamepads have numbers from 0."""


@dataclass(frozen=True)
class _Stored:
    """What the file holds; what it leaves out stays as it is by default."""

    pad: dict[str, list[str]] = field(default_factory=dict)
    commands: dict[str, list[str]] = field(default_factory=dict)


class ControlsError(ValueError):
    """The mapping file cannot be used; the message names it and the reason."""


def load_mapping(path: Path) -> tuple[Mapping, Mapping]:
    """(pad, commands) from the file, defaults for what it leaves out. ControlsError when it makes no sense."""
    if not path.exists():
        return dict(PAD), dict(COMMANDS)
    try:
        stored = read_json(path, _Stored, MAPPING_BYTES)
        pad, commands = _merged(PAD, stored.pad), _merged(COMMANDS, stored.commands)
    except (OSError, ValueError) as error:
        reason = str(error).removeprefix(f"{path}: ")
        raise ControlsError(
            f"{path}: not a readable key mapping ({reason}). Correct it, or delete it for the defaults."
        ) from error
    chosen = {token for tokens in stored.pad.values() for token in tokens}
    for name in commands.keys() - stored.commands.keys() - set(SHARED):
        # a command that is newer than the file has no claim to a key that somebody gave to the pad
        commands[name] = tuple(token for token in commands[name] if token not in chosen)
    return pad, commands


def _merged(defaults: Mapping, stored: dict[str, list[str]]) -> Mapping:
    unknown = sorted(set(stored) - set(defaults))
    if unknown:
        raise ValueError(f"expected names out of {', '.join(defaults)}. Received: {', '.join(unknown)[:80]}")
    merged = dict(defaults)
    for name, tokens in stored.items():
        if not all(":" in token for token in tokens):
            raise ValueError(f"{name}: expected a list like ['key:left', 'pad:dpleft']. Received: {str(tokens)[:80]}")
        merged[name] = tuple(tokens)
    return merged


class Controls:
    """What is held and what was pressed, from SDL's events.

    Attributes:
        pads: the gamepads there are.
        used: devices that pressed a button of the pad since `begin`, for the sidecar.
        last: the newest token pressed, for the mapping dialog; None when nothing new was.
        closed, focus_lost, pad_lost: since the last `poll`, the window was to be closed, it lost the keyboard, or a gamepad
            was pulled out.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pad, self.commands = load_mapping(path)
        self.pads = Pads()
        self.used: set[str] = set()
        self.last: str | None = None
        self.closed = False
        self.focus_lost = False
        self.pad_lost = False
        self._held: set[tuple[int, str]] = set()
        self._tapped: set[str] = set()
        self._stale: set[str] = set()

    def begin(self) -> None:
        """A take begins: nobody has used anything; what is still down (the key that began it) counts when pressed anew."""
        self.used = set()
        self._tapped = set()
        self._stale = {token for _, token in self._held}

    def poll(self, events: Iterable[pygame.event.Event]) -> list[str]:
        """Take in events; returns the commands that were pressed, oldest first."""
        pressed = []
        self.last = None
        self.closed = False
        self.focus_lost = False
        self.pad_lost = False
        for event in events:
            if event.type == pygame.QUIT:
                self.closed = True
            elif event.type == pygame.WINDOWFOCUSLOST:
                # a key let go while another window has the keyboard is not reported here
                self._held.clear()
                self.focus_lost = True
            elif event.type == pygame.JOYDEVICEREMOVED:
                self._forget(event.instance_id)
            for source, token, down in self._tokens(event):
                if self._note(source, token, down):
                    pressed += self._commands_of(token)
        return pressed

    def _commands_of(self, token: str) -> list[str]:
        return [name for name, tokens in self.commands.items() if token in tokens]

    def _tokens(self, event: pygame.event.Event) -> list[Token]:
        if event.type in (pygame.KEYDOWN, pygame.KEYUP):
            name = pygame.key.name(event.key)
            return [(KEYBOARD, f"key:{name}", event.type == pygame.KEYDOWN)]
        return self.pads.tokens(event)

    def _note(self, source: int, token: str, down: bool) -> bool:
        """Keep track of a token; returns whether it has just gone down."""
        if not down:
            self._held.discard((source, token))
            self._stale.discard(token)
            return False
        if (source, token) in self._held:  # a stick that leans reports it again and again
            return False
        self._held.add((source, token))
        self._tapped.add(token)
        self.last = token
        if any(token in tokens for tokens in self.pad.values()):
            self.used.add(self._device(source))
        return True

    def _device(self, source: int) -> str:
        if source == KEYBOARD:
            return "keyboard"
        return f"gamepad {self.pads.name(source)}"

    def _forget(self, source: int) -> None:
        """A gamepad is gone: let go of everything on it."""
        self.pad_lost = self.pads.close(source)
        self._held = {(held, token) for held, token in self._held if held != source}

    def is_held(self, command: str) -> bool:
        """Whether a command's key is down."""
        return any(token in self.commands[command] for _, token in self._held)

    def mask(self) -> int:
        """The pad for the next frame; a button pressed and let go since the last one still counts."""
        down = self._down()
        self._tapped = set()
        mask = 0
        for button, tokens in self.pad.items():
            if down.intersection(tokens):
                mask |= BIT[button]
        return mask

    def _down(self) -> set[str]:
        held = {token for _, token in self._held}
        return (held | self._tapped) - self._stale

    def any_button(self) -> bool:
        """Whether a button of the pad is down or was just tapped."""
        down = self._down()
        return any(down.intersection(tokens) for tokens in self.pad.values())

    def bind(self, button: str, token: str | None) -> None:
        """Give a pad button another key or gamepad button; None takes away all of them.

        Of what the button had, only tokens of the same kind of device (key, pad, joy) are replaced, and no other button
        keeps the token; nor does a command that is heard while somebody plays.
        """
        if token is None:
            self.pad[button] = ()
            return
        had = self.pad[button]
        for name, tokens in self.pad.items():
            self.pad[name] = tuple(other for other in tokens if other != token)
        for name, tokens in self.commands.items():
            if name not in SHARED:
                self.commands[name] = tuple(other for other in tokens if other != token)
        kind, _, _ = token.partition(":")
        kept = [other for other in self.pad[button] if not other.startswith(kind)]
        place = next((i for i, other in enumerate(had) if other.startswith(kind)), len(kept))
        self.pad[button] = (*kept[:place], token, *kept[place:])

    def mapping(self) -> tuple[Mapping, Mapping]:
        """(pad, commands) as they stand, to go back to."""
        return dict(self.pad), dict(self.commands)

    def restore(self, mapping: tuple[Mapping, Mapping]) -> None:
        """Everything as it was when `mapping` was asked for."""
        pad, commands = mapping
        self.pad, self.commands = dict(pad), dict(commands)

    def save(self) -> None:
        """Write the mapping down for the next time."""
        write_json(self.path, {"pad": self.pad, "commands": self.commands})

    def key_of(self, name: str) -> str:
        """The first of a command's or button's keys as people call it."""
        return self.keys_of(name).split(" ")[0]

    def keys_of(self, name: str) -> str:
        """A command's or button's keys as people call them."""
        tokens = self.commands.get(name) or self.pad.get(name, ())
        # the buttons of gamepads are labelled differently from make to make, so only keys are named
        keys = [token.removeprefix("key:") for token in tokens if token.startswith("key:")]
        return " ".join(key.capitalize() for key in keys) or "-"

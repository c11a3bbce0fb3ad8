"""Keys and gamepad buttons -> the pad mask and the recorder's commands. The mapping is a JSON file, movies/controls.json.

Every input is a *token*: "key:left", "pad:a" (any gamepad SDL knows, named as on an Xbox pad), "joy:3", "joy:hat0-up" (any
other). A button or command may have several.
"""

import json
from collections.abc import Iterable
from pathlib import Path

import pygame

from experiment.run import write_json
from game.actions import BIT
from record.window.gamepads import Pads

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
    "pause": ("key:p", "pad:guide"),
    "step": ("key:n",),
    "rewind": ("key:backspace", "pad:leftshoulder", "joy:4"),
    "slow": ("key:s",),
    "restart": ("key:f5",),
    "save": ("key:f2",),
    "discard": ("key:delete",),
    "next_act": ("key:f6",),
    "takeover": ("key:tab", "pad:rightshoulder", "joy:5"),
    "overlay": ("key:o",),
    "mute": ("key:m",),
    "remap": ("key:f4",),
    "screenshot": ("key:f12",),
    "fullscreen": ("key:f11",),
    "leave": ("key:escape",),
}
"""What the recorder itself listens to."""

Mapping = dict[str, tuple[str, ...]]


class ControlsError(ValueError):
    """The mapping file cannot be used; the message names it and the reason."""


def load_mapping(path: Path) -> tuple[Mapping, Mapping]:
    """(pad, commands) from the file, defaults for what it leaves out. ControlsError when it makes no sense."""
    if not path.is_file():
        return dict(PAD), dict(COMMANDS)
    try:
        stored = json.loads(path.read_text())
        return _merged(PAD, stored.get("pad", {})), _merged(COMMANDS, stored.get("commands", {}))
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ControlsError(
            f"{path}: not a readable key mapping ({error}). Correct it, or delete it for the defaults."
        ) from error


def _merged(defaults: Mapping, stored: dict[str, list[str]]) -> Mapping:
    unknown = sorted(set(stored) - set(defaults))
    if unknown:
        raise ValueError(f"expected names out of {', '.join(defaults)}. Received: {', '.join(unknown)}")
    for name, tokens in stored.items():
        if not isinstance(tokens, list) or not all(isinstance(token, str) and ":" in token for token in tokens):
            raise ValueError(f"{name}: expected a list like ['key:left', 'pad:dpleft']. Received: {tokens!r}")
    return defaults | {name: tuple(tokens) for name, tokens in stored.items()}


class Controls:
    """What is held and what was pressed, from SDL's events.

    Attributes:
        pads: the gamepads there are.
        used: devices that pressed a button of the pad since `begin`, for the sidecar.
        last: the newest token pressed, for the mapping dialog; None when nothing new was.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.pad, self.commands = load_mapping(path)
        self.pads = Pads()
        self.used: set[str] = set()
        self.last: str | None = None
        self.closed = False
        self.focus_lost = self.pad_lost = False
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
        self.last, self.focus_lost, self.pad_lost = None, False, False
        for event in events:
            if event.type == pygame.QUIT:
                self.closed = True
            elif event.type == pygame.WINDOWFOCUSLOST:
                self._held.clear()
                self.focus_lost = True
            elif event.type == pygame.JOYDEVICEREMOVED:
                self._forget(event.instance_id)
            for source, token, down in self._tokens(event):
                if self._note(source, token, down):
                    pressed += [name for name, tokens in self.commands.items() if token in tokens]
        return pressed

    def _tokens(self, event: pygame.event.Event) -> list[tuple[int, str, bool]]:
        if event.type in (pygame.KEYDOWN, pygame.KEYUP):
            return [(-1, f"key:{pygame.key.name(event.key)}", event.type == pygame.KEYDOWN)]
        return self.pads.tokens(event)

    def _note(self, source: int, token: str, down: bool) -> bool:
        """Keep track of a token; returns whether it has just gone down."""
        if not down:
            self._held.discard((source, token))
            self._stale.discard(token)
            return False
        if (source, token) in self._held:
            return False
        self._held.add((source, token))
        self._tapped.add(token)
        self.last = token
        if any(token in tokens for tokens in self.pad.values()):
            self.used.add("keyboard" if source < 0 else f"gamepad {self.pads.name(source)}")
        return True

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
        return sum(BIT[button] for button, tokens in self.pad.items() if not down.isdisjoint(tokens))

    def _down(self) -> set[str]:
        return ({token for _, token in self._held} | self._tapped) - self._stale

    def any_button(self) -> bool:
        """Whether a button of the pad is down or was just tapped."""
        down = self._down()
        return any(not down.isdisjoint(tokens) for tokens in self.pad.values())

    def bind(self, button: str, token: str | None) -> None:
        """Give a pad button another key or gamepad button; None takes away all of them.

        Of what the button had, only tokens of the same kind of device (key, pad, joy) are replaced, and no other button
        keeps the token.
        """
        if token is None:
            self.pad[button] = ()
            return
        kind = token.split(":")[0]
        self.pad = {name: tuple(t for t in tokens if t != token) for name, tokens in self.pad.items()}
        self.pad[button] = (*(t for t in self.pad[button] if not t.startswith(kind)), token)

    def save(self) -> None:
        """Write the mapping down for the next time."""
        named = {"pad": self.pad, "commands": self.commands}
        write_json(self.path, {part: {name: list(tokens) for name, tokens in m.items()} for part, m in named.items()})

    def keys_of(self, name: str) -> str:
        """A command's or button's keys as people call them."""
        tokens = self.commands.get(name) or self.pad.get(name, ())
        keys = [token.removeprefix("key:") for token in tokens if token.startswith("key:")]
        return " ".join(key.capitalize() if len(key) > 1 else key.upper() for key in keys) or "-"

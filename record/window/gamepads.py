"""Gamepads, plugged and unplugged at any time: those SDL knows by their button names, any other by number."""

import pygame
from pygame._sdl2 import controller

_BUTTONS = (
    "a", "b", "x", "y", "back", "guide", "start", "leftstick", "rightstick", "leftshoulder", "rightshoulder",
    "dpup", "dpdown", "dpleft", "dpright",
)  # fmt: skip
_AXES = ("leftx", "lefty", "rightx", "righty", "lefttrigger", "righttrigger")
_PRESS = 0.5
_RELEASE = 0.35
"""How far a stick must lean to count as pressed, and to count as let go again."""

Token = tuple[int, str, bool]
"""(which gamepad, what on it, whether it is down)"""


class Pads:
    """Opens gamepads as they come and turns their events into tokens."""

    def __init__(self) -> None:
        pygame.joystick.init()
        controller.init()
        self._open: dict[int, tuple[str, object]] = {}
        self._known: set[int] = set()
        self._leaning: dict[tuple[int, str], bool] = {}

    @property
    def names(self) -> list[str]:
        """Of all gamepads there are."""
        return [name for name, _ in self._open.values()]

    def name(self, source: int) -> str:
        """A gamepad's name, or its number when it is not (or no longer) one of ours."""
        if source not in self._open:
            return str(source)
        name, _ = self._open[source]
        return name

    def tokens(self, event: pygame.event.Event) -> list[Token]:
        """What a gamepad's event presses or lets go; nothing for any other event."""
        if event.type == pygame.JOYDEVICEADDED:
            self._add(event.device_index)
            return []
        source = getattr(event, "instance_id", 0)
        if event.type in (pygame.CONTROLLERBUTTONDOWN, pygame.CONTROLLERBUTTONUP):
            if event.button >= len(_BUTTONS):
                return []
            return [(source, f"pad:{_BUTTONS[event.button]}", event.type == pygame.CONTROLLERBUTTONDOWN)]
        if event.type == pygame.CONTROLLERAXISMOTION and event.axis < len(_AXES):
            return self._lean(source, f"pad:{_AXES[event.axis]}", event.value / 32768)
        if source in self._known:  # SDL reports its buttons a second time, by number
            return []
        return self._raw_tokens(event, source)

    def _raw_tokens(self, event: pygame.event.Event, source: int) -> list[Token]:
        if event.type in (pygame.JOYBUTTONDOWN, pygame.JOYBUTTONUP):
            return [(source, f"joy:{event.button}", event.type == pygame.JOYBUTTONDOWN)]
        if event.type == pygame.JOYAXISMOTION:
            return self._lean(source, f"joy:axis{event.axis}", event.value)
        if event.type == pygame.JOYHATMOTION:
            across, up = event.value
            directions = {"left": across < 0, "right": across > 0, "up": up > 0, "down": up < 0}
            return [(source, f"joy:hat{event.hat}-{name}", down) for name, down in directions.items()]
        return []

    def _lean(self, source: int, axis: str, value: float) -> list[Token]:
        found = []
        for sign, amount in (("-", -value), ("+", value)):
            key = (source, axis + sign)
            threshold = _RELEASE if self._leaning.get(key) else _PRESS
            down = amount > threshold
            self._leaning[key] = down
            found.append((source, axis + sign, down))
        return found

    def _add(self, index: int) -> None:
        try:
            if controller.is_controller(index):
                pad = controller.Controller(index)
                source = pad.as_joystick().get_instance_id()
                self._known.add(source)
                name = pygame.joystick.Joystick(index).get_name()
                self._open[source] = (name, pad)
            else:
                stick = pygame.joystick.Joystick(index)
                source = stick.get_instance_id()
                self._open[source] = (stick.get_name(), stick)
        except pygame.error:  # gone again already
            return

    def close(self, source: int) -> bool:
        """A gamepad was pulled out; returns whether it was one of ours."""
        self._known.discard(source)
        return self._open.pop(source, None) is not None

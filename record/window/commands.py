"""What each of the recorder's own keys does, screen by screen."""

from typing import Protocol

import pygame

from record.window.controls import Controls
from record.window.pacing import Pacer
from record.window.screen import Window
from record.window.sound import Sound
from record.window.state import RecorderState

PRECIOUS_FRAMES = 300
"""From this length on, a take is only thrown away when the key is pressed twice."""


class Actions(Protocol):
    """What the commands leave to the recorder."""

    def show_start(self) -> None:
        """The start card; a take that was not saved is gone."""

    def go(self, by: int) -> None:
        """To the start card of another start."""

    def begin(self) -> None:
        """A new take from the current start; one that was not saved is gone."""

    def press(self) -> None:
        """One frame of the game."""

    def save(self, after: str = "") -> None:
        """Save the take; `after` is what follows: "", "next" or "quit"."""

    def leave(self) -> None:
        """Close the window; a person's take is saved first."""


class Commands:
    """The commands of `controls.COMMANDS`, each a method; one that means nothing on the current screen does nothing."""

    def __init__(
        self, state: RecorderState, actions: Actions, controls: Controls, window: Window, sound: Sound, pacer: Pacer
    ) -> None:
        self._state = state
        self._actions = actions
        self._controls = controls
        self._window = window
        self._sound = sound
        self._pacer = pacer

    def do(self, command: str) -> None:
        """Carry out a command by name ("rewind" is held, not pressed: the recorder looks at it itself)."""
        if command != "rewind":
            getattr(self, command)()

    def confirm(self) -> None:
        """Play, play again, or save."""
        screen = self._state.screen
        if screen == "summary" and self._state.has_unsaved_play:
            self._actions.save()
        elif screen in ("start", "summary"):
            self._actions.begin()

    def previous(self) -> None:
        """Offer the start before this one."""
        if self._state.screen == "start":
            self._actions.go(-1)

    def next(self) -> None:
        """Offer the start after this one."""
        if self._state.screen == "start":
            self._actions.go(1)

    def next_act(self) -> None:
        """Save what a person played and go on to the next start; in the middle of a take, ask what is to become of it."""
        screen = self._state.screen
        if screen == "summary" and self._state.has_unsaved_play:
            self._actions.save("next")
        elif screen in ("start", "summary"):
            self._actions.go(1)
        elif screen == "play":
            save_key = self._controls.keys_of("save")
            discard_key = self._controls.keys_of("discard")
            self._state.say(f"first save this take ({save_key}) or discard it ({discard_key})")

    def pause(self) -> None:
        """Stop the game, or let it go on."""
        if self._state.screen == "play":
            self._state.toggle_pause()
            self._pacer.restart()  # the time spent standing still is not to be caught up with

    def step(self) -> None:
        """One frame, then stop."""
        if self._state.screen == "play":
            self._state.stop_at_frame()
            self._actions.press()

    def slow(self) -> None:
        """Slow motion."""
        self._state.slow_down()

    def save(self) -> None:
        """Save the take, in its middle or after its end."""
        if self._state.screen in ("play", "summary"):
            self._actions.save()

    def discard(self) -> None:
        """Throw the take away, back to the start card."""
        if self._is_on_take() and not self._state.keeper.saved and self._is_sure("discard"):
            self._actions.show_start()

    def restart(self) -> None:
        """Throw the take away and begin it anew."""
        if self._is_on_take() and self._is_sure("restart"):
            self._actions.begin()

    def _is_on_take(self) -> bool:
        return self._state.screen in ("play", "summary")

    def _is_sure(self, command: str) -> bool:
        """Whether the take may be thrown away: a short or saved one at once, any other when the key comes twice."""
        state = self._state
        if not state.has_unsaved_play or state.warned_of == command:
            return True
        if state.take and state.take.frames < PRECIOUS_FRAMES:
            return True
        state.warned_of = command
        state.say(f"press {self._controls.keys_of(command)} once more to throw this take away")
        return False

    def takeover(self) -> None:
        """The person takes the pad, or gives it back."""
        state = self._state
        if state.setup.kind != "policy" or state.screen != "play":
            return
        state.pass_pad()
        if state.in_control == "policy" and state.setup.pilot:
            # the combo it held before is of no use at another place
            state.setup.pilot.hand_over()

    def overlay(self) -> None:
        """The bar on or off."""
        self._state.toggle_overlay()

    def mute(self) -> None:
        """Sound off or on; where there is none, the reason."""
        sound = self._sound
        sound.muted = not sound.muted
        heard = "sound off" if sound.muted else "sound on"
        self._state.say(sound.trouble or heard)

    def fullscreen(self) -> None:
        """The whole screen, or a window."""
        self._window.toggle_fullscreen()

    def screenshot(self) -> None:
        """The window's contents as a PNG, named after act and frame."""
        state = self._state
        frame = state.take.frames if state.take else 0
        folder = state.setup.movies / state.game / "screenshots"
        try:
            path = self._window.screenshot(folder / f"{state.start.act.name}-{frame:06d}.png")
        except (OSError, pygame.error) as error:  # a full disk must not end the take
            state.say(f"no picture: {error}")
            return
        state.say(f"picture: {path}")

    def remap(self) -> None:
        """Choose keys."""
        if self._state.screen == "start":
            self._state.choose_keys(self._controls)

    def leave(self) -> None:
        """In the middle of play Escape only pauses."""
        if self._state.is_playing:
            self._state.pause()
        else:
            self._actions.leave()

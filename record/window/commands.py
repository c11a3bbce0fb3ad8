"""What each of the recorder's own keys does, screen by screen."""

from typing import Protocol

import pygame

from record.window.controls import Controls
from record.window.pacing import Pacer
from record.window.screen import Window
from record.window.sound import LOUDEST, Sound
from record.window.state import RecorderState
from record.window.watching import Watcher

CLOSING_KEYS = ("keys", "confirm", "pause", "leave")
"""Commands that put the card with all keys away."""
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
        """Save the take; `after` is what follows: "", "next", "watch" or "quit"."""

    def watch_saved(self) -> None:
        """Watch the movie of the take that has just been saved."""

    def branch(self) -> None:
        """A new take from the frame of the movie that is shown."""

    def go_home(self) -> None:
        """Back to what the window was for before a movie was watched."""

    def leave(self) -> None:
        """Close the window; a person's take is saved first."""


class Commands:
    """The commands of `controls.COMMANDS`, each a method; one that means nothing on the current screen does nothing."""

    def __init__(
        self,
        state: RecorderState,
        actions: Actions,
        watcher: Watcher,
        controls: Controls,
        window: Window,
        sound: Sound,
        pacer: Pacer,
    ) -> None:
        self._state = state
        self._actions = actions
        self._watcher = watcher
        self._controls = controls
        self._window = window
        self._sound = sound
        self._pacer = pacer

    def do(self, command: str) -> None:
        """Carry out a command by name ("rewind" is held, not pressed: the recorder looks at it itself)."""
        state = self._state
        if command == "rewind":
            return
        if state.showing_keys:
            if command in CLOSING_KEYS:
                state.toggle_keys()
        elif state.screen == "watch" and hasattr(self._watcher, command):
            getattr(self._watcher, command)()
        elif hasattr(self, command):  # the rest is only heard while a movie is watched
            getattr(self, command)()

    def keys(self) -> None:
        """Show all keys."""
        if self._state.screen in ("start", "play", "watch", "summary"):
            self._state.toggle_keys()

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
        if not state.has_unsaved_play or state.is_warned(command):
            return True
        if state.take and state.take.frames < PRECIOUS_FRAMES:
            return True
        state.warned_of = command
        state.say(f"press {self._controls.keys_of(command)} once more to throw this take away")
        return False

    def takeover(self) -> None:
        """The person takes the pad, or gives it back; of a movie that is watched, into a new take."""
        state = self._state
        if state.screen == "watch":
            self._actions.branch()
            return
        if state.setup.kind != "policy" or state.screen != "play":
            return
        state.pass_pad()
        if state.in_control == "policy" and state.setup.pilot:
            # the combo it held before is of no use at another place
            state.setup.pilot.hand_over()

    def watch(self) -> None:
        """Watch the take that has ended, once it is saved."""
        if self._state.screen != "summary":
            return
        if self._state.keeper.saved:
            self._actions.watch_saved()
        else:
            self._actions.save("watch")

    def overlay(self) -> None:
        """The bar on or off."""
        self._state.toggle_overlay()

    def mute(self) -> None:
        """Sound off or on; where there is none, the reason."""
        sound = self._sound
        sound.muted = not sound.muted
        self._say_volume()

    def quieter(self) -> None:
        """The volume a step down."""
        self._turn(-1)

    def louder(self) -> None:
        """The volume a step up."""
        self._turn(1)

    def _turn(self, by: int) -> None:
        sound = self._sound
        sound.volume = min(max(sound.volume + by, 0), LOUDEST)
        sound.muted = False
        self._say_volume()

    def _say_volume(self) -> None:
        sound = self._sound
        heard = "sound off" if sound.muted else f"volume {sound.volume} of {LOUDEST}"
        self._state.say(sound.trouble or heard)

    def fullscreen(self) -> None:
        """The whole screen, or a window."""
        self._window.toggle_fullscreen()

    def screenshot(self) -> None:
        """The window's contents as a PNG, named after act and frame."""
        state = self._state
        frame = state.take.frames if state.take else 0
        if state.playback:
            frame = state.playback.at
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
        """In the middle of play Escape only pauses; from a movie watched in between it leads back."""
        if self._state.is_playing:
            self._state.pause()
        elif self._state.home:
            self._actions.go_home()
        else:
            self._actions.leave()

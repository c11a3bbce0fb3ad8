"""What each of the recorder's own keys does, screen by screen."""

from typing import TYPE_CHECKING

from record.window.remap import Remap

if TYPE_CHECKING:
    from record.window.recorder import Recorder

SLOWER = {1: 2, 2: 4, 4: 1}
"""Slow motion: ticks a frame, from each setting to the next."""


class Commands:
    """The commands of `controls.COMMANDS`, each a method; one that means nothing on the current screen does nothing."""

    def __init__(self, recorder: "Recorder") -> None:
        self._recorder = recorder

    def do(self, command: str) -> None:
        """Carry out a command by name ("rewind" is held, not pressed: the recorder looks at it itself)."""
        if command != "rewind":
            getattr(self, command)()

    def confirm(self) -> None:
        """Play, play again, or save."""
        recorder = self._recorder
        if recorder.screen == "summary" and recorder.keeps:
            recorder.save()
        elif recorder.screen in ("start", "summary"):
            recorder.throw_away()
            recorder.begin()

    def previous(self) -> None:
        if self._recorder.screen == "start":
            self._recorder.go(-1)

    def next(self) -> None:
        if self._recorder.screen == "start":
            self._recorder.go(1)

    def next_act(self) -> None:
        recorder = self._recorder
        if recorder.screen == "summary" and recorder.keeps:
            recorder.save("next")
        elif recorder.screen in ("start", "summary"):
            recorder.throw_away()
            recorder.go(1)
        elif recorder.screen == "play":
            save, discard = recorder.controls.keys_of("save"), recorder.controls.keys_of("discard")
            recorder.say(f"first save this take ({save}) or discard it ({discard})")

    def pause(self) -> None:
        recorder = self._recorder
        if recorder.screen == "play":
            recorder.paused = not (recorder.paused or recorder.waiting)
            recorder.waiting = recorder.stepped = False
            recorder.pacer.restart()

    def step(self) -> None:
        recorder = self._recorder
        if recorder.screen == "play" and recorder.take:
            recorder.paused, recorder.stepped, recorder.waiting = True, True, False
            recorder.press(recorder.take)

    def slow(self) -> None:
        self._recorder.slow = SLOWER[self._recorder.slow]

    def save(self) -> None:
        if self._recorder.screen in ("play", "summary"):
            self._recorder.save()

    def discard(self) -> None:
        recorder = self._recorder
        if recorder.screen in ("play", "summary") and not recorder.keeper.saved and recorder.is_sure("discard"):
            recorder.throw_away()
            recorder.show_start()

    def restart(self) -> None:
        recorder = self._recorder
        if recorder.screen in ("play", "summary") and recorder.is_sure("restart"):
            recorder.throw_away()
            recorder.begin()

    def takeover(self) -> None:
        """The person takes the pad, or gives it back."""
        recorder = self._recorder
        if recorder.setup.kind != "policy" or recorder.screen != "play":
            return
        recorder.in_control = "policy" if recorder.in_control == "human" else "human"
        recorder.waiting = False
        if recorder.in_control == "policy" and recorder.setup.pilot:
            recorder.setup.pilot.hand_over()

    def overlay(self) -> None:
        self._recorder.overlay = not self._recorder.overlay

    def mute(self) -> None:
        sound = self._recorder.sound
        sound.muted = not sound.muted
        self._recorder.say(sound.trouble or ("sound off" if sound.muted else "sound on"))

    def fullscreen(self) -> None:
        self._recorder.window.toggle_fullscreen()

    def screenshot(self) -> None:
        recorder = self._recorder
        frame = recorder.take.frames if recorder.take else 0
        folder = recorder.setup.movies / recorder.emulator.game.name / "screenshots"
        path = recorder.window.screenshot(folder / f"{recorder.start.act.name}-{frame:06d}.png")
        recorder.say(f"picture: {path}")

    def remap(self) -> None:
        recorder = self._recorder
        if recorder.screen == "start":
            recorder.remap, recorder.screen = Remap(recorder.controls), "remap"

    def leave(self) -> None:
        """In the middle of play Escape only pauses."""
        if self._recorder.is_playing:
            self._recorder.paused, self._recorder.stepped = True, False
        else:
            self._recorder.leave()

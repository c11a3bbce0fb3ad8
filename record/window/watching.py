"""Watching a movie: forwards, backwards, to any frame, with the keys of a film player and the mouse on the line."""

from collections.abc import Collection

import pygame

from record.playback import Playback
from record.window.bar import line_area, share_at
from record.window.controls import Controls
from record.window.screen import Window
from record.window.sound import Sound
from record.window.state import RecorderState

JUMP_FRAMES = 300
"""How far the keys for back and on go: five seconds."""
MOVES = {"previous": -JUMP_FRAMES, "next": JUMP_FRAMES, "step_back": -1, "step": 1}
"""Commands that move by so many frames, and go on doing so while their key is held."""
SEEK_SECONDS = 0.028
"""Time given to a jump before the next picture is drawn."""
LOOK_SECONDS = 0.008
"""Time per tick given to what lies ahead while nothing moves, so that a jump there is quick."""
REPEAT_TICKS = (24, 6)
"""A key held repeats its move: after so many ticks, and then every so many."""
FAST_REWIND_TICKS = 30
"""After half a second going back goes by four frames per tick instead of one."""
MOST_DIGITS = 7


class Watcher:
    """The screen "watch". Its methods that bear a command's name are what that command does there."""

    def __init__(self, state: RecorderState, controls: Controls, window: Window, sound: Sound) -> None:
        self._state = state
        self._controls = controls
        self._window = window
        self._sound = sound
        self._dragging = False
        self._held_ticks = 0
        self._rewind_ticks = 0

    @property
    def _playback(self) -> Playback:
        assert self._state.playback is not None
        return self._state.playback

    def tick(self, events: Collection[pygame.event.Event]) -> None:
        """One sixtieth of a second."""
        self._heed_mouse(events)
        self._repeat()
        state = self._state
        state.rewinding = self._controls.is_held("rewind") and state.typed is None
        if state.rewinding:
            self._rewind()
        elif state.target is not None:
            self._seek(state.target)
        elif state.is_playing and state.ticks % state.slow == 0:
            self._play()
        elif state.paused:
            self._playback.look_ahead(LOOK_SECONDS)
        if not state.rewinding:
            self._rewind_ticks = 0

    def show(self) -> None:
        """Take the frame's picture, and its verdict where the movie has been seen to the end."""
        self._state.picture = self._playback.emulator.screen()
        self._state.keeper.ending = self._playback.facts()

    def _play(self) -> None:
        for _ in range(self._state.fast):
            self._playback.step()
        if self._state.slow == self._state.fast == 1:  # at any other speed the sound would come in shreds
            self._sound.play(self._playback.emulator.audio())
        self.show()
        if self._playback.is_at_end:
            self._end()

    def _end(self) -> None:
        """The movie has played to its end by itself."""
        state = self._state
        state.pause()
        state.ended = True
        watched = state.setup.watched
        state.keeper.compare(self._playback.certificate(), watched.expected if watched else None)

    def _rewind(self) -> None:
        self._rewind_ticks += 1
        self._leave_end()
        self._state.target = None
        self._playback.towards(self._playback.at - (1 if self._rewind_ticks < FAST_REWIND_TICKS else 4))
        self.show()

    def _seek(self, frame: int) -> None:
        if self._playback.towards(frame, SEEK_SECONDS):
            self._state.target = None
        self.show()

    def go_to(self, frame: int) -> None:
        """Begin to go to a frame; what is not in the movie is its first or last."""
        self._leave_end()
        self._state.target = min(max(frame, 0), self._playback.last)

    def _leave_end(self) -> None:
        if self._state.ended:
            self._state.ended = False
            self._state.stepped = True

    def _aim(self) -> int:
        """The frame that is shown, or is on its way to be."""
        return self._playback.at if self._state.target is None else self._state.target

    # The mouse

    def _heed_mouse(self, events: Collection[pygame.event.Event]) -> None:
        for event in events:
            if event.type == pygame.MOUSEBUTTONDOWN and event.button == 1:
                bar = self._window.bar_area()
                self._dragging = self._state.overlay and line_area(bar).inflate(0, 8).collidepoint(event.pos)
                self._drag(event.pos)
            elif event.type == pygame.MOUSEMOTION:
                self._drag(event.pos)
            elif event.type == pygame.MOUSEBUTTONUP and event.button == 1:
                self._dragging = False

    def _drag(self, position: tuple[int, int]) -> None:
        if self._dragging:
            self.go_to(round(share_at(self._window.bar_area(), position[0]) * self._playback.last))

    # Commands

    def _repeat(self) -> None:
        """A key for back or on that is held moves again and again."""
        held = [by for command, by in MOVES.items() if self._controls.is_held(command)]
        self._held_ticks = self._held_ticks + 1 if len(held) == 1 and self._state.typed is None else 0
        first, every = REPEAT_TICKS
        if self._held_ticks > first and self._held_ticks % every == 0:
            self.go_to(self._aim() + held[0])

    def previous(self) -> None:
        """Five seconds back."""
        self.go_to(self._aim() + MOVES["previous"])

    def next(self) -> None:
        """Five seconds on."""
        self.go_to(self._aim() + MOVES["next"])

    def first(self) -> None:
        """To the first frame."""
        self.go_to(0)

    def last(self) -> None:
        """To the last frame."""
        self.go_to(self._playback.last)

    def step(self) -> None:
        """The next frame, standing still."""
        self._state.stop_at_frame()
        self.go_to(self._aim() + 1)

    def step_back(self) -> None:
        """The frame before, standing still."""
        self._state.stop_at_frame()
        self.go_to(self._aim() - 1)

    def pause(self) -> None:
        """Stop, or go on; at the end, from the beginning."""
        state = self._state
        if self._playback.is_at_end and state.paused:
            self.go_to(0)
        state.toggle_pause()

    def confirm(self) -> None:
        """As the pause key."""
        self.pause()

    def restart(self) -> None:
        """From the beginning."""
        self.go_to(0)
        self._state.paused = False

    def slow(self) -> None:
        """Slow motion."""
        self._state.slow_down()

    def fast(self) -> None:
        """Fast forward."""
        self._state.speed_up()

    def frame(self) -> None:
        """Ask for the number of a frame."""
        self._state.stop_at_frame()
        self._state.typed = ""

    def type(self, token: str | None) -> None:
        """A key pressed while a frame's number is asked for."""
        state = self._state
        key = (token or "").removeprefix("key:").strip("[]")
        if state.typed is None or not key:
            return
        if key.isdecimal() and len(key) == 1 and len(state.typed) < MOST_DIGITS:
            state.typed += key
        elif key == "backspace":
            state.typed = state.typed[:-1]
        elif key in ("return", "enter"):
            if state.typed:
                self.go_to(int(state.typed))
            state.typed = None
        elif key == "escape":
            state.typed = None

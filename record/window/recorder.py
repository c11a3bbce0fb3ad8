"""The recorder: one loop at 60 frames per second over a take, its window and its keys."""

import pygame

from game.acts import Act
from game.emulator import Emulator
from record.journal import Journal, NullJournal
from record.library import act_folder, journal_folder, movie_files
from record.take import Take
from record.window.commands import Commands
from record.window.controls import Controls
from record.window.pacing import Pacer
from record.window.saving import Keeper
from record.window.screen import Window
from record.window.setup import Setup, Start
from record.window.sound import Sound
from record.window.state import RecorderState
from record.window.view import draw

FAST_REWIND_TICKS = 30
"""After half a second a rewind goes by four frames per tick instead of one."""


class Recorder:
    """Call `run`; or `tick` once per frame, which waits for nothing.

    Attributes:
        state: what is shown and what is going on.
    """

    def __init__(
        self, emulator: Emulator, window: Window, controls: Controls, sound: Sound, setup: Setup, pacer: Pacer
    ) -> None:
        self.emulator = emulator
        self.window = window
        self.controls = controls
        self.sound = sound
        self.setup = setup
        self.pacer = pacer
        self.state = RecorderState(setup, emulator.game.name, Keeper(setup.movies), setup.first)
        self._commands = Commands(self.state, self, controls, window, sound=sound, pacer=pacer)
        self._rewind_ticks = 0
        self._after_saving = ""
        self.show_start()

    def run(self) -> None:
        """Until the user leaves. Whatever ends it (Ctrl-C, an error), a person's take is saved."""
        self.pacer.restart()
        on_time = True
        try:
            while self.state.screen != "quit":
                self.tick(pygame.event.get())
                # when it is late already, drawing would only make the next frame late too
                if on_time and self.state.screen != "quit":
                    self.draw()
                on_time = self._wait()
        finally:
            self.keep_unsaved()

    def tick(self, events: list[pygame.event.Event]) -> None:
        """One sixtieth of a second: what was pressed, then one frame of whatever is on."""
        state = self.state
        state.ticks += 1
        commands = self.controls.poll(events)
        if self.controls.closed:
            self.leave()
        elif state.remap:
            state.remap.take(self.controls.last)
            if state.remap.button is None:
                state.say(state.remap.outcome)
                state.end_choosing_keys()
        else:
            for command in commands:
                self._commands.do(command)
        if state.screen in ("play", "summary"):
            self._play()
        elif state.screen == "saving" and state.keeper.check():
            self._finish_saving()

    def draw(self) -> None:
        """One picture of the window as things stand."""
        draw(self.state, self.window, self.controls, rings=self.emulator.peek("rings"))

    def _wait(self) -> bool:
        """Wait for the next frame's time, counting what was late while frames went by; False: do not draw, catch up."""
        state = self.state
        playing = state.is_playing
        worst = self.pacer.worst
        late, periods = self.pacer.wait()
        if not playing:
            self.pacer.worst = worst  # only a delay of the game is one that a person feels
            return True
        state.all_played += periods
        state.dropped += late
        state.all_dropped += late
        return late == 0

    def report(self) -> str:
        """The frames of the whole session, for the end."""
        played = self.state.all_played
        dropped = self.state.all_dropped
        share = dropped / max(played, 1)
        return f"{played} frames played, {dropped} dropped ({share:.2%}), worst delay {self.pacer.worst * 1000:.0f} ms"

    # Before a take

    def show_start(self) -> None:
        """The start card, over the act's first picture; a take that was not saved is gone."""
        self._throw_away()
        start = self.state.start
        self.state.screen = "start"
        self.state.note = start.note or self._count_movies(start.act)
        self.emulator.set_state(start.opening(self.emulator.game))
        self.emulator.step(0)  # a savestate holds no picture
        self.state.picture = self.emulator.screen()

    def go(self, by: int) -> None:
        """To the start card of another start."""
        index = self.state.index + by
        self.state.index = index % len(self.setup.starts)  # after the last comes the first
        self.show_start()

    def _count_movies(self, act: Act) -> str:
        count = len(movie_files(act_folder(self.setup.movies, self.state.game, act.name)))
        return f"{count or 'no'} movies of this act so far"

    # A take

    def begin(self) -> None:
        """A new take from the current start; one that was not saved is gone."""
        self._throw_away()
        start = self.state.start
        opening = start.opening(self.emulator.game)
        journal = self._journal(start, opening)
        who = self.setup.first_in_control
        take = Take(self.emulator, start.act, opening, journal, who=who, goal=start.goal)
        self.state.begin(take, Keeper(self.setup.movies))
        self.state.picture = self.emulator.screen()
        self.controls.begin()
        if self.setup.pilot:
            self.setup.pilot.begin(start.act.name, self.state.picture)
        self.pacer.restart()  # all this may have taken longer than a frame

    def _journal(self, start: Start, opening: bytes) -> Journal | NullJournal:
        if self.setup.kind == "watch":
            return NullJournal()
        facts = dict(self.setup.facts)
        if start.label:
            facts["label"] = start.label
        facts |= start.origin
        folder = journal_folder(self.setup.movies, self.state.game)
        return Journal(folder, self.emulator.game.retro_id, start.act.name, opening, facts)

    def _play(self) -> None:
        """One tick of a take: forwards, backwards, or standing still."""
        state = self.state
        if state.take and self.controls.is_held("rewind") and not state.keeper.saved:
            self._rewind(state.take)
            return
        if state.rewinding:
            self._end_rewind()
        if state.screen == "summary":
            return
        self._heed_devices()
        if state.is_playing and state.ticks % state.slow == 0:
            self.press()

    def _heed_devices(self) -> None:
        """Stop when the gamepad or the keyboard is gone; a button pressed ends the wait after a rewind."""
        state = self.state
        keyboard_lost = self.controls.focus_lost and self.setup.kind == "human"
        if (self.controls.pad_lost or keyboard_lost) and not state.paused:
            state.pause()
        if state.waiting and self.controls.any_button():
            state.waiting = False
            if self.setup.kind == "policy":
                state.in_control = "human"

    def press(self) -> None:
        """One frame of the game."""
        state = self.state
        take = state.take
        if take is None:
            return
        take.press(self._next_mask(take), state.in_control)
        self._show_frame(take)
        if state.slow == 1:  # in slow motion the sound would come in shreds
            self.sound.play(self.emulator.audio())
        if take.journal.trouble and state.ticks % 60 == 0:
            state.say(take.journal.trouble)
        if self.setup.is_over(take):
            self._end(take)

    def _next_mask(self, take: Take) -> int:
        # looked at even when the policy plays, so that a tap of now is not a press of later
        mask = self.controls.mask()
        if self.setup.pilot and self.state.in_control == "policy":
            return self.setup.pilot.mask(take.frames)
        return mask

    def _show_frame(self, take: Take) -> None:
        """Show the take's last frame, to the pilot too: it must know every frame to take the pad at any moment."""
        self.state.picture = self.emulator.screen()
        if self.setup.pilot:
            self.setup.pilot.see(take.frames - 1, self.state.picture)

    def _rewind(self, take: Take) -> None:
        """Back by one frame per tick, by four after half a second."""
        state = self.state
        state.rewinding = True
        state.paused = False
        state.screen = "play"
        self._rewind_ticks += 1
        back = 1 if self._rewind_ticks < FAST_REWIND_TICKS else 4
        take.rewind_to(take.frames - 1 - back)
        self._show_frame(take)

    def _end_rewind(self) -> None:
        self._rewind_ticks = 0
        self.state.rewinding = False
        if self.setup.kind != "watch":
            self.state.waiting = True
            self.state.say("press a button of the pad to play on from here")

    def _end(self, take: Take) -> None:
        """The take is over by itself: show what it came to. A drill's is saved at once."""
        self.state.screen = "summary"
        self.state.keeper.ending = take.facts()
        if self.setup.kind == "watch":
            self.state.keeper.compare(take, self.setup.expected)
        elif self.state.start.goal == "spindash" and take.spin_dashes:
            self.save("next")

    # Keeping it, throwing it away

    def save(self, after: str = "") -> None:
        """Write the take and check its replay; `after` is what follows: "", "next" or "quit"."""
        state = self.state
        take = state.take
        if take is None or state.keeper.saved or self.setup.kind == "watch":
            return
        if take.is_empty:
            state.say("nothing was pressed yet, so there is nothing to save")
            return
        try:
            saved = state.keeper.save(take, state.start.label, state.facts(self.controls.used))
        except OSError as error:
            state.say(f"not saved: {error.strerror or error}. {self._what_stays(take)}")
            state.screen = "summary"
            return
        state.say(f"saved {saved}")
        state.screen = "saving"
        self._after_saving = after

    def _what_stays(self, take: Take) -> str:
        if take.journal.is_whole:
            return "The take stays in its journal; the next start recovers it."
        return "Its journal is not whole either: make room before you leave a second time."

    def _finish_saving(self) -> None:
        """The replay has been checked: report a difference, then do what was to follow."""
        state = self.state
        if state.keeper.verdict != "exact":
            state.say(f"{state.keeper.saved}: {state.keeper.verdict}")
        state.screen = "summary"
        self.pacer.restart()
        if self._after_saving == "next":
            self.go(1)
        elif self._after_saving == "quit":
            state.screen = "quit"

    def _throw_away(self) -> None:
        """Be done with the take; if it was not saved, it is gone."""
        if self.state.take and not self.state.keeper.saved:
            self.state.take.journal.remove()
        self.state.take = None

    def keep_unsaved(self) -> None:
        """On the way out, however it came to that: save what a person played."""
        state = self.state
        if state.has_unsaved_play and state.screen != "quit":  # a user who leaves has just tried it
            self.save()
        if state.take and state.has_unsaved_play:
            state.take.journal.close()  # it could not be written; the next start makes its movie
            return
        self._throw_away()

    def leave(self) -> None:
        """Close the window; a person's take is saved first, or stays in its journal.

        When not even that is whole, the window stays open once.
        """
        state = self.state
        take = state.take
        if take is None or not state.has_unsaved_play:
            state.screen = "quit"
            return
        self.save("quit")
        if state.screen != "saving" and (take.journal.is_whole or state.warned_of == "leave"):
            state.screen = "quit"
        state.warned_of = "leave"

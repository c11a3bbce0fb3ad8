"""The screen "play": a take goes forwards, backwards, or stands still."""

from typing import Any

from game.emulator import Emulator
from game.savestate import clean_state
from record.journal import Journal, NullJournal
from record.library import journal_folder
from record.take import Take
from record.window.controls import Controls
from record.window.saving import Keeper
from record.window.setup import Start
from record.window.sound import Sound
from record.window.state import RecorderState

FAST_REWIND_TICKS = 30
"""After half a second a rewind goes by four frames per tick instead of one."""


class Playing:
    """Whoever has the pad plays; the state says who, and what stands in the way."""

    def __init__(self, state: RecorderState, emulator: Emulator, controls: Controls, sound: Sound) -> None:
        self._state = state
        self._emulator = emulator
        self._controls = controls
        self._sound = sound
        self._rewind_ticks = 0

    def begin(self) -> None:
        """A new take from the current start; from a frame somebody chose, it waits for a button of the pad."""
        state = self._state
        start = state.start
        opening = self._with_music(start.opening(self._emulator.game))
        take = Take(
            self._emulator,
            start.act,
            opening,
            self._journal(start, opening),
            who=state.setup.first_in_control,
            goal=start.goal,
        )
        state.begin(take, Keeper(state.setup.movies))
        state.waiting = start.is_branch
        state.picture = self._emulator.screen()
        self._controls.begin()
        if state.setup.pilot:
            state.setup.pilot.begin(start.act.name, state.picture)

    def _with_music(self, state: bytes) -> bytes:
        """The state, but that the embedded game plays its songs: so will the movie, whoever watches it."""
        if self._emulator.game.music_switch is None:
            return state
        self._emulator.set_state(state)
        self._emulator.play_music()
        return clean_state(self._emulator.get_state())

    def _journal(self, start: Start, opening: bytes) -> Journal | NullJournal:
        facts: dict[str, Any] = dict(self._state.setup.facts)
        if start.label:
            facts["label"] = start.label
        if start.goal != "act":
            facts["skill"] = start.goal
        facts |= start.origin
        folder = journal_folder(self._state.setup.movies, self._state.game)
        return Journal(folder, self._emulator.game.retro_id, start.act.name, opening, facts)

    def tick(self) -> None:
        """One tick of a take: forwards, backwards, or standing still."""
        state = self._state
        if state.take and self._controls.is_held("rewind") and not (state.keeper.saved or state.showing_keys):
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
        state = self._state
        keyboard_lost = self._controls.focus_lost and state.setup.kind == "human"
        if (self._controls.pad_lost or keyboard_lost) and not state.paused:
            state.pause()
        if state.waiting and not state.paused and self._controls.any_button():
            state.waiting = False
            if state.setup.kind == "policy":
                state.in_control = "human"

    def press(self) -> None:
        """One frame of the game. At its end by itself the take's card is shown."""
        state = self._state
        take = state.take
        if take is None:
            return
        take.press(self._next_mask(take), state.in_control)
        self._show_frame(take)
        if state.slow == 1:  # in slow motion the sound would come in shreds
            self._sound.play(self._emulator.audio())
        if take.journal.trouble and state.ticks % 60 == 0:
            state.say(take.journal.trouble)
        if take.over:
            state.screen = "summary"
            state.keeper.ending = take.facts()

    def _next_mask(self, take: Take) -> int:
        # looked at even when the policy plays, so that a tap of now is not a press of later
        mask = self._controls.mask()
        pilot = self._state.setup.pilot
        if pilot and self._state.in_control == "policy":
            return pilot.mask(take.frames)
        return mask

    def _show_frame(self, take: Take) -> None:
        """Show the take's last frame, to the pilot too: it must know every frame to take the pad at any moment."""
        self._state.picture = self._emulator.screen()
        if self._state.setup.pilot:
            self._state.setup.pilot.see(take.frames - 1, self._state.picture)

    def _rewind(self, take: Take) -> None:
        """Back by one frame per tick, by four after half a second."""
        state = self._state
        state.rewinding = True
        state.paused = False
        state.screen = "play"
        self._rewind_ticks += 1
        back = 1 if self._rewind_ticks < FAST_REWIND_TICKS else 4
        take.rewind_to(take.frames - 1 - back)
        self._show_frame(take)

    def _end_rewind(self) -> None:
        self._rewind_ticks = 0
        self._state.rewinding = False
        self._state.waiting = True

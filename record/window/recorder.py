"""The recorder: one loop at 60 frames per second over a take or a movie, its window and its keys."""

from collections.abc import Callable
from dataclasses import replace

import pygame

from game.acts import ACTS, Act, act_of
from game.emulator import Emulator
from game.movie import read_movie
from record.library import act_folder, movie_files
from record.playback import Playback
from record.take import Take
from record.window.commands import Commands
from record.window.controls import Controls
from record.window.pacing import Pacer
from record.window.playing import Playing
from record.window.saving import Keeper
from record.window.screen import Window
from record.window.setup import BRANCH_LABEL, Setup, Start, Watched
from record.window.sound import Sound
from record.window.state import RecorderState
from record.window.view import draw
from record.window.watching import Watcher


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
        self.pacer = pacer
        self.state = RecorderState(setup, emulator.game.name, Keeper(setup.movies), setup.first)
        self._playing = Playing(self.state, emulator, controls, sound)
        self._watcher = Watcher(self.state, controls, window, sound)
        self._commands = Commands(self.state, self, self._watcher, controls, window, sound, pacer)
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
        elif state.typed is not None:
            self._watcher.type(self.controls.last)
        else:
            for command in commands:
                self._commands.do(command)
        if state.screen in ("play", "summary"):
            self._play(self._playing.tick)
        elif state.screen == "watch":
            if state.target is not None:
                self.pacer.restart()  # a jump takes longer than a frame, and is meant to
            self._watcher.tick(events)
        elif state.screen == "saving" and state.keeper.check():
            self._finish_saving()

    def draw(self) -> None:
        """One picture of the window as things stand."""
        draw(self.state, self.window, self.controls, rings=self.emulator.peek("rings"))

    def _wait(self) -> bool:
        """Wait for the next frame's time, counting what was late while frames went by; False: do not draw, catch up."""
        state = self.state
        playing = state.is_playing and state.target is None
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
        self.state.clear(Keeper(self.state.setup.movies))
        self.state.screen = "start"
        self.state.note = start.note or self._count_movies(start.act)
        self.emulator.set_state(start.opening(self.emulator.game))
        self.emulator.step(0)  # a savestate holds no picture
        self.state.picture = self.emulator.screen()

    def go(self, by: int) -> None:
        """To the start card of another start."""
        index = self.state.index + by
        self.state.index = index % len(self.state.setup.starts)  # after the last comes the first
        self.show_start()

    def _count_movies(self, act: Act) -> str:
        count = len(movie_files(act_folder(self.state.setup.movies, self.state.game, act.name)))
        return f"{count or 'no'} movies of this act so far"

    # A take

    def begin(self) -> None:
        """A new take from the current start, or the movie from its first frame; a take that was not saved is gone."""
        self._throw_away()
        if self.state.setup.watched:
            self._begin_watching(self.state.setup.watched)
        else:
            self._playing.begin()
        self.pacer.restart()  # all this may have taken longer than a frame

    def press(self) -> None:
        """One frame of the game."""
        self._play(self._playing.press)

    def _play(self, move: Callable[[], None]) -> None:
        """Let the take move; a drill's is saved at once when it has come to its end."""
        state = self.state
        was_playing = state.screen == "play"
        move()
        has_ended = was_playing and state.screen == "summary"
        if has_ended and state.start.goal == "spindash" and state.take and state.take.spin_dashes:
            self.save("next")

    # A movie

    def _begin_watching(self, watched: Watched) -> None:
        playback = Playback(self.emulator, self.state.start.act, watched.movie)
        self.state.begin_watching(playback, Keeper(self.state.setup.movies))
        self._watcher.show()

    def watch_saved(self) -> None:
        """Watch the movie of the take that has just been saved; leaving it leads back to where the take began."""
        saved = self.state.keeper.saved
        if saved is None:
            return
        movie = read_movie(saved)
        start = Start(self.state.start.act, movie.state, f"{saved.name}, {movie.frames} frames")
        watched = Watched(saved.name, movie, self.state.keeper.certificate)
        home = replace(self.state.setup, first=self.state.index)
        self.state.offer(Setup("watch", (start,), movies=home.movies, watched=watched))
        self.state.home = home
        self.begin()

    def go_home(self) -> None:
        """Back to the start card of what the window was for before."""
        if self.state.home:
            self.state.offer(self.state.home)
            self.state.home = None
        self.show_start()

    def branch(self) -> None:
        """A new take that goes on from the frame of the movie that is shown; the movie stays as it is."""
        state = self.state
        playback, watched = state.playback, state.setup.watched
        if playback is None or watched is None or state.target is not None:
            return
        facts = playback.facts()
        act = act_of(self.emulator.peek("zone"), self.emulator.peek("act_number"))
        if act is None or facts["died"] or facts["finished"]:
            state.say("the act is over here: go back to a frame before its end to play on")
            return
        note = f"goes on from frame {playback.at} of {watched.file}"
        start = Start(act, playback.state(), note, label=BRANCH_LABEL, source=watched.file, frame=playback.at)
        home = state.home or Setup("human", tuple(Start(other) for other in ACTS), movies=state.setup.movies)
        others = tuple(other for other in home.starts if not other.is_branch)
        # the person plays, and nothing that was known of the play before is true of this one
        state.offer(replace(home, kind="human", pilot=None, facts={}, starts=(start, *others), first=0))
        state.home = None
        self.begin()

    # Keeping it, throwing it away

    def save(self, after: str = "") -> None:
        """Write the take and check its replay; `after` is what follows: "", "next", "watch" or "quit"."""
        state = self.state
        take = state.take
        if take is None or state.keeper.saved:
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
        """The replay has been checked: do what was to follow, and report a difference."""
        state = self.state
        saved, verdict = state.keeper.saved, state.keeper.verdict
        state.screen = "summary"
        self.pacer.restart()
        if self._after_saving == "next":
            self.go(1)
        elif self._after_saving == "watch":
            self.watch_saved()
        elif self._after_saving == "quit":
            state.screen = "quit"
        if verdict != "exact":
            state.say(f"{saved}: {verdict}")

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

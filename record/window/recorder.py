"""The recorder: one loop at 60 frames a second over a take, its window and its keys.

Screens: "start" (a card with the keys), "play", "summary" (a card with what was played), "saving" (the movie is on the disk
and is being replayed to prove it), "remap" (choosing keys), "quit".
"""

import numpy as np
import pygame

from game.emulator import Emulator
from record.journal import Journal, NullJournal
from record.library import act_folder, journal_folder, movie_files
from record.take import Take
from record.window.commands import Commands
from record.window.controls import Controls
from record.window.pacing import Pacer
from record.window.remap import Remap
from record.window.saving import Keeper
from record.window.screen import Window
from record.window.setup import Setup, Start
from record.window.sound import Sound

MESSAGE_TICKS = 200
PRECIOUS_FRAMES = 300
"""From this length on, a take is only thrown away when the key is pressed twice."""


class Recorder:
    """Call `run`; or `tick` once a frame, which waits for nothing.

    Attributes:
        in_control: who presses the pad, "human" or "policy" (in a watched movie: the movie, as "policy").
        paused: until the pause key; stepped: and the frame is to be seen, without the card.
        waiting: until a button of the pad is pressed (after a rewind).
        dropped: frames of this take whose picture came too late to be shown.
    """

    def __init__(
        self, emulator: Emulator, window: Window, controls: Controls, sound: Sound, setup: Setup, pacer: Pacer
    ) -> None:
        self.emulator, self.window, self.controls, self.sound = emulator, window, controls, sound
        self.setup, self.pacer = setup, pacer
        self.screen = "start"
        self.take: Take | None = None
        self.keeper = Keeper(setup.movies)
        self.remap: Remap | None = None
        self.in_control = "human"
        self.paused = self.waiting = self.rewinding = self.stepped = False
        self.slow, self.overlay, self.dropped, self.all_played, self.all_dropped = 1, True, 0, 0, 0
        self.note = ""
        self.messages: list[str] = []
        self.message_until = self.ticks = 0
        self.picture = np.zeros((224, 320, 3), np.uint8)
        self._index, self._rewound, self._armed, self._after = setup.first, 0, "", ""
        self._commands = Commands(self)
        self.show_start()

    @property
    def start(self) -> Start:
        return self.setup.starts[self._index]

    @property
    def is_playing(self) -> bool:
        """Whether frames are going by."""
        return self.screen == "play" and not (self.paused or self.waiting or self.rewinding)

    @property
    def keeps(self) -> bool:
        """Whether there is an unsaved take of a person's, so that leaving saves it."""
        take = self.take
        if take is None or self.keeper.saved or self.setup.kind == "watch" or take.is_empty:
            return False
        return "human" in take.who_played()

    def run(self) -> None:
        """Until the user leaves. Whatever ends it (Ctrl-C, an error), a person's take is saved."""
        from record.window.view import draw

        self.pacer.restart()
        on_time = True
        try:
            while self.screen != "quit":
                self.tick(pygame.event.get())
                if on_time and self.screen != "quit":
                    draw(self)
                on_time = self._wait()
        finally:
            self._keep_unsaved()

    def tick(self, events: list[pygame.event.Event]) -> None:
        """One sixtieth of a second: what was pressed, then one frame of whatever is on."""
        self.ticks += 1
        commands = self.controls.poll(events)
        if self.controls.closed:
            self.leave()
        elif self.remap:
            self.remap.take(self.controls.last)
            if self.remap.button is None:
                self.remap, self.screen = None, "start"
                self.say(f"keys saved in {self.controls.path}")
        else:
            for command in commands:
                self._commands.do(command)
        if self.screen in ("play", "summary"):
            self._play()
        elif self.screen == "saving" and self.keeper.check():
            self._checked()

    def _wait(self) -> bool:
        """Wait for the next frame's time, counting what was late while frames went by; False: do not draw, catch up."""
        playing, worst = self.is_playing, self.pacer.worst
        late, slots = self.pacer.wait()
        if not playing:
            self.pacer.worst = worst
            return True
        self.all_played += slots
        self.dropped += late
        self.all_dropped += late
        return late == 0

    def say(self, text: str) -> None:
        """Show a line for a few seconds, and print it at the end."""
        self.message_until = self.ticks + MESSAGE_TICKS
        self.messages.append(text)

    # A take

    def begin(self) -> None:
        """Begin a take from the current start."""
        start = self.start
        state = start.state or self.emulator.game.start_state(start.act)
        self.in_control = "human" if self.setup.kind == "human" else "policy"
        self.take = Take(self.emulator, start.act, state, self._journal(start, state), self.in_control, start.goal)
        self.keeper = Keeper(self.setup.movies)
        self.screen, self._armed = "play", ""
        self.paused = self.waiting = self.rewinding = False
        self.dropped, self.picture = 0, self.emulator.screen()
        self.controls.begin()
        if self.setup.pilot:
            self.setup.pilot.begin(start.act.name, self.picture)
        self.pacer.restart()

    def _journal(self, start: Start, state: bytes) -> Journal | NullJournal:
        if self.setup.kind == "watch":
            return NullJournal()
        facts = self.setup.facts | ({"label": start.label} if start.label else {})
        game = self.emulator.game
        return Journal(journal_folder(self.setup.movies, game.name), game.retro_id, start.act.name, state, facts)

    def _play(self) -> None:
        take = self.take
        if take is None:
            return
        if self.controls.is_held("rewind") and not self.keeper.saved:
            self._rewind(take)
            return
        if self.rewinding:
            self.rewinding, self.waiting, self._rewound = False, self.setup.kind != "watch", 0
            if self.waiting:
                self.say("press a button of the pad to play on from here")
        if self.screen == "summary":
            return
        if self.controls.pad_lost or (self.controls.focus_lost and self.setup.kind == "human"):
            self.paused = True
        if self.waiting and self.controls.any_button():
            self.waiting = False
            if self.setup.kind == "policy":
                self.in_control = "human"
        if self.is_playing and self.ticks % self.slow == 0:
            self.press(take)

    def press(self, take: Take) -> None:
        """One frame of the game."""
        mask, pilot = self.controls.mask(), self.setup.pilot
        if pilot and self.in_control == "policy":
            mask = pilot.mask(take.frames)
        take.press(mask, self.in_control)
        self.picture = self.emulator.screen()
        if pilot:
            pilot.see(take.frames - 1, self.picture)
        if self.slow == 1:
            self.sound.play(self.emulator.audio())
        if take.journal.trouble and self.ticks % 60 == 0:
            self.say(take.journal.trouble)
        if take.frames >= self.setup.length if self.setup.length else take.over:
            self._end(take)

    def _rewind(self, take: Take) -> None:
        """Back by one frame a tick, by four after half a second."""
        self.rewinding, self.paused, self.screen = True, False, "play"
        self._rewound += 1
        take.rewind_to(take.frames - (2 if self._rewound < 30 else 5))
        self.picture = self.emulator.screen()
        if self.setup.pilot:
            self.setup.pilot.see(take.frames - 1, self.picture)

    def _end(self, take: Take) -> None:
        """The take is over by itself: show what it came to. A drill's is saved at once."""
        self.screen = "summary"
        self.keeper.ending = take.facts()
        if self.setup.kind == "watch":
            self.keeper.verdict = self._compare(take)
        elif self.start.goal == "spindash" and take.spin_dashes:
            self.save("next")

    def _compare(self, take: Take) -> str:
        if self.setup.expected is None:
            return "no certificate to compare with"
        differs = self.setup.expected.divergence(take.certificate())
        return "exact" if differs is None else f"differs from its certificate at frame {differs}"

    def show_start(self) -> None:
        """The start card, over the act's first picture."""
        self.screen, self.take = "start", None
        movies = len(movie_files(act_folder(self.setup.movies, self.emulator.game.name, self.start.act.name)))
        self.note = self.start.note or (f"{movies} movies of this act so far" if movies else "no movie of this act yet")
        self.emulator.set_state(self.start.state or self.emulator.game.start_state(self.start.act))
        self.emulator.step(0)
        self.picture = self.emulator.screen()

    def go(self, by: int) -> None:
        """To another start."""
        self._index = (self._index + by) % len(self.setup.starts)
        self.show_start()

    def report(self) -> str:
        """The frames of the whole session, for the end."""
        share = self.all_dropped / max(self.all_played, 1)
        worst = f"worst delay {self.pacer.worst * 1000:.0f} ms"
        return f"{self.all_played} frames played, {self.all_dropped} dropped ({share:.2%}), {worst}"

    # Keeping it, throwing it away

    def save(self, after: str = "") -> None:
        """Write the take and check its replay; `after` is what follows: "", "next" or "quit"."""
        take = self.take
        if take is None or self.keeper.saved or self.setup.kind == "watch":
            return
        if take.is_empty:
            self.say("nothing was pressed yet, so there is nothing to save")
            return
        device = ", ".join(sorted(self.controls.used)) or "none"
        facts = self.setup.facts | {"device": device, "dropped_frames": self.dropped}
        facts |= {"skill": self.start.goal} if self.start.goal != "act" else {}
        try:
            self.say(f"saved {self.keeper.save(take, self.start.label, facts)}")
            self.screen, self._after = "saving", after
        except OSError as error:
            self.say(f"not saved: {error}. The take stays in its journal; the next start recovers it.")
            self.screen = "summary"

    def _checked(self) -> None:
        """The replay has been checked."""
        if self.keeper.verdict != "exact":
            self.say(f"{self.keeper.saved}: {self.keeper.verdict}")
        self.screen = "summary"
        self.pacer.restart()
        if self._after == "next":
            self.go(1)
        elif self._after == "quit":
            self.screen = "quit"

    def throw_away(self) -> None:
        """Be done with the take; if it was not saved, it is gone."""
        if self.take and not self.keeper.saved:
            self.take.journal.remove()
        self.take = None

    def _keep_unsaved(self) -> None:
        """On the way out, however it came to that."""
        if self.keeps:
            self.save()
        if self.take and self.keeps:  # it could not be written
            self.take.journal.close()
        elif self.take and not self.keeper.saved:
            self.throw_away()

    def leave(self) -> None:
        """Close the window; a person's take is saved first."""
        if self.keeps and self.screen != "saving":
            self.save("quit")
        else:
            self.screen = "quit"

    def is_sure(self, command: str) -> bool:
        """Whether the take may be thrown away: a short or saved one at once, any other when the key comes twice."""
        if not self.keeps or self._armed == command or (self.take and self.take.frames < PRECIOUS_FRAMES):
            return True
        self._armed = command
        self.say(f"press {self.controls.keys_of(command)} once more to throw this take away")
        return False

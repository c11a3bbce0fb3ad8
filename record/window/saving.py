"""Saving a take, and proving afterwards that its movie replays to the same RAM."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from game.certificate import Certificate
from game.movie import MovieError
from record.coverage import coverage_of
from record.entry import entry_of
from record.library import add_facts, movie_files, save_take
from record.take import Take, check_replay

CHECK_SECONDS = 0.012
"""Time per frame given to the check while its progress is shown."""


class Keeper:
    """What became of one take.

    Attributes:
        saved: the movie's file, None while there is none.
        ending: the take's facts at its end (the check moves the emulator elsewhere).
        certificate: that of the saved movie.
        verdict: of the replay: "", "checking …", "exact", or where it differs.
        progress: of the check, 0 to 1; None when none is going on.
        covered: what there is of the person's play of this act, this take included, in words.
    """

    def __init__(self, movies: Path) -> None:
        self._movies = movies
        self.saved: Path | None = None
        self.certificate: Certificate | None = None
        self.ending: dict[str, Any] = {}
        self.verdict = ""
        self.progress: float | None = None
        self.covered = ""
        self._check: Iterator[int] | None = None
        self._frames = 1

    def compare(self, replayed: Certificate | None, expected: Certificate | None) -> None:
        """The verdict on a watched movie that has been seen to its end."""
        if expected is None or replayed is None:
            self.verdict = "no certificate to compare with"
            return
        frame = expected.divergence(replayed)
        self.verdict = "exact" if frame is None else f"differs from its certificate at frame {frame}"

    def save(self, take: Take, label: str, facts: dict[str, Any]) -> Path:
        """Write the movie; call `check` until it returns True. OSError when it cannot be written (the journal stays)."""
        movie = take.movie()
        self.certificate = take.certificate()
        self.ending = take.facts()
        self.saved = save_take(self._movies, take, label, facts)
        self._check = check_replay(take.emulator, movie, self.certificate)
        self._frames = movie.frames
        own = coverage_of([entry_of(path) for path in movie_files(self.saved.parent)])
        self.covered = own.in_words if own.takes else ""
        self.verdict = "checking …"
        self.progress = 0.0
        return self.saved

    def check(self) -> bool:
        """Replay some more of the movie; returns whether the verdict is there."""
        if self._check is None or self.saved is None:
            return True
        until = time.perf_counter() + CHECK_SECONDS
        try:
            for frame in self._check:
                self.progress = frame / self._frames
                if time.perf_counter() > until:
                    return False
            self.verdict = "exact"
        except ValueError as error:
            self.verdict = str(error)
        self._check = None
        self.progress = None
        try:
            add_facts(self.saved, replay=self.verdict)
        except (OSError, MovieError) as error:  # the movie is safe all the same
            self.verdict = f"{self.verdict}, which its sidecar does not say: {error}"
        return True

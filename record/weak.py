"""Places to practise where the trained player fails: the moments before it dies or stands still, the commonest first."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from game.acts import Act, find_act
from game.emulator import Emulator
from game.movie import MovieError, read_movie, replay
from game.savestate import clean_state
from record.drill import is_calm
from record.scored import Ending, Scored
from record.window.setup import Start

SKILL = "weak"
"""What the sidecars of such takes say they practise: they are no whole play."""
MOST_MOMENTS = 5
NEAR_PIXELS = 300
"""Episodes that end within so many pixels end at one place."""
BEFORE_FRAMES = (300, 150)
"""A moment begins so long before the end, at the earliest and at the latest."""


@dataclass(frozen=True)
class Trouble:
    """A place where episodes end.

    Attributes:
        endings: those that end here; played: the act's episodes in all.
    """

    act: str
    endings: tuple[Ending, ...]
    played: int

    @property
    def in_words(self) -> str:
        """Where, and how often."""
        died = sum(ending.died for ending in self.endings)
        how = "dies" if died * 2 >= len(self.endings) else "gets no further"
        reached = max(ending.progress for ending in self.endings)
        return f"{how} here in {len(self.endings)} of {self.played} episodes ({reached:.0%} of the act)"


def troubles(scored: Scored, acts: tuple[Act, ...]) -> list[Trouble]:
    """Where the player's episodes on these acts end unfinished, the commonest place first."""
    wanted = {act.name for act in acts}
    played: defaultdict[str, int] = defaultdict(int)
    failed: defaultdict[str, list[Ending]] = defaultdict(list)
    for ending in scored.endings:
        played[ending.act] += 1
        if ending.act in wanted and not ending.finished:
            failed[ending.act].append(ending)
    found: list[Trouble] = []
    for act, endings in failed.items():
        found += [Trouble(act, tuple(group), played[act]) for group in _near_each_other(endings)]
    return sorted(found, key=lambda trouble: (-len(trouble.endings) / trouble.played, trouble.act))


def _near_each_other(endings: list[Ending]) -> Iterator[list[Ending]]:
    """Groups of endings by x, each within NEAR_PIXELS of its first."""
    group: list[Ending] = []
    for ending in sorted(endings, key=lambda ending: ending.x):
        if group and ending.x - group[0].x > NEAR_PIXELS:
            yield group
            group = []
        group.append(ending)
    if group:
        yield group


def weak_starts(emulator: Emulator, scored: Scored, acts: tuple[Act, ...]) -> list[Start]:
    """A start shortly before each of the commonest troubles, at most MOST_MOMENTS; those without a movie are left out."""
    starts: list[Start] = []
    for trouble in troubles(scored, acts):
        if len(starts) == MOST_MOMENTS:
            break
        found = _moment_before(emulator, trouble.endings[0])
        if found is None:
            continue
        frame, state = found
        note = f"moment {len(starts) + 1}: the {scored.player} player {trouble.in_words}. Show it how"
        source = trouble.endings[0].movie.name
        starts.append(Start(find_act(trouble.act), state, note, label=SKILL, source=source, frame=frame))
    return starts


def _moment_before(emulator: Emulator, ending: Ending) -> tuple[int, bytes] | None:
    """(frame, savestate) of the first calm moment BEFORE_FRAMES before an episode's end; None without its movie."""
    try:
        movie = read_movie(ending.movie)
    except (MovieError, OSError):
        return None
    earliest, latest = (max(movie.frames - before, 1) for before in BEFORE_FRAMES)
    found = None
    for frame in replay(emulator, movie):
        if frame < earliest:
            continue
        if is_calm(emulator):
            return frame, clean_state(emulator.get_state())
        if found is None:
            found = frame, clean_state(emulator.get_state())
        if frame >= latest:
            break
    return found

"""Which act a training episode is played in: those that go badly, more often."""

from collections.abc import Iterable, Mapping, Sequence

from game.rollout import Episode

RECENT = 0.2
"""Weight of the newest episode in an act's recent progress."""


class ActSampler:
    """Draws an act with weight 1 - focus x its recent progress.

    Attributes:
        recent_progress: act -> a running mean of its episodes' progress, 0 to 1.
    """

    def __init__(self, acts: Sequence[str], focus: float) -> None:
        self.acts = list(acts)
        self.recent_progress = dict.fromkeys(self.acts, 0.0)
        self._focus = focus

    @property
    def weights(self) -> list[float]:
        """How likely each act is, relatively, in the order of `acts`."""
        return [1.0 - self._focus * self.recent_progress[act] for act in self.acts]

    def add(self, episodes: Iterable[Episode]) -> None:
        """Take finished episodes into account."""
        for episode in episodes:
            recent = self.recent_progress[episode.act]
            self.recent_progress[episode.act] = recent + RECENT * (episode.progress - recent)

    def restore(self, recent_progress: Mapping[str, float]) -> None:
        """Go back to a saved `recent_progress`."""
        self.recent_progress = dict(recent_progress)

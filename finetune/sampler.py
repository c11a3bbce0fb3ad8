"""Where training episodes begin: in which act, and whether at its start or inside, at a moment of a demonstration.

Starts inside an act let a policy practise what it hardly ever reaches (Salimans and Chen 2018, arXiv:1812.03381; Tao et al.
2024, arXiv:2405.03379). An act's way is cut into cells of equal length; a cell's *passing rate* is how often an episode that
came into it from before also left it forwards. Cells that are passed least are practised most, from inside them and from the
cell before (cf. prioritised level replay, Jiang et al. 2021, arXiv:2010.03934).

What a clone fails at are a few places: of 59 lives that three clones lost in 270 episodes, 32 were lost in ten of 360 cells. So
a cell is taken for passable until an episode fails in it, and one failure sets it apart at once.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Literal

import numpy as np

from game.rollout import Episode
from game.training_episodes import Starts

CELLS = 20
"""Of an act's way: half a second to three of running each."""
RECENT = 0.2
"""Weight of the newest episode in an act's recent progress."""
RECENT_PASSING = 0.1
"""Weight of the newest episode in a cell's passing rate, at the least: as long as few came, all count alike."""
UNKNOWN_RATE = 0.97
"""Passing rate of a cell into which nobody came yet."""
UNKNOWN_VISITS = 2
"""As how many visits that counts."""
LEAST_NEED = 0.01
"""Cells that are always passed are practised a little all the same: what is never practised is forgotten."""
MASTERED = 0.5
"""Passing rate at which the frontier of a reverse curriculum moves back by a cell."""

StartsName = Literal["none", "uniform", "cells", "frontier"]


class StartSampler:
    """Says where new episodes begin, from how the recent ones went.

    Args:
        acts: names.
        demonstrated: the acts that have demonstrations.
        focus: how far acts that go badly are preferred for starts at their beginning: weight 1 - focus x recent progress.
        share: of the episodes in acts with demonstrations, that begin by cell; the first cell's start is the act's.
        strategy: none: always at the act's start; uniform: every cell alike; cells: by passing rate; frontier: behind a
            frontier in each act that moves back from the end as its cells are mastered, then as cells. It takes no cell for
            passable before it has been passed.
        practice_length: share of an act's way after which an episode that began inside it is over; 0: it goes on.

    Attributes:
        recent_progress: act -> a running mean of the progress of its episodes from the act's start, 0 to 1.
        passing: float64 [acts, CELLS].
        visits: float64 [acts, CELLS], how many episodes came into each from before, and UNKNOWN_VISITS.
        frontier: int [acts], the cell behind which an act's episodes begin; 0 once all are mastered.
    """

    def __init__(
        self,
        acts: Sequence[str],
        focus: float,
        demonstrated: Collection[str] = (),
        share: float = 0.0,
        strategy: StartsName = "none",
        practice_length: float = 0.0,
    ) -> None:
        self.acts = tuple(acts)
        self.recent_progress = dict.fromkeys(self.acts, 0.0)
        self.passing = np.full((len(acts), CELLS), 0.0 if strategy == "frontier" else UNKNOWN_RATE)
        self.visits = np.full((len(acts), CELLS), float(UNKNOWN_VISITS))
        self.frontier = np.full(len(acts), CELLS - 1)
        self._focus = focus
        self._strategy = strategy
        self._share = share
        self._practice_length = practice_length
        self._demonstrated = np.array([act in demonstrated for act in acts])

    @property
    def starts(self) -> Starts:
        """What the next episodes are drawn from."""
        at_start = np.array([1.0 - self._focus * self.recent_progress[act] for act in self.acts])
        if self._strategy == "none" or not self._demonstrated.any():
            return Starts.of_acts(self.acts, tuple(at_start.tolist()))
        inside = self._weights_inside()
        inside[~self._demonstrated] = 0.0
        weights = np.zeros_like(self.passing)
        # acts without demonstrations keep their share, all of it from their start
        at_start /= at_start.sum()
        weights[:, 0] = np.where(self._demonstrated, 1.0 - self._share, 1.0) * at_start
        weights += self._share * at_start[self._demonstrated].sum() * inside / inside.sum()
        return Starts(self.acts, tuple(map(tuple, weights.tolist())))

    def _weights_inside(self) -> np.ndarray:
        """How likely each cell is as a start, relatively, float64 [acts, CELLS]."""
        if self._strategy == "uniform":
            return np.ones_like(self.passing)
        need = 1.0 - self.passing + LEAST_NEED
        ahead = np.concatenate([need[:, 1:], need[:, -1:]], axis=1)
        weights = 0.5 * (need + ahead)
        if self._strategy == "frontier":
            behind = np.arange(CELLS)[None, :] - self.frontier[:, None]  # [acts, CELLS]
            near_frontier = np.where(behind >= 0, 0.5 ** np.maximum(behind, 0), 0.0)
            weights = np.where(self.frontier[:, None] > 0, near_frontier, weights)
        return weights

    def add(self, episodes: Iterable[Episode]) -> None:
        """Take finished episodes into account."""
        for episode in episodes:
            act = self.acts.index(episode.act)
            if episode.began_at == 0.0:
                recent = self.recent_progress[episode.act]
                self.recent_progress[episode.act] = recent + RECENT * (episode.progress - recent)
            self._add_cells(act, episode)
            if self.passing[act, self.frontier[act]] >= MASTERED:
                self.frontier[act] = max(self.frontier[act] - 1, 0)

    def _add_cells(self, act: int, episode: Episode) -> None:
        """Cells that the episode came into from before, or at the act's start, and whether it left them forwards.

        A frontier is where episodes begin, and moves by whether these get any further: there the cell begun in counts, too.
        """
        first = int(episode.began_at * CELLS)
        if episode.began_at > 0.0 and self._strategy != "frontier":
            first += 1
        last = min(int(episode.progress * CELLS), CELLS - 1)
        for cell in range(first, last):
            self._note(act, cell, passed=True)
        if last >= first and (last + 1) / CELLS <= self._furthest(episode):
            self._note(act, last, passed=episode.passed_end_x)

    def _note(self, act: int, cell: int, passed: bool) -> None:
        """An episode came into a cell."""
        self.visits[act, cell] += 1
        rate = max(1.0 / self.visits[act, cell], RECENT_PASSING)
        self.passing[act, cell] += rate * (passed - self.passing[act, cell])

    def _furthest(self, episode: Episode) -> float:
        """Share of the way that it could have come. A cell that practice ends inside can be failed but not passed in it, so
        it says nothing of that cell."""
        if not self._practice_length or episode.began_at == 0.0:
            return 1.0
        return episode.began_at + self._practice_length

    def get_state(self) -> dict[str, Any]:
        """As JSON values; give it to `set_state`."""
        return {
            "recent_progress": self.recent_progress,
            "passing": self.passing.tolist(),
            "visits": self.visits.tolist(),
            "frontier": self.frontier.tolist(),
        }

    def set_state(self, state: dict[str, Any]) -> None:
        """Go back to a saved state."""
        self.recent_progress = dict(state["recent_progress"])
        self.passing = np.array(state["passing"])
        self.visits = np.array(state["visits"])
        self.frontier = np.array(state["frontier"])

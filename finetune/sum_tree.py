"""Sums over priorities, so that a draw in proportion to them takes a walk from the root to a leaf."""

import numpy as np


class SumTree:
    """Priorities of numbered places, as leaves of a tree whose inner nodes are sums (Schaul et al. 2016, appendix B.2.1).

    Every inner node is computed from its two children and never by differences, so the tree is a function of its leaves:
    one that was rebuilt from them draws the same.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._first_leaf = 1 << max(size - 1, 1).bit_length()
        self._nodes = np.zeros(2 * self._first_leaf)  # the root is 1, the children of n are 2n and 2n + 1

    @property
    def total(self) -> float:
        """The sum of all priorities."""
        return float(self._nodes[1])

    @property
    def leaves(self) -> np.ndarray:
        """float64 [size]: the priorities, as a view that is not to be written to."""
        return self._nodes[self._first_leaf : self._first_leaf + self._size]

    def set(self, places: np.ndarray, priorities: np.ndarray | float) -> None:
        """Change some priorities, each 0 or more; of a place that comes twice, the last holds."""
        if len(places) == 0:
            return
        nodes = self._first_leaf + places
        self._nodes[nodes] = priorities
        while nodes[0] > 1:
            nodes = np.unique(nodes >> 1)  # all on one level
            self._nodes[nodes] = self._nodes[2 * nodes] + self._nodes[2 * nodes + 1]

    def find(self, sums: np.ndarray) -> np.ndarray:
        """The places at which the running sum of priorities passes these, float64 [B] in [0, total) -> int64 [B].

        None of priority 0 is ever found, as long as there is another.
        """
        nodes = np.ones(len(sums), np.int64)
        left_over = np.array(sums, np.float64)
        while nodes[0] < self._first_leaf:
            left = self._nodes[2 * nodes]
            # where rounding has left more than is there, what is not empty is taken
            goes_right = (left_over >= left) & (self._nodes[2 * nodes + 1] > 0)
            left_over -= np.where(goes_right, left, 0.0)
            nodes = 2 * nodes + goes_right
        return nodes - self._first_leaf

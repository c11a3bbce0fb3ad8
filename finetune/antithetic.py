"""Gradients without backpropagation, as pure functions of arrays: antithetic estimates, shaped returns, and Adam's step."""

from collections.abc import Callable

import numpy as np


def antithetic_gradient(fitness: np.ndarray, noise: np.ndarray, sigma: float) -> np.ndarray:
    """An estimate of the gradient of E[F(theta + sigma e)] (Salimans et al. 2017, section 2.1, with mirrored sampling).

        g = 1 / (2 N sigma) sum_i (F(theta + sigma e_i) - F(theta - sigma e_i)) e_i

    Args:
        fitness: float [N, 2], of plus and minus.
        noise: float [N, D], e.

    Returns:
        float64 [D].
    """
    differences = fitness[:, 0] - fitness[:, 1]
    # summed by NumPy itself: a product by BLAS would depend on its number of threads
    summed = (differences[:, None] * noise.astype(np.float64)).sum(axis=0)
    return summed / (2 * len(noise) * sigma)


def centred_ranks(values: np.ndarray) -> np.ndarray:
    """The ranks of values [n], scaled to -1/2 (lowest) … 1/2 (highest); equal values share the mean of their ranks."""
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    mean_ranks = np.cumsum(sizes) - (sizes + 1) / 2  # the first has rank 0
    return mean_ranks[group] / (len(values) - 1) - 0.5


def z_scores(values: np.ndarray) -> np.ndarray:
    """Values [n] less their mean, by their standard deviation; 0 where all are equal."""
    spread = values.std()
    if spread == 0:
        return np.zeros_like(values)
    return (values - values.mean()) / spread


SHAPINGS: dict[str, Callable[[np.ndarray], np.ndarray]] = {"ranks": centred_ranks, "z-scores": z_scores}


class Adam:
    """Adam (Kingma and Ba 2015, arXiv:1412.6980, algorithm 1), uphill.

    Attributes:
        mean, square: float64 [D], running means of the gradient and of its square.
    """

    def __init__(self, size: int, learning_rate: float) -> None:
        self.mean = np.zeros(size)
        self.square = np.zeros(size)
        self._learning_rate = learning_rate
        self._steps = 0

    def step(self, gradient: np.ndarray, beta1: float = 0.9, beta2: float = 0.999) -> np.ndarray:
        """What to add to the weights for this gradient, float64 [D]."""
        self._steps += 1
        self.mean = beta1 * self.mean + (1 - beta1) * gradient
        self.square = beta2 * self.square + (1 - beta2) * gradient**2
        mean = self.mean / (1 - beta1**self._steps)
        square = self.square / (1 - beta2**self._steps)
        return self._learning_rate * mean / (np.sqrt(square) + 1e-8)

    def restore(self, steps: int, mean: np.ndarray, square: np.ndarray) -> None:
        """Go back to where these running means stood after so many steps."""
        self._steps = steps
        self.mean = mean
        self.square = square

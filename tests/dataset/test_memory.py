"""The bound on memory while hostile files are read."""

import resource

import numpy as np
import pytest

from dataset.memory import memory_bounded

LARGE = 1 << 31
"""Bytes, never touched: so many are not lying about in a process, whatever tests have run in it before."""


def test_large_allocations_fail_inside_only() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with pytest.raises(MemoryError), memory_bounded(16 << 20):
        np.empty(LARGE, np.uint8)
    assert resource.getrlimit(resource.RLIMIT_AS) == before
    np.empty(LARGE, np.uint8)


def test_blocks_inside_blocks() -> None:
    before = resource.getrlimit(resource.RLIMIT_AS)
    with memory_bounded(16 << 20):
        with memory_bounded(1 << 40), pytest.raises(MemoryError):
            np.empty(LARGE, np.uint8)
        with pytest.raises(MemoryError):
            np.empty(LARGE, np.uint8)
    assert resource.getrlimit(resource.RLIMIT_AS) == before

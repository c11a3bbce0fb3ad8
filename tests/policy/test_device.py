"""What TensorFlow computes on: a GPU is shared with other trainings."""

import pytest
import tensorflow as tf

from policy import device


@pytest.mark.parametrize("computed_before", [False, True])
def test_a_gpu_is_taken_as_it_is_needed(computed_before: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    grown = []

    def grow(found: str, on: bool) -> None:
        if computed_before:
            raise RuntimeError("Physical devices cannot be modified after being initialized")
        grown.append((found, on))

    monkeypatch.setattr(tf.config, "list_physical_devices", lambda kind: ["GPU:0", "GPU:1"])
    monkeypatch.setattr(tf.config.experimental, "set_memory_growth", grow)
    device.share_gpus()
    assert grown == ([] if computed_before else [("GPU:0", True), ("GPU:1", True)])

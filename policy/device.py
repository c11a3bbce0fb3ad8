"""What TensorFlow computes on here: bfloat16 where the processor or GPU has it, seeds."""

from collections.abc import Sequence
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from common.cores import core_count
from common.quiet import without_noise
from game.machine import cpu_flags, processor_name

BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}


def gpus() -> list[str]:
    """The GPUs that TensorFlow computes on here, by name."""
    with without_noise():  # the first look is what prints
        return [device.name for device in tf.config.list_physical_devices("GPU")]


def has_bfloat16() -> bool:
    """Whether bfloat16 multiplies in hardware here: a GPU, or a processor with AVX-512 BF16 or AMX."""
    if gpus():
        return True
    return bool(BFLOAT16_FLAGS & cpu_flags())


def choose_precision(precision: str = "auto") -> str:
    """ "float32" or "bfloat16"; "auto" takes bfloat16 where it is fast."""
    if precision != "auto":
        return precision
    return "bfloat16" if has_bfloat16() else "float32"


def prepare(seed: int, precision: str = "auto") -> dict[str, Any]:
    """Seed everything and choose the precision; call once, before a network is built.

    Args:
        precision: "auto", "float32" or "bfloat16" (compute only; weights stay float32).

    Returns:
        What the numbers of a training depend on besides its seed, as JSON values.
    """
    found = gpus()
    share_gpus()
    # before any layer is made: initial weights come from this seed
    keras.utils.set_random_seed(seed)
    chosen = choose_precision(precision)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if chosen == "bfloat16" else "float32")
    return {
        "precision": chosen,
        "device": ", ".join(found) or processor_name(),
        # 0 stands for TensorFlow's own choice, which is the number of cores
        "threads": tf.config.threading.get_intra_op_parallelism_threads() or core_count(),
        "tensorflow": tf.__version__,
    }


def share_gpus() -> None:
    """Take a GPU's memory as it is needed: by default TensorFlow takes all of it, and a second training finds none."""
    for device in tf.config.list_physical_devices("GPU"):
        try:
            tf.config.experimental.set_memory_growth(device, True)
        except RuntimeError:  # something was computed there already, so its memory is taken
            return


def assign(variables: Sequence, values: Sequence[np.ndarray]) -> None:
    """Restore variables, an optimizer's for example, as a checkpoint saved them. ValueError when they do not fit."""
    if len(variables) != len(values):
        raise ValueError(f"Expected {len(variables)} variables. Received: {len(values)}")
    for variable, value in zip(variables, values, strict=True):
        variable.assign(value)

"""What TensorFlow computes on here: bfloat16 where the processor or GPU has it, seeds, quiet logs."""

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf

from game.machine import cpu_flags

BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}


def has_bfloat16() -> bool:
    """Whether bfloat16 multiplies in hardware here: a GPU, or a processor with AVX-512 BF16 or AMX."""
    if tf.config.list_physical_devices("GPU"):
        return True
    return bool(BFLOAT16_FLAGS & cpu_flags())


def describe(precision: str = "auto") -> str:
    """What TensorFlow computes on and how precisely, in words."""
    gpus = tf.config.list_physical_devices("GPU")
    device = f"{len(gpus)} GPU" if gpus else "the processor"
    return f"{device}, {choose_precision(precision)}"


def choose_precision(precision: str = "auto") -> str:
    """ "float32" or "bfloat16"; "auto" takes bfloat16 where it is fast."""
    if precision != "auto":
        return precision
    return "bfloat16" if has_bfloat16() else "float32"


def prepare(seed: int, precision: str = "auto") -> str:
    """Seed everything and choose the precision; call once, before a network is built.

    Args:
        precision: "auto", "float32" or "bfloat16" (compute only; weights stay float32).

    Returns:
        The precision in use.
    """
    keras.utils.set_random_seed(seed)
    chosen = choose_precision(precision)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if chosen == "bfloat16" else "float32")
    return chosen

"""How TensorFlow computes on this machine: bfloat16 where the processor or GPU has it, seeds, quiet logs."""

import os
import platform
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import tensorflow as tf

BFLOAT16_FLAGS = {"avx512_bf16", "amx_bf16"}


def has_bfloat16() -> bool:
    """Whether bfloat16 multiplies in hardware here: a GPU, or a processor with AVX-512 BF16 or AMX."""
    if tf.config.list_physical_devices("GPU"):
        return True
    cpuinfo = Path("/proc/cpuinfo")
    if platform.machine() != "x86_64" or not cpuinfo.is_file():
        return False
    flags = next((line for line in cpuinfo.read_text().splitlines() if line.startswith("flags")), "")
    return bool(BFLOAT16_FLAGS & set(flags.split()))


def describe(precision: str = "auto") -> str:
    """What TensorFlow computes on and how precisely, for people."""
    gpus = tf.config.list_physical_devices("GPU")
    device = f"{len(gpus)} GPU" if gpus else "the processor"
    return f"{device}, {choose_precision(precision)}"


def choose_precision(precision: str = "auto") -> str:
    """ "float32" or "bfloat16"; "auto" takes bfloat16 where it is fast."""
    return ("bfloat16" if has_bfloat16() else "float32") if precision == "auto" else precision


def prepare(seed: int, precision: str = "auto") -> str:
    """Seed everything and choose the precision; call once, first thing in `train`.

    Args:
        precision: "auto", "float32" or "bfloat16" (compute only; weights stay float32).

    Returns:
        The precision in use.
    """
    keras.utils.set_random_seed(seed)
    chosen = choose_precision(precision)
    keras.mixed_precision.set_global_policy("mixed_bfloat16" if chosen == "bfloat16" else "float32")
    return chosen


def load_optimizer(optimizer: keras.optimizers.Optimizer, variables: list) -> None:
    """Restore a built optimizer's variables as a checkpoint saved them. ValueError when they do not fit."""
    if len(variables) != len(optimizer.variables):
        raise ValueError(f"Expected {len(optimizer.variables)} optimizer variables. Received: {len(variables)}")
    for variable, value in zip(optimizer.variables, variables, strict=True):
        variable.assign(value)

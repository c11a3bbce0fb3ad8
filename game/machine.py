"""The machine the project runs on: its processor and the versions of what is installed.

Standard library only, so that the doctor can ask before anything is installed. Core counts are in game.workers.
"""

import platform
from importlib import metadata
from pathlib import Path

CPUINFO = Path("/proc/cpuinfo")
"""Linux's description of the processor: one "name : value" per line, one block per core."""


def processor_name() -> str:
    """The processor's model ("AMD EPYC 9654 96-Core Processor"), or its architecture where the model is unknown."""
    return _cpuinfo("model name") or platform.processor() or platform.machine()


def cpu_flags() -> set[str]:
    """The processor's features as Linux names them ("avx2", "avx512_bf16"); empty on other systems and on ARM."""
    return set(_cpuinfo("flags").split())


def package_version(name: str) -> str:
    """The installed version of a package, "" where it is not installed."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return ""


def _cpuinfo(name: str) -> str:
    """A value from the first core's block, "" where there is none."""
    try:
        lines = CPUINFO.read_text().splitlines()
    except OSError:
        return ""
    for line in lines:
        field, _, value = line.partition(":")
        if field.strip() == name:
            return value.strip()
    return ""

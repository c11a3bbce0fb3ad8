"""Tells `pip install .` that there is nothing to install (pyproject.toml names this file as the build backend)."""

raise SystemExit(
    "sonic2-imitation is not installed but run from its folder: type `make demo` there, or `make` for more."
)

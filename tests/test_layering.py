"""Who may import whom (design: data walks one way), read from the sources."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT

ALLOWED = {
    "game": {"game"},
    "experiment": {"experiment"},
    "policy": {"policy", "game"},
    "record": {"record", "game", "experiment", "policy"},
    "dataset": {"dataset", "game", "experiment"},
    "supervised": {"supervised", "dataset", "policy", "game", "experiment"},
    "finetune": {"finetune", "policy", "game", "experiment"},
    "evaluate": {"evaluate", "policy", "game", "experiment"},
}
LEARNERS = {"ppo"}
SOURCES = [path for room in ALLOWED for path in (ROOT / room).rglob("*.py") if "quillrush" not in path.parts]


def imports_of(path: Path) -> set[str]:
    """Dotted names of all modules a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def test_no_room_imports_a_peer() -> None:
    """They are there to be measured against (tests/bench), and are not installed with the product."""
    for path in SOURCES:
        assert not {name.split(".")[0] for name in imports_of(path)} & {"torch", "stable_baselines3", "imitation"}


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_rooms_before_it(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in imports_of(path)} & set(ALLOWED)
    assert ours <= ALLOWED[room]


def test_no_learner_imports_another() -> None:
    for learner in LEARNERS:
        others = {f"finetune.{other}" for other in LEARNERS - {learner}}
        assert not imports_of(ROOT / "finetune" / f"{learner}.py") & others


@pytest.mark.parametrize(
    "module",
    [
        "game.vector",
        "policy.episodes",
        "record.search.planner",
        "dataset.loader",
        "record.cli",
        "dataset.cli",
        "supervised.cli",
        "finetune.cli",
        "evaluate.cli",
    ],
)
def test_tensorflow_is_not_reachable(module: str) -> None:
    """Workers, the recorder, scoring and every `--help` stay light: importing them must not pull TensorFlow in."""
    code = f"import {module}, sys; raise SystemExit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0

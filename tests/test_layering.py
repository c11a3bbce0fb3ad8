"""Who may import whom (docs/design.md: data walks one way), read from the sources, TYPE_CHECKING imports included."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from finetune.learners import LEARNERS
from tests.conftest import ROOT

ALLOWED = {
    "common": set(),
    "game": {"common"},
    "experiment": {"common"},
    "policy": {"common", "game"},
    "training": {"common", "policy", "game", "experiment"},
    "record": {"common", "game", "experiment", "policy"},
    "dataset": {"common", "game", "experiment"},
    "supervised": {"common", "training", "dataset", "policy", "game", "experiment"},
    "finetune": {"common", "training", "dataset", "record", "policy", "game", "experiment"},
    "evaluate": {"common", "policy", "game", "experiment"},
    "share": {"common", "dataset", "policy", "game", "experiment"},
}
SOURCES = [path for room in ALLOWED for path in sorted((ROOT / room).rglob("*.py"))]


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module_of(path): path for path in SOURCES}


def roots_of(tree: ast.AST) -> set[str]:
    """The top-level packages that a piece of source imports."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def imports_of(path: Path) -> set[str]:
    """Dotted names of all modules a file imports, anywhere in it; `from room import module` names the module."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                found.add(whole if whole in MODULES else node.module)
    return found


GRAPH = {module: imports_of(path) & set(MODULES) for module, path in MODULES.items()}


def reachable(module: str) -> set[str]:
    """Every module that importing this one can lead to."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        for following in GRAPH[waiting.pop()] - found:
            found.add(following)
            waiting.append(following)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_room_imports_only_rooms_before_it(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    ours = {name.split(".")[0] for name in imports_of(path)} & set(ALLOWED)
    assert ours - {room} <= ALLOWED[room]


def test_there_is_no_circle_of_imports() -> None:
    assert [module for module in GRAPH if module in reachable(module)] == []


def test_no_room_imports_a_peer() -> None:
    """They are there to be measured against (bench), and are not installed with the product."""
    for path in SOURCES:
        assert not roots_of(ast.parse(path.read_text())) & {"torch", "stable_baselines3", "imitation"}


RAY_USERS = ("common.cluster", "game.ray_workers")


def test_two_modules_import_ray_and_only_inside_functions() -> None:
    """So that it is read once a cluster is asked for, whether or not it is installed."""
    users = {module for module, path in MODULES.items() if "ray" in roots_of(ast.parse(path.read_text()))}
    assert users == set(RAY_USERS)
    for user in RAY_USERS:
        tree = ast.parse(MODULES[user].read_text())
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            function.body.clear()
        assert "ray" not in roots_of(tree)


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_ray_is_an_extra(lock: str) -> None:
    """Who installs the project or works on it has none."""
    assert "ray" in packages_of("requirements-cluster.lock")
    assert "ray" not in packages_of(lock)


def packages_of(lock: str) -> set[str]:
    lines = (ROOT / lock).read_text().splitlines()
    return {line.split("==")[0].strip().lower() for line in lines if "==" in line}


def test_no_learner_imports_another() -> None:
    """They share maths and buffers, never each other."""
    homes = {name: {entry.module, entry.config_module} for name, entry in LEARNERS.items()}
    for name, own in homes.items():
        others = set().union(*(modules for other, modules in homes.items() if other != name))
        for module in own:
            assert not reachable(module) & (others - own)


def test_only_the_loop_uses_runs_metrics_and_progress() -> None:
    """A learner knows nothing of where it is kept (experiment.run.portable only spells a path)."""
    for entry in LEARNERS.values():
        assert not GRAPH[entry.module] & {"experiment.metrics", "experiment.progress", "training.loop"}


LIGHT = [
    *(module for module in MODULES if module.split(".")[0] in ("common", "game")),
    *(f"{room}.cli" for room in ("record", "dataset", "supervised", "finetune", "evaluate", "share", "policy")),
    "experiment.commands",
    "policy.players",
    "policy.episodes",
    "policy.export.export",
    "record.search.planner",
    "dataset.loader",
    "evaluate.score",
    "finetune.contest.stage",
    "finetune.stage",
    "share.dataset",
    "share.policy",
    "supervised.stage",
    "training.loop",
]


def test_tensorflow_and_ray_are_not_reachable() -> None:
    """Workers, the recorder, scoring and every `--help` stay light: importing them must not pull TensorFlow in."""
    names = [name for name in LIGHT if not name.endswith("__main__") and "quillrush" not in name]
    code = (
        "import importlib, sys\n"
        f"for name in {names!r}:\n"
        "    importlib.import_module(name)\n"
        "    for heavy in ('tensorflow', 'keras', 'ray', 'onnx', 'huggingface_hub'):\n"
        "        assert heavy not in sys.modules, f'{name} leads to {heavy}'"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

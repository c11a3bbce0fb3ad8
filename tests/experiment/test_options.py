"""Every option of every command: it is explained, and a number has a range that is checked when the command is typed."""

import ast
import dataclasses
import inspect
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from typing import Any, get_type_hints

import pytest

import dataset.cli
import dataset.config
import evaluate.cli
import evaluate.config
import finetune.cli
import record.cli
import supervised.cli
import supervised.config
from common.ranges import bounds_of, checked
from finetune.learners import LEARNERS

HOMES = (record.cli, dataset.config, dataset.cli, supervised.config, evaluate.config, evaluate.cli)
CONFIGS: list[Any] = [
    *(
        kind
        for home in HOMES
        for name, kind in vars(home).items()
        if dataclasses.is_dataclass(kind) and name.endswith("Config")
    ),
    *(entry.config_class for entry in LEARNERS.values()),
]


def classes_below(config: Any) -> Iterator[type]:
    """A config, what it inherits from, and the configs inside it."""
    for kind in inspect.getmro(config):
        if dataclasses.is_dataclass(kind):
            yield kind
    for hint in get_type_hints(config).values():
        if dataclasses.is_dataclass(hint):
            yield from classes_below(hint)


CLASSES = sorted({kind for config in CONFIGS for kind in classes_below(config)}, key=str)


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_option_is_explained(kind: type) -> None:
    (tree,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(tree, ast.ClassDef)
    unexplained = []
    for statement, following in zip(tree.body, [*tree.body[1:], None], strict=True):
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            explained = isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant)
            nested = dataclasses.is_dataclass(get_type_hints(kind)[statement.target.id])
            if not explained and not nested:  # a config inside another is explained by its own docstring
                unexplained.append(statement.target.id)
    assert unexplained == []
    assert kind.__doc__


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: f"{kind.__module__}.{kind.__name__}")
def test_every_number_has_a_range(kind: type) -> None:
    free = []
    plain = get_type_hints(kind)
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if plain[name] in (int, float) and not bounds_of(hint):
            free.append(name)
    assert free == []


@pytest.mark.parametrize(
    "presets",
    [
        dataset.config.PRESETS,
        supervised.config.PRESETS,
        evaluate.config.PRESETS,
        *(entry.presets for entry in LEARNERS.values()),
    ],
)
def test_presets_are_within_the_ranges(presets: Any) -> None:
    for preset in presets.values():
        assert checked(preset) is preset


STAGES = {"dataset": dataset.cli, "supervised": supervised.cli, "finetune": finetune.cli, "evaluate": evaluate.cli}


@pytest.mark.parametrize("stage", STAGES)
def test_bad_numbers_stop_a_stage_before_it_does_anything(stage: str, workdir, capsys) -> None:
    assert STAGES[stage].main(["--workers", "-1"]) == 2
    captured = capsys.readouterr()
    assert captured.err == f"{stage}: --workers: expected at least 0. Received: -1\n"
    assert captured.out == ""
    assert list(workdir.iterdir()) == []


@pytest.mark.parametrize("stage", STAGES)
def test_unknown_presets_and_options_have_status_2(stage: str, workdir, capsys) -> None:
    for wrong in (["--preset", "huge"], ["--no-such-option"]):
        with pytest.raises(SystemExit) as stop:
            STAGES[stage].main(wrong)
        assert stop.value.code == 2


WRONG = [
    ("supervised", "--game", "sonic3"),
    ("supervised", "--game", "quillrush", "--data", "mine"),
    ("supervised", "--game", "quillrush", "--data", "none-v0"),
    ("finetune", "pp0"),
    ("finetune", "--game", "sonic3"),
    ("finetune", "--game", "quillrush", "--init", "nowhere"),
    ("finetune", "--game", "quillrush", "--init", "none", "--acts", "wrong"),
    ("finetune", "--game", "quillrush"),  # there is no clone yet
]


def test_what_is_wrong_is_said_before_tensorflow_is_loaded(workdir) -> None:
    code = (
        "import importlib, sys\n"
        f"for room, *words in {WRONG!r}:\n"
        "    status = importlib.import_module(f'{room}.cli').main(words)\n"
        "    assert status == 2, (room, words, status)\n"
        "    assert 'tensorflow' not in sys.modules, (room, words)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len([line for line in done.stderr.splitlines() if line.startswith(("supervised: ", "finetune: "))]) == len(
        WRONG
    )

"""The bench itself: a pair is measured in processes, a side that fails says so, and the table holds what was measured."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import bench
from bench import __main__ as main_module
from bench.common import Timed
from bench.environments import ppo_config
from bench.evidence import FORMAT, Evidence, Pair, Round, machine_here, problems, verify, write
from bench.rows import ROWS, Row, comparisons, measure, unmeasured
from bench.side import Side, SideError, interpreter, run_python
from bench.table import markdown
from bench.transitions import Mismatch, compare

BARE = ("environments.bare_frames",)


def test_a_pair_is_measured_after_its_transitions_are_compared(tmp_path: Path) -> None:
    row = Row(
        "env", "core", BARE, ("environments.env",), 1.0, checked=("our_transitions.env", "our_transitions.bare_frames")
    )
    found = measure(row, 2, tmp_path)
    assert found.checked == {"frames": 0.0}
    assert [single.order for single in found.rounds] == ["AB", "BA"]
    assert found.ratio > 0.0  # how fast is no business of a test, which shares its machine
    assert found.interval is not None


def test_other_transitions_are_refused_by_step_and_array(tmp_path: Path) -> None:
    ours = {"rewards": np.zeros(5), "frames": np.zeros((5, 2, 2), np.uint8)}
    theirs = {"rewards": np.array([0, 0, 0, 1, 0]), "frames": np.ones((5, 2, 2), np.uint8)}
    with pytest.raises(Mismatch, match="rewards differ by 1 at step 3"):
        compare(ours, theirs)
    assert compare({"frames": ours["frames"]}, theirs) == {"frames": 1.0}
    with pytest.raises(Mismatch, match="shape"):
        compare({"rewards": np.zeros(4)}, theirs)


def test_a_pair_whose_sides_play_another_game_is_not_timed(tmp_path: Path) -> None:
    checked = ("our_transitions.env_airstriker", "our_transitions.bare_frames")
    found = measure(Row("a", "b", BARE, BARE, 1.0, checked=checked), 1, tmp_path)
    assert "frames differ by" in found.problem
    assert not found.rounds


def evidence() -> Evidence:
    rounds = (Round("AB", Timed(80, 1), Timed(100, 1)), Round("BA", Timed(90, 1), Timed(100, 1)))
    row = Row("converter", "bare core", ("a",), ("b",), 0.9, "frames/s", unchecked="there are none")
    whole = replace(unmeasured(row, ""), rounds=rounds).reckoned()
    broken = unmeasured(replace(row, stage="PPO"), "not installed")
    planned = (whole.name, broken.name)
    return Evidence(FORMAT, "abc", machine_here(), "3.11", {"numpy": "2"}, planned, 2, (whole, broken))


def test_evidence_is_read_again_and_verified(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(evidence(), tmp_path / "bench.json")
    assert verify(tmp_path / "bench.json") == 0
    assert "verified: 2 pairs, 2 rounds" in capsys.readouterr().out
    text = (tmp_path / "bench.json").read_text()
    (tmp_path / "bench.json").write_text(text.replace("80", "95", 1))
    assert verify(tmp_path / "bench.json") == 1
    assert "damaged" in capsys.readouterr().out


def sealed(found: Evidence) -> list[str]:
    return problems(replace(found, sha256=found.digest()))


def test_what_is_missing_or_from_elsewhere_is_named() -> None:
    whole = evidence()
    pair = whole.pairs[0]

    def having(changed: Pair) -> list[str]:
        return sealed(replace(whole, pairs=(changed, whole.pairs[1])))

    assert sealed(whole) == []
    assert sealed(replace(whole, pairs=whole.pairs[1:])) == ["missing pair: converter against bare core"]
    assert "missing rounds" in having(replace(pair, rounds=pair.rounds[:1]).reckoned())[0]
    assert "AB and BA" in having(replace(pair, rounds=pair.rounds[::-1]).reckoned())[0]
    assert "another machine: abacus" in having(replace(pair, machine="abacus"))[0]
    assert "computed again 0.8485" in having(replace(pair, ratio=2.0))[0]
    assert "not compared" in having(replace(pair, unchecked=""))[0]


def test_a_side_that_ends_shows_why(tmp_path: Path) -> None:
    with pytest.raises(SideError, match="no_such_side"):
        Side("environments.no_such_side", tmp_path)
    row = Row("a", "b", ("environments.no_such_side",), BARE, 1.0)
    assert "no_such_side" in measure(row, 1, tmp_path).problem


def test_every_side_of_the_table_exists() -> None:
    """By text, because importing the peers' modules needs their packages."""
    for row in ROWS:
        for name in row.ours + row.theirs + row.checked:
            module, function = name.partition(":")[0].split(".")
            source = (Path(bench.__file__).parent / f"{module}.py").read_text()
            assert f"\ndef {function}(" in source


def test_the_bound_of_ppo_takes_the_gradient_steps_that_ppo_takes() -> None:
    from bench import learning  # here, because the other tests need no TensorFlow

    found = learning.ppo_bound("2", "1")()
    assert found.count == learning.UPDATES * ppo_config(2).steps_per_update


def test_rows_name_the_precision_of_training() -> None:
    stages = {row.stage for row in comparisons("bf16")}
    assert {"PPO, end to end, bf16", "cloning, loader included, bf16", "one environment"} <= stages


def test_every_row_compares_transitions_or_says_why_not() -> None:
    assert [row.name for row in ROWS if bool(row.checked) == bool(row.unchecked)] == []


def test_the_table_holds_ratios_with_intervals_and_problems() -> None:
    text = markdown(evidence())
    assert "| converter | bare core | 85 | 100 | frames/s | **0.85** [" in text
    assert "not installed" in text


def test_a_peer_in_another_python_is_asked_for_where_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    (row,) = [row for row in ROWS if "turbo" in row.against]
    monkeypatch.delenv("TURBO_PYTHON", raising=False)
    assert "Python 3.14" in row.lacks
    monkeypatch.setenv("TURBO_PYTHON", "/opt/314/bin/python")
    assert row.lacks == ""
    assert interpreter("turbo.vector:2") == "/opt/314/bin/python"
    assert interpreter("environments.rollouts") == sys.executable


def test_the_peer_in_another_python_needs_none_of_our_packages() -> None:
    """It imports what lies in this folder and the tables of combos and acts; a bare Python with NumPy has to do."""
    code = (
        "import sys; import bench.turbo; "
        "print(sorted({name.partition('.')[0] for name in sys.modules} & {'gymnasium', 'stable_retro', 'cv2', 'h5py'}))"
    )
    assert run_python(code) == "[]"


def test_what_was_measured_is_kept_when_what_follows_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pair = evidence().pairs[0]
    row = Row(pair.stage, pair.against, ("a",), ("b",), pair.target, pair.unit)

    def fail(folder: Path) -> dict[str, object]:
        raise RuntimeError("no node")

    monkeypatch.setattr(main_module, "comparisons", lambda precision: [row])
    monkeypatch.setattr(main_module, "measure_rows", lambda rows, rounds, folder: iter([pair]))
    limits = {
        "growth": lambda folder: [("acting", 1, 500.0)],
        "nodes": fail,
        "help": lambda folder: {"record": (0.3, False)},
    }
    monkeypatch.setattr(main_module, "LIMITS", limits)
    with pytest.raises(RuntimeError, match="no node"):
        main_module.measure_all(["--rounds", "2", "--out", str(tmp_path)])
    assert verify(tmp_path / "bench.json") == 0
    assert "| acting | 1 | 500 |" in (tmp_path / "bench.md").read_text()


def test_some_limits_are_measured_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(main_module, "LIMITS", main_module.LIMITS | {"help": lambda folder: {"record": (0.3, False)}})
    assert main_module.measure_all(["--only", "help", "--out", str(tmp_path)]) == 0
    text = (tmp_path / "bench.md").read_text()
    assert text.startswith("| limit | seen | under |")
    assert "| `python -m record --help` (TensorFlow not imported) | 0.30 s | 1.5 s |" in text
    assert "growth" not in text
    assert verify(tmp_path / "bench.json") == 0

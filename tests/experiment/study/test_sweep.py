"""The [sweep] table: which arms are written out from it, how they are named and typed, and what is refused."""

from pathlib import Path

import pytest

from experiment.study.definition import Cell, Study, StudyError, read_study
from experiment.study.sweep import Range, arm_name, options_of

GRID = """
about = "Which options."
seeds = [1]
[stages]
finetune = "ppo --preset demo"
[sweep]
[sweep.options.finetune]
gamma = [0.985, 0.997]
critic-warmup = [0, 100, 200]
"""
RANDOM = GRID.replace("[sweep]", '[sweep]\nsampler = "random"\ntrials = 20', 1).replace(
    "[0, 100, 200]", "{ low = 1, high = 4 }\nlearning-rate = { low = 1e-5, high = 1e-3, log = true }"
)


def study(tmp_path: Path, text: str) -> Study:
    file = tmp_path / "tried.toml"
    file.write_text(text)
    return read_study(file)


def numbers(found: Study, option: str) -> list[float]:
    words = [found.steps(Cell(arm, 1))[0].words for arm in found.arms if arm != "base"]
    return [float(line[line.index(option) + 1]) for line in words]


def test_a_grid_is_a_study_whose_arms_are_written_out(workdir: Path) -> None:
    found = study(workdir, GRID)
    assert len(found.arms) == 1 + 2 * 3
    assert list(found.arms)[:2] == ["base", "gamma-0.985-critic-warmup-0"]
    command = found.steps(Cell("gamma-0.997-critic-warmup-200", 1))[0].command
    assert command.startswith("python -m finetune ppo --preset demo --gamma 0.997 --critic-warmup 200 --seed 1")
    more = study(workdir, GRID.replace("[0.985,", "[0.5, 0.985,"))  # a record keeps its arm when a grid grows
    assert set(found.arms) < set(more.arms)


def test_random_trials_lie_in_their_ranges_and_are_the_same_each_time(workdir: Path) -> None:
    found = study(workdir, RANDOM)
    assert len(found.arms) == 21
    rates = numbers(found, "--learning-rate")
    assert min(rates) >= 1e-5
    assert max(rates) <= 1e-3
    assert 5 < sum(rate < 1e-4 for rate in rates) < 15  # half of a logarithmic range
    assert set(numbers(found, "--critic-warmup")) == {1, 2, 3, 4}
    assert list(study(workdir, RANDOM).arms) == list(found.arms)
    assert list(study(workdir, RANDOM.replace("trials = 20", "trials = 25")).arms)[:21] == list(found.arms)
    assert list(study(workdir, RANDOM.replace("trials = 20", "trials = 20\nseed = 1")).arms) != list(found.arms)


def test_a_random_sweep_ends_when_it_has_seen_all(workdir: Path) -> None:
    few = GRID.replace("[sweep]", '[sweep]\nsampler = "random"\ntrials = 20', 1)
    assert len(study(workdir, few).arms) == 1 + 6


def test_whole_numbers_are_as_likely_as_each_other() -> None:
    drawn = [Range(1, 4).drawn((i + 0.5) / 400) for i in range(400)]
    assert [drawn.count(number) for number in (1, 2, 3, 4)] == [100] * 4
    assert Range(1, 4).drawn(0.0) == 1
    assert Range(1e-5, 1e-3, log=True).drawn(0.5) == pytest.approx(1e-4)


def test_options_are_typed_as_a_person_would() -> None:
    values = {"finetune": {"memory": True, "nested.one": False, "starts": "none"}}
    assert options_of(values) == {"finetune": ["--memory", "--nested.no-one", "--starts", "none"]}
    assert arm_name(values) == "memory-nested.no-one-starts-none"
    upper = arm_name({"finetune": {"acts": "A"}})
    assert upper.startswith("acts-a-")  # what a name cannot hold is told apart by a fingerprint
    assert upper != arm_name({"finetune": {"acts": "a"}})
    long = arm_name({"finetune": {"starts": "a" * 200}})
    assert len(long) < 90


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("[0.985, 0.997]", "{ low = 0.9, high = 1.0 }", "expected lists in a grid"),
        ("[0.985, 0.997]", "[]", "length >= 1"),
        ("[0.985, 0.997]", "{ low = 2, high = 1 }", "expected low below high"),
        ("[0.985, 0.997]", "{ low = 0, high = 1, log = true }", "expected low above 0"),
        ("[0.985, 0.997]", "{ low = nan, high = 1.0 }", ">= -1000000000000"),
        ("[0.985, 0.997]", "{ low = 0.0, high = inf }", "<= 1000000000000"),
        ("[0.985, 0.997]", str(list(range(4000))), "at most 10000 combinations"),
        ("[0.985, 0.997]", "{ low = 0, top = 1 }", "top"),
        ("[sweep]", '[sweep]\nsampler = "tpe"', "expected a number of trials"),
        ("[sweep]", '[sweep]\nsampler = "best"', "sampler"),
        ("[sweep.options.finetune]", "[sweep.options.supervised]", "sweep: expected stages among finetune"),
        ("gamma = [0.985, 0.997]\ncritic-warmup = [0, 100, 200]", "", "expected at least one option"),
        ("[sweep]", '[arms.base]\n[arms."gamma-0.985-critic-warmup-0"]\n[sweep]', "arms that are no trials"),
    ],
)
def test_what_is_wrong_is_named(workdir: Path, before: str, after: str, told: str) -> None:
    assert before in GRID
    with pytest.raises(StudyError, match=told):
        study(workdir, GRID.replace(before, after, 1))

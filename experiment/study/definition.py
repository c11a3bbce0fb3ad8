"""What a study is: studies/NAME.toml, read and checked.

about = "What is asked."
seeds = [1, 2, 3]                 # training seeds: one cell per arm and seed
base = "base"                     # the arm that the others are compared with
last = ["base"]                   # optional: arms whose last checkpoint is scored, too, which pairs call base/last
minutes = [1, 5]                  # optional: after how many minutes of the last training stage the arms are compared, too

[stages]                          # what every cell runs, in the order of STAGES: options as one types them
dataset = "--preset demo"
supervised = "--preset demo"
finetune = "ppo --preset demo"
evaluate = "--preset demo"

[arms.base]

[arms.no-shift]                   # what this arm adds to a stage's options; "none" leaves the stage out
supervised = "--shift 0"

An arm that trains nothing names its player in the options of evaluate, such as "--players right-and-jump". The stage contest
(instead of evaluate) is `finetune contest`: what counts there are all episodes on the way. Claims between any two arms are
written as pairs, a name with the arm that is said to be better and the other; /STAGE takes an arm's player of that stage:

[pairs]
"fine-tuned above its clone" = ["base", "base/supervised"]

With a [sweep] table (experiment.study.sweep), arms are written out from it; without others, the base arm adds nothing.
"""

import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import msgspec

from common.files import read_bounded
from common.names import did_you_mean
from common.ranges import AboveZero
from experiment.config import fingerprint
from experiment.run import RUNS
from experiment.study.sweep import TRIALS, Sweep, Values, options_of, trials_of

STUDIES = Path("studies")
RESULTS = Path("results")
"""Where the records of all studies lie, each in a folder of its own."""
STAGES = ("dataset", "supervised", "finetune", "contest", "evaluate")
"""In the order in which they run."""
TRAINING_STAGES = ("supervised", "finetune", "contest")
"""Those that make a run directory of their own with a player in it."""
LAST = "last"
"""Stands for a stage in claims and records: the fine-tuned player at the end of training, whichever checkpoint was chosen."""
COMMANDS = {"contest": ("finetune", "contest")}
"""Stage -> its command, where that is not its name."""
NONE = "none"
"""An arm's options for a stage that it leaves out."""

STUDY_LIMIT = 1 << 20
"""Bytes of a study's file."""

Name = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9.-]*$")]
Seed = Annotated[int, msgspec.Meta(ge=0)]


class StudyError(ValueError):
    """A study cannot be used; the message says what was expected and received."""


@dataclass(frozen=True)
class Cell:
    """One arm with one training seed."""

    arm: str
    seed: int

    @property
    def name(self) -> str:
        """As its record and its log are called."""
        return f"{self.arm}-s{self.seed}"


@dataclass(frozen=True)
class Step:
    """One stage of a cell.

    Attributes:
        words: the command, after `python -m`.
        run: the name of the run it makes, "" for the data set.
    """

    stage: str
    words: tuple[str, ...]
    run: str = ""

    @property
    def command(self) -> str:
        """As one would type it."""
        return shlex.join(("python", "-m", *self.words))


@dataclass(frozen=True)
class Side:
    """One side of a claim: an arm's player of a training stage, or of LAST."""

    arm: str
    stage: str


@dataclass(frozen=True)
class Claim:
    """That one arm is better than another."""

    name: str
    ours: Side
    theirs: Side


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    about: str
    seeds: Annotated[list[Seed], msgspec.Meta(min_length=1)]
    stages: dict[str, str]
    base: Name = "base"
    arms: dict[Name, dict[str, str]] = {}
    pairs: dict[str, tuple[str, str]] = {}
    last: list[Name] = []
    minutes: list[AboveZero] = []
    sweep: Sweep | None = None


@dataclass(frozen=True)
class Study:
    """A study as its file has it.

    Attributes:
        stages: stage -> options of every cell.
        arms: arm -> stage -> options that it adds; the trials of a sweep among them.
        sweep: what is tried out, None for a study whose arms are all written by hand.
        claims: what is said of pairs of arms, besides that each is compared with the base.
        last: the arms whose last checkpoint is scored, too.
        minutes: of the last training stage, after which the arms are compared, too.
    """

    name: str
    about: str
    seeds: tuple[int, ...]
    base: str
    stages: Mapping[str, str]
    arms: Mapping[str, Mapping[str, str]]
    sweep: Sweep | None = None
    claims: tuple[Claim, ...] = ()
    last: tuple[str, ...] = ()
    minutes: tuple[float, ...] = ()

    @property
    def last_stage(self) -> str:
        """The last training stage: whose players the study is about."""
        return [stage for stage in TRAINING_STAGES if stage in self.stages][-1]

    @property
    def cells(self) -> list[Cell]:
        """Seed by seed, so that all arms have one training before any has two."""
        found = []
        for seed in self.seeds:
            found += [Cell(arm, seed) for arm in self.arms]
        return found

    def steps(self, cell: Cell) -> list[Step]:
        """The chain of a cell. Stages with the same options, seed and parent have the same run, so arms share them."""
        steps: list[Step] = []
        runs: list[str] = []
        for stage in STAGES:
            options = self.options(stage, cell.arm)
            if options is None:
                continue
            if stage == "dataset":
                steps.append(Step(stage, ("dataset", "convert", *options)))
                continue
            links = _links(stage, runs, options)
            if stage == "evaluate" and cell.arm in self.last:
                links += (str(last_checkpoint(runs[-1])),)
            run = f"study-{fingerprint(stage, options, links, [step.words for step in steps[:1]])}-s{cell.seed}"
            seed = ("--seed", str(cell.seed)) if stage in TRAINING_STAGES else ()
            command = COMMANDS.get(stage, (stage,))
            steps.append(Step(stage, (*command, *options, *links, *seed, "--name", run), run))
            if stage in TRAINING_STAGES:
                runs.append(run)
        return steps

    def options(self, stage: str, arm: str) -> tuple[str, ...] | None:
        """A stage's options in an arm; None when it is left out."""
        if stage not in self.stages:
            return None
        more = self.arms[arm].get(stage, "")
        if more == NONE:
            return None
        return tuple(shlex.split(self.stages[stage]) + shlex.split(more))


def _links(stage: str, runs: list[str], options: tuple[str, ...]) -> tuple[str, ...]:
    """How a stage is told of the cell's runs before it, by name."""
    if stage in ("finetune", "contest") and runs and "--init" not in options:
        return ("--init", runs[-1])
    if stage == "evaluate" and runs:
        return ("--players", *runs)
    return ()


def last_checkpoint(run: str) -> Path:
    """Where a run of fine-tuning keeps its last checkpoint."""
    return RUNS / "finetune" / run / LAST


def find_study(name: str) -> Study:
    """The study of this name. StudyError names the nearest ones and the list."""
    path = STUDIES / f"{name}.toml"
    if name != Path(name).name or not path.is_file():
        known = study_names()
        raise StudyError(f"Unknown study {name!r}.{did_you_mean(name, known)} The studies are: {', '.join(known)}.")
    return read_study(path)


def study_names() -> list[str]:
    """All studies of studies/, by name."""
    return sorted(path.stem for path in STUDIES.glob("*.toml"))


def read_study(path: Path) -> Study:
    """A study's file. StudyError names the file, the field, what is expected and what was received."""
    try:
        text = read_bounded(path, STUDY_LIMIT).decode()
        stored = msgspec.convert(tomllib.loads(text), _Stored)
        study = Study(
            name=path.stem,
            about=stored.about,
            seeds=tuple(stored.seeds),
            base=stored.base,
            stages=stored.stages,
            arms=_arms(stored, RESULTS / path.stem / TRIALS),
            sweep=stored.sweep,
            last=tuple(stored.last),
            minutes=tuple(stored.minutes),
        )
        study = replace(study, claims=_claims(study, stored.pairs))
        _check(study)
    except (ValueError, RecursionError) as error:
        raise StudyError(f"{path}: {error}") from error
    return study


def _arms(stored: _Stored, asked: Path) -> dict[str, dict[str, str]]:
    """The arms written by hand, then those of the sweep."""
    if stored.sweep is None:
        return stored.arms
    by_hand = stored.arms or {stored.base: {}}
    trials = {name: _as_typed(values) for name, values in trials_of(stored.sweep, asked).items()}
    if by_hand.keys() & trials.keys():
        raise ValueError(f"expected arms that are no trials. Received: {', '.join(by_hand.keys() & trials.keys())}")
    return by_hand | trials


def _as_typed(values: Values) -> dict[str, str]:
    return {stage: shlex.join(words) for stage, words in options_of(values).items()}


def _claims(study: Study, pairs: Mapping[str, tuple[str, str]]) -> tuple[Claim, ...]:
    """Pairs as they are written. ValueError for an arm or a stage that the study has not."""
    if not set(study.stages) & set(TRAINING_STAGES):
        return ()  # which is refused by itself
    return tuple(
        Claim(name, _side(study, name, ours), _side(study, name, theirs)) for name, (ours, theirs) in pairs.items()
    )


def _side(study: Study, name: str, written: str) -> Side:
    arm, slash, stage = written.partition("/")
    side = Side(arm, stage if slash else study.last_stage)
    stages = {*TRAINING_STAGES} & study.stages.keys() | ({LAST} if arm in study.last else set())
    if side.arm not in study.arms or side.stage not in stages:
        raise ValueError(
            f"pairs, {name}: expected an arm of the study, or arm/training stage (arm/{LAST} where that is scored). "
            f"Received: {written!r}"
        )
    return side


def _check(study: Study) -> None:
    """ValueError for what the types do not say."""
    if study.base not in study.arms:
        raise ValueError(f"expected base to be one of the arms {', '.join(study.arms)}. Received: {study.base!r}")
    if len(set(study.seeds)) != len(study.seeds):
        raise ValueError(f"expected every seed once. Received: {list(study.seeds)}")
    if not set(study.stages) & set(TRAINING_STAGES):
        raise ValueError(f"expected at least one of the stages {', '.join(TRAINING_STAGES)}. Received: none")
    if {"contest", "evaluate"} <= set(study.stages):
        raise ValueError("expected the stage contest, which scores by itself, or evaluate. Received: both")
    _check_arms(study)


def _check_arms(study: Study) -> None:
    for arm in study.arms:
        trains = [stage for stage in TRAINING_STAGES if study.options(stage, arm) is not None]
        if not trains and "--players" not in (study.options("evaluate", arm) or ()):
            raise ValueError(f"{arm}: expected a training stage, or evaluate with --players. Received: neither")
    for arm in study.last:
        tunes = arm in study.arms and study.options("finetune", arm) is not None
        if not tunes or study.options("evaluate", arm) is None:
            raise ValueError(f"last: expected arms that fine-tune and are evaluated. Received: {arm!r}")
    swept = {"sweep": study.sweep.options} if study.sweep else {}
    for arm, options in {"stages": study.stages, **swept, **study.arms}.items():
        for stage in options:
            if stage not in STAGES or stage not in study.stages:
                raise ValueError(f"{arm}: expected stages among {', '.join(study.stages)}. Received: {stage!r}")

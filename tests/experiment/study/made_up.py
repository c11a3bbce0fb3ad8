"""Records without a training behind them."""

from experiment.study.definition import Study
from experiment.study.records import Record

STUDY = Study("made-up", "What is asked.", (1, 2, 3), "base", {"finetune": "ppo"}, {"base": {}, "better": {}})


def record(arm: str, seed: int, progress: float, *, stage: str = "finetune", seconds: float = 600.0) -> Record:
    """Two acts with two episodes each; the second act goes 0.1 further."""
    acts = {}
    for act, more in (("A", 0.0), ("B", 0.1)):
        share = progress + more
        acts[act] = [(9000 * share, share, 0.0, 1.0, 900, 2.0), (9000 * share, share, 1.0, 0.0, 900, 2.0)]
    return Record(
        study="made-up",
        arm=arm,
        seed=seed,
        commands={stage: f"python -m {stage} --seed {seed} --name {arm}"},
        commits={stage: "abc1234"},
        seconds={stage: seconds},
        machine={"cores": 2, "processor": "a processor"},
        episodes={stage: acts},
        curves={stage: [(0.0, 0.0, 0.1), (1000.0, 60.0, progress), (2000.0, 120.0, progress + 0.1)]},
        facts={stage: {"steps": 2000}},
        teacher=9800.0,
    )

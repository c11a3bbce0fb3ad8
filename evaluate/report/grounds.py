"""What a report's figures rest on: how many trainings, and whether the scored acts were trained on."""

from collections import Counter
from collections.abc import Sequence

from common.words import counted
from evaluate.report.html import full_act_name
from evaluate.report.recorded import Say, Trained, read_trained
from evaluate.results import Results
from experiment.run import Run
from game.acts import CONTEST, TEST_ACT_NAMES, training_acts

ZERO_SHOT = "Zero-shot: "
"""How the sentence begins that says so."""
_STAGES = {"supervised": "cloning", "finetune": "fine-tuning"}


def what_it_rests_on(results: Results, runs: Sequence[Run], say: Say) -> list[str]:
    """Sentences for the page's head.

    Args:
        runs: that made the players (evaluate.players.training_runs).
        say: is told of a run whose config.json cannot be read.
    """
    known = [(run, trained) for run in runs if (trained := read_trained(run, say)) is not None]
    played = [*(_contest(known) or _zero_shot(results)), *_build(results)]
    if not known:
        return played
    return [*played, _trainings(known), *_acts(results, known), *_origins(results)]


def _zero_shot(results: Results) -> list[str]:
    """That nobody has seen these acts, where they are the test acts."""
    if not is_zero_shot(results):
        return []
    names = ", ".join(full_act_name(act, results.game) for act in results.acts)
    return [f"{ZERO_SHOT}nobody trains on these acts ({names}); no player has seen them before."]


def _contest(known: Sequence[tuple[Run, Trained]]) -> list[str]:
    """Which acts somebody learnt on in the contest, the one place where that may be a test act."""
    sentences = []
    for run, trained in known:
        if trained.config.acts.startswith(CONTEST):
            act = trained.config.acts.removeprefix(CONTEST)
            sentences.append(f"{_learner(run, trained)} learnt on {act} in the contest; there it is no newcomer.")
    return sentences


def _build(results: Results) -> list[str]:
    """Which ROM was played, where it is another build."""
    return [f"Played on another build of the game: {results.build}."] if results.build else []


def is_zero_shot(results: Results) -> bool:
    """Whether only test acts were played."""
    return set(results.acts) <= set(TEST_ACT_NAMES)


def _origins(results: Results) -> list[str]:
    """Where each trained player comes from, and whose play it learnt from."""
    return [f"{player.label}: {player.player.about}." for player in results.players if player.player.about]


def _trainings(known: Sequence[tuple[Run, Trained]]) -> str:
    """How many there were of each learner, and what the intervals therefore cannot say."""
    counts = Counter(_learner(run, trained) for run, trained in known)
    if set(counts.values()) == {1}:
        rests = f"It rests on one training of each learner ({', '.join(counts)})"
    else:
        rests = (
            f"It rests on {', '.join(counted(count, 'trainings') + f' by {name}' for name, count in counts.items())}"
        )
    return f"{rests}; the intervals are over episodes, not trainings."


def _learner(run: Run, trained: Trained) -> str:
    """What learnt in a run: the learner's name, else its stage."""
    stage = run.path.resolve().parent.name
    return trained.learner or _STAGES.get(stage, stage)


def _acts(results: Results, known: Sequence[tuple[Run, Trained]]) -> list[str]:
    """Which of the scored acts a training did not have; of trainings that do not say so, their data sets."""
    if is_zero_shot(results):
        return []
    sentences: dict[str, None] = {}  # a dict keeps the order, and each sentence once
    data: dict[str, None] = {}
    for run, trained in known:
        config = trained.config
        if config.data:
            data[config.data] = None
        meant = config.meant
        if not meant.acts:
            continue
        try:
            taught = {act.name for act in training_acts(meant.acts, meant.contest_split)}
        except ValueError:  # acts that this version does not know
            continue
        sentences[_held_out(_learner(run, trained), results, taught)] = None
    if data and not sentences:
        return [f"Learnt from the movies in {', '.join(data)}; whether an act was held out is not recorded."]
    return list(sentences)


def _held_out(name: str, results: Results, taught: set[str]) -> str:
    held_out = [full_act_name(act, results.game) for act in results.acts if act not in taught]
    if not held_out:
        return f"Trained on every act scored here ({name}); acts it never saw are not tested."
    if len(held_out) == len(results.acts):
        return f"Every act scored here was held out from training ({name})."
    return f"Held out from training ({name}): {', '.join(held_out)}; the other acts were trained on."

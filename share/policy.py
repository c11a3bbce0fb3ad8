"""A policy with its card: a checkpoint of this project that also plays with NumPy alone, and runs in ONNX."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from experiment.finding import run_of
from experiment.markdown import markdown_table
from experiment.run import Run, RunError, write_json
from policy.checkpoint import CheckpointError, CheckpointInfo, load_checkpoint, read_info
from policy.export.export import MODEL, write_export
from share.card import PERSONS_PLAY, Card, about_licence, default_licence, versions
from share.packing import SHARED, packed
from share.scores import Scores, in_words, scores_of

OF_A_PERSON = "of yours"
"""How a data set's composition says that a person's movies are among them (dataset.selection)."""
NOT_SCORED = "These weights have not been scored: there is no evaluation of them where they were packed."
WHOSE_IS_UNKNOWN = "It is not known here from whose movies this policy learnt; its card says so."
LOADING = """With NumPy alone (stable-retro to play it in the game; nothing of the project that trained it):

```bash
python play.py --act EmeraldHillZone.Act1 --integrations FOLDER
```

FOLDER holds the game's stable-retro integration; for a game that stable-retro itself knows, leave it out and import your
ROM with `python -m stable_retro.import`. In the project, this folder is a checkpoint: `python -m evaluate --players FOLDER`."""
LOADING_ONNX = """`model.onnx` takes observation, uint8 [batch, height, width, stack], and gives {outputs}, float32:

```python
import onnxruntime

session = onnxruntime.InferenceSession("model.onnx")
outputs = session.run(None, {{"observation": observations}})
```"""


def pack_policy(checkpoint: Path, out: Path | None, licence: str, with_onnx: bool) -> tuple[Path, list[str]]:
    """Export a checkpoint into a new folder with a card.

    Args:
        with_onnx: its network as ONNX, too; a checkpoint of another kind has none.

    Returns:
        The folder, and what to warn of.

    Raises:
        CheckpointError, GameError, ExportError: see policy.export.
        ValueError: the folder is there already, or ONNX is not installed.
    """
    loaded = load_checkpoint(checkpoint)
    info = loaded.info
    with_onnx = with_onnx and info.kind == "network"
    run = run_of(loaded.path)
    out = out or SHARED / (f"{run.path.name}-{info.step}" if run else loaded.path.name)
    lineage = list(_lineage(loaded.path))
    learnt_from = [composition for _, _, composition in lineage if composition]
    by_a_person = any(OF_A_PERSON in composition for composition in learnt_from)
    licence = licence or default_licence(info.game, by_a_person or not learnt_from)
    warnings = [PERSONS_PLAY] if by_a_person else []
    if not learnt_from and info.kind == "network":
        warnings.append(WHOSE_IS_UNKNOWN)
    with packed(out) as folder:
        checked = write_export(loaded, folder, with_onnx)
        # what the learner would need to go on is no affair of others, nor is where its parent lies on this disk
        write_json(folder / "checkpoint.json", replace(info, parent="", extra={}).to_json())
        scores = scores_of(loaded.path)
        sections = {
            "What it is": _about(info),
            "How it was trained": _training(lineage),
            **({"A person's play": PERSONS_PLAY} if by_a_person else {}),
            "Scores": "\n\n".join(map(_scores, scores)) or NOT_SCORED,
            "Licence": about_licence(licence, info.game),
            "How to load it": _loading(info, (folder / MODEL).is_file()),
            "Versions": f"Packed with {versions()}. " + ". ".join(checked) + ".",
        }
        card = Card(f"{out.name}: an agent for {info.game}", _front(info, licence, scores, out.name), sections)
        (folder / "README.md").write_text(card.text())
    return out, warnings


def _front(info: CheckpointInfo, licence: str, scores: list[Scores], name: str) -> dict[str, Any]:
    front: dict[str, Any] = {
        "license": licence,
        "pipeline_tag": "reinforcement-learning",
        "tags": ["reinforcement-learning", "imitation-learning", "stable-retro", "onnx", info.game],
    }
    if info.kind != "network":
        front["tags"].remove("onnx")
    if scores:
        front["model-index"] = [{"name": name, "results": [_result(info.game, one) for one in scores]}]
    return front


def _result(game: str, scores: Scores) -> dict[str, Any]:
    """An evaluation as the hub lists it."""
    metric = {"type": "contest_score", "value": in_words(scores.scored.score), "name": "contest score"}
    task = {"type": "reinforcement-learning", "name": "reinforcement-learning"}
    acts = {"name": f"{game}, acts {scores.conditions.acts}", "type": game}
    return {"task": task, "dataset": acts, "metrics": [metric]}


def _about(info: CheckpointInfo) -> str:
    spec = info.observation
    text = (
        f"It plays {info.game} from {spec.stack} grey frames of {spec.height} x {spec.width}, and chooses one of "
        f"{len(info.combos)} button combos every {info.frame_skip} frames (1/60 s). Kind: {info.kind}"
    )
    if info.kind == "network":
        network = info.network
        text += f"; torso {network.torso}, {network.hidden} hidden units, heads {network.heads}"
    return text + f"; step {info.step}."


Ancestor = tuple[Path, Run | None, str]
"""A checkpoint, its run, and what that learnt from in words, "" where it did not say."""


def _lineage(checkpoint: Path) -> Iterator[Ancestor]:
    """A checkpoint and those it was trained from, as far as they are still there."""
    seen: set[Path] = set()
    while checkpoint not in seen:
        seen.add(checkpoint)
        run = run_of(checkpoint)
        composition = ""
        if run:
            with suppress(RunError):
                composition = str(run.summary.get("composition", ""))
        yield checkpoint, run, composition
        try:
            parent = read_info(checkpoint).parent
        except CheckpointError:
            return
        if not parent:
            return
        checkpoint = Path(parent).resolve()


def _training(lineage: list[Ancestor]) -> str:
    lines = []
    for checkpoint, run, composition in lineage:
        if run is None:
            lines.append(f"- {checkpoint.name}: its run is not there any more")
            continue
        what = f"{run.path.parent.name}{f' ({run.learner})' if run.learner else ''}, run {run.path.name}"
        seed = run.config.get("seed", "unknown")
        preset = f", preset {run.preset}" if run.preset else ""
        of_whom = composition.replace(OF_A_PERSON, "of the person who trained it")
        learnt = f", learnt from movies: {of_whom}" if of_whom else ""
        lines.append(f"- {what}, step {int(checkpoint.name)}" if checkpoint.name.isdigit() else f"- {what}")
        lines[-1] += f", training seed {seed}{preset}{learnt}"
    if not any(composition for _, _, composition in lineage):
        lines.append("- from which movies it learnt is not known where it was packed")
    return "Newest first; each was trained from the one below.\n\n" + "\n".join(lines)


def _scores(scores: Scores) -> str:
    scored = scores.scored
    conditions = scores.conditions
    about = (
        f"Acts: {conditions.acts}; {conditions.episodes} episodes of each, on seeds not used before, with sticky frame skip "
        f"({conditions.stick_probability:.0%}), at most {conditions.max_frames} frames. In brackets, the 95 % interval over "
        f"episodes of this one training, not over trainings. The contest score pays up to 9000 for the way and 1000 for time."
    )
    mean = (
        "all",
        in_words(scored.score),
        in_words(scored.progress, percent=True),
        f"{scored.rates.completion_rate:.1%}",
    )
    rows = [mean]
    for act in scored.acts:
        rates = act.rates
        rows.append((act.act, f"{rates.score:.0f}", f"{rates.progress:.1%}", f"{rates.completion_rate:.1%}"))
    return f"{about}\n\n" + markdown_table(("act", "contest score", "progress", "completed"), rows)


def _loading(info: CheckpointInfo, has_onnx: bool) -> str:
    if not has_onnx:
        return LOADING
    outputs = (
        "action_values [batch, actions]" if info.network.gives_values else "logits [batch, actions] and value [batch]"
    )
    return f"{LOADING}\n\n{LOADING_ONNX.format(outputs=outputs)}"

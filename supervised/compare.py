"""Several players asked how like you they play; the answer is kept beside the clone, where the report finds it."""

from dataclasses import asdict
from pathlib import Path

from experiment.finding import find_checkpoint, run_of
from experiment.run import Run, RunError, portable, write_json
from game.games import choose_game
from policy.checkpoint import Checkpoint, CheckpointError, load_checkpoint
from supervised.config import LikenessConfig
from supervised.likeness import (
    Answers,
    as_table,
    ask,
    check_answers,
    difference,
    held_out,
    likeness,
    pieces_of,
    place_of,
)


def compare(config: LikenessConfig) -> Path | None:
    """Ask, print and keep; the file written, or None where no take of a person is held out.

    Raises:
        ValueError: no such clone or player, or the clone's data set has changed since.
    """
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    own = find_checkpoint(config.run or "clone", (), game.name)
    run = run_of(own.resolve())
    if run is None or not (run.path / "report.json").is_file():
        raise ValueError(f"Expected a finished cloning run. Received: {own}")
    dataset, sides = held_out(run)
    print(f"clone: {portable(run.path)}, learnt from {dataset.composition}")
    if "yours" not in sides:
        print("no take of yours is held out: an act needs two of them before one can be kept back")
        return None
    players = _players(config, game.name, own)
    answers: dict[str, dict[str, Answers]] = {}
    figures = []
    for name, checkpoint in players.items():
        answers[name] = {whose: ask(checkpoint, dataset, windows) for whose, windows in sides.items()}
        for whose, windows in sides.items():
            figures.append(likeness(name, whose, dataset, windows, answers[name][whose]))
    differences = []
    pieces = pieces_of(dataset, sides["yours"])
    *others, last = players
    for name in others:
        differences.append(difference(name, last, pieces, answers[name]["yours"], answers[last]["yours"]))
    print(as_table(figures, differences))
    sources = {name: portable(checkpoint.path) for name, checkpoint in players.items()}
    return _keep(
        run,
        sources,
        [asdict(figure) for figure in figures],
        [asdict(found) | {"in_words": found.in_words} for found in differences],
    )


def _players(config: LikenessConfig, game: str, own: Path) -> dict[str, Checkpoint]:
    """Label -> checkpoint, in the order asked for; what is not trained yet, or has no policy, is said and left out."""
    found = {}
    for name in config.players:
        try:
            path = own if name == "clone" else find_checkpoint(name, (), game)
            checkpoint = load_checkpoint(path)
            check_answers(checkpoint)
        except (RunError, CheckpointError) as error:
            print(f"skipping {name}: {error}")
            continue
        found[name] = checkpoint
        print(f"  {name}: {portable(path)}")
    return found


def _keep(run: Run, sources: dict[str, str], figures: list[dict], differences: list[dict]) -> Path:
    with run.held():
        path = place_of(run)
        write_json(path, {"sources": sources, "figures": figures, "differences": differences})
    return path

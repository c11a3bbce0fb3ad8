"""The picture of a bred network on its learner's page."""

from pathlib import Path
from tempfile import TemporaryDirectory

from evaluate.report.recorded import Say
from experiment.run import Run
from game.actions import COMBO_NAMES
from policy.checkpoint import load_checkpoint, read_info
from policy.genome import Genome
from policy.genome_picture import draw


def genome_picture(run: Run, say: Say) -> bytes:
    """A run's best network as a PNG, where that is a genome; else nothing. `say` is told of one that cannot be drawn."""
    best = run.linked("best")
    if best is None:
        return b""
    try:
        if read_info(best).kind != "genome":
            return b""
        checkpoint = load_checkpoint(best)
        combos = checkpoint.info.combos
        genome = Genome.from_arrays(checkpoint.arrays, len(combos))
    except (OSError, ValueError) as error:
        say(f"left out the picture of a network: {error}")
        return b""
    with TemporaryDirectory() as folder:
        return draw(genome, Path(folder) / "genome.png", [COMBO_NAMES[combo] for combo in combos]).read_bytes()

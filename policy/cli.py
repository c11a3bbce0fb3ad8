"""The command line of this room: a checkpoint as a folder that needs nothing of this project."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path


def main(arguments: Sequence[str] | None = None) -> int:
    """Returns the exit status: 1 when what was exported gives something else, 2 when nothing could be exported."""
    options = _parser().parse_args(arguments)
    from policy.export.export import ExportError, export  # here, because --help should not wait for the emulator

    try:
        for line in export(options.checkpoint, options.out, with_onnx=not options.numpy_only):
            print(line)
    except ExportError as error:
        print(f"export: {error}", file=sys.stderr)
        return 1
    except (ValueError, OSError) as error:
        print(f"export: {error}", file=sys.stderr)
        return 2
    print(f"exported: {options.out}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m policy", description="What plays, for people without this project."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    exporting = commands.add_parser(
        "export", help="a checkpoint as ONNX, and as a folder that plays with NumPy alone; checked in the game"
    )
    exporting.add_argument("checkpoint", type=Path, help="its folder, or a run's link: runs/finetune/NAME/best")
    exporting.add_argument("--out", type=Path, required=True, metavar="DIR", help="a new or empty folder")
    exporting.add_argument(
        "--numpy-only", action="store_true", help="without model.onnx, which needs `make install-share`"
    )
    return parser

"""The first thing every `python -m ROOM` does: see that this Python is one that the project runs on.

Written in the words of Python 3.6 and with the standard library alone, so that an older or a bare Python can say so.
"""

import importlib
import sys

OURS = (
    *("common", "dataset", "evaluate", "experiment", "finetune", "game"),
    *("policy", "record", "share", "supervised", "training"),
)
NOTHING_DONE = 2
STOPPED = 130


def start(module):  # type: ignore[no-untyped-def]  # annotations of later Pythons would be errors here
    """Run `main()` of a module, "dataset.cli" for example, and end the process with the status that it returns.

    Where Python is too old or too new, or a package is missing, it ends with a line that says what to do.
    """
    room = module.split(".")[0]
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        received = "{}.{} ({})".format(*sys.version_info[:2], sys.executable)
        wrong = f"expected Python 3.11, 3.12 or 3.13. Received: {received}"
        _stop(room, f"{wrong}. Run `make install PYTHON=python3.11`, then `.venv/bin/python -m {room}`")
    try:
        status = importlib.import_module(module).main()
    except KeyboardInterrupt:  # while modules were loaded; a stage at work answers by itself
        sys.exit(STOPPED)
    except ModuleNotFoundError as error:
        missing = (error.name or "").split(".")[0]
        if missing in OURS:
            raise
        wrong = f"{missing} is not installed for {sys.executable}"
        _stop(room, f"{wrong}. Run `make install`, then `.venv/bin/python -m {room}`")
    sys.exit(status)


def _stop(room, problem):  # type: ignore[no-untyped-def]
    sys.stderr.write(f"{room}: {problem}\n")
    sys.exit(NOTHING_DONE)

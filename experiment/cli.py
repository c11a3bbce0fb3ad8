"""The one shell around every stage's command line: what a stage raises becomes a line and an exit status.

0     done
1     it ran, but failed in part (a movie was refused, an episode could not be played)
2     nothing could be done, and the user can mend it (a wrong name, a missing file, a full disk)
130   stopped by Ctrl-C (143 by SIGTERM); the same command goes on
"""

import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from types import FrameType

from experiment.interrupt import Terminated

FAILED_IN_PART = 1
NOTHING_DONE = 2


def run(name: str, work: Callable[[], int | None], goes_on: str = "") -> int:
    """Carry out a stage's work and return its exit status; never a traceback for what a user can mend.

    Args:
        name: of the command, at the head of every message.
        work: returns its own exit status (None: 0).
        goes_on: what happens when the same command is given after Ctrl-C.
    """
    if threading.current_thread() is threading.main_thread():  # signals can be handled nowhere else
        signal.signal(signal.SIGTERM, _terminate)
    try:
        return work() or 0
    except KeyboardInterrupt as stop:
        _report(name, "stopped" + (f"; {goes_on}" if goes_on else ""))
        return 128 + (signal.SIGTERM if isinstance(stop, Terminated) else signal.SIGINT)
    except RuntimeError as error:
        _report(name, error)
        return FAILED_IN_PART
    except OSError as error:
        # an error with a path of its own reads best as Python writes it
        in_words = error.strerror if error.strerror and not error.filename else error
        _report(name, in_words)
        return NOTHING_DONE
    except ValueError as error:
        _report(name, error)
        return NOTHING_DONE


def split_command(
    arguments: Sequence[str] | None, commands: Mapping[str, object], default: str, usage: str
) -> tuple[str, list[str]]:
    """(command, the other arguments) of a command line whose command may be left out.

    Raises:
        ValueError: there is no such command; the message holds the usage.
    """
    rest = list(sys.argv[1:] if arguments is None else arguments)
    command = rest.pop(0) if rest and not rest[0].startswith("-") else default
    if command not in commands:
        raise ValueError(f"unknown command {command!r}. Expected:\n{usage}")
    if command == default and rest in (["--help"], ["-h"]):
        print(usage + "\n")
    return command, rest


def _report(name: str, message: object) -> None:
    print(f"{name}: {message}", file=sys.stderr)


def _terminate(number: int, frame: FrameType | None) -> None:
    raise Terminated

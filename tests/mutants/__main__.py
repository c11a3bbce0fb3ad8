"""python -m tests.mutants [--only TEXT …] [--jobs N]: put in every bug of the lists, run its tests, name the survivors.

A list is a JSON file beside this one: [{"file", "old", "new", "why", "tests"}]. `old` stands exactly once in the file; `tests`
are the test files that should fail. The bugs are put into copies of the tree, never into the tree itself.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from queue import Queue

from common.files import read_json

ROOT = Path(__file__).resolve().parents[2]
TIMEOUT = 400.0
"""Seconds for a mutant's tests; one that runs longer counts as noticed (it hangs)."""


@dataclass(frozen=True)
class Mutant:
    """One bug."""

    file: str
    old: str
    new: str
    why: str
    tests: tuple[str, ...]

    @property
    def name(self) -> str:
        """For the report."""
        return f"{self.file}: {self.why}"


def read_lists() -> list[Mutant]:
    """All mutants. ValueError when one does not fit the code any more."""
    found: list[Mutant] = []
    for path in sorted(Path(__file__).parent.glob("*.json")):
        found += read_json(path, list[Mutant])
    for mutant in found:
        count = (ROOT / mutant.file).read_text().count(mutant.old)
        if count != 1:
            raise ValueError(f"{mutant.name}: expected {mutant.old!r} once in the file. Received: {count} times")
        for test in mutant.tests:
            if not (ROOT / test).exists():
                raise ValueError(f"{mutant.name}: there is no {test}")
    return found


def copy_tree(target: Path) -> None:
    """The project's files, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)


def is_killed(mutant: Mutant, tree: Path) -> bool:
    """Whether the mutant's tests fail in a copy of the tree."""
    file = tree / mutant.file
    original = file.read_text()
    file.write_text(original.replace(mutant.old, mutant.new))
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", "-m", "not slow", *mutant.tests]
    try:
        done = subprocess.run(command, cwd=tree, capture_output=True, timeout=TIMEOUT, check=False)
        return done.returncode == 1  # 1: tests failed; anything else is a mistake in the list
    except subprocess.TimeoutExpired:
        return True
    finally:
        file.write_text(original)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", nargs="+", default=[""], help="mutants whose file or reason holds one of these texts")
    parser.add_argument("--jobs", type=int, default=2, help="copies of the tree worked in at a time")
    options = parser.parse_args()
    mutants = [mutant for mutant in read_lists() if any(text in mutant.name for text in options.only)]
    trees: Queue[Path] = Queue()
    lock = threading.Lock()
    survivors: list[Mutant] = []
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.jobs):
            tree = Path(folder) / str(number)
            copy_tree(tree)
            trees.put(tree)

        def try_one(mutant: Mutant) -> None:
            tree = trees.get()
            killed = is_killed(mutant, tree)
            trees.put(tree)
            with lock:
                if not killed:
                    survivors.append(mutant)
                print("killed  " if killed else "SURVIVED", mutant.name, flush=True)

        with ThreadPoolExecutor(options.jobs) as pool:
            list(pool.map(try_one, mutants))
    killed = len(mutants) - len(survivors)
    share = killed / max(len(mutants), 1)
    print(f"\n{killed} of {len(mutants)} killed ({share:.1%}) in {(time.monotonic() - began) / 60:.0f} min")
    for mutant in survivors:
        print(f"survivor: {mutant.name}: {mutant.old!r} -> {mutant.new!r}")
    return int(share < 0.95)


if __name__ == "__main__":
    sys.exit(main())

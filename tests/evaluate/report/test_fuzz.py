"""Damaged and hostile files behind a report: bytes and types of a run's files exchanged at random.

Never a traceback, never a page that is not well-formed, nothing outside the folder. A failure is replayed by its number.
"""

import dataclasses
import json
import random
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from evaluate.players import PlayerSpec, find_players
from evaluate.report.page import write_report
from evaluate.results import PlayerResult, Results, summarise_players
from evaluate.store import EpisodeStore, read_episodes
from experiment.charts import write_charts
from experiment.run import Run
from finetune.learners import LEARNERS
from tests.evaluate.made_up import MACHINE, make_results, save_run, write_training_runs
from tests.evaluate.report.test_page import Balance

ACTS = ("EmeraldHillZone.Act1", "WingFortressZone")
QUICK = 50
SLOW = 10_000
SECONDS = 10.0
"""No damage may take longer."""

ODD: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, 10**30, 1e300, -1e300, 1e-320, float("nan"), float("inf")),
    *("", "x", "<script>", "\ud800", "../../..", "/dev/zero", "a\0b", "x" * 5000),
    *([], {}, [[]], [None], {"": {}}, [[1, 2, 3]], {"act": 1}),
)


class Place:
    """A working directory with everything a report is made of, as it was written, to be damaged and put right again."""

    def __init__(self, results: Results) -> None:
        self.results = results
        clone = save_run("supervised", "clone")
        tuned = save_run("finetune", "tuned", parent=str(clone), metrics={"is_parent": 0.0})
        made_up = write_training_runs(Path("made-up"), ACTS)
        for run, source in ((clone.parent.parent, made_up[0]), (tuned.parent.parent, made_up[1])):
            for name in ("metrics.jsonl", "spindash.json"):
                if (source.parent.parent / name).is_file():
                    shutil.copy(source.parent.parent / name, run / name)
            config = json.loads((run / "config.json").read_text())
            (run / "config.json").write_text(json.dumps(config | {"machine": MACHINE}))
        shutil.rmtree("made-up")
        write_charts(Run(tuned.parent.parent), LEARNERS["ppo"].charts)
        store = EpisodeStore(Path("episodes.jsonl"))
        for player in results.players:
            for act in player.acts:
                for episode in act.episodes:
                    store.add(player.label, episode)
        self.episodes = read_episodes(Path("episodes.jsonl"))
        names = (
            "config.json",
            "done.json",
            "charts.json",
            "metrics.jsonl",
            "spindash.json",
            "checkpoint.json",
            "episodes.jsonl",
        )
        self.files = [path for path in sorted(Path(".").rglob("*.json*")) if path.name in names]
        self.contents: Mapping[Path, bytes] = {path: path.read_bytes() for path in self.files}
        Path("page").mkdir()

    def try_one(self, number: int) -> str:
        """Damage a file, make a report of everything all the same, put it right; returns what became of it."""
        rng = random.Random(number)
        file = rng.choice(self.files)
        file.write_bytes(damaged(self.contents[file], rng))
        began = time.monotonic()
        try:
            return self._report()
        finally:
            file.write_bytes(self.contents[file])
            assert time.monotonic() - began < SECONDS

    def _report(self) -> str:
        try:
            players = find_players(("clone", "finetuned"), "quillrush", 4)
            summaries = self._summaries(players)
        except ValueError:
            return "refused"
        results = Results("quillrush", self.results.config, self.results.machine, summaries)
        write_report(results, [], Path("page/report.html"))
        page = Path("page/report.html").read_text()
        balance = Balance()
        balance.feed(page)
        assert balance.open == []
        assert "<script" not in page
        assert "NaN" not in page.partition("<footer>")[0]
        return "reported"

    def _summaries(self, players: Sequence[PlayerSpec]) -> tuple[PlayerResult, ...]:
        """The figures, reckoned anew where the episodes are no longer those that were written (which takes longer)."""
        episodes = read_episodes(Path("episodes.jsonl"))
        if episodes != self.episodes:
            with suppress(KeyError):  # one is gone: evaluate.score plays it again
                return summarise_players(players, ACTS, self.results.seeds, episodes, bootstrap_seed=1)
        known = zip(self.results.players, players, strict=False)  # a damaged run may leave one player out
        return tuple(dataclasses.replace(figures, player=player) for figures, player in known)


def damaged(content: bytes, rng: random.Random) -> bytes:
    """The content with some bytes exchanged, cut out or doubled, or with one value of another type."""
    if rng.random() < 0.5:
        return _of_other_types(content, rng)
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 3, 20))):
        where = rng.randrange(len(changed)) if changed else 0
        until = where + rng.choice((1, 2, 40, len(content)))
        kind = rng.randrange(3)
        if kind == 0 and changed:
            changed[where] = rng.randrange(256)
        elif kind == 1:
            del changed[where:until]
        else:
            changed[where:where] = changed[where:until]
    return bytes(changed)


def _of_other_types(content: bytes, rng: random.Random) -> bytes:
    """One value of a JSON document, or of a line of several, replaced by something odd or left out."""
    lines = content.decode().splitlines()
    try:
        documents = [json.loads(line) for line in lines]
    except ValueError:
        documents = [json.loads(content)]
    number = rng.randrange(len(documents))
    odd = rng.choice(ODD)
    places = list(_places(documents[number]))
    if not places or rng.random() < 0.05:
        documents[number] = odd
    else:
        holder, key = rng.choice(places)
        if rng.random() < 0.2:
            del holder[key]
        else:
            holder[key] = odd
    return "".join(json.dumps(document) + "\n" for document in documents).encode()


def _places(value: Any) -> Iterator[tuple[Any, Any]]:
    """(holder, key) of every value inside."""
    keys: Any = ()
    if isinstance(value, dict):
        keys = list(value)
    elif isinstance(value, list):
        keys = range(len(value))
    for key in keys:
        yield value, key
        yield from _places(value[key])


@pytest.fixture
def place(workdir: Path) -> Place:
    return Place(make_results(("clone", "finetuned"), ACTS, episodes=2))


def test_an_undamaged_place_is_reported(place: Place) -> None:
    assert len(place.files) == 11
    assert place._report() == "reported"
    page = Path("page/report.html").read_text()
    assert "Trained with" in page
    assert "0 acts pass, 1 fail" in page
    assert "Damaged" not in page


def try_many(place: Place, count: int) -> None:
    before = sorted(Path(".").rglob("*"))
    became = {"refused": 0, "reported": 0}
    for number in range(count):
        try:
            became[place.try_one(number)] += 1
        except Exception as error:
            raise AssertionError(f"damage number {number}: {error!r}") from error
    assert min(became.values()) > 0.02 * count
    assert sorted({*before, Path("page/report.html")}) == sorted(Path(".").rglob("*"))


def test_damaged_files(place: Place) -> None:
    try_many(place, QUICK)


@pytest.mark.slow
def test_many_damaged_files(place: Place) -> None:
    try_many(place, SLOW)

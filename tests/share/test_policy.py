"""A packed policy: plays, is a checkpoint, says where it comes from and what it scored, and holds no ROM."""

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from dataset.selection import Facts, composition
from experiment.statistics import Estimate, Interval
from game.games import find_game
from policy.checkpoint import digest, load_checkpoint
from share.card import PERSONS_PLAY
from share.cli import main
from share.packing import packed
from share.policy import NOT_SCORED, OF_A_PERSON, WHOSE_IS_UNKNOWN
from share.scores import in_words
from tests.finetune.clones import clone_run

PACK = ["policy", "clone", "--game", "quillrush", "--no-onnx"]


@pytest.fixture
def clone(workdir: Path) -> Path:
    return clone_run(workdir, check="pass")


def learnt_from(workdir: Path, whose: str) -> None:
    file = workdir / "runs" / "supervised" / "clone" / "done.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"composition": whose}))


def evaluate(workdir: Path, checkpoint: Path, interval: Any, name: str = "e", acts: str = "all") -> None:
    """What an evaluation leaves of the clone, made up."""
    run = workdir / "runs" / "evaluate" / name
    run.mkdir(parents=True)
    config = {"acts": acts, "episodes": 5, "frame_skip": 4, "stick_probability": 0.25, "max_frames": 4500}
    rates = {"score": 4083.2, "progress": 0.448, "completion_rate": 0.111, "passed_rate": 0.2}
    figure = {"mean": 4083.2, "mean_interval": interval, "iqm": 1.0, "iqm_interval": None}
    player = {"label": "clone", "sha256": digest(checkpoint)}
    of_act = {"act": "EmeraldHillZone.Act1", "rates": rates | {"score": 6165.0}}
    row = {"player": player, "progress": figure | {"mean": 0.448}, "score": figure, "rates": rates, "acts": [of_act]}
    (run / "config.json").write_text(json.dumps({"format": 2, "inputs": "", "config": config | {"game": "quillrush"}}))
    (run / "done.json").write_text("{}")
    (run / "results.json").write_text(json.dumps({"config": config, "players": [row]}))


def front_of(card: str) -> dict[str, Any]:
    """The front matter, whose values are JSON."""
    lines = card.split("---\n")[1].splitlines()
    return {line.partition(": ")[0]: json.loads(line.partition(": ")[2]) for line in lines}


def test_the_folder_plays_alone_and_is_a_checkpoint_of_the_same_weights(workdir: Path, clone: Path) -> None:
    assert main(PACK) == 0
    folder = workdir / "runs" / "share" / "clone-0"
    names = {"README.md", "checkpoint.json", "play.py", "policy.json", "weights.npz"}
    assert {path.name for path in folder.iterdir()} == names
    ours = load_checkpoint(clone).weights
    assert all((a == b).all() for a, b in zip(load_checkpoint(folder).weights, ours, strict=True))
    assert NOT_SCORED in (folder / "README.md").read_text()


def test_scores_stand_in_the_card_with_their_intervals(workdir: Path, clone: Path) -> None:
    evaluate(workdir, clone, {"low": 3587.0, "high": 4610.0})
    evaluate(workdir, clone, None, name="f", acts="test")
    assert main(PACK) == 0
    card = (workdir / "runs/share/clone-0/README.md").read_text()
    assert "| all | 4083 [3587, 4610] | 44.8 % [358700.0, 461000.0] | 11.1% |" in card
    assert "| EmeraldHillZone.Act1 | 6165 |" in card
    assert "| all | 4083 (one episode per act: no interval) |" in card
    assert NOT_SCORED not in card
    (index,) = front_of(card)["model-index"]
    assert {result["dataset"]["name"] for result in index["results"]} == {"quillrush, acts all", "quillrush, acts test"}


def test_other_weights_are_not_given_these_scores(workdir: Path, clone: Path) -> None:
    evaluate(workdir, clone, None)
    clone_run(workdir / "other", check="pass", seed=1)
    assert main(["policy", "other/runs/supervised/clone", *PACK[2:]]) == 0
    assert NOT_SCORED in (workdir / "runs/share/clone-0/README.md").read_text()


def test_a_persons_play_is_warned_of_and_not_licensed_for_them(
    workdir: Path, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    whose = composition([Facts(player="human", act="EmeraldHillZone.Act1", frames=9000)])
    assert OF_A_PERSON in whose
    learnt_from(workdir, whose)
    assert main(PACK) == 0
    assert PERSONS_PLAY in capsys.readouterr().err
    card = (workdir / "runs/share/clone-0/README.md").read_text()
    assert PERSONS_PLAY in card
    assert "learnt from movies: 1 take, 2 minutes, 1 act of the person who trained it" in card
    assert front_of(card)["license"] == "unknown"


def test_search_play_of_the_embedded_game_is_the_projects_own(
    workdir: Path, clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    learnt_from(workdir, "216 of search")
    assert main([*PACK, "--out", "mine"]) == 0
    assert "warning" not in capsys.readouterr().err
    assert front_of(Path("mine/README.md").read_text())["license"] == "mit"


def test_an_unknown_teacher_is_said(workdir: Path, clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(PACK) == 0
    assert WHOSE_IS_UNKNOWN in capsys.readouterr().err
    assert front_of(Path("runs/share/clone-0/README.md").read_text())["license"] == "unknown"


def test_a_rom_is_never_packed(workdir: Path) -> None:
    rom = find_game("quillrush").rom.read_bytes()
    for content in (rom, bytes(0x100) + b"SEGA GENESIS"):
        with pytest.raises(ValueError, match=r"a\.bin is a ROM"), packed(workdir / "out") as folder:
            (folder / "a.bin").write_bytes(content)
        assert list(workdir.iterdir()) == []


def test_a_folder_that_is_there_is_left_alone(workdir: Path, clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (workdir / "mine").mkdir()
    assert main([*PACK, "--out", "mine"]) == 2
    assert "mine is there already" in capsys.readouterr().err
    assert list((workdir / "mine").iterdir()) == []


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    """A stand-in for the hub's client, with somebody logged in; what it was asked for."""
    calls: list[tuple[Any, ...]] = []
    api = SimpleNamespace(
        create_repo=lambda name, **told: calls.append(("create", name, told)),
        upload_folder=lambda **told: calls.append(("upload", told)),
    )
    module = ModuleType("huggingface_hub")
    module.get_token = lambda: "a token"  # type: ignore[attr-defined]
    module.HfApi = lambda: api  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "huggingface_hub", module)
    return calls


def test_it_is_uploaded_only_when_asked(
    workdir: Path, clone: Path, hub: list[tuple[Any, ...]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(PACK) == 0
    assert hub == []
    assert main([*PACK, "--out", "mine", "--upload", "me/agent"]) == 0
    assert hub == [
        ("create", "me/agent", {"repo_type": "model", "private": True, "exist_ok": True}),
        ("upload", {"repo_id": "me/agent", "folder_path": "mine", "repo_type": "model"}),
    ]
    assert "uploaded: https://huggingface.co/me/agent" in capsys.readouterr().out


def test_what_stands_in_the_way_of_an_upload_is_said_before_packing(
    workdir: Path, clone: Path, hub: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    assert main([*PACK, "--upload", "agent"]) == 2
    assert "expected --upload NAME/REPOSITORY" in capsys.readouterr().err
    sys.modules["huggingface_hub"].get_token = lambda: None  # type: ignore[attr-defined]
    assert main([*PACK, "--upload", "me/agent"]) == 2
    assert "hf auth login" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    assert main([*PACK, "--upload", "me/agent"]) == 2
    assert "make install-share" in capsys.readouterr().err
    assert not Path("runs/share").exists()


def test_a_hub_that_refuses_leaves_the_folder(workdir: Path, clone: Path, hub: Any, capsys: Any) -> None:
    def refuse(name: str, **told: Any) -> None:
        raise RuntimeError("403")

    sys.modules["huggingface_hub"].HfApi = lambda: SimpleNamespace(create_repo=refuse)  # type: ignore[attr-defined]
    assert main([*PACK, "--upload", "me/agent"]) == 2
    assert "me/agent was not uploaded (403). The folder is whole" in capsys.readouterr().err
    assert Path("runs/share/clone-0/README.md").is_file()


def test_the_hub_reads_the_card(workdir: Path, clone: Path) -> None:
    hub = pytest.importorskip("huggingface_hub")
    evaluate(workdir, clone, {"low": 3587.0, "high": 4610.0})
    assert main(PACK) == 0
    data = hub.ModelCard.load("runs/share/clone-0/README.md").data
    assert data.license == "unknown"
    (result,) = data.eval_results
    assert (result.dataset_name, result.metric_value) == ("quillrush, acts all", "4083 [3587, 4610]")


def test_figures_in_words() -> None:
    assert in_words(Estimate(0.448, 0.405, Interval(0.395, 0.503), None), percent=True) == "44.8 % [39.5, 50.3]"

"""Cells on a cluster: the records of one machine, whoever dies, and cores that no two of them share."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from common.cluster import ClusterError
from experiment.commands import main
from experiment.study.cluster import own_cores, work_off_on_cluster
from experiment.study.records import Record, read_record
from tests.experiment.study.test_chain import TINY
from tests.nodes import ADDRESS, SETTINGS, nodes, wait_until

ARMS = ("base", "long")
STUDY = [sys.executable, "-m", "experiment", "study", "tiny", "--cluster", ADDRESS]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="only Linux binds a process to cores")
def test_no_two_cells_of_a_machine_have_the_same_cores(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    everyone = os.sched_getaffinity(0)
    try:
        with own_cores(1):
            mine = os.sched_getaffinity(0)
            os.sched_setaffinity(0, everyone)  # as another process finds them
            with own_cores(len(everyone) - 1):
                assert os.sched_getaffinity(0) == everyone - mine
            with own_cores(len(everyone)):  # so many are not free
                assert os.sched_getaffinity(0) == everyone
        with own_cores(len(everyone)):
            assert os.sched_getaffinity(0) == everyone
        assert len(mine) == 1
    finally:
        os.sched_setaffinity(0, everyone)


def test_who_lacks_ray_is_told_before_a_cell_is_begun(
    workdir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_study(workdir)
    monkeypatch.setitem(sys.modules, "ray", None)
    assert main(["study", "tiny", "--cluster", "local"]) == 2
    assert "make install-cluster" in capsys.readouterr().err
    assert not Path("runs").exists()


def test_cells_that_no_node_has_the_cores_for_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes_there = [{"Alive": True, "Resources": {"CPU": 2.0}}, {"Alive": False, "Resources": {"CPU": 64.0}}]
    monkeypatch.setattr("experiment.study.cluster.join", lambda address: SimpleNamespace(nodes=lambda: nodes_there))
    with pytest.raises(ClusterError, match="largest node, 2"):
        next(work_off_on_cluster(study=None, cells=[], address="auto", cores=4))


def write_study(folder: Path) -> None:
    (folder / "studies").mkdir()
    (folder / "studies" / "tiny.toml").write_text(f'{TINY}\n[arms.long]\nfinetune = "--epochs 2"\n')


def begin(*more: str) -> subprocess.Popen[str]:
    """A study's command."""
    return subprocess.Popen([*STUDY, *more], env=SETTINGS, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def records() -> dict[str, Record]:
    return {arm: read_record(Path(f"results/tiny/{arm}-s1.json")) for arm in ARMS}


@pytest.mark.slow
def test_cells_outlive_their_command_and_their_node(workdir: Path) -> None:
    write_study(workdir)
    logs = Path("runs") / "study" / "tiny"
    with nodes(2) as cluster:
        killed = begin("--arms", *ARMS)
        wait_until(lambda: all((logs / f"{arm}-s1.log").is_file() for arm in ARMS), "two cells under way at once")
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert not Path("results").exists()
        # the same command again, and a node dies under one of its cells
        study = begin("--arms", *ARMS, "wrong")
        wait_until(lambda: len(cluster.at_work()) == 2 or study.poll() is not None, "two cells under way again")
        cluster.kill(cluster.at_work()[0])
        told, _ = study.communicate()
        assert study.returncode == 1, told
        assert "wrong-s1" in told
        assert "ended with status 2; see runs/study/tiny/wrong-s1.log" in told
        there = records()
        again = begin("--arms", *ARMS)
        told, _ = again.communicate()
        assert again.returncode == 0, told
        assert told.count("done: results/tiny/") == 2
    # the same cells here
    Path("runs").rename("runs-there")
    Path("results").rename("results-there")
    assert main(["study", "tiny", "--arms", *ARMS]) == 0
    for arm, record in records().items():
        assert record.episodes == there[arm].episodes
        assert record.commands == there[arm].commands

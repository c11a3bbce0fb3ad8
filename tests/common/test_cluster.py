"""What a cluster is told and shown, as far as it takes no Ray to see."""

import os
import sys
from pathlib import Path

import pytest

from common import cluster
from common.cluster import ClusterError, join, passed_on


def test_a_node_sees_what_this_process_does_not_what_its_shell_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNS", "elsewhere")
    monkeypatch.delenv("INTEGRATION", raising=False)
    told = passed_on()
    assert told["RUNS"] == "elsewhere"
    assert told["INTEGRATION"] == ""  # and so not what the node's own shell may have


@pytest.mark.parametrize(
    ("there", "before", "after"), [(True, "", "token"), (False, "", ""), (True, "disabled", "disabled")]
)
def test_a_token_is_shown_where_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool, before: str, after: str
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # it is not installed
    monkeypatch.setattr(cluster, "TOKEN", tmp_path / "auth_token")
    monkeypatch.setenv("RAY_AUTH_MODE", before)  # so that it is put back
    if not before:
        monkeypatch.delenv("RAY_AUTH_MODE")
    if there:
        (tmp_path / "auth_token").write_text("a token")
    with pytest.raises(ClusterError, match="make install-cluster"):
        join("auto")
    assert os.environ.get("RAY_AUTH_MODE", "") == after

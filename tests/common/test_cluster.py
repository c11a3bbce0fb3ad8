"""What a cluster is told and shown, as far as it takes no Ray to see."""

import sys
from types import SimpleNamespace

import pytest

from common.cluster import ClusterError, join, passed_on


def test_a_node_sees_what_this_process_does_not_what_its_shell_did(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNS", "elsewhere")
    monkeypatch.delenv("INTEGRATION", raising=False)
    told = passed_on()
    assert told["RUNS"] == "elsewhere"
    assert told["INTEGRATION"] == ""  # and so not what the node's own shell may have


def test_nobodys_address_is_named_with_what_to_look_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", SimpleNamespace(is_initialized=lambda: False))
    with pytest.raises(ClusterError, match=r"nobody answers there.*RAY_AUTH_MODE=token"):
        join("127.0.0.1:1")

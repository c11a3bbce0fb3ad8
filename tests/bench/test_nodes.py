"""Growth over nodes: what it needs is said, and what programs print is read. The rows themselves need Ray and minutes."""

import importlib.util
import json

import pytest

from bench.nodes import loopback_bytes, missing, stored_mib, training_rates


def test_without_ray_the_rows_say_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert missing() == "Ray is not installed: make install-cluster"


def test_rates_leave_the_first_update_out() -> None:
    times = [(9.0, 9.0), (1.0, 3.0), (1.0, 1.0)]
    lines = [json.dumps({"time/acting": acting, "time/learning": learning}) for acting, learning in times]
    assert training_rates(['{"eval/progress": 1}', *lines], 100) == (100.0, pytest.approx(200 / 6))
    with pytest.raises(ValueError, match="two updates"):
        training_rates(lines[:1], 100)


def test_bytes_of_the_loopback_and_of_the_stores_are_read() -> None:
    text = "Inter-| Receive\n face |bytes\n  eth0: 7 0\n    lo: 1234 5 0\n"
    assert loopback_bytes(text) == 1234
    assert stored_mib("Plasma memory usage 12 MiB, 3 objects") == 12.0

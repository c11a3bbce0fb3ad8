"""Time and sound, without either."""

import numpy as np
import pytest

from record.window.pacing import Pacer
from record.window.sound import FRAMES_AHEAD, FRAMES_KEPT, NoSound, SampleQueue, open_sound


class Clock:
    """A clock that moves when somebody sleeps or looks at it."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        self.now += 1e-5
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_sixty_frames_per_second_on_the_long_run() -> None:
    clock = Clock()
    pacer = Pacer(clock, clock.sleep)
    began = clock.now
    results = []
    for _ in range(600):
        clock.now += 0.004  # work
        results.append(pacer.wait())
    assert set(results) == {(0, 1)}
    assert clock.now - began == pytest.approx(10.0, abs=0.01)


def test_a_late_frame_is_dropped_and_caught_up() -> None:
    clock = Clock()
    pacer = Pacer(clock, clock.sleep)
    began = clock.now
    clock.now += 0.060
    results = [pacer.wait()[0] for _ in range(30)]
    assert 2 <= sum(results) <= 3
    assert clock.now - began == pytest.approx(0.5, abs=0.01)
    assert pacer.worst == pytest.approx(0.043, abs=0.002)


def test_a_machine_that_slept_is_not_chased() -> None:
    clock = Clock()
    pacer = Pacer(clock, clock.sleep)
    clock.now += 10.0
    dropped, periods = pacer.wait()
    assert dropped == pytest.approx(599, abs=2)
    assert periods == dropped + 1
    assert pacer.wait() == (0, 1)


def test_samples_come_out_in_order_and_bounded() -> None:
    queue = SampleQueue(frame_bytes=8)
    assert queue.take(4) == bytes(4)
    for i in range(FRAMES_AHEAD):
        queue.put(bytes([i]) * 8)
    assert queue.take(8) + queue.take(8) == bytes([0]) * 8 + bytes([1]) * 8
    for i in range(20):
        queue.put(bytes([i]) * 8)
    assert queue.take(8 * FRAMES_KEPT) == b"".join(bytes([i]) * 8 for i in range(20 - FRAMES_KEPT, 20))
    assert queue.take(8) == bytes(8)
    assert queue.gaps == 1


def test_without_a_sound_card_there_is_silence_and_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    sound = open_sound(736, muted=False, device="no such loudspeaker")
    assert isinstance(sound, NoSound)
    assert "no such loudspeaker" in sound.trouble
    sound.play(np.zeros((736, 2), np.int16))


def test_samples_reach_the_device(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("SDL_AUDIODRIVER", "dummy")
    sound = open_sound(736, muted=False)
    assert sound.trouble == ""
    for _ in range(FRAMES_KEPT):
        sound.play(np.ones((736, 2), np.int16))
    waiting = len(sound.queue._bytes)
    time.sleep(0.2)
    assert len(sound.queue._bytes) < waiting
    sound.close()

"""The core's sound on the loudspeaker, a few frames behind the picture; silence where there is no sound card."""

import threading
from typing import Protocol

import numpy as np
from pygame._sdl2 import audio, sdl2

FRAMES_AHEAD = 3
"""Frames of sound gathered before it plays; more lag, fewer gaps."""
FRAMES_KEPT = 8
"""Frames of sound that may wait; older sound is dropped, so that the lag never grows."""
LOUDEST = 10
"""Steps of the volume; 0 is silence."""
_CHUNK = 512
_BYTES_PER_SAMPLE = 4  # two channels of 16 bits


class Sound(Protocol):
    """Where a frame's sound goes.

    Attributes:
        volume: 0 to LOUDEST.
        muted: silent for now, whatever the volume.
        trouble: why nothing can be heard, "" when it can.
    """

    volume: int
    muted: bool
    trouble: str

    def play(self, samples: np.ndarray) -> None:
        """Let one frame's samples be heard, int16 [samples, 2]."""

    def close(self) -> None:
        """Give the sound card back."""


class NoSound:
    """Without a sound card; `trouble` says why."""

    def __init__(self, trouble: str = "") -> None:
        self.muted = True
        self.volume = LOUDEST
        self.trouble = trouble

    def play(self, samples: np.ndarray) -> None:
        """Nothing is heard."""

    def close(self) -> None:
        """Nothing was opened."""


class SampleQueue:
    """Bytes between the game's thread and the sound card's: bounded, and silent where they run out.

    Attributes:
        gaps: how often they ran out while playing.
        dropped: bytes thrown away because too many waited.
    """

    def __init__(self, frame_bytes: int) -> None:
        self._ahead = FRAMES_AHEAD * frame_bytes
        self._most = FRAMES_KEPT * frame_bytes
        self._bytes = bytearray()
        self._lock = threading.Lock()
        self._flowing = False
        self.gaps = 0
        self.dropped = 0

    def put(self, content: bytes) -> None:
        """Add to the end; the oldest bytes go where too many wait."""
        with self._lock:
            self._bytes += content
            surplus = len(self._bytes) - self._most
            if surplus > 0:
                del self._bytes[:surplus]
                self.dropped += surplus

    def take(self, count: int) -> bytes:
        """Exactly `count` bytes, silence for what is missing."""
        with self._lock:
            # after a gap some is gathered first, or every late frame would be heard as another gap
            if not self._flowing and len(self._bytes) < self._ahead:
                return bytes(count)
            self._flowing = len(self._bytes) >= count
            if not self._flowing:
                self.gaps += 1
            content = bytes(self._bytes[:count])
            del self._bytes[:count]
        return content.ljust(count, b"\0")


class Speaker:
    """Streams the core's samples. Its rate is 60 frames' worth per second, so sound and picture keep the same time."""

    def __init__(self, samples_per_frame: int, muted: bool = False, device: str = "", volume: int = LOUDEST) -> None:
        sdl2.init_subsystem(sdl2.INIT_AUDIO)
        self.muted = muted
        self.volume = volume
        self.trouble = ""
        self.queue = SampleQueue(samples_per_frame * _BYTES_PER_SAMPLE)
        self._device = audio.AudioDevice(
            devicename=_find_device(device),
            iscapture=False,
            frequency=samples_per_frame * 60,
            audioformat=audio.AUDIO_S16,
            numchannels=2,
            chunksize=_CHUNK,
            allowed_changes=0,
            callback=self._fill,
        )
        self._device.pause(0)  # SDL opens a device paused

    def _fill(self, _: object, buffer: memoryview) -> None:
        buffer[:] = self.queue.take(len(buffer))

    def play(self, samples: np.ndarray) -> None:
        """Queue one frame's samples, int16 [samples, 2]."""
        if not self.muted and self.volume:
            self.queue.put(at_volume(samples, self.volume).tobytes())

    def close(self) -> None:
        """Give the sound card back; the queue is never asked again."""
        self._device.close()


def at_volume(samples: np.ndarray, volume: int) -> np.ndarray:
    """Samples, int16, as loud as a step says. The ear hears amplitudes by their ratio, so it grows with the square."""
    if volume >= LOUDEST:
        return samples
    return (samples.astype(np.int32) * volume**2 // LOUDEST**2).astype(np.int16)


def _find_device(part: str) -> str:
    """The first sound device whose name holds `part`. sdl2.error names those there are."""
    names = audio.get_audio_device_names(False)
    if not names:
        raise sdl2.error("no sound card was found")
    for name in names:
        if part.lower() in name.lower():
            return name
    raise sdl2.error(f"expected one of: {', '.join(names)}. Received: {part}")


def open_sound(samples_per_frame: int, muted: bool, device: str = "", volume: int = LOUDEST) -> Sound:
    """The loudspeaker (the first whose name holds `device`), or silence with the reason."""
    try:
        return Speaker(samples_per_frame, muted, device, volume)
    except sdl2.error as error:
        return NoSound(f"no sound: {error}")

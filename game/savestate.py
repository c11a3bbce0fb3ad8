"""What a Genesis Plus GX savestate holds: the core's own data, and stray memory of the process that wrote it."""

CORE_STATE_BYTES = 1_036_288
"""The size of every savestate."""

CORE_DATA_BYTES = 144_681
"""How much of a savestate the core writes and reads for a plain cartridge; the rest is stray memory of the process."""

_CHANNELS = range(140_651, 143_051, 400)
_CHANNEL_POINTERS = (0, 80, 160, 240, 336, 344, 352, 360, 368)
_STRAY = (
    *((channel + pointer, 8) for channel in _CHANNELS for pointer in _CHANNEL_POINTERS),  # of the sound chip
    *((place, 1) for place in range(144_228, 144_276, 2)),  # padding of its detune table
    (144_605, 8),  # the processor's interrupt callback
    (CORE_DATA_BYTES, CORE_STATE_BYTES - CORE_DATA_BYTES),
)
"""(place, bytes) that a savestate holds of its process; the core makes its own of them when it loads the state."""


def clean_state(state: bytes) -> bytes:
    """A savestate without the memory and pointers that its process left in it; it plays the same.

    The states stable-retro ships hold 890 kB of such memory, and so would every movie begun from them.
    """
    clean = bytearray(state)
    for place, count in _STRAY:
        clean[place : place + count] = bytes(count)
    return bytes(clean)

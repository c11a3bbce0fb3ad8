"""python -m record"""

import os

# a network is asked for one action at a time: several threads would only wait for each other, and drop frames
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

if __name__ == "__main__":
    from common.start import start

    start("record.cli")

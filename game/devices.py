"""The devices of this machine, each asked in a process of its own: window, sound and gamepads by SDL, and GPUs.

Standard library only, as the doctor must run where nothing is installed yet.
"""

import json
import shutil
import subprocess
import sys

PROBE_SECONDS = 20

_PROBE = """
import json, os
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"
import pygame
found = {}
def attempt(name, action):
    try:
        found[name] = action()
    except Exception as error:
        found[name] = {"error": str(error)}
def display():
    pygame.display.init()
    return [pygame.display.get_driver(), *pygame.display.get_desktop_sizes()[:1]]
def sound():
    pygame.mixer.init()
    return list(pygame.mixer.get_init())
def pads():
    pygame.joystick.init()
    return [pygame.joystick.Joystick(i).get_name() for i in range(pygame.joystick.get_count())]
attempt("display", display)
attempt("sound", sound)
attempt("pads", pads)
print(json.dumps(found), flush=True)
os._exit(0)
"""
"""SDL may print, hang or crash on a machine without the devices; the answer is the last line it prints."""


def sdl_devices() -> dict:
    """What SDL sees.

    Returns:
        "display": [driver, [width, height]], "sound": [rate, format, channels], "pads": names; {"error": reason} in
        place of a list where that device cannot be opened, and {"error": reason} alone where SDL does not start.
    """
    command = [sys.executable, "-c", _PROBE]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
        return json.loads(done.stdout.splitlines()[-1])
    except subprocess.TimeoutExpired:
        return {"error": f"SDL gave no answer in {PROBE_SECONDS} s"}
    except (OSError, ValueError, IndexError):
        return {"error": "SDL or pygame does not start"}


def gpu_names() -> list[str]:
    """NVIDIA's GPUs by name; empty where there is none, or no working driver."""
    tool = shutil.which("nvidia-smi")
    if not tool:
        return []
    command = [tool, "--query-gpu=name", "--format=csv,noheader"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PROBE_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return []
    if done.returncode != 0:
        return []
    return [line.strip() for line in done.stdout.splitlines() if line.strip()]

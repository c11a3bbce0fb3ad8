"""Opens the recorder's window for a person, for a policy with a person beside it, for a drill, or for a movie."""

import gc
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from experiment.run import RUNS, RunError, find_checkpoint, newest_run, portable
from game.acts import ACTS, act_of, act_title, find_act, select_acts
from game.certificate import read_sidecar
from game.emulator import Emulator
from game.games import Game
from game.movie import read_movie
from record.collection import acts_without_dash
from record.drill import drill_starts
from record.library import MOVIES, recover
from record.pilots import MoviePilot, load_pilot
from record.window.setup import Setup, Start


@dataclass(frozen=True)
class WindowConfig:
    """The recorder's window."""

    scale: int = 3
    """Window pixels per game pixel to begin with; the window can be resized."""
    fullscreen: bool = False
    """Begin in full screen."""
    mute: bool = False
    """Begin without sound."""
    sound_device: str = ""
    """Part of the sound device's name, where there are several."""
    controls: Path = MOVIES / "controls.json"
    """Where the key and gamepad mapping is kept."""


def play_human(game: Game, level: str, window: WindowConfig) -> None:
    """A person plays; every take of theirs becomes a movie."""
    starts, first = _act_starts(level)
    _open(game, window, lambda emulator: Setup("human", starts, first))


def play_policy(game: Game, level: str, run: str, seed: int, window: WindowConfig) -> None:
    """A network plays and a person may take over. RunError or CheckpointError when there is none to play."""
    checkpoint = _checkpoint_to_watch(run, game.name)
    pilot = load_pilot(checkpoint, game.name, seed)
    print(f"policy: {portable(checkpoint)}")
    starts, first = _act_starts(level, f"policy {portable(checkpoint)}")
    facts = {"checkpoint": portable(checkpoint)}
    _open(game, window, lambda emulator: Setup("policy", starts, first, pilot, facts=facts))


def _checkpoint_to_watch(run: str, game: str) -> Path:
    """That of a run or checkpoint folder, of a learner's newest run, or of the newest run of fine-tuning, else cloning."""
    if run and not Path(run).exists() and (RUNS / "finetune").is_dir():
        return newest_run("finetune", game, learner=run).best
    try:
        return find_checkpoint(run, ("finetune", "supervised"), game)
    except RunError as error:
        raise RunError(f"{error} To watch another player, name its run: RUN=runs/supervised/NAME.") from error


def play_drill(game: Game, level: str, skill: Literal["spindash"], window: WindowConfig) -> None:
    """A person practises a skill where it is needed; by default in the first act whose play shows none."""
    lacking = acts_without_dash(MOVIES, game)
    acts = select_acts(level) if level else (find_act((lacking or [ACTS[0].name])[0]),)

    def setup(emulator: Emulator) -> Setup:
        print(f"looking for places in {', '.join(act.name for act in acts)} …")
        starts = tuple(start for act in acts for start in drill_starts(emulator, MOVIES, act))
        return Setup("human", starts, facts={"skill": skill})

    _open(game, window, setup)


def watch(game: Game, path: Path, window: WindowConfig) -> None:
    """Play a movie in the window. MovieError when it cannot be read."""
    movie = read_movie(path)
    sidecar = read_sidecar(path)

    def setup(emulator: Emulator) -> Setup:
        emulator.set_state(movie.state)
        act = act_of(emulator.peek("zone"), emulator.peek("act_number")) or ACTS[0]
        start = Start(act, movie.state, f"{path.name}, {movie.frames} frames, played by {sidecar.player}")
        pilot = MoviePilot(movie.masks)
        return Setup("watch", (start,), pilot=pilot, length=movie.frames, expected=sidecar.certificate)

    _open(game, window, setup)


def _act_starts(level: str, note: str = "") -> tuple[tuple[Start, ...], int]:
    """Starts to choose from, and which comes first: the acts asked for, or for a single one all 18."""
    chosen = select_acts(level or ACTS[0].name)
    offered = ACTS if len(chosen) == 1 else chosen
    return tuple(Start(act, note=note) for act in offered), offered.index(chosen[0])


def recover_takes(game: Game) -> None:
    """Make movies of what killed recorders left, and say so."""
    with Emulator(game) as emulator:
        for line in recover(emulator, MOVIES):
            print(line, flush=True)


def _open(game: Game, config: WindowConfig, make_setup: Callable[[Emulator], Setup]) -> None:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    from record.window.controls import Controls
    from record.window.pacing import Pacer
    from record.window.recorder import Recorder
    from record.window.screen import Window
    from record.window.sound import open_sound

    window = Window(config.scale, config.fullscreen)
    with Emulator(game) as emulator:
        for line in recover(emulator, MOVIES):
            print(line, flush=True)
        setup = make_setup(emulator)
        emulator.set_state(setup.starts[0].state or game.start_state(setup.starts[0].act))
        emulator.step(0)
        sound = open_sound(len(emulator.audio()), config.mute, config.sound_device)
        controls, pacer = Controls(config.controls), Pacer()
        recorder = Recorder(emulator, window, controls, sound, setup, pacer)
        print(
            f"the window is open: {act_title(recorder.state.start.act.name)}; the keys are on its first card",
            flush=True,
        )
        gc.collect()
        gc.freeze()  # what is there now stays, and looking through it again would only drop frames
        try:
            if sound.trouble:
                recorder.state.say(sound.trouble)
            recorder.run()
        except KeyboardInterrupt:
            print("stopped")
        finally:
            sound.close()
            window.close()
            print("\n".join(recorder.state.messages))
            print(f"recorder: {recorder.report()}", flush=True)

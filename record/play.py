"""Opens the recorder's window for a person, for a policy with a person beside it, for a drill, or for a movie."""

import gc
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from msgspec import Meta

from experiment.finding import find_checkpoint
from experiment.run import RunError, portable
from game.acts import ACTS, act_of, find_act, select_acts
from game.certificate import read_sidecar
from game.demonstrations import MOVIES
from game.emulator import Emulator
from game.games import Game
from game.movie import read_movie
from record.collection import acts_without_dash
from record.drill import drill_starts
from record.library import recover
from record.pilots import load_pilot
from record.scored import newest_scored
from record.weak import SKILL, weak_starts
from record.window.setup import Setup, Start, Watched

if TYPE_CHECKING:
    from record.window.screen import Window


@dataclass(frozen=True)
class WindowConfig:
    """The recorder's window."""

    scale: Annotated[int, Meta(ge=1, le=16)] = 3
    """Window pixels per game pixel to begin with; the window can be resized."""
    fullscreen: bool = False
    """Begin in full screen."""
    mute: bool = False
    """Begin without sound."""
    volume: Annotated[int, Meta(ge=0, le=10)] = 10
    """Begin with this volume, 0 to 10."""
    sound_device: str = ""
    """Part of the sound device's name, where there are several."""
    controls: Path = MOVIES / "controls.json"
    """Where the key and gamepad mapping is kept."""


def play_human(game: Game, level: str, window: WindowConfig) -> None:
    """A person plays; every take of theirs becomes a movie."""
    starts, first = _act_starts(level)
    _open(game, window, lambda emulator, shown: Setup("human", starts, first))


def play_policy(game: Game, level: str, run: str, seed: int, window: WindowConfig) -> None:
    """A network plays and a person may take over. RunError or CheckpointError when there is none to play."""
    checkpoint = _checkpoint_to_watch(run, game.name)
    pilot = load_pilot(checkpoint, game.name, seed)
    print(f"policy: {portable(checkpoint)}")
    starts, first = _act_starts(level, f"policy {portable(checkpoint)}")
    facts = {"checkpoint": portable(checkpoint)}
    _open(game, window, lambda emulator, shown: Setup("policy", starts, first, pilot, facts=facts))


def _checkpoint_to_watch(run: str, game: str) -> Path:
    """That of the place named (experiment.finding), or of the newest run of fine-tuning, else of cloning."""
    try:
        return find_checkpoint(run, ("finetune", "supervised"), game)
    except RunError as error:
        raise RunError(f"{error} To watch another player, name its run: RUN=runs/supervised/NAME.") from error


def play_weak(game: Game, level: str, window: WindowConfig) -> None:
    """A person shows the trained player how to get past where it fails. ValueError before anything was scored."""
    scored = newest_scored(game.name)
    if scored is None:
        raise ValueError("Expected an evaluation of a trained player, to know where it fails. Run `make eval` first.")

    def setup(emulator: Emulator, shown: "Window") -> Setup:
        from record.window.busy import Busy

        print(f"looking for the moments in which the {scored.player} player of {scored.where} fails …", flush=True)
        Busy(shown, "Looking for moments", f"in which the {scored.player} player of {scored.where} fails")
        starts = tuple(weak_starts(emulator, scored, select_acts(level or "all")))
        if not starts:
            raise ValueError(f"{scored.where}: the {scored.player} player fails nowhere on {level or 'any act'}.")
        for start in starts:
            print(f"  {start.act.name}: {start.note}", flush=True)
        return Setup("human", starts, facts={"skill": SKILL})

    _open(game, window, setup)


def play_drill(game: Game, level: str, skill: Literal["spindash"], window: WindowConfig) -> None:
    """A person practises a skill where it is needed; by default in the first act whose play shows none."""
    wanted = select_acts(level) if level else ()  # a wrong name is refused before a window opens

    def setup(emulator: Emulator, shown: "Window") -> Setup:
        from record.window.busy import Busy

        Busy(shown, "Looking for places")
        acts = wanted or (find_act((acts_without_dash(MOVIES, game) or [ACTS[0].name])[0]),)
        print(f"looking for places in {', '.join(act.name for act in acts)} …", flush=True)
        busy = Busy(shown, "Looking for places", f"to practise in {', '.join(game.title(act.name) for act in acts)}")
        starts = tuple(start for act in acts for start in drill_starts(emulator, MOVIES, act, busy))
        return Setup("human", starts, facts={"skill": skill})

    _open(game, window, setup)


def watch(game: Game, path: Path, window: WindowConfig) -> None:
    """Play a movie in the window. MovieError when it cannot be read."""
    movie = read_movie(path)
    sidecar = read_sidecar(path)

    def setup(emulator: Emulator, shown: "Window") -> Setup:
        emulator.set_state(movie.state)
        act = act_of(emulator.peek("zone"), emulator.peek("act_number")) or ACTS[0]
        start = Start(act, movie.state, f"{path.name}, {movie.frames} frames, played by {sidecar.player}")
        return Setup("watch", (start,), watched=Watched(path.name, movie, sidecar.certificate))

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


def _open(game: Game, config: WindowConfig, make_setup: Callable[[Emulator, "Window"], Setup]) -> None:
    os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")
    from record.window.busy import Busy, WindowClosed
    from record.window.screen import Window

    window = Window(config.scale, config.fullscreen)
    try:
        Busy(window, "The recorder", "looking for takes that were cut off")
        with Emulator(game) as emulator:
            for line in recover(emulator, MOVIES):
                print(line, flush=True)
            _run(emulator, window, config, make_setup(emulator, window))
    except WindowClosed:
        print("the window was closed before there was anything to play")
    finally:
        window.close()


def _run(emulator: Emulator, window: "Window", config: WindowConfig, setup: Setup) -> None:
    from record.window.controls import Controls
    from record.window.pacing import Pacer
    from record.window.recorder import Recorder
    from record.window.sound import open_sound

    emulator.set_state(setup.starts[0].opening(emulator.game))
    emulator.step(0)
    sound = open_sound(len(emulator.audio()), config.mute, config.sound_device, config.volume)
    recorder = Recorder(emulator, window, Controls(config.controls), sound, setup, Pacer())
    state = recorder.state
    print(f"the window is open: {state.title} ({state.start.act.name}); F1 shows the keys", flush=True)
    gc.collect()
    gc.freeze()  # what is there now stays, and looking through it again would only drop frames
    try:
        if sound.trouble:
            state.say(sound.trouble)
        recorder.run()
    except KeyboardInterrupt:
        print("stopped")
    finally:
        sound.close()
        print("\n".join(state.messages))
        print(f"recorder: {recorder.report()}", flush=True)

"""One movie -> one episode: replayed by its raw pad masks, each frame handed on as it is drawn, with what the contest pays."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import stable_retro

from dataset.store import FORMAT_VERSION, EpisodeWriter
from game.actions import is_lossy
from game.acts import act_of
from game.certificate import Certificate, Certifier, ram_hash
from game.emulator import Emulator
from game.games import Game
from game.movie import Movie, replay
from game.observation import ObservationSpec, observe
from game.ram import MODE_IN_PLAY, MODE_SPECIAL_STAGE
from game.rules import ActTracker, ContestScore
from game.spindash import SpinDash, SpinDashCounter

CORE = f"genesis_plus_gx of stable-retro {stable_retro.__version__.strip()}"
"""What draws the frames; another one may draw others."""


def replay_episode(
    emulator: Emulator,
    movie: Movie,
    spec: ObservationSpec,
    writer: EpisodeWriter,
    labelled: np.ndarray | None = None,
) -> Certificate:
    """Replay a movie into a writer; observation 0 is the start state, drawn by one frame that is then taken back.

    Args:
        writer: made for as many frames; gets everything but the attributes that are known from elsewhere.
        labelled: bool [frames], which frames are labels (None: all); only their spin dashes count.
    """
    if labelled is None:
        labelled = np.ones(movie.frames, bool)
    emulator.set_state(movie.state)
    start = emulator.variables()
    emulator.step(0)
    writer.add(observe(emulator.screen(), spec), start)
    certifier = Certifier(movie.frames)
    counter = SpinDashCounter()
    score = MovieScore(start)
    for frame in replay(emulator, movie):
        variables = emulator.variables()
        writer.add(observe(emulator.screen(), spec), variables, score.pay(variables))
        counter.update(
            frame=frame,
            mask=int(movie.masks[frame]),
            flag=variables["spindash_flag"],
            inertia=variables["inertia"],
            x=variables["x"],
        )
        certifier.see(frame, emulator)
    certificate = certifier.certificate()
    writer.terminated = score.died or score.passed
    writer.attributes |= _start_attributes(emulator.game, start, spec)
    writer.attributes |= _end_attributes(movie, certificate, score)
    writer.attributes |= _spin_dash_attributes([dash for dash in counter.dashes if labelled[dash.frame]])
    writer.finish(movie.masks, labelled)
    return certificate


def _start_attributes(game: Game, start: dict[str, int], spec: ObservationSpec) -> dict[str, Any]:
    """What is known before a movie is played."""
    act = act_of(start["zone"], start["act_number"])
    return {
        "format_version": FORMAT_VERSION,
        "game": game.name,
        "act": act.name if act else f"zone {start['zone']} act {start['act_number']}",
        "rom_sha1": game.sha1,
        "core": CORE,
        "observation_spec": json.dumps(spec.to_json()),
    }


def _end_attributes(movie: Movie, certificate: Certificate, score: "MovieScore") -> dict[str, Any]:
    return {
        "total_steps": movie.frames,
        "certificate": ram_hash(json.dumps(certificate.hashes).encode()),
        "passed_end_x": score.passed,
        "died": score.died,
        "lossy_frames": sum(is_lossy(mask) for mask in movie.masks.tolist()),
    }


def _spin_dash_attributes(dashes: list[SpinDash]) -> dict[str, Any]:
    return {"spin_dashes": len(dashes), "spin_dash_revs": json.dumps([dash.revs for dash in dashes])}


class MovieScore:
    """The contest reward frame by frame, begun anew in every act that a movie passes through.

    Attributes:
        passed, died: in any of its acts.
    """

    def __init__(self, start: Mapping[str, int]) -> None:
        self.passed = False
        self.died = False
        self._begin(start)

    def _begin(self, variables: Mapping[str, int]) -> None:
        self._act = act_of(variables["zone"], variables["act_number"])
        self._tracker: ActTracker | None = None
        if self._act is not None and variables["x"] < self._act.end_x:  # else there is no way left to score
            self._tracker = ActTracker.begin(self._act, variables)
            self._score = ContestScore(self._tracker)

    def pay(self, variables: Mapping[str, int]) -> float:
        """The reward of the frame after which RAM holds these variables; 0 outside the 18 acts and after the end."""
        if act_of(variables["zone"], variables["act_number"]) is not self._act:
            self._begin(variables)
        tracker = self._tracker
        if tracker is None:
            return 0.0
        if variables["game_mode"] == MODE_SPECIAL_STAGE:
            self.died = True  # as the rules have it; what RAM shows there is no place in the act, so nothing is paid
            return 0.0
        if variables["game_mode"] != MODE_IN_PLAY:
            tracker.frame += 1  # the contest's clock runs on behind a title card
            return 0.0
        tracker.update(variables)
        self.passed = self.passed or tracker.passed
        self.died = self.died or tracker.died
        return self._score.pay()

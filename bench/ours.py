"""What is measured of this project, and the floors: each side prepares and returns a function that gives a rate."""

import gzip
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from game.actions import COMBO_COUNT, MASK_OF_COMBO
from game.acts import ACT_NAMES
from game.emulator import Emulator
from game.env import ActEnv, EnvConfig, make_env
from game.games import CORE_STATE_BYTES, ROOT, Game, find_game
from game.movie import read_movie, replay
from game.observation import ObservationSpec
from game.workers import run_tasks
from policy.forward import NetworkConfig

if TYPE_CHECKING:
    from supervised.train import Cloning

Measure = Callable[[], float]

ACT = "EmeraldHillZone.Act1"
STEPS = 1500
"""Agent steps a round of one environment."""
EPISODE_FRAMES = 4500
HOLD = 4
"""Steps that random play holds a combo."""
MOVIES = ROOT / "movies" / "quillrush"
MOVIE_COUNT = 12


def random_combos(seed: int = 0) -> Iterator[int]:
    """The same random play for every side."""
    rng = np.random.default_rng(seed)
    while True:
        yield from [int(rng.integers(COMBO_COUNT))] * HOLD


def rate_of(count: int, work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return count / (time.perf_counter() - began)


def airstriker() -> Game:
    """The game that ships with stable-retro, as one of ours: its frames cost the core half as much again as Quillrush's."""
    import stable_retro.data

    retro_id = "Airstriker-Genesis-v0"
    folder = Path(stable_retro.data.path()) / "stable" / retro_id
    return Game("airstriker", retro_id, (folder / "rom.sha").read_text().strip(), folder, (folder / "rom.md",))


def _emulator(game: str) -> tuple[Emulator, bytes]:
    """An emulator and the state that play begins with."""
    if game == "airstriker":
        emulator = Emulator(airstriker())
        state = gzip.decompress((emulator.game.integration / "Level1.state").read_bytes())
        assert len(state) == CORE_STATE_BYTES
        return emulator, state
    env = ActEnv(Emulator(find_game(game)), EnvConfig(game=game, act=ACT))
    env.reset(seed=0)
    return env.emulator, env.start_state


def bare_frames(game: str = "quillrush") -> Measure:
    """The floor of one environment: four core frames an agent step, nothing looked at."""
    emulator, state = _emulator(game)
    core = emulator._core
    combos = random_combos()

    def work() -> None:
        emulator.set_state(state)
        for step in range(STEPS):
            if step % (EPISODE_FRAMES // 4) == 0:
                emulator.set_state(state)
            mask = int(MASK_OF_COMBO[next(combos)])
            emulator.step(mask)
            for _ in range(3):
                core.step()

    return lambda: rate_of(STEPS, work)


def env(game: str = "quillrush") -> Measure:
    """One environment: grey 96 x 96 x 4, RAM, reward."""
    emulator, state = _emulator(game)
    env = make_env(EnvConfig(act=ACT, max_frames=EPISODE_FRAMES), emulator)
    combos = random_combos()

    def work() -> None:
        over = True
        for _ in range(STEPS):
            if over:
                env.reset(seed=0, options={"state": state})
            _, _, terminated, truncated, _ = env.step(next(combos))
            over = terminated or truncated

    return lambda: rate_of(STEPS, work)


def vector(count: str) -> Measure:
    """Environments stepped together."""
    from game.vector import VectorEnv

    size, steps = int(count), 800
    venv = VectorEnv(EnvConfig(max_frames=EPISODE_FRAMES), [ACT] * size)
    venv.reset(seed=0)
    players = [random_combos(seed) for seed in range(size)]

    def work() -> None:
        for _ in range(steps):
            venv.step([next(player) for player in players])

    return lambda: rate_of(size * steps, work)


class RandomActor:
    """game.vector.Actor without a network."""

    def load(self, weights: np.ndarray) -> None:
        self._combos = random_combos()

    def decide(self, observation: np.ndarray, rng: np.random.Generator) -> tuple[int, float, float]:
        return next(self._combos), 0.0, 0.0

    def value(self, observation: np.ndarray) -> float:
        return 0.0


def rollouts(workers: str = "0") -> Measure:
    """Whole rollouts handed over, as training takes them; random play."""
    from game.vector import RolloutPool

    envs, steps = 8, 128
    config = EnvConfig(max_frames=EPISODE_FRAMES)
    pool = RolloutPool(config, RandomActor(), 1, envs, steps, 0, int(workers))
    number = iter(range(1_000_000))
    pool.collect(next(number), np.zeros(1, np.float32), [ACT], [1.0])

    def work() -> None:
        for _ in range(3):
            pool.collect(next(number), np.zeros(1, np.float32), [ACT], [1.0])

    return lambda: rate_of(3 * envs * steps, work)


class Ppo:
    """The learner as `make finetune INIT=none` runs it, with the counts the comparison asks for."""

    def __init__(self, envs: int, workers: int = 0, precision: str = "auto") -> None:
        from experiment.run import Run
        from finetune.ppo.config import Config
        from finetune.ppo.learner import Learner

        self.config = Config(
            game="quillrush", init="none", acts=ACT, envs=envs, rollout=128, epochs=4, minibatch=256,
            max_frames=EPISODE_FRAMES, workers=workers, precision=precision,
        )  # fmt: skip
        self.learner = Learner(self.config, None, Run.scratch(Path(tempfile.mkdtemp(dir=Path.cwd()))))
        self.learner.improve()

    def improve(self, updates: int) -> None:
        for _ in range(updates):
            self.learner.improve()
            self.learner.update_number += 1


def ppo(envs: str = "16", workers: str = "0") -> Measure:
    """Agent steps/s end to end."""
    run = Ppo(int(envs), int(workers))
    return lambda: rate_of(2 * run.config.steps_per_update, lambda: run.improve(2))


def ppo_bound(envs: str = "16") -> Measure:
    """Agent steps/s if nothing but emulation, inference and gradient steps took time, each with all cores busy."""
    import tensorflow as tf

    from policy.forward import flatten

    run = Ppo(int(envs))
    learner, c = run.learner, run.config
    weights = flatten(learner.network.get_weights())
    batch, _ = learner._prepare_batch(learner.pool.trajectories)
    order = np.concatenate([np.random.default_rng(i).permutation(c.steps_per_update) for i in range(c.epochs)])
    indices = tf.constant(order.reshape(-1, c.minibatch), tf.int32)
    numbers = iter(range(10, 1_000_000))

    def act() -> None:
        for _ in range(2):
            learner.pool.collect(next(numbers), weights, [ACT], [1.0])

    def learn() -> None:
        for _ in range(2):
            losses = learner._update(batch, indices, tf.constant(0.0), tf.constant(0.0))
            float(losses["policy"])

    def measure() -> float:
        samples = 2 * c.steps_per_update
        return 1.0 / (1.0 / rate_of(samples, act) + 1.0 / rate_of(samples, learn))

    return measure


def _cloning() -> "Cloning":
    from dataset.loader import open_dataset
    from experiment.run import Run
    from supervised.config import Config
    from supervised.train import Cloning

    dataset = open_dataset(Path("data") / "bench-v0")
    config = Config(game="quillrush", data="bench-v0", batch_size=256, phases=2)
    return Cloning(config, dataset, Run.scratch(Path(tempfile.mkdtemp(dir=Path.cwd()))))


def cloning() -> Measure:
    """Samples/s, loader included: one epoch of `make bc`."""
    from experiment.progress import Tracker

    run = _cloning()
    epochs = iter(range(1_000_000))

    def work() -> None:
        with Tracker("cloning", 1, "batches") as tracker:
            run._train_epoch(next(epochs), tracker)

    work()
    return lambda: rate_of(len(run.training), work)


def loader() -> Measure:
    """Windows/s out of the loader alone, shifted and shuffled."""
    from dataset.loader import tf_batches

    run = _cloning()
    epochs = iter(range(1_000_000))

    def work() -> None:
        for _ in tf_batches(run.dataset, run.training, 256, 0, next(epochs), shift=4):
            pass

    work()
    return lambda: rate_of(len(run.training), work)


def some_movies() -> list[Path]:
    """A dozen of the shipped movies, of different acts."""
    found = sorted(MOVIES.rglob("*.bk2"))
    return found[:: max(len(found) // MOVIE_COUNT, 1)][:MOVIE_COUNT]


_emulators: list[Emulator] = []


def replay_bare(path: Path) -> int:
    """Replay one movie in a worker and look at nothing; returns its frames."""
    if not _emulators:
        _emulators.append(Emulator(find_game("quillrush")))
    return sum(1 for _ in replay(_emulators[0], read_movie(path)))


def convert_one(path: Path) -> int:
    """Convert one movie in a worker; returns its frames."""
    from dataset.convert import Task, convert_movie

    convert_movie(Task(path, Path("converted") / f"{path.stem}.hdf5", "quillrush", ObservationSpec()))
    return read_movie(path).frames


def _all_cores(function: Callable[[Path], int]) -> float:
    """Frames/s with one worker a core, from the first result on (starting processes is not counted)."""
    frames, began = 0, 0.0
    for outcome in run_tasks(function, some_movies()):
        if outcome.error:
            raise RuntimeError(outcome.error)
        if began:
            frames += outcome.result
        began = began or time.perf_counter()
    return frames / (time.perf_counter() - began)


def bare_replay() -> Measure:
    """The converter's floor: frames/s of the bare core with all cores."""
    return lambda: _all_cores(replay_bare)


def converter() -> Measure:
    """Frames/s converted with all cores."""
    return lambda: _all_cores(convert_one)


EVALUATION_FRAMES = 1200


def evaluation() -> Measure:
    """Agent steps/s of scoring 18 acts, one episode each, starting the processes included."""
    from policy.checkpoint import CheckpointInfo, save_checkpoint
    from policy.episodes import EpisodeTask, play_all
    from policy.forward import parameter_shapes

    spec, network = ObservationSpec(), NetworkConfig()
    rng = np.random.default_rng(0)
    weights = [(rng.standard_normal(shape) * 0.02).astype(np.float32) for shape in parameter_shapes(network, spec)]
    info = CheckpointInfo(game="quillrush", frame_skip=4, observation=spec, network=network, step=0, metrics={})
    path = save_checkpoint(Path("checkpoint"), info, weights, [])
    env = EnvConfig(max_frames=EVALUATION_FRAMES)
    seeds = iter(range(1_000_000))

    def measure() -> float:
        seed = next(seeds)
        tasks = [EpisodeTask(str(path), act, seed, env) for act in ACT_NAMES]
        began = time.perf_counter()
        episodes = play_all(tasks)
        return sum(episode.frames / 4 for episode in episodes) / (time.perf_counter() - began)

    return measure


SIDES: dict[str, Callable[..., Measure]] = {
    "bare-frames": bare_frames,
    "env": env,
    "vector": vector,
    "rollouts": rollouts,
    "ppo": ppo,
    "ppo-bound": ppo_bound,
    "cloning": cloning,
    "loader": loader,
    "bare-replay": bare_replay,
    "converter": converter,
    "evaluation": evaluation,
}

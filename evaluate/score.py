"""The evaluation: every player plays every act with the same seeds; what finished stays when it is stopped.

The contest's conditions (sticky frame skip, 18,000 frames), with one departure: an episode goes on past the contest's
end x until the game itself calls the act done, so that "passed the end x" and "completed the act" are told apart. The
contest score is the same with and without: nothing is paid after the end x.
"""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path

from common.files import whole_file
from evaluate.config import PRESETS, Config
from evaluate.maps import make_maps
from evaluate.players import PlayerSpec, find_players
from evaluate.report.page import write_report
from evaluate.results import Results, describe_machine, summarise_players
from evaluate.store import EpisodeStore, place_of, read_episodes
from evaluate.style import look_at
from evaluate.table import act_table, as_markdown, show, summary_table
from evaluate.teacher import teacher_of, watch_teacher
from evaluate.videos import render_videos
from experiment.config import in_words, to_json
from experiment.progress import ProgressBar
from experiment.run import Run, write_json
from game.acts import select_acts
from game.env import EnvConfig
from game.games import choose_game, find_game
from game.rollout import Episode
from game.tasks import run_tasks
from policy.episodes import EpisodeTask, play_task

MOST_FAILURES = 5
"""Episodes that may fail before the evaluation stops and says why."""


def evaluate(config: Config) -> Run:
    """Score, print, report. A finished run's table is printed again; an unfinished one goes on.

    Raises:
        ValueError: an unknown game, act or player, a checkpoint that does not fit, or another process at work on this.
        RuntimeError: episodes that could not be played; the others are kept.
    """
    if config.episodes < 1:
        raise ValueError(f"Expected at least one episode per act. Received: episodes {config.episodes}")
    game, why = choose_game(config.game)
    print(f"game: {game.name} ({why})")
    chosen = select_acts(config.acts)
    game.check_acts(chosen)
    game.check_rom()
    config = replace(config, game=game.name)
    acts = [act.name for act in chosen]
    players = find_players(config.players, game.name, config.frame_skip, config.trial)
    inputs = {"rom": game.sha1, "players": [player.identity for player in players]}
    label = f"{game.name}-s{config.seed}"
    preset = in_words(config, PRESETS)
    run = Run.open("evaluate", config, inputs, name=config.name, label=label, preset=preset)
    results = reuse(config, acts, players, run)
    if results:
        print_tables(results)
    else:
        print(f"evaluating {', '.join(player.label for player in players)} ({preset}) -> {run.path}")
        for player in players:
            if player.about:
                print(f"  {player.label}: {player.about}")
        with run.held():
            play_missing(config, acts, players, run)
            watch_teacher(game, acts, config.max_frames, run.path, config.crew)
            results = collect(config, acts, players, run)
            print_tables(results)
            publish(results, config, run)
    print(f"report: {run.path / ('report.html' if config.report else 'table.md')}")
    return run


def reuse(config: Config, acts: Sequence[str], players: Sequence[PlayerSpec], run: Run) -> Results | None:
    """The results of a finished run, without writing anything; None when there is still something to play."""
    if not run.finished:
        return None
    try:
        results = collect(config, acts, players, run)
    except KeyError:
        print(f"evaluation: {run.path} is finished, but some of its episodes are gone; playing those again")
        return None
    print(f"evaluation: {run.path} is finished; reusing it")
    return results


def print_tables(results: Results) -> None:
    """The figures on the terminal, with what has to be known of them."""
    show(summary_table(results))
    show(act_table(results))
    for note in results.notes:
        print(note)


def play_missing(config: Config, acts: Sequence[str], players: Sequence[PlayerSpec], run: Run) -> None:
    """Play the episodes that are not saved yet, each with its movie. RuntimeError when some cannot be played."""
    store = EpisodeStore(run.path / "episodes.jsonl")
    order = list(product(players, acts, config.seeds))
    missing = [(player, act, seed) for player, act, seed in order if (player.label, act, seed) not in store.episodes]
    # those who play alike are played once, and the episode is kept for each
    sharing: dict[tuple[str, str, int], list[PlayerSpec]] = {}
    for player, act, seed in missing:
        sharing.setdefault((player.plays or player.label, act, seed), []).append(player)
    tasks = {}
    for (_, act, seed), alike in sharing.items():
        tasks[episode_task(config, alike[0], act, seed, run.path)] = alike
    failures: list[str] = []
    with ProgressBar("evaluating", len(order), "episodes", len(order) - len(missing)) as progress:
        for outcome in run_tasks(play_afresh, tasks, config.crew):
            alike = tasks[outcome.task]
            label = alike[0].label
            if outcome.error:
                failures.append(f"{label} on {outcome.task.act}, seed {outcome.task.seed}: {outcome.error}")
                progress.say(failures[-1])
                if len(failures) > MOST_FAILURES:
                    break
                continue
            for player in alike:
                _keep(store, outcome.task, outcome.result, player, run.path)
            progress.advance(len(alike), f"{label} on {outcome.result.act}: {outcome.result.progress:.0%}")
    if failures:
        raise RuntimeError(
            f"{len(failures)} episodes could not be played, the first being {failures[0]}. "
            "All others are kept; the same command tries the missing ones again."
        )


def _keep(store: EpisodeStore, task: EpisodeTask, episode: Episode, player: PlayerSpec, folder: Path) -> None:
    """Save an episode as this player's, its movie first."""
    movie = place_of(folder, "movies", player.label, task.act, task.seed, "bk2")
    if task.movie is not None and movie != task.movie:
        with whole_file(movie) as beside:
            shutil.copyfile(task.movie, beside)
    store.add(player.label, episode)


def play_afresh(task: EpisodeTask) -> Episode:
    """Play an episode in a worker; the movie that an attempt cut short may have left behind makes way."""
    if task.movie is not None:
        task.movie.unlink(missing_ok=True)
    return play_task(task)


def episode_task(config: Config, player: PlayerSpec, act: str, seed: int, folder: Path) -> EpisodeTask:
    """One player on one act under this evaluation's conditions."""
    env = EnvConfig(
        game=config.game,
        frame_skip=config.frame_skip,
        stick_probability=config.stick_probability,
        observation=player.observation,
        max_frames=config.max_frames,
        end="completion",
    )
    movie = place_of(folder, "movies", player.label, act, seed, "bk2")
    return EpisodeTask(player.source, act, seed, env, temperature=config.temperature, movie=movie)


def collect(config: Config, acts: Sequence[str], players: Sequence[PlayerSpec], run: Run) -> Results:
    """The figures of a run whose episodes, and its teacher's, are all there. KeyError when some are not."""
    episodes = read_episodes(run.path / "episodes.jsonl")
    game = find_game(config.game)
    teacher, about_teacher = teacher_of(run.path, acts, config.seed)
    return Results(
        game=game.name,
        config=to_json(config),
        machine=describe_machine(),
        players=summarise_players(players, acts, config.seeds, episodes, bootstrap_seed=config.seed),
        teacher=teacher,
        about_teacher=about_teacher,
        build=game.build,
    )


def publish(results: Results, config: Config, run: Run) -> None:
    """results.json and table.md, then videos and report; then the run is finished."""
    write_json(run.path / "results.json", results.to_json())
    parts = [as_markdown(table(results)) for table in (summary_table, act_table)]
    parts.append("".join(f"- {note}\n" for note in results.notes))
    with whole_file(run.path / "table.md") as beside:
        beside.write_text("\n".join(parts))
    videos = _report(results, config, run) if config.report else 0
    best = max(results.players, key=lambda player: player.progress.mean)
    mean_progress = {player.label: player.progress.mean for player in results.players}
    run.finish({"progress": mean_progress, "best": best.label, "videos": videos})


def _report(results: Results, config: Config, run: Run) -> int:
    """The pages that open in a browser; returns how many videos they show."""
    videos = render_videos(results, config.videos, run.path, config.crew)
    maps = make_maps(results, run.path, config.crew)
    style = look_at(results, run.path, config.crew)
    write_report(results, videos, run.path / "report.html", maps, style)
    return len(videos)

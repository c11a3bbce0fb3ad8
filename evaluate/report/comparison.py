"""compare.html: two evaluations beside each other, one file like the report."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

from common.files import whole_file
from common.words import counted
from evaluate.compare import ActChange, Comparison, PlayerChange
from evaluate.evaluation import Evaluation
from evaluate.report.differences import Difference, difference_chart
from evaluate.report.html import colours_of_labels, document, drawings, full_act_name, html_table, legend, section
from evaluate.report.shape import PHONE, WIDE
from evaluate.table import Table, percent, points, show
from experiment.run import portable
from experiment.statistics import Change

_SIGNS = {"better": " ▲", "worse": " ▼"}


def write_comparison(comparison: Comparison, path: Path) -> None:
    """Write the page."""
    with whole_file(path) as beside:
        # Names of files may hold bytes that are no characters.
        beside.write_text(comparison_page(comparison), encoding="utf-8", errors="replace")


def print_comparison(comparison: Comparison) -> None:
    """The figures on the terminal, and what they come to in words."""
    show(overall_table(comparison))
    show(act_change_table(comparison))
    for player in comparison.players:
        for sentence in (verdict_in_words(player), acts_in_words(player, comparison.after.conditions.game)):
            if sentence:
                print(sentence)
    for remark in comparison.remarks:
        print(remark)


def verdict_in_words(player: PlayerChange) -> str:
    """One player's outcome: "clone: better, +10.6 points of mean progress (95 %: 2.1 to 18.9)"."""
    if player.same_episodes:
        return f"{player.label}: the same, episode by episode."
    change = player.progress
    difference = f"{_signed(100 * change.difference, 1)} percentage points of mean progress{_range(change, 100, 1)}"
    return f"{player.label}: {change.verdict}, {difference}."


def acts_in_words(player: PlayerChange, game: str) -> str:
    """Which acts changed beyond their intervals, and by how many that could be chance."""
    if player.same_episodes:
        return ""
    parts = []
    for verdict in ("better", "worse"):
        acts = [full_act_name(act.act, game) for act in player.acts if act.progress.verdict == verdict]
        if acts:
            parts.append(f"{verdict} on {', '.join(acts)}")
    found = "; ".join(parts) or "no difference seen on any single act"
    return f"{player.label}: {found}."


def overall_table(comparison: Comparison) -> Table:
    """One row per player: mean progress and contest score before and after, and what they differ by."""
    columns = ("player", "mean progress", "difference, points", "contest score", "difference", "progress is")
    rows = []
    for player in comparison.players:
        progress, score = player.progress, player.score
        verdict = "the same" if player.same_episodes else progress.verdict
        row = (
            player.label,
            f"{percent(progress.before)} → {percent(progress.after)}",
            _difference(progress, 100, 1),
            f"{points(score.before)} → {points(score.after)}",
            _difference(score, 1, 0),
            verdict,
        )
        rows.append(row)
    acts = counted(len(comparison.acts), "acts")
    pairs = counted(len(comparison.seeds), "pairs")
    title = f"Before: {comparison.before.name}, after: {comparison.after.name}; {acts}, {pairs} of episodes per act"
    return Table(title, columns, tuple(rows))


def act_change_table(comparison: Comparison) -> Table:
    """One row per act, one column per player: what its mean progress differs by, and how many completed it."""
    players = _changed(comparison)
    rows = []
    for i, act in enumerate(comparison.acts):
        rows.append((act, *[_act_cell(player.acts[i], len(comparison.seeds)) for player in players]))
    title = (
        "Difference of mean progress, percentage points (▲ ▼ the interval leaves zero out; ✓ completed, before → after)"
    )
    return Table(title, ("act", *[player.label for player in players]), tuple(rows))


def _changed(comparison: Comparison) -> list[PlayerChange]:
    """The players of whom there is anything to see; all of them when nobody changed."""
    return [player for player in comparison.players if not player.same_episodes] or list(comparison.players)


def _act_cell(change: ActChange, episodes: int) -> str:
    sign = _SIGNS.get(change.progress.verdict, "")
    cell = f"{_signed(100 * change.progress.difference, 1)}{sign}"
    if any(change.completed):
        cell += f" ✓{change.completed[0]}→{change.completed[1]}/{episodes}"
    interval = change.progress.interval
    return cell if interval is None else f"{cell} [{100 * interval.low:.1f}, {100 * interval.high:.1f}]"


def _difference(change: Change, factor: float, digits: int) -> str:
    interval = change.interval
    cell = _signed(factor * change.difference, digits)
    return (
        cell
        if interval is None
        else f"{cell} [{factor * interval.low:.{digits}f}, {factor * interval.high:.{digits}f}]"
    )


def _range(change: Change, factor: float, digits: int) -> str:
    if change.interval is None:
        return ""
    return (
        f" (95 %: {_signed(factor * change.interval.low, digits)} to {_signed(factor * change.interval.high, digits)})"
    )


def _signed(value: float, digits: int) -> str:
    """With its sign, and no sign for what rounds to zero."""
    rounded = round(value, digits)
    return f"{rounded:+.{digits}f}" if rounded else f"{0:.{digits}f}"


def comparison_page(comparison: Comparison) -> str:
    """The whole document."""
    before, after = escape(comparison.before.name), escape(comparison.after.name)
    changed = [player for player in comparison.players if not player.same_episodes]
    same = [player.label for player in comparison.players if player.same_episodes]
    verdicts = "".join(f"<li><b>{escape(verdict_in_words(player))}</b></li>" for player in changed)
    if same:
        verdicts += f"<li>{escape(', '.join(same))}: the same in both, episode by episode.</li>"
    head = f"""<p class="kicker">Comparison</p>
<h1>Before and after</h1>
<p class="lead">{escape(comparison.after.conditions.game.capitalize())}: from <b>{before}</b> to <b>{after}</b>.</p>
<ul class="verdicts">{verdicts}</ul>
<ul class="grounds">{_listed(comparison.remarks)}</ul>"""
    below = f"<main>\n{_overall(comparison)}\n{_acts(comparison)}\n</main>\n{_footer(comparison)}"
    return document(f"{comparison.before.name} and {comparison.after.name}", head, below)


def _listed(sentences: Sequence[str]) -> str:
    return "".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)


def _overall(comparison: Comparison) -> str:
    words = (
        "Means over the pairs: the same player label, act and seed in both. In brackets: the 95 % interval of the mean "
        "difference, from a bootstrap that draws pairs again within each act. It speaks of other seeds on these acts, not "
        "of training once more: where a training lies between the two, another one might have come out differently."
    )
    return section("overall", "Over all acts", words, html_table(overall_table(comparison)))


def _acts(comparison: Comparison) -> str:
    """The difference on every act, as a chart, in words and as a table."""
    players = _changed(comparison)
    game = comparison.after.conditions.game
    colours = colours_of_labels(
        [(player.label, not _is_trained(comparison, player.label)) for player in comparison.players]
    )
    rows = []
    for i, act in enumerate(comparison.acts):
        rows.append(
            (full_act_name(act, game), [_drawn(player, player.acts[i].progress, colours) for player in players])
        )
    name = "Difference of mean progress per act and player"
    charts = [difference_chart(name, rows, _points_of_percent, shape) for shape in (WIDE, PHONE)]
    words = (
        "Mean progress after minus before, in percentage points; right of the line is better. Where the interval leaves "
        f"zero out, the dot is filled, with ▲ or ▼. {_chance(len(comparison.acts) * len(players), len(comparison.seeds))}"
    )
    told = _listed(list(filter(None, [acts_in_words(player, game) for player in players])))
    table = html_table(act_change_table(comparison))
    return section(
        "acts",
        "Act by act",
        words,
        f"<ul>{told}</ul>",
        legend([(player.label, colours[player.label]) for player in players]),
        drawings(*charts),
        f"<details><summary>The same as a table</summary>{table}</details>",
    )


def _is_trained(comparison: Comparison, label: str) -> bool:
    return bool(comparison.after.players.get(label) or comparison.before.players.get(label))


def _chance(intervals: int, episodes: int) -> str:
    """How far single acts can be trusted."""
    expected = max(1, round(0.05 * intervals))
    return (
        f"Each rests on {counted(episodes, 'pairs')} only, and of {counted(intervals, 'intervals')} about {expected} "
        "leaves zero out by chance."
    )


def _drawn(player: PlayerChange, change: Change, colours: dict[str, str]) -> Difference:
    sure = change.verdict in _SIGNS
    return Difference(player.label, colours[player.label], change.difference, change.interval, sure)


def _points_of_percent(share: float) -> str:
    return _signed(100 * share, 0)


def _footer(comparison: Comparison) -> str:
    seeds = comparison.seeds
    facts = [*_facts("Before", comparison.before), *_facts("After", comparison.after)]
    facts.append(("Pairs", f"{counted(len(comparison.acts), 'acts')}, seeds {', '.join(map(str, seeds))}"))
    rows = [f"<dt>{escape(name)}</dt><dd>{escape(fact)}</dd>" for name, fact in facts]
    return f"<footer><dl>{''.join(rows)}</dl></footer>"


def _facts(name: str, evaluation: Evaluation) -> list[tuple[str, str]]:
    conditions = evaluation.conditions
    played = (
        f"{conditions.frame_skip} frames per step, stick probability {conditions.stick_probability}, at most "
        f"{conditions.max_frames} frames, temperature {conditions.temperature}"
    )
    players = ", ".join(f"{label} {sha256[:12]}".strip() for label, sha256 in evaluation.players.items())
    return [(name, portable(evaluation.path)), ("Conditions", played), ("Players", players)]

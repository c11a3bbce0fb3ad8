"""Tables and intervals as the text that documents, cards and terminals show."""

from collections.abc import Sequence

from experiment.statistics import Interval


def markdown_table(columns: Sequence[str], rows: Sequence[Sequence[object]], figures: int = 0) -> str:
    """A GitHub table, one line a row.

    Args:
        figures: how many of the last columns are numbers, which stand on the right.
    """
    alignment = ["---"] * (len(columns) - figures) + ["---:"] * figures
    return "\n".join(_row(cells) for cells in (columns, alignment, *rows))


def _row(cells: Sequence[object]) -> str:
    escaped = [str(cell).replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def between(interval: Interval | None, factor: float, digits: int) -> str:
    """An interval as " [low, high]", its ends times a factor; nothing where there is none."""
    if interval is None:
        return ""
    low = f"{factor * interval.low:.{digits}f}"
    high = f"{factor * interval.high:.{digits}f}"
    return f" [{low}, {high}]"

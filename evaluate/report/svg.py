"""The few pieces of SVG that the charts are made of. Colours come from the page's style sheet by class name.

Inline SVG needs no name space and no scripts; a <title> inside a shape is its tooltip. All text and attributes are
escaped here, so charts may be handed any string.
"""

import math
from collections.abc import Iterable
from html import escape


def tag(name: str, *inside: str, **attributes: str | float) -> str:
    """An element. `inside` is SVG as it stands; attribute names take "_" for "-", and `css` for class."""
    written = []
    for key, value in attributes.items():
        attribute = key.replace("_", "-")
        if attribute == "css":  # `class` cannot be the name of an argument
            attribute = "class"
        written.append(f' {attribute}="{escape(_value(value))}"')
    return f"<{name}{''.join(written)}>{''.join(inside)}</{name}>"


def text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> str:
    """Words at a point; anchor is start, middle or end."""
    return tag("text", escape(words), x=x, y=y, css=css, text_anchor=anchor)


def horizontal(y: float, left: float, right: float, css: str) -> str:
    """A straight line from left to right."""
    return tag("line", x1=left, y1=y, x2=right, y2=y, css=css)


def vertical(x: float, top: float, bottom: float, css: str) -> str:
    """A straight line from top to bottom."""
    return tag("line", x1=x, y1=top, x2=x, y2=bottom, css=css)


def circle(x: float, y: float, radius: float, css: str, tip: str = "") -> str:
    """A dot, with a tooltip when there is something to say."""
    return tag("circle", title(tip), cx=x, cy=y, r=radius, css=css)


def rectangle(x: float, y: float, width: float, height: float, css: str, tip: str = "") -> str:
    """A bar, with its tooltip."""
    height = max(height, 0.0)  # SVG knows no negative heights, which rounding can give
    return tag("rect", title(tip), x=x, y=y, width=width, height=height, rx=2, css=css)


def path(points: Iterable[tuple[float, float]], css: str, tip: str = "") -> str:
    """A line through points."""
    steps = " ".join(f"{_value(x)},{_value(y)}" for x, y in points)
    return tag("polyline", title(tip), points=steps, css=css)


def title(words: str) -> str:
    """A tooltip, or nothing."""
    if not words:
        return ""
    return tag("title", escape(words))


def picture(width: float, height: float, label: str, *inside: str) -> str:
    """A whole chart; `label` is what a screen reader says of it."""
    box = f"0 0 {_value(width)} {_value(height)}"
    return tag("svg", *inside, viewBox=box, role="img", aria_label=label, css="chart")


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About `count` round numbers from low to high: steps of 1, 2, 2.5 or 5 times a power of ten."""
    span = high - low
    if span <= 0:
        return [low]
    step = _round_step(span / count)
    # The small slack keeps ends that are a tick themselves but for rounding.
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def _round_step(rough: float) -> float:
    """The least of 1, 2, 2.5, 5 and 10 times a power of ten that is no smaller than `rough`."""
    power = 10.0 ** math.floor(math.log10(rough))
    least = rough * 0.999  # of 2.0000001 a step of 2 is as good
    for factor in (1, 2, 2.5, 5):
        if power * factor >= least:
            return power * factor
    return power * 10


def short(value: float) -> str:
    """A number for an axis: 1500 -> "1.5k", 2000000 -> "2M", 0.25 -> "0.25"."""
    if abs(value) >= 1e6:
        return f"{value / 1e6:.3g}M"
    if abs(value) >= 1e3:
        return f"{value / 1e3:.3g}k"
    return f"{value:.3g}"


def _value(value: str | float) -> str:
    """An attribute as text; a tenth of a unit is finer than anything drawn."""
    if isinstance(value, str):
        return value
    return f"{value:.1f}".removesuffix(".0")

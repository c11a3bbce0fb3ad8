"""The few pieces of SVG that the charts are made of. Colours come from the page's style sheet by class name.

Inline SVG needs no name space and no scripts; a <title> inside a shape is its tooltip. All text and attributes are
escaped here, so charts may be handed any string.
"""

import math
from collections.abc import Iterable
from html import escape


def tag(name: str, *inside: str, **attributes: str | float) -> str:
    """An element. `inside` is SVG as it stands; attribute names take "_" for "-", and `css` for class."""
    pairs = (("class" if key == "css" else key.replace("_", "-"), value) for key, value in attributes.items())
    written = "".join(f' {key}="{escape(_value(value))}"' for key, value in pairs)
    return f"<{name}{written}>{''.join(inside)}</{name}>"


def text(x: float, y: float, words: str, css: str = "", anchor: str = "start") -> str:
    """Words at a point; anchor is start, middle or end."""
    return tag("text", escape(words), x=x, y=y, css=css, text_anchor=anchor)


def line(x1: float, y1: float, x2: float, y2: float, css: str) -> str:
    """A straight line."""
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, css=css)


def circle(x: float, y: float, radius: float, css: str, tip: str = "") -> str:
    """A dot, with a tooltip when there is something to say."""
    return tag("circle", title(tip), cx=x, cy=y, r=radius, css=css)


def rectangle(x: float, y: float, width: float, height: float, css: str, tip: str = "") -> str:
    """A bar, with its tooltip."""
    return tag("rect", title(tip), x=x, y=y, width=width, height=max(height, 0.0), rx=2, css=css)


def path(points: Iterable[tuple[float, float]], css: str, tip: str = "") -> str:
    """A line through points."""
    steps = " ".join(f"{_value(x)},{_value(y)}" for x, y in points)
    return tag("polyline", title(tip), points=steps, css=css)


def title(words: str) -> str:
    """A tooltip, or nothing."""
    return tag("title", escape(words)) if words else ""


def picture(width: float, height: float, label: str, *inside: str) -> str:
    """A whole chart; `label` is what a screen reader says of it."""
    box = f"0 0 {_value(width)} {_value(height)}"
    return tag("svg", *inside, viewBox=box, role="img", aria_label=label, css="chart")


def ticks(low: float, high: float, count: int = 5) -> list[float]:
    """About `count` round numbers from low to high: steps of 1, 2, 2.5 or 5 times a power of ten."""
    span = high - low
    if span <= 0:
        return [low]
    rough = span / count
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [i * step for i in range(first, last + 1)]


def short(value: float) -> str:
    """A number for an axis: 1500 -> "1.5k", 2000000 -> "2M", 0.25 -> "0.25"."""
    for limit, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= limit:
            return f"{value / limit:.3g}{letter}"
    return f"{value:.3g}"


def _value(value: str | float) -> str:
    if isinstance(value, str):
        return value
    return f"{value:.1f}".removesuffix(".0")

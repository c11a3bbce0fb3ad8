"""What is in a chart, for its tests."""

from xml.etree import ElementTree

NASTY = '<script>alert("&")</script>'


def of_class(svg: str, css: str) -> list[ElementTree.Element]:
    """The elements of a class; fails on SVG that is not well-formed."""
    elements = ElementTree.fromstring(svg).iter()
    return [element for element in elements if css in element.get("class", "").split()]

"""Numbers in sentences."""


def counted(number: float, units: str) -> str:
    """A number and its unit, given in the plural (one that ends in s): "3 movies", "1 movie", "0.5 epochs"."""
    unit = units.removesuffix("s") if number == 1 else units
    return f"{number:g} {unit}" if number < 1_000_000 else f"{number:.0f} {unit}"

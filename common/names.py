"""Help for misspelt names."""

import difflib
from collections.abc import Iterable


def did_you_mean(name: str, known: Iterable[str], most: int = 3) -> str:
    """ " Did you mean this or that?" with the nearest of the known names, or "" when none is near. Case is ignored."""
    lowered = {candidate.lower(): candidate for candidate in known}
    near = difflib.get_close_matches(name.lower(), lowered, n=most, cutoff=0.4)
    if not near:
        return ""
    return f" Did you mean {' or '.join(lowered[match] for match in near)}?"

"""Choosing keys: one pad button after the other, by pressing what it should be."""

from record.window.controls import Controls

ORDER = ("UP", "DOWN", "LEFT", "RIGHT", "A", "B", "C", "START")
CANCEL = "key:escape"
KEEP = "key:f4"
NONE = "key:delete"
OWN = {CANCEL: "leave everything as it was", KEEP: "keep this one", NONE: "no key at all"}
"""What means something while keys are chosen, so that no button of the pad can have it."""


class Remap:
    """Feed it each newly pressed token; `button` is the one being asked for, None when all are done.

    Attributes:
        outcome: in the end, what became of the keys.
    """

    def __init__(self, controls: Controls) -> None:
        self._controls = controls
        self._before = controls.mapping()
        self._asked = 0
        self.outcome = ""

    @property
    def button(self) -> str | None:
        """The one being asked for, None when all are done."""
        if self._asked == len(ORDER):
            return None
        return ORDER[self._asked]

    @property
    def chosen(self) -> list[tuple[str, str]]:
        """(button, its keys) of those already asked for."""
        return [(name, "  ".join(self._controls.pad[name]) or "none") for name in ORDER[: self._asked]]

    def take(self, token: str | None) -> None:
        """What was pressed for the button, if anything; the mapping is saved after the last one, if it is another."""
        if token is None or self.button is None:
            return
        if token == CANCEL:
            self._controls.restore(self._before)
            self._asked = len(ORDER)
            self.outcome = "keys as they were"
            return
        if token == NONE:
            self._controls.bind(self.button, None)
        elif token != KEEP:
            self._controls.bind(self.button, token)
        self._asked += 1
        if self.button is None:
            self._save()

    def _save(self) -> None:
        if self._controls.mapping() == self._before:
            self.outcome = "keys as they were"
            return
        self.outcome = f"keys saved in {self._controls.path}"
        try:
            self._controls.save()
        except OSError as error:  # they hold until the program ends
            self.outcome = f"keys not saved: {error.strerror or error}"

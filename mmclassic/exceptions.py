"""Errors and warnings that name the row, the item and the remedy."""

from typing import Any

__all__ = ["InvalidItemWarning", "MediaError"]


class MediaError(ValueError):
    """Raised when one cell of a table can't be read or described.

    Parameters
    ----------
    reason : str
        What is wrong and what to do, as the rest of a sentence that begins with
        the item: "is empty (0 bytes). Replace the file or drop the row."
    subject : str, default=""
        The item as a message shows it: a quoted path, or "an array of shape (3,)".
    row : int or None, default=None
        0-based position of the cell in the X that was received.
    label : object, default=None
        The row's index label, where X has an index that is not the position.

    Examples
    --------
    >>> from mmclassic.exceptions import MediaError
    >>> print(MediaError("is empty (0 bytes).", "'a.wav'", row=2))
    Row 2 ('a.wav') is empty (0 bytes).
    """

    def __init__(
        self, reason: str, subject: str = "", row: int | None = None, label: Any = None
    ) -> None:
        # All of them in args, so that the error pickles out of worker processes.
        super().__init__(reason, subject, row, label)
        self.reason = reason
        self.subject = subject
        self.row = row
        self.label = label

    def __str__(self) -> str:
        if self.row is None:
            subject = self.subject or "The item"
            return f"{subject[0].upper()}{subject[1:]} {self.reason}"
        details = [self.subject] if self.subject else []
        if self.label is not None:
            details.append(f"index {self.label!r}")
        inside = f" ({', '.join(details)})" if details else ""
        return f"Row {self.row}{inside} {self.reason}"


class InvalidItemWarning(UserWarning):
    """Warned once per call when ``invalid="missing"`` treats rows as missing."""

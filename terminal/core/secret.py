"""Text that must not be seen: it shows itself only to whoever asks for it by name."""

from typing import NoReturn

HIDDEN = "•••"


class Secret:
    """A key or password. Printing, formatting, encoding or pickling it never shows it.

    Parameters
    ----------
    text : str

    Notes
    -----
    msgspec refuses to encode it, as it does with every class that it does not know, so that a
    record or frame with a secret in it cannot be written at all. Python cannot wipe a string from
    memory: a secret is kept by as few owners as can be, for as short as can be.
    """

    __slots__ = ("_text",)
    __hash__ = None  # type: ignore[assignment] # a hash of a short secret tells it

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Give the text away, to a keychain or an exchange and to nobody else."""
        return self._text

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __repr__(self) -> str:
        return HIDDEN

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return format(HIDDEN, spec)

    def __reduce__(self) -> NoReturn:
        msg = "a secret is not copied or pickled: pass it on as it is"
        raise TypeError(msg)

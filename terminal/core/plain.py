"""Text of others made fit to be shown: of a bearable length, nothing in it that hides or acts."""

import re
from typing import Final

LONGEST: Final = 2_000
"""Characters of a text that wraps."""

ONE_LINE: Final = 200
"""Characters of a line that does not wrap, more than any window is wide."""

_CONTROL: Final = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_HIDDEN: Final = re.compile(
    "[\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
_MARK: Final = "\N{REPLACEMENT CHARACTER}"
_ROOM: Final = 30  # of the words about what was left out


def plain(text: str, longest: int = LONGEST) -> str:
    """Make a text of an exchange, a file or a model fit to be shown.

    Parameters
    ----------
    text : str
        Whatever came: markup in it is nothing special here, and is shown as it stands by
        widgets that know no markup.
    longest : int
        Characters at most; what is left out is counted at the end.

    Returns
    -------
    str
        Control characters but line breaks are spaces. Characters that cannot be seen or that turn
        the direction of reading (Unicode's bidirectional controls, by which a number can be made to
        read as another) are replacement characters, so that they are seen.

    Notes
    -----
    Unicode Technical Report 36, section 3 (bidirectional and invisible text).
    """
    if len(text) <= longest and text.isprintable():  # nearly always
        return text
    if len(text) > longest:
        kept = longest - _ROOM
        text = f"{text[:kept]}… {len(text) - kept:,} more"
    return _HIDDEN.sub(_MARK, _CONTROL.sub(" ", text))


def one_line(text: str, longest: int = ONE_LINE) -> str:
    """Make a text fit to be shown where there is one line; breaks are spaces too."""
    return plain(text.replace("\n", " ") if "\n" in text else text, longest)

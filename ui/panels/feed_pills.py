"""The feeds of the header: one pill each, in fewer words where there is less room."""

from typing import NamedTuple

from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from terminal.model.frame import FeedHealth
from terminal.model.health import Light
from ui.format import age
from ui.theme.fonts import LABEL, semibold
from ui.widgets.badge import Pill
from ui.widgets.tip import set_tip

GAP = 6
FULL, SHORT, MERGED = range(3)
"""With ages, with states only, or all feeds in one pill."""

_PADDING = 16


class Words(NamedTuple):
    """What one pill says."""

    text: str
    tone: str
    tip: str


class FeedPills(QWidget):
    """Says of every feed whether it is live or lost, never by colour alone."""

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("Feeds")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._feeds: tuple[FeedHealth, ...] = ()
        self._pills: list[Pill] = []
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        self._metrics = QFontMetrics(semibold(LABEL))

    def take_feeds(self, feeds: tuple[FeedHealth, ...]) -> None:
        """Take the feeds of a frame; shown by ``show_at``."""
        self._feeds = feeds

    def width_at(self, level: int) -> int:
        """Width that a level of words needs, pixels."""
        texts = [each.text for each in feed_words(self._feeds, level)]
        return sum(self._metrics.horizontalAdvance(text) + _PADDING + GAP for text in texts)

    def show_at(self, level: int) -> None:
        """Show the feeds at a level of words."""
        words = feed_words(self._feeds, level)
        while len(self._pills) < len(words):
            self._pills.append(Pill())
            self._row.addWidget(self._pills[-1])
            self._pills[-1].show()
        while len(self._pills) > len(words):
            gone = self._pills.pop()
            self._row.removeWidget(gone)
            gone.deleteLater()
        for pill, said in zip(self._pills, words, strict=True):
            pill.show_text(said.text, said.tone)
            set_tip(pill, said.tip)
        # Qt hears of widths below a new widget only some events later: the bar is laid out now.
        self.setFixedWidth(self.width_at(level))
        self.setAccessibleDescription(", ".join(each.tip for each in words))


def feed_words(feeds: tuple[FeedHealth, ...], level: int) -> tuple[Words, ...]:
    """Words of every pill at a level; none without feeds."""
    if level == MERGED and len(feeds) > 1:
        lost, late = sum(each.lost for each in feeds), sum(not each.up for each in feeds)
        bad = sum(each.light is Light.RED for each in feeds)
        text = f"● {len(feeds)} feeds live"
        if late or bad:
            state = "LOST" if lost else "LOCKED" if bad else "late"
            text = f"● {lost or bad or late} of {len(feeds)} feeds {state}"
        worst = max(feeds, key=lambda each: RANKS[each.light])
        return (Words(text, _tone(worst), "\n".join(_tip(each) for each in feeds)),)
    return tuple(_one(each, level) for each in feeds)


def _one(feed: FeedHealth, level: int) -> Words:
    old = age(feed.age) if level == FULL else ""
    state = f"{'' if feed.up else 'late '}{old}".strip() or "live"
    if feed.lost:
        state = "LOST"
    elif feed.light is Light.RED:
        state = "LOCKED"
    return Words(f"● {feed.venue} {state}", _tone(feed), _tip(feed))


RANKS = {Light.GREEN: 0, Light.AMBER: 1, Light.RED: 2}
TONES = {Light.GREEN: "up", Light.AMBER: "warn", Light.RED: "crit"}


def _tone(feed: FeedHealth) -> str:
    return TONES[feed.light]


def _tip(feed: FeedHealth) -> str:
    state = "live" if feed.up else "lost" if feed.lost else "late"
    words = f"{feed.venue} {state}, newest message {age(feed.age)} old"
    words = f"{words}: {feed.detail}" if feed.detail else words
    if feed.why and not feed.detail:
        words = f"{words}; {feed.light.value}, {feed.why}"
    ages = [f"{each.channel.value} {age(each.age)}" for each in feed.channels]
    return f"{words}\nage of {', '.join(ages)}" if ages else words

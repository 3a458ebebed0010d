"""Which part of time the charts show: following the newest point, or where the user left it."""

WINDOWS = {"5m": 300.0, "15m": 900.0, "1h": 3600.0, "4h": 14_400.0, "24h": 86_400.0}

AHEAD = 0.04
"""Part of the window kept free at the right, so that the picture jumps instead of creeping."""

SHORTEST, LONGEST = 10.0, 31 * 86_400.0
"""Seconds that can be shown."""


class TimeWindow:
    """A span of time on the screen; knows nothing of pixels.

    Parameters
    ----------
    span : float
        Seconds shown.
    """

    def __init__(self, span: float) -> None:
        self.span = span
        self.end = AHEAD * span
        self.following = True
        self._now = 0.0

    @property
    def start(self) -> float:
        """Left end, seconds UTC."""
        return self.end - self.span

    def advance(self, now: float) -> None:
        """Tell the newest time; while following, it stays in the picture."""
        self._now = now
        if self.following and not self.start <= now <= self.end:
            self.end = now + AHEAD * self.span

    def show(self, span: float) -> None:
        """Show this many seconds, following."""
        self.span = min(max(span, SHORTEST), LONGEST)
        self.follow(on=True)

    def follow(self, *, on: bool) -> None:
        """Keep the newest point in the picture, or stay."""
        self.following = on
        if on:
            self.end = self._now + AHEAD * self.span

    def pan(self, share: float) -> None:
        """Move by a share of the span; following stops."""
        self.following = False
        self.end += share * self.span

    def take(self, start: float, end: float) -> None:
        """Stay at a range that the mouse chose."""
        self.following = False
        self.span, self.end = end - start, end

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Show ``factor`` times as much time.

        While following, the newest point stays where it is; otherwise the time ``at`` does, or
        the middle.
        """
        span = min(max(self.span * factor, SHORTEST), LONGEST)
        if self.following:
            self.span = span
            self.follow(on=True)
            return
        fixed = self.end - 0.5 * self.span if at is None else at
        self.end = fixed + (self.end - fixed) * span / self.span
        self.span = span

"""Forecasts of volatility and of jumps, what they are worth, and what was made of them."""

from msgspec import Struct


class Foretold(Struct, frozen=True, kw_only=True):
    """One forecast.

    ``value`` is an annual volatility (fraction), a factor of variance, or a probability, as its
    name says; None with a ``reason``. Between ``low`` and ``high`` came 68 % of the volatilities
    when the same forecast was made before; of a factor they are one standard error either side, of
    a probability the 95 % interval of how often the event came when about so much was said. They
    are None where too little is known. ``usual`` is what the value is compared with.
    """

    name: str
    value: float | None = None
    low: float | None = None
    high: float | None = None
    usual: float | None = None
    on: bool = False  # may be used: there is a value, and it has not drifted
    reason: str = ""  # why there is none, or why it is off


class Outlook(Struct, frozen=True, tag=True):
    """What is foretold of one underlying: enters as a record, for it is made of a long past."""

    underlying: str
    at: int  # UtcNs, end of the last hour it is made of
    day: Foretold  # volatility of the next day
    week: Foretold  # and of the next seven
    season: Foretold  # variance of the coming hour over that of the mean hour of a week
    spike: Foretold  # probability of a jump within the coming hour


class Score(Struct, frozen=True):
    """A forecast against a naive one, out of sample, on the same outcomes.

    ``bound`` is the upper end of a one-sided 95 % bootstrap interval of the mean of ours minus
    theirs: below 0 ours is better beyond chance.
    """

    naive: str
    loss: str  # QLIKE, Brier
    ours: float
    theirs: float
    bound: float
    outcomes: int


class Reliable(Struct, frozen=True):
    """Probabilities said within a range, and how often the event then came (95 % interval)."""

    low: float
    high: float
    said: float  # mean of what was said
    came: float
    outcomes: int
    came_low: float
    came_high: float


class Card(Struct, frozen=True):
    """A forecast with its scores, and when drift last turned it off or on (UtcNs, 0: never)."""

    told: Foretold
    scores: tuple[Score, ...] = ()
    changed: int = 0


class Season(Struct, frozen=True):
    """Variance of one hour of the week over that of its mean hour, with its standard error."""

    weekday: int  # 0 Monday
    hour: int  # UTC
    factor: float
    error: float
    hours: int  # seen


class ForecastView(Struct, frozen=True, kw_only=True):
    """Everything a screen shows of the forecasts of one underlying."""

    underlying: str
    at: int = 0
    days: float = 0.0  # of the past that they are made of
    cards: tuple[Card, ...] = ()
    reliability: tuple[Reliable, ...] = ()
    seasons: tuple[Season, ...] = ()
    missing: str = ""  # why there is none at all


class Foresight(Struct, frozen=True, kw_only=True):
    """What a decision made of a forecast: inside the policy's bounds, and nothing but this."""

    at: int | None  # UtcNs of the outlook; None: there is none
    age: int | None  # ns
    vol: float | None  # annual, of the coming hour, by what is on of day and season
    usual: float | None
    p_spike: float | None  # None: not known, or off
    factor: float = 1.0  # of the band's width, before its caps
    drift: float = 0.0  # expected against a waiting order, fraction of price a second
    most: float = 1.0  # times that drift may raise the urgency
    text: str  # with its numbers, or why nothing is made of a forecast

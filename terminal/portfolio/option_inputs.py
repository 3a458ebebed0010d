"""What Black-76 needs for the options of a book, from quotes, and what is wrong with it."""

from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import SECOND, YEAR
from terminal.market.state import Market, Seen, age, mid
from terminal.portfolio.books import Books, HeldOption
from terminal.pricing.implied import QuoteStatus, implied_vol

MOST_VOL = 10.0
"""Annual volatility above 1,000 % is a unit mistake, not a market."""

EXPIRED = "expired, waiting for settlement"


class View(Struct, frozen=True):
    """Where one underlying is looked at from."""

    market: Market
    books: Books
    underlying: str
    spot: float
    now: int
    greeks_age: int  # ns
    balance: Decimal  # cash in the coin, what was bought included


class OptionInput(Struct, frozen=True, gc=False):
    """Inputs of one option.

    ``vol`` is None while unknown, ``mark`` is the venue's, in the option's price unit. ``notes``
    say what was assumed or is wrong; not ``usable`` means that nothing may be decided on it.
    """

    forward: float
    years: float
    vol: float | None
    mark: float | None
    notes: tuple[str, ...] = ()  # some may be empty
    usable: bool = True

    @property
    def flag(self) -> str:
        """The notes in one line; empty when there is nothing to say."""
        return ", ".join(filter(None, self.notes))


def option_inputs(view: View, options: tuple[HeldOption, ...]) -> list[OptionInput]:
    """Forward, time and volatility of every option of one underlying.

    Parameters
    ----------
    view : View
    options : tuple of HeldOption

    Returns
    -------
    list of OptionInput
        In the order of ``options``.

    Notes
    -----
    Forward: the quote's own, moved with the index since then at constant basis; else the mark of
    the future of the same expiry; else spot. Volatility: the quote's own, else implied from its
    mark or mid, else the one stated for the option; else unknown. An expired option has no
    volatility left, and its forward is the last one quoted, which no longer moves.
    """
    inputs: list[OptionInput] = []
    unsolved: list[int] = []
    quotes, spot, now = view.market.quotes, view.spot, view.now
    oldest = now - view.greeks_age
    tenors: dict[int, float] = {}
    for option in options:
        seen, years = quotes.get(option.key), tenors.get(option.expiry)
        if years is None:
            years = tenors[option.expiry] = max(option.expiry - now, 0) / YEAR
        if years <= 0.0:
            inputs.append(_expired(view, option, seen))
        elif seen is None or seen.flaw:
            inputs.append(_stated(view, option, years, seen.flaw if seen else ""))
        else:
            quote = seen.quote
            if quote.forward is not None and seen.spot:
                forward, note = quote.forward * (spot / seen.spot), ""
            else:
                forward, note = _forward(view, option, quote.forward)
            if quote.iv is None:
                unsolved.append(len(inputs))
            usable = seen.at + seen.span >= oldest
            notes = (note,) if usable else (_stale(view, seen), note)
            inputs.append(OptionInput(forward, years, quote.iv, quote.mark, notes, usable))
    if unsolved:
        _solve(view, options, inputs, unsolved)
    return inputs


def _stale(view: View, seen: Seen) -> str:
    return f"stale {age(seen, view.now) // SECOND} s"


def _expired(view: View, option: HeldOption, seen: Seen | None) -> OptionInput:
    forward, note = _forward(view, option, seen.quote.forward if seen else None)
    return OptionInput(forward, 0.0, 0.0, None, (EXPIRED, note))


def _stated(view: View, option: HeldOption, years: float, why: str) -> OptionInput:
    """Input with the volatility that a person or a tape stated; ``why`` no quote serves."""
    forward, note = _forward(view, option, None)
    vol = view.market.assumed.get(option.key)
    if vol is None:
        return OptionInput(forward, years, None, None, ("no volatility", why, note), False)
    if not 0.0 < vol <= MOST_VOL:
        fault = "assumed vol is outside 0 to 1,000 %"
        return OptionInput(forward, years, None, None, (fault, why, note), False)
    return OptionInput(forward, years, vol, None, ("assumed vol", note))


def _forward(view: View, option: HeldOption, quoted: float | None) -> tuple[float, str]:
    """Forward of an option's expiry and what to say about it."""
    if quoted is not None:
        return quoted, ""
    key = view.books.dated.get((view.underlying, option.expiry))
    mark = sound_mark(view.market, key) if key else None
    return (mark, "") if mark is not None else (view.spot, "no forward: spot used")


def sound_mark(market: Market, key: str) -> float | None:
    """Mark of an instrument, else its mid; None when there is no quote without a flaw."""
    seen = market.quotes.get(key)
    if seen is None or seen.flaw:
        return None
    return seen.quote.mark if seen.quote.mark is not None else mid(seen.quote)


def _solve(
    view: View, options: tuple[HeldOption, ...], inputs: list[OptionInput], unsolved: list[int]
) -> None:
    """Put in the volatilities that prices imply; where none fits, the stated one or a fault."""
    chosen = [(options[number], inputs[number]) for number in unsolved]
    prices = [sound_mark(view.market, option.key) for option, _ in chosen]
    vols, statuses = implied_vol(
        [
            float("nan") if price is None else price * (each.forward if option.in_coin else 1.0)
            for (option, each), price in zip(chosen, prices, strict=True)
        ],
        [each.forward for _, each in chosen],
        [option.strike for option, _ in chosen],
        [each.years for _, each in chosen],
        [option.sign for option, _ in chosen],
    )
    for number, price, vol, status in zip(
        unsolved, prices, vols.tolist(), statuses.tolist(), strict=True
    ):
        option, each = options[number], inputs[number]
        source = "mid" if each.mark is None else "mark"
        notes = (f"vol implied from {source}", *each.notes)
        if status == QuoteStatus.OK and vol <= MOST_VOL:
            inputs[number] = replace(each, vol=vol, notes=notes)
        elif status == QuoteStatus.NO_TIME_VALUE:
            inputs[number] = replace(each, vol=0.0, notes=notes)
        else:
            why = "no price" if price is None else f"its {source} fits no volatility"
            inputs[number] = _stated(view, option, each.years, why)

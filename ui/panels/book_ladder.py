"""Greeks by expiry, and their sum per underlying."""

from collections.abc import Iterator

from msgspec import Struct

from terminal.core.units import SECOND
from terminal.model.frame import ExpiryGreeks, Frame
from terminal.model.greeks import Sensitivity
from ui.format import count, usd
from ui.panels.book_cells import delta_column, expiry_text, usd_column
from ui.panels.table_page import TablePage
from ui.widgets.table import Column, Table


class ExpiryLine(Struct, frozen=True, kw_only=True):
    """One expiry of an underlying, or the sum of its expiries."""

    underlying: str
    expiry: int
    positions: int
    risk: Sensitivity
    total: bool
    now: int


class LadderPage(TablePage):
    """The ladder of expiries."""

    def __init__(self) -> None:
        table = Table(
            _COLUMNS,
            row_id=lambda line: f"{line.underlying} {'total' if line.total else line.expiry}",
            is_total=lambda line: line.total,
            empty="No Greeks yet: nothing is held, or nothing has a price.",
        )
        super().__init__("Expiries", table)
        self._drawn: tuple[tuple[ExpiryGreeks, ...], str, int] | None = None

    def show_frame(self, frame: Frame, underlying: str) -> None:
        """Show the ladder, unless neither it nor the second of the clock changed."""
        second = frame.now // SECOND
        drawn = self._drawn
        if drawn and drawn[0] is frame.ladder and drawn[1:] == (underlying, second):
            return
        self._drawn = (frame.ladder, underlying, second)
        self.table.show_rows(list(ladder_lines(frame, underlying)))


def ladder_lines(frame: Frame, underlying: str) -> Iterator[ExpiryLine]:
    """Expiries of one coin, or of all, each coin followed by its sum."""
    coins = dict.fromkeys(each.underlying for each in frame.ladder)
    for name in (each for each in coins if underlying in ("", each)):
        steps = [each for each in frame.ladder if each.underlying == name]
        for each in steps:
            yield ExpiryLine(
                underlying=name,
                expiry=each.expiry,
                positions=each.positions,
                risk=each.risk,
                total=False,
                now=frame.now,
            )
        yield ExpiryLine(
            underlying=name,
            expiry=0,
            positions=sum(each.positions for each in steps),
            risk=sum((each.risk for each in steps), Sensitivity()),
            total=True,
            now=frame.now,
        )


def _name(line: ExpiryLine) -> str:
    return f"Total {line.underlying}" if line.total else line.underlying


def _expiry(line: ExpiryLine) -> str:
    return "" if line.total else expiry_text(line.expiry, line.now, "no expiry")


_COLUMNS = (
    Column(title="Coin", get=_name, show=_name, align="left", width=104),
    Column(
        title="Expiry UTC",
        get=lambda line: line.expiry,
        show=_expiry,
        align="left",
        width=144,
        tooltip="Date and days left; a countdown on the last day",
    ),
    Column(
        title="Positions",
        get=lambda line: line.positions,
        show=lambda line: count(line.positions),
        width=88,
    ),
    Column(
        title="Value $",
        get=lambda line: line.risk.value_usd,
        show=lambda line: usd(line.risk.value_usd, 0, signed=True),
        width=112,
        tooltip="Worth at mark, USD",
    ),
    delta_column("Δ BS", lambda risk: risk.delta, "Black-Scholes delta on the forward, coin"),
    delta_column(
        "Δ net",
        lambda risk: risk.delta_net_of_premium,
        "Delta net of premium: the coin-numeraire delta, coin",
    ),
    delta_column(
        "Δ with equity",
        lambda risk: risk.delta_with_equity,
        "Delta of the USD value of everything held, coin collateral included, coin",
    ),
    usd_column("Δ $", lambda risk: risk.delta_usd, "Black-Scholes delta times spot, USD"),
    usd_column("Γ $/1 %", lambda risk: risk.gamma_1pct_usd, "USD of delta per 1 % move"),
    usd_column("Vega $/pt", lambda risk: risk.vega_usd, "USD per volatility point"),
    usd_column("Θ $/day", lambda risk: risk.theta_usd_day, "USD per calendar day"),
)

"""Columns of the Oracle's tables: choices, rules, what would change it, inputs, the log."""

from msgspec import Struct

from terminal.model.oracle import Decision, Finding, Inputs, Sealed
from terminal.model.regret import ENOUGH, RegretRow
from ui.format import UNKNOWN, age, bps, clock, number, percent, price, usd
from ui.widgets.table import Column, Table

NO_DECISION = "No decision has been recorded yet: the first comes with the first prices."
NO_CHOICES = "Nothing can be weighed until delta, prices and a policy are known."
NO_REGRET = "Every proposal so far was followed in full, or none was made."
NO_CHANGES = "Nothing within reach would change this decision."


class Said(Struct, frozen=True):
    """A name, a value and what is to be said of it."""

    name: str
    value: str
    text: str


def _left(title: str, name: str, width: int) -> Column:
    return Column(
        title=title,
        get=lambda row: getattr(row, name),
        show=lambda row: str(getattr(row, name)),
        align="left",
        width=width,
    )


def _usd(title: str, name: str, tooltip: str) -> Column:
    return Column(
        title=title,
        get=lambda row: getattr(row, name),
        show=lambda row: number(getattr(row, name), 2, signed=True),
        width=92,
        tooltip=tooltip,
    )


def _coins(title: str, name: str, tooltip: str) -> Column:
    return Column(
        title=title,
        get=lambda row: getattr(row, name),
        show=lambda row: number(getattr(row, name), 4, signed=True),
        width=104,
        tooltip=tooltip,
    )


def choices_table() -> Table:
    """What could be done now, best score first."""
    columns = (
        Column(
            title="Done",
            get=lambda row: row.chosen,
            show=lambda row: "✓" if row.chosen else "",
            align="left",
            width=48,
            tooltip="What the engine does",
        ),
        _left("Choice", "action", 176),
        _coins("Trade coin", "step", "Signed: positive buys"),
        _coins("Delta after", "after", "Net delta, coin"),
        _usd("Cost $", "cost", "Fee, half spread and impact; of a resting order what it expects"),
        _usd("Risk $/d", "risk_day", "Risk aversion / 2 x variance of a day's P&L from delta"),
        _usd("Carry $/d", "carry_day", "Funding or borrow fees of the trade a day; positive: paid"),
        _usd("Score $", "score", "Minus all of them and a penalty for size; higher is better"),
    )
    return Table(columns, row_id=lambda row: row.action, empty=NO_CHOICES)


def rules_table() -> Table:
    """What every rule found."""
    columns = (
        _left("Rule", "rule", 52),
        _left("Name", "name", 128),
        Column(
            title="Fired",
            get=lambda row: row.fired,
            show=lambda row: "yes" if row.fired else "",
            role=_fired,
            align="left",
            width=56,
        ),
        _left("Proposes", "proposes", 176),
        _left("Found", "text", 520),
    )
    return Table(columns, row_id=lambda row: row.rule, empty=NO_DECISION)


def _fired(row: Finding) -> str:
    return "warn" if row.fired else "mut"


def said_table(empty: str) -> Table:
    """Names, values and words."""
    columns = (_left("What", "name", 132), _left("Value", "value", 120), _left("", "text", 560))
    return Table(columns, row_id=lambda row: f"{row.name}{row.text}", empty=empty)


def regret_table() -> Table:
    """What proposals that were not followed would have come to."""
    columns = (
        _left("Not followed", "how", 104),
        _count("Count", "count", "Proposals"),
        _count("Judged", "judged", "Of them those of an hour ago or more"),
        Column(
            title="Paid",
            get=lambda row: row.better,
            show=lambda row: f"{row.better} of {row.judged}",
            width=88,
            tooltip="Where following would have paid, an hour later, after its cost",
        ),
        Column(
            title="Mean $ 1 h",
            get=_mean,
            show=_mean_told,
            width=150,
            tooltip="Of following, after its cost, with its standard error; positive: it would"
            " have paid",
        ),
        _usd("Always $", "always_usd", "If every proposal were followed, until the next hedge"),
        Column(
            title="To be read as",
            get=lambda row: row.judged,
            show=lambda row: _weight(row.judged),
            align="left",
            width=300,
        ),
    )
    return Table(columns, row_id=lambda row: row.how, empty=NO_REGRET)


def _count(title: str, name: str, tooltip: str) -> Column:
    return Column(
        title=title,
        get=lambda row: getattr(row, name),
        show=lambda row: str(getattr(row, name)),
        width=64,
        tooltip=tooltip,
    )


def _mean(row: RegretRow) -> float | None:
    return row.followed_usd / row.judged if row.judged else None


def _mean_told(row: RegretRow) -> str:
    error = "" if row.error_usd is None else f" ± {number(row.error_usd, 2)}"
    return f"{number(_mean(row), 2, signed=True)}{error}"


def _weight(judged: int) -> str:
    if judged < ENOUGH:
        return f"too few to say: {judged} of {ENOUGH}"
    return "proposals overlap in time: less is known than their number says"


def log_table() -> Table:
    """Decisions before, newest first; a double click shows one."""
    columns = (
        Column(
            title="Time UTC",
            get=lambda row: row.decision.at,
            show=lambda row: clock(row.decision.at),
            width=88,
        ),
        Column(
            title="No.",
            get=lambda row: row.decision.number,
            show=lambda row: str(row.decision.number),
            width=56,
        ),
        Column(
            title="Coin",
            get=lambda row: row.decision.underlying,
            show=lambda row: row.decision.underlying,
            align="left",
            width=56,
        ),
        Column(
            title="Decision",
            get=lambda row: row.decision.headline,
            show=lambda row: row.decision.headline,
            align="left",
            width=620,
        ),
    )
    return Table(columns, row_id=row_name, empty=NO_DECISION)


def row_name(row: Sealed) -> str:
    """Name of a line of the log."""
    return str(row.decision.number)


def changes(decision: Decision) -> list[Said]:
    """What would change a decision, and where the next hedge is due."""
    lines = [Said(each.what, _value(each.what, each.value), each.text) for each in decision.flips]
    for side, at in (("above", decision.next_up), ("below", decision.next_down)):
        if at is not None:
            text = f"{side} {price(at)} the next hedge is due, once this one is done"
            lines.append(Said(f"next {side}", price(at), text))
    return lines


def _value(what: str, value: float | None) -> str:
    if value is None:
        return ""
    return bps(value, 2) if what == "cost" else number(value, 2)


def looked_at(decision: Decision) -> list[Said]:
    """Inputs of a decision, and how far each can be trusted."""
    lines = [
        Said(
            f"trust: {each.name}",
            UNKNOWN if each.value is None else number(each.value, 2),
            each.text,
        )
        for each in decision.factors
    ]
    given = decision.inputs
    return lines + _numbers(given, decision) if given is not None else lines


def _numbers(given: Inputs, decision: Decision) -> list[Said]:
    band = decision.band
    lines = [
        Said("price", price(given.spot), f"index of {decision.underlying}, USD"),
        Said(
            "net delta",
            number(given.net_delta, 4, signed=True),
            f"{given.delta_kind.replace('_', ' ')} delta, coin, orders in flight included",
        ),
        Said("gamma 1 %", usd(given.gamma_1pct_usd, 0, signed=True), "change of delta, USD"),
        Said("realised vol", percent(given.annual_vol), "annual, by which risk is reckoned"),
        Said("implied vol", percent(given.implied_vol), "annual, of the book's options as one"),
        Said("cost one way", bps(given.cost_bps, 2), given.instrument),
        Said("funding 8 h", bps(given.funding_bps_8h, 2, signed=True), "positive: longs pay"),
        Said("book age", age(given.book_age), "of the instrument that hedges"),
        Said("oldest input", age(given.oldest_age), "of book and index"),
        Said("profile", given.profile_hash, f"{decision.profile}: hash of its limits"),
        Said("snapshot", given.snapshot_hash, "hash of exposure, book, depth and funding"),
    ]
    if band is not None:
        text = f"{number(band.low, 4, signed=True)} to {number(band.high, 4, signed=True)}"
        lines.insert(2, Said("band", text, f"{band.rule}: {band.reason}"))
    return lines

"""Each rule where it fires, where it does not, and what it says without its facts."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from terminal.core.units import DAY, HOUR, MINUTE, SECOND
from terminal.engine.state import DeskState, State
from terminal.hedging.inputs import HedgeInputs
from terminal.hedging.memory import Memory
from terminal.hedging.target import target_of
from terminal.market.state import Market
from terminal.model.greeks import Sensitivity
from terminal.model.instrument import Perpetual
from terminal.model.market import Depth, Funding
from terminal.model.oracle import Finding
from terminal.model.order import Side
from terminal.model.risk import Autonomy
from terminal.oracle import rules_desk as desk
from terminal.oracle import rules_market as market
from terminal.oracle.facts import Facts
from terminal.oracle.past import Past
from terminal.portfolio.scalps import Banked, ScalpBook
from terminal.risk.activity import Activity, Pace
from terminal.risk.halts import bad_data, mismatch
from tests.helpers.builders import NOW, PERP, contract, exposure, inputs, instruments, quote, seen
from tests.helpers.trial import Trial


def facts(book: HedgeInputs | None = None, **more: object) -> Facts:
    """One coin long outside a band of a tenth, unless said otherwise."""
    found = book or inputs(1.0)
    plain = {
        "state": State(now=NOW, profile=found.profile, desks={"BTC": DESK}),
        "underlying": "BTC",
        "desk": DESK,
        "inputs": found,
        "target": target_of(found),
        "missing": "",
        "halts": (),
        "past": Past(),
        "profiles": {},
        "offer": None,
    }
    return Facts(**(plain | more))  # type: ignore[arg-type]  # fields by name


DESK = DeskState(autonomy=Autonomy.APPROVE, hedge_key=PERP)
BLIND = facts(inputs=None, target=None, missing="no index price of BTC yet")


def past(quarter: float, day: float, vols: tuple[float, float] = (0.5, 0.5)) -> Past:
    """Prices of given annual volatilities: the last 15 minutes, and all of them."""
    minute = (365.0 * 1440.0) ** -0.5
    count = 240
    outer = (day * day * count - quarter * quarter * 15) / (count - 15)
    prices = [100.0]
    for number in range(count):
        vol = quarter if number >= count - 15 else outer**0.5
        prices.append(prices[-1] * (1.0 + (1 if number % 2 else -1) * vol * minute))
    iv = [vols[0]] * (count - 14) + [vols[1]] * 15
    return Past(NOW, tuple(prices), tuple(iv))


@pytest.mark.parametrize(
    "rule",
    [desk.breach, desk.hard_cap, desk.cost_gate, market.funding_ahead, market.thin, market.rent],
)
def test_a_rule_without_inputs_says_what_is_missing(rule: object) -> None:
    found = rule(BLIND)  # type: ignore[operator]
    assert isinstance(found, Finding)
    assert not found.fired
    assert found.text in ("no index price of BTC yet", "no hedge is due, or no volatility is known")


def test_r1_breach() -> None:
    found = desk.breach(facts())
    assert (found.rule, found.fired) == ("R1", True)
    assert found.text == "+1.000 is outside −0.1000 to +0.1000 BTC"
    inside = desk.breach(facts(inputs(0.05)))
    assert not inside.fired
    assert "inside" in inside.text


def test_r2_hard_cap() -> None:
    assert not desk.hard_cap(facts()).fired
    capped = inputs(1.0)
    capped = replace(capped, profile=replace(capped.profile, delta_cap_usd=10_000.0))
    found = desk.hard_cap(facts(capped))
    assert found.fired
    assert found.text == "50,000 USD of delta, cap 10,000"
    far = replace(capped, profile=replace(inputs().profile, urgent_bands=2.0))
    assert "half-bands" in desk.hard_cap(facts(far)).text


def test_r3_cost_gate() -> None:
    cheap = desk.cost_gate(facts(replace(inputs(1.0), annual_vol=1.0)))
    assert not cheap.fired
    assert "even in" in cheap.text
    calm = replace(inputs(1.0), annual_vol=0.01)
    dear = desk.cost_gate(facts(calm))
    assert dear.fired
    assert dear.proposes == "wait, or rest"


@pytest.mark.parametrize(
    ("quarter", "fired", "proposes"),
    [(0.5, False, ""), (1.0, True, "tighten the band"), (2.0, True, "freeze until it calms down")],
)
def test_r4_regime(quarter: float, *, fired: bool, proposes: str) -> None:
    found = market.regime(facts(past=past(quarter, 0.55)))
    assert (found.fired, found.proposes) == (fired, proposes)


def test_r4_needs_an_hour() -> None:
    assert "less than an hour" in market.regime(facts()).text


def test_r5_implied_spike() -> None:
    calm = past(0.1, 0.5, vols=(0.5, 0.6))
    found = market.implied_spike(facts(past=calm))
    assert found.fired
    assert found.text.startswith("implied +10.0 points")
    assert not market.implied_spike(facts(past=past(0.1, 0.5))).fired


def test_r6_funding_ahead() -> None:
    book = inputs(1.0)
    told = Funding(PERP, -2e-3, 8 * HOUR, NOW + 10 * MINUTE)
    hedge = replace(book.hedge, funding=told, listed=Perpetual(contract(), 8 * HOUR))
    found = market.funding_ahead(facts(replace(book, hedge=hedge)))
    assert found.fired
    assert found.proposes == "delay past the stamp"
    assert not market.funding_ahead(facts()).fired
    assert market.funding_ahead(facts(inputs(0.05))).text == "no hedge is due"


def test_r7_thin_book() -> None:
    book = inputs(1.0, depth=Depth(PERP, ((49_999.5, 2.0),), ((50_000.5, 2.0),)))
    found = market.thin(facts(book))
    assert found.fired
    assert "depth 2.0 x the hedge" in found.text
    deep = inputs(1.0, depth=Depth(PERP, ((49_999.5, 50.0),), ((50_000.5, 50.0),)))
    assert not market.thin(facts(deep)).fired
    wide = inputs(1.0, book=seen(quote(bid=49_950.0, ask=50_050.0)))
    assert market.thin(facts(wide)).fired
    lone = inputs(1.0, book=seen(quote(bid=None)))
    assert market.thin(facts(lone)).text == "the book has one side only"


def holding(theta: float, gamma: float = 1e-3) -> HedgeInputs:
    """Long gamma that owes theta."""
    total = Sensitivity(
        delta=1.0, gamma=gamma, theta_usd_day=theta, vega_usd=100.0, gamma_1pct_usd=25_000.0
    )
    return replace(inputs(1.0), exposure=exposure(total=total))


def test_r8_gamma_rent() -> None:
    rent = 0.5 * 1e-3 * 50_000.0**2 * 0.6**2 / 365.0  # of an implied volatility of 60 %
    owing = holding(-rent)
    found = market.rent(facts(owing, past=past(0.4, 0.4)))
    assert found.fired
    assert f"0 USD of {0.5 * rent:,.0f} USD owed" in found.text
    listed = {each.contract.key: each for each in instruments()}
    banked = ScalpBook(days={NOW // DAY: Banked(3, Decimal(5_000))})
    state = State(now=NOW, market=Market(instruments=listed), scalps={PERP: banked})
    rich = market.rent(facts(owing, state=state, past=past(0.4, 0.4)))
    assert not rich.fired
    assert "banked 5,000 USD" in rich.text
    assert market.rent(facts(holding(10.0))).text == "the book owes no theta"


def test_r9_edge_has_no_edge_by_default() -> None:
    rent = 0.5 * 1e-3 * 50_000.0**2 * 0.6**2 / 365.0
    owing = holding(-rent)
    none = market.edge(facts(owing, past=past(0.5, 0.5)))
    assert not none.fired
    assert none.text.startswith("no edge: realised 50.0 ±")
    found = market.edge(facts(owing, past=past(2.0, 2.0)))
    assert found.fired
    assert found.proposes == "keep the gamma, tighten the band"
    assert not market.edge(facts()).fired


def test_r10_expiry() -> None:
    trial = Trial(positions={"BTC-30000-C@sim": "1"})
    trial.tick()
    view = trial.state.views["BTC"]
    assert view.sheet.inputs
    near = replace(trial.state, now=view.sheet.expires - 10 * MINUTE)
    found = desk.expiry(facts(state=near))
    assert found.fired
    assert found.text.startswith("next expiry in 10 min")
    assert not desk.expiry(facts(state=trial.state)).fired
    assert desk.expiry(facts()).text == "no options"


def test_r11_margin_says_what_it_does_not_know() -> None:
    assert desk.margin(facts()).text == "not known: no hedge instrument yet"
    trial = Trial()
    trial.tick()
    found = desk.margin(facts(state=trial.state))
    assert not found.fired
    assert "margin in use" in found.text


def test_r12_integrity_and_r13_stale() -> None:
    halted = facts(halts=(mismatch("BTC", "books and venue differ", NOW),))
    assert desk.integrity(halted).fired
    assert desk.integrity(halted).text == "books and venue differ"
    assert not desk.integrity(facts()).fired
    stale = facts(halts=(bad_data("BTC", "book is crossed", NOW),))
    assert desk.stale(stale).fired
    assert not desk.stale(facts()).fired
    assert desk.stale(facts(replace(inputs(1.0), data_age=9 * SECOND))).fired
    assert desk.stale(BLIND).fired


def test_r14_churn() -> None:
    calm = replace(inputs(1.0), memory=Memory(side=1), annual_vol=0.05)
    sides = ((NOW - MINUTE, Side.SELL), (NOW - SECOND, Side.BUY))
    activity = Activity(paces={"BTC": Pace(sides=sides)})
    state = State(now=NOW, profile=calm.profile, desks={"BTC": DESK}, activity=activity)
    found = desk.churn(facts(calm, state=state))
    assert found.fired
    assert "against the last hedge" in found.text
    assert not desk.churn(facts(calm)).fired
    same = replace(calm, memory=Memory(side=-1))
    assert not desk.churn(facts(same, state=state)).fired
    assert desk.churn(facts(inputs(0.05))).text == "no hedge is due"

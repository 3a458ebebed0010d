"""The books against the venue: its statements compared, differences locked, adopted by a person."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from functools import partial

from msgspec.structs import replace

from terminal.core.units import from_seconds
from terminal.engine.attributing import corrected
from terminal.engine.discord_locks import lock_of
from terminal.engine.state import ASKED, State, Step, underlying_of
from terminal.execution.orders import apply_update
from terminal.execution.stated_orders import at_odds, strangers
from terminal.model.account import AccountSnapshot
from terminal.model.messages import (
    AdoptVenue,
    Alert,
    AskAccount,
    CancelForeign,
    Effect,
    Query,
    Withdraw,
)
from terminal.model.order import FINAL, OrderStatus, OrderUpdate
from terminal.model.reconcile import Adopted, Discord, Subject
from terminal.portfolio.accounts import (
    GRACE,
    KEEP,
    Account,
    Reach,
    Statement,
    adopted,
    differences,
    due_at,
    label,
    moving,
    opened,
    reaches,
    stated,
    unsettled,
)
from terminal.portfolio.attribution_store import Row
from terminal.portfolio.doubts import BUSY, Doubt, differing, narrowed, verdict
from terminal.portfolio.ledger import Ledger, adopt, held
from terminal.risk.halts import Halt, mismatch, reconciling

ASK_EVERY = from_seconds(15.0)
"""Flat accounts are asked too: a stranger's trade in one must be seen as soon as any other."""

UNEVEN = from_seconds(0.7)
"""Step by which the pauses differ between questions about an account in doubt."""

PATIENCE = from_seconds(3.0)
"""Silence about an order after which a list that contradicts it is worth a question."""


def on_snapshot(state: State, snapshot: AccountSnapshot) -> Step:
    """Open an account with its first statement; put any later one up for comparison."""
    account = _account(state, snapshot.venue)
    if account is None or not account.opened:
        return _opened(state, snapshot, account or Account())
    account = stated(account, snapshot, state.now)
    state = _refreshed(_with_account(state, snapshot.venue, account))
    doubtful = at_odds(state.orders, snapshot.venue, snapshot.orders, before=state.now - PATIENCE)
    questions = tuple(Query(order.intent.order_id) for order, _, _ in doubtful)
    return state, questions


def _account(state: State, venue: str) -> Account | None:
    """The account at a venue; of a run saved before accounts were kept apart, all there is."""
    known = state.accounts.get(venue)
    booked = state.ledger.cash or state.ledger.positions
    if known is None and not state.accounts and booked:
        return Account(opened=True, cash=dict(state.ledger.cash))
    return known


def _opened(state: State, snapshot: AccountSnapshot, account: Account) -> Step:
    """Begin an account with what its venue states."""
    ledger, _ = adopt(state.ledger, snapshot, account.cash)
    begun = opened(snapshot, state.now)
    row = Row("", f"snapshot of {snapshot.venue}", "", 0, snapshot.venue)
    after = _with_account(replace(state, ledger=ledger), snapshot.venue, begun)
    held = f"{len(snapshot.positions)} positions, {len(snapshot.balances)} balances"
    told = Alert("info", "ACCOUNT", f"account at {snapshot.venue} opens with {held}")
    return _refreshed(corrected(state, after, row)), (told,)


def keep_reconciled(state: State) -> Step:
    """Compare what can be compared, and ask again when it is time."""
    effects: tuple[Effect, ...] = ()
    if 0 < state.compare_at <= state.now:
        state, effects = _compare_due(state)
    if state.mode in ASKED and state.now >= state.ask_at:
        state, more = _asked(state)
        effects += more
    return state, effects


def _compare_due(state: State) -> Step:
    """Compare every statement of which nothing can be under way any more."""
    effects: tuple[Effect, ...] = ()
    for venue, account in state.accounts.items():
        statement = account.waiting
        if statement is None or state.now < due_at(account):
            continue
        after = _compared(state, account, statement)
        # By value: a state that was read from a snapshot has two equal statements, not one.
        newer = account.newest if account.newest != statement else None
        state = _with_account(state, venue, replace(after, waiting=newer))
        effects += _told(venue, account, after)
        if after.linked_at and after.doubts:
            state = replace(state, ask_at=_again(state, after))
    return _refreshed(state), effects


def _again(state: State, account: Account) -> int:
    """When a statement that proved too little is followed by the next question.

    Sooner than by the clock, and never in step with what trades at even intervals.
    """
    looks = max(each.looks for each in account.doubts.values())
    return min(state.ask_at, state.now + UNEVEN * (looks % BUSY))


def _compared(state: State, account: Account, statement: Statement) -> Account:
    """Account after a comparison: what it found, and what is proven by it."""
    rows = tuple(_discords(state, account, statement))
    if statement.since < account.linked_at:  # of before the connection was lost: it ends nothing
        return replace(account, compared=statement, rows=_kept_on(account, rows, None))
    weighed, verdicts = _weighed(state, account, statement)
    rows = _kept_on(account, rows, verdicts)
    proven = None not in verdicts.values()
    locked = {label(each) for each in rows if each.locks}
    return replace(
        account,
        compared=statement,
        rows=rows,
        linked_at=0 if proven else account.linked_at,
        doubts={
            name: doubt
            for name, doubt in weighed.items()
            if name in locked or (account.linked_at and not proven)
        },
    )


def _discords(state: State, account: Account, statement: Statement) -> Iterator[Discord]:
    for subject, name, ours, theirs in differences(account, state.ledger, statement):
        underlying, locks = lock_of(state, subject, name, abs(float(theirs - ours)))
        yield Discord(
            subject=subject,
            name=name,
            underlying=underlying,
            ours=ours,
            theirs=theirs,
            locks=locks,
        )
    said = statement.snapshot
    before = statement.since - GRACE
    for order, left, theirs in at_odds(state.orders, said.venue, said.orders, before=before):
        yield Discord(
            subject=Subject.ORDER,
            name=order.intent.order_id,
            underlying=underlying_of(state, order.intent.key),
            ours=left,
            theirs=theirs,
            locks=True,
        )


def _weighed(
    state: State, account: Account, statement: Statement
) -> tuple[dict[str, Doubt], dict[str, bool | None]]:
    """Doubt of every name after a statement, and whether its difference locks; None: unknown."""
    doubts: dict[str, Doubt] = {}
    verdicts: dict[str, bool | None] = {}
    for reach in reaches(account, state.ledger, statement):
        sums = differing(reach.sums, reach.theirs)
        doubt = narrowed(
            account.doubts.get(label(reach)), sums, differing(reach.path, reach.theirs)
        )
        doubts[label(reach)] = doubt
        verdicts[label(reach)] = verdict(doubt, partial(_would_lock, state, reach))
    for row in account.rows:
        order = state.orders.get(row.name) if row.subject is Subject.ORDER else None
        if order is not None and order.changed_at >= statement.since - GRACE:
            verdicts[label(row)] = None  # left out, whatever the list says of it
    return doubts, verdicts


def _would_lock(state: State, reach: Reach, gap: Decimal) -> bool:
    return gap > reach.within and lock_of(state, reach.subject, reach.name, float(gap))[1]


def _kept_on(
    account: Account, rows: tuple[Discord, ...], verdicts: Mapping[str, bool | None] | None
) -> tuple[Discord, ...]:
    """Rows with the locking ones of before that nothing has proven ended.

    What is under way may explain a difference for one statement that has only been hidden by it.
    """
    fresh = {label(each) for each in rows if each.locks}
    stay = tuple(
        each
        for each in account.rows
        if each.locks
        and label(each) not in fresh
        and (verdicts is None or verdicts.get(label(each), False) is not False)
    )
    hidden = {label(each) for each in stay}
    return (*(each for each in rows if label(each) not in hidden), *stay)


def _told(venue: str, before: Account, after: Account) -> tuple[Alert, ...]:
    """Alerts of what is new in a comparison."""
    known = {(each.subject, each.name, each.theirs - each.ours) for each in before.rows}
    found = [
        Alert("crit" if each.locks else "warn", "RECONCILE", _line(venue, each))
        for each in after.rows
        if (each.subject, each.name, each.theirs - each.ours) not in known
    ]
    if before.rows and not after.rows:
        found.append(Alert("info", "ACCOUNT", f"the books and {venue} agree again"))
    if before.linked_at and not after.linked_at:
        found.append(Alert("info", "ACCOUNT", f"the account at {venue} has been compared"))
    return tuple(found)


def _line(venue: str, row: Discord) -> str:
    name = row.name.partition("@")[0]
    return f"{name} {row.subject.value}: ours {row.ours:f}, {venue} {row.theirs:f}"


def _refreshed(state: State) -> State:
    """State with what follows from its accounts: locks, strangers, the next comparison."""
    due = [at for at in map(due_at, state.accounts.values()) if at]
    found = tuple(
        (venue, order)
        for venue, account in state.accounts.items()
        if account.newest is not None
        for order in strangers(state.orders, account.newest.snapshot.orders)
    )
    return replace(
        state,
        compare_at=min(due, default=0),
        locks=tuple(_locks(state)),
        strangers=found,
    )


def _locks(state: State) -> Iterator[Halt]:
    since = {(each.code, each.underlying): each.since for each in state.locks}
    for venue, account in state.accounts.items():
        for halt in account_locks(venue, account, state.now):
            yield replace(halt, since=since.get((halt.code, halt.underlying), halt.since))


def account_locks(venue: str, account: Account, now: int) -> Iterator[Halt]:
    """Yield why hedging is locked because of one account."""
    grouped: dict[str, list[Discord]] = {}
    for row in account.rows:
        if row.locks:
            grouped.setdefault(row.underlying, []).append(row)
    for underlying, rows in grouped.items():
        more = f" and {len(rows) - 1} more" if len(rows) > 1 else ""
        yield mismatch(underlying, f"{_line(venue, rows[0])}{more}", now)
    if account.linked_at:
        yield reconciling(venue, account.linked_at, moving(account))


def _asked(state: State) -> Step:
    asked = tuple(AskAccount(venue) for venue, each in state.accounts.items() if each.opened)
    return replace(state, ask_at=state.now + ASK_EVERY), asked


def unproven(state: State, venues: Iterable[str]) -> Step:
    """Ask anew after a connection was lost: until the answer is compared, nothing is hedged."""
    effects: tuple[Effect, ...] = ()
    if state.mode not in ASKED:
        return state, effects
    for venue in venues:
        account = state.accounts.get(venue)
        if account is not None and account.opened:
            doubted = replace(account, linked_at=state.now, waiting=None, doubts={})
            state = _with_account(state, venue, doubted)
            effects += (AskAccount(venue),)
    return _refreshed(state), effects


def on_account(state: State, command: AdoptVenue | CancelForeign) -> Step:
    """Do what a person asks about an account."""
    if isinstance(command, AdoptVenue):
        return _adopt(state, command)
    return _cancel_foreign(state, command)


def _adopt(state: State, command: AdoptVenue) -> Step:
    """Make what a venue was found to state ours, with the reason."""
    account = state.accounts.get(command.venue)
    reason = _not_adoptable(state, command, account)
    if account is None or reason:
        return state, (Alert("warn", "ACCOUNT", f"{command.venue} is not adopted: {reason}"),)
    lines = "; ".join(_line(command.venue, each) for each in account.rows)
    before = state.ledger
    after, ledger = adopted(account, before)
    row = Row("", f"adopted from {command.venue}", "", 0, command.venue)
    changed = _with_account(replace(state, ledger=ledger), command.venue, after)
    state = corrected(state, changed, row)
    for each in account.rows:
        if each.subject is Subject.ORDER:
            state = _order_adopted(state, each)
    told = Alert("warn", "ACCOUNT", f"{command.venue} adopted ({command.reason}): {lines}")
    return _refreshed(state), (told, *_taken_over(command.venue, before, ledger))


def _taken_over(venue: str, before: Ledger, after: Ledger) -> tuple[Effect, ...]:
    """Word to a venue of the contracts that an adoption moved."""
    keys = sorted(before.positions.keys() | after.positions.keys())
    moves = ((key, held(after, key) - held(before, key)) for key in keys)
    changes = tuple((key, change) for key, change in moves if change)
    return (Adopted(venue, changes),) if changes else ()


def _not_adoptable(state: State, command: AdoptVenue, account: Account | None) -> str:
    if not command.reason.strip():
        return "adopting needs a reason"
    if account is None or account.compared is None or not account.rows:
        return "there is no difference"
    if state.now - account.compared.until > KEEP // 2:
        return "the comparison is too old, wait for the next one"
    for row in account.rows:
        if row.subject is Subject.POSITION and unsettled(account, row.name):
            return f"fills of {row.name} are under way, wait for the next comparison"
    found = _discords(state, account, account.compared)  # an order may have ended since
    fresh = {(each.subject, each.name) for each in found}
    for row in account.rows:
        if (row.subject, row.name) not in fresh:
            return f"{row.name} is in doubt, wait for the next comparison"
    return ""


def _order_adopted(state: State, row: Discord) -> State:
    """An order the venue has not ends; one that we thought ended is treated as a stranger's."""
    order = state.orders[row.name]
    orders = dict(state.orders)
    if order.status in FINAL:
        del orders[row.name]
    else:
        why = "the venue has it not: adopted"
        gone = OrderUpdate(row.name, OrderStatus.CANCELLED, why, order.filled)
        orders[row.name] = apply_update(order, gone, state.now)
    return replace(state, orders=orders)


def _cancel_foreign(state: State, command: CancelForeign) -> Step:
    """Cancel an order that somebody else placed, as its venue states it."""
    for venue, order in state.strangers:
        if (venue, order.venue_id) == (command.venue, command.venue_id):
            text = f"cancelling {order.side.value} {order.qty:f} {order.key}, not sent from here"
            return state, (Alert("info", "ORDER", text), Withdraw(venue, order), AskAccount(venue))
    return state, (Alert("info", "ORDER", "that order is not stated any more"),)


def _with_account(state: State, venue: str, account: Account) -> State:
    return replace(state, accounts={**state.accounts, venue: account})

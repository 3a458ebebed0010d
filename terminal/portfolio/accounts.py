"""What is held at each venue, and how far its word on it may be from ours while things move.

A venue's statement is of a moment between the question and the answer, and it may lag behind its
own trades as our records do. Both delays are taken to be within ``GRACE``. So a statement is not
compared when it comes but ``GRACE`` later: by then every move that it can speak of is booked. It
agrees when it is a sum of the moves before its window and of any of those inside.
"""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, localcontext

from msgspec import Struct
from msgspec.structs import replace

from terminal.core.units import from_seconds
from terminal.model.account import AccountSnapshot, Position
from terminal.model.instrument import Future, Instrument, Option
from terminal.model.reconcile import Discord, Subject
from terminal.portfolio.doubts import NONE, Doubt, Span, path
from terminal.portfolio.ledger import CASH_STEP, NOTHING, Ledger, precise

GRACE = from_seconds(5.0)
"""Longest delay of a venue's own books, and of its stream to us, that is no difference."""


KEEP = from_seconds(120.0)
"""Moves are kept this long at most: a statement is compared, and adopted, well before."""


SETTLES = from_seconds(300.0)
"""Longest time from an expiry until its price is known here that is no difference yet."""


class Move(Struct, frozen=True):
    """What one record changed of an account."""

    at: int
    key: str
    qty: Decimal  # signed contracts
    cash: dict[str, Decimal]


class Statement(Struct, frozen=True):
    """A venue's word, and the engine times between which it was true."""

    snapshot: AccountSnapshot
    since: int
    until: int


class Account(Struct, frozen=True, kw_only=True):
    """The part of the ledger that is at one venue, and what its venue says of it.

    ``waiting`` is the oldest statement that has not been compared, ``newest`` the last that came:
    statements that come faster than they can be compared must not put the comparison off.
    ``linked_at`` is when the connection came back; until a statement of after that is compared,
    nobody knows what happened meanwhile. What is under way then may explain what it should not:
    ``doubts`` keeps of each position and balance what the statements since have left open.
    """

    opened: bool = False
    opened_at: int = 0  # UtcNs; 0 for an account opened before this was kept
    cash: dict[str, Decimal] = {}  # the ledger's, by currency
    moves: tuple[Move, ...] = ()
    newest: Statement | None = None
    waiting: Statement | None = None
    compared: Statement | None = None
    rows: tuple[Discord, ...] = ()  # of ``compared``
    linked_at: int = 0  # 0: compared since
    doubts: dict[str, Doubt] = {}  # of what is to be proven, by ``label``


class Reach(Struct, frozen=True, kw_only=True):
    """What a statement says of one name, and what it may say by our books."""

    subject: Subject
    name: str
    sums: Span  # whichever of the moves in its window it holds
    path: Span  # if it holds them in the order in which we heard of them
    theirs: Decimal
    within: Decimal  # how exact the venue says it is


def venue_of(key: str) -> str:
    """Venue of an instrument by its key."""
    return key.rpartition("@")[2]


def moved(account: Account, before: Ledger, after: Ledger, key: str, at: int) -> Account:
    """Account after a record about ``key`` changed the ledger at ``at`` (UtcNs)."""
    with localcontext(precise()):
        cash = {
            currency: amount - before.cash.get(currency, NOTHING)
            for currency, amount in after.cash.items()
            if amount is not before.cash.get(currency)
        }
        move = Move(at, key, _qty(after.positions, key) - _qty(before.positions, key), cash)
        held = dict(account.cash)
        for currency, amount in cash.items():
            held[currency] = held.get(currency, NOTHING) + amount
    return replace(account, cash=held, moves=(*_kept(account, at), move))


def _kept(account: Account, now: int) -> tuple[Move, ...]:
    """Moves that a statement may still be compared with or adopted over."""
    statements = (account.waiting, account.compared)
    first = min([now, *(each.since for each in statements if each is not None)])
    first = max(first - GRACE, now - KEEP)
    return tuple(each for each in account.moves if each.at >= first)


def opened(snapshot: AccountSnapshot, at: int) -> Account:
    """Account that begins with what its venue states."""
    first = Statement(snapshot, at, at)
    with localcontext(precise()):
        cash = {each.currency: each.amount.quantize(CASH_STEP) for each in snapshot.balances}
    return Account(opened=True, opened_at=at, cash=cash, newest=first, compared=first)


def stated(account: Account, snapshot: AccountSnapshot, at: int) -> Account:
    """Account that has a new statement to be compared.

    An answer that took longer than moves are kept for certain says nothing: it may be of before a
    connection was lost, and of moves that cannot be told any more.
    """
    asked = snapshot.asked_at if 0 < snapshot.asked_at <= at else at
    if at - asked > KEEP // 2:
        return account
    new = Statement(snapshot, asked, at)
    return replace(account, newest=new, waiting=account.waiting or new)


def due_at(account: Account) -> int:
    """When the waiting statement can be compared, UtcNs; 0 without one."""
    return account.waiting.until + GRACE + 1 if account.waiting else 0


def spans(
    now: Mapping[str, Decimal], moves: Iterable[tuple[int, str, Decimal]], statement: Statement
) -> dict[str, Span]:
    """What a statement may say of each name, given what is held now and every move till now.

    Parameters
    ----------
    now : mapping
        Amount held after the last move, by name.
    moves : iterable of (int, str, Decimal)
        When, name, change.
    statement : Statement

    Returns
    -------
    dict
        For names of ``now`` and of ``moves``. Without a move in the window low equals high.

    Notes
    -----
    Of the moves inside the window each may or may not be in the statement; those after it are
    not. Bounds, not the exact set of sums: what two opposite fills hide is no more than they.
    """
    first, last = statement.since - GRACE, statement.until + GRACE
    base, down, up = dict(now), dict.fromkeys(now, NOTHING), dict.fromkeys(now, NOTHING)
    with localcontext(precise()):
        for at, name, change in moves:
            if at < first or not change:
                continue
            base[name] = base.get(name, NOTHING) - change
            if at <= last:
                side = up if change > 0 else down
                side[name] = side.get(name, NOTHING) + change
        return {
            name: Span(amount + down.get(name, NOTHING), amount + up.get(name, NOTHING))
            for name, amount in base.items()
        }


def position_spans(account: Account, ledger: Ledger, statement: Statement) -> dict[str, Span]:
    """What a statement may say of each position at its venue."""
    venue = statement.snapshot.venue
    held = {key: each.qty for key, each in ledger.positions.items() if venue_of(key) == venue}
    moves = ((each.at, each.key, each.qty) for each in account.moves)
    return spans(held, moves, statement)


def cash_spans(account: Account, statement: Statement) -> dict[str, Span]:
    """What a statement may say of each balance."""
    moves = (
        (each.at, currency, amount)
        for each in account.moves
        for currency, amount in each.cash.items()
    )
    return spans(account.cash, moves, statement)


def reaches(account: Account, ledger: Ledger, statement: Statement) -> list[Reach]:
    """Every position and balance of a statement or of ours, sorted by name."""
    snapshot = statement.snapshot
    quantities = {each.key: each.qty for each in snapshot.positions}
    with localcontext(precise()):
        amounts = {each.currency: each.amount.quantize(CASH_STEP) for each in snapshot.balances}
    slack = {(Subject.BALANCE, each.currency): each.within for each in snapshot.balances}
    held = {key: each.qty for key, each in ledger.positions.items()}
    found = []
    for subject, ours, theirs in (
        (Subject.POSITION, position_spans(account, ledger, statement), quantities),
        (Subject.BALANCE, cash_spans(account, statement), amounts),
    ):
        now = held if subject is Subject.POSITION else account.cash
        for name in sorted(ours.keys() | theirs.keys()):
            changes = _changes(account, subject, name, statement)
            reach = Reach(
                subject=subject,
                name=name,
                sums=ours.get(name, NONE),
                path=path(now.get(name, NOTHING), changes),
                theirs=theirs.get(name, NOTHING),
                within=slack.get((subject, name), NOTHING),
            )
            found.append(reach)
    return found


def _changes(
    account: Account, subject: Subject, name: str, statement: Statement
) -> Iterator[tuple[bool, Decimal]]:
    """Changes of one name since the window began, the last one first, and which are inside."""
    for each in reversed(account.moves):
        if each.at < statement.since - GRACE:
            continue
        if subject is Subject.BALANCE:
            change = each.cash.get(name, NOTHING)
        else:
            change = each.qty if each.key == name else NOTHING
        if change:
            yield each.at <= statement.until + GRACE, change


def differences(
    account: Account, ledger: Ledger, statement: Statement
) -> list[tuple[Subject, str, Decimal, Decimal]]:
    """Positions and balances that a statement puts elsewhere than anything under way can.

    A balance that is not exact at its venue may be off by as much as it says of itself.

    Returns
    -------
    list of (Subject, str, Decimal, Decimal)
        What, its name, ours (the end of the span that is nearer) and theirs; sorted by name.
    """
    found = []
    for each in reaches(account, ledger, statement):
        near = each.sums.nearest(each.theirs)
        if abs(near - each.theirs) > each.within:
            found.append((each.subject, each.name, near, each.theirs))
    return found


def label(row: Reach | Discord) -> str:
    """Name of a position, a balance or an order among the doubts."""
    return f"{row.subject.value} {row.name}"


def moving(account: Account) -> str:
    """Names of which no statement since the connection came back says how they stand."""
    open_ = (name for name, doubt in account.doubts.items() if doubt.sums.low != doubt.sums.high)
    return ", ".join(name.partition("@")[0] for name in open_)


def unsettled(account: Account, key: str) -> bool:
    """Whether a position moved in the window of the compared statement, or after it."""
    compared = account.compared
    first = compared.since - GRACE if compared else 0
    return any(each.key == key and each.qty and each.at >= first for each in account.moves)


def adopted(account: Account, ledger: Ledger) -> tuple[Account, Ledger]:
    """Books that have taken over what their venue was found to state otherwise.

    Cash moves by the difference, so that what was booked since stays. A position becomes the
    venue's, its entry too; ``realised`` stays ours, it counts what happened here.
    """
    compared = account.compared
    if compared is None:
        return account, ledger
    theirs = {each.key: each for each in compared.snapshot.positions}
    positions = dict(ledger.positions)
    total, here, brought = dict(ledger.cash), dict(account.cash), dict(ledger.adopted)
    with localcontext(precise()):
        for row in account.rows:
            if row.subject is Subject.POSITION:
                old, new = positions.pop(row.name, None), theirs.get(row.name)
                if new is not None:
                    positions[row.name] = replace(new, realised=old.realised if old else NOTHING)
            elif row.subject is Subject.BALANCE:
                for amounts in (total, here, brought):
                    known = amounts.get(row.name, NOTHING)
                    amounts[row.name] = known + row.theirs - row.ours
    after = replace(ledger, positions=positions, cash=total, adopted=brought)
    return replace(account, cash=here, rows=(), doubts={}), after


def settling(instrument: Instrument, now: int) -> bool:
    """Whether an instrument has just expired, and its venue may have closed it before we know how.

    Nothing is hedged on it meanwhile: what has expired makes its coin's exposure unusable until it
    is settled.
    """
    if not isinstance(instrument, Option | Future):
        return False
    return instrument.expiry <= now < instrument.expiry + SETTLES


def _qty(positions: Mapping[str, Position], key: str) -> Decimal:
    held = positions.get(key)
    return held.qty if held else NOTHING

"""What a screen shows of the accounts: both columns, and why hedging is locked."""

from terminal.engine.orders import foreign
from terminal.engine.reconcile import account_locks
from terminal.engine.state import ASKED, State
from terminal.model.reconcile import AccountView
from terminal.portfolio.accounts import Account


def account_views(state: State) -> tuple[AccountView, ...]:
    """Every account that has been opened, in the order in which they were."""
    return tuple(
        _view(state, venue, account) for venue, account in state.accounts.items() if account.opened
    )


def _view(state: State, venue: str, account: Account) -> AccountView:
    newest, compared = account.newest, account.compared
    locked = [
        f"{halt.underlying or 'everything'}: {halt.reason}"
        for halt in account_locks(venue, account, state.now)
    ]
    return AccountView(
        venue=venue,
        asked=state.mode in ASKED,
        age=state.now - newest.since if newest else None,
        compared=compared.until if compared else 0,
        waiting=account.waiting is not None,
        rows=account.rows,
        foreign=tuple(each for each in foreign(state) if each.venue == venue),
        locked=tuple(locked),
    )

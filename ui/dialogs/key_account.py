"""First page of giving a key: for which exchange, in which of its worlds, at which address."""

from collections.abc import Callable

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from terminal.model.keys import KeyOffer, StoredKey
from terminal.model.live import LiveAccount, Network
from ui.widgets.hold_button import HoldButton
from ui.widgets.label import plain_label
from ui.widgets.segmented import Segmented

_WORLDS = {Network.MAIN.value: "Main: real money", Network.TEST.value: "Test network"}


class AccountPage(QWidget):
    """Asks which account a key is for.

    Parameters
    ----------
    offers : tuple of KeyOffer
        At least one.
    changed : callable
        Called whenever an answer changes.
    """

    def __init__(self, offers: tuple[KeyOffer, ...], changed: Callable[[], None]) -> None:
        super().__init__()
        self._offers = offers
        self._changed = changed
        self.venue = QComboBox()
        self.venue.setAccessibleName("Exchange")
        self.venue.addItems([each.title for each in offers])
        self.network = Segmented(_WORLDS)
        self.network.setAccessibleName("Main or test network")
        self.label = QLineEdit("main")
        self.label.setAccessibleName("Name of the account")
        self.label.setMaxLength(32)
        self.elsewhere = QCheckBox("Connect to another address (a gateway or test server)")
        self.elsewhere.setAccessibleName(self.elsewhere.text())
        self.address = QLineEdit()
        self.address.setPlaceholderText("https://host:port")
        self.address.setAccessibleName("Another address")
        self.kept = QComboBox()
        self.kept.setAccessibleName("Accounts with a key")
        self.forget = HoldButton("Hold to forget its key")
        self.forget.setAccessibleName("Forget the key of this account")
        self.read_only = plain_label("", "warn", wrap=True)
        self.warning = plain_label(
            "Keys and orders would go to this address instead of the exchange's own. It is shown"
            " with the account, and live trading asks for it to be typed.",
            "warn",
            wrap=True,
        )
        self._lay_out()
        self.venue.currentIndexChanged.connect(self._on_change)
        self.elsewhere.toggled.connect(self._on_change)
        self.network.chosen.connect(lambda _: changed())
        self.label.textChanged.connect(lambda _: changed())
        self.address.textChanged.connect(lambda _: changed())
        self._show()

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setSpacing(8)
        rows = (("Exchange", self.venue), ("Network", self.network), ("Account", self.label))
        for text, field in rows:
            form.addRow(plain_label(text, "mut"), field)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(form)
        for each in (self.read_only, self.elsewhere, self.address, self.warning):
            column.addWidget(each)
        self.known = QWidget()
        row = QHBoxLayout(self.known)
        row.setContentsMargins(0, 12, 0, 0)
        row.setSpacing(8)
        row.addWidget(plain_label("There is a key for", "mut"))
        row.addWidget(self.kept, 1)
        row.addWidget(self.forget)
        self.known.hide()
        column.addWidget(self.known)

    def show_accounts(self, known: tuple[StoredKey, ...]) -> None:
        """List the accounts that have a key; each can be forgotten."""
        self.kept.clear()
        for each in known:
            self.kept.addItem(each.account.name, each)
        self.known.setVisible(bool(known))

    @property
    def offer(self) -> KeyOffer:
        """The exchange that is chosen."""
        return self._offers[max(self.venue.currentIndex(), 0)]

    def account(self) -> LiveAccount:
        """The account as it is described so far."""
        address = self.address.text().strip() if self.elsewhere.isChecked() else ""
        network = Network(self.network.current())
        return LiveAccount(self.offer.venue, network, self.label.text().strip(), address)

    def ready(self) -> bool:
        """Whether enough is said to go on."""
        account = self.account()
        return bool(account.label) and (bool(account.address) or not self.elsewhere.isChecked())

    def _on_change(self) -> None:
        self._show()
        self._changed()

    def _show(self) -> None:
        offer = self.offer
        if not offer.test_network:
            self.network.set_current(Network.MAIN.value)
        self.network.setEnabled(offer.test_network)
        why = offer.why_read_only
        self.read_only.setText(f"Only watched so far, not traded: {why}" if why else "")
        self.read_only.setVisible(bool(why))
        self.address.setVisible(self.elsewhere.isChecked())
        self.warning.setVisible(self.elsewhere.isChecked())

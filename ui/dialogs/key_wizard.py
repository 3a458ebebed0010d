"""Give the key of an exchange: choose the account, paste the key, see what it may do, keep it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from terminal.model.keys import Keeping, KeyEntry, KeyOffer, KeyReport, StoredKey
from ui.dialogs.key_account import AccountPage
from ui.dialogs.key_fields import FieldsPage
from ui.dialogs.key_report import ReportPage
from ui.dialogs.sheet import Sheet

STEPS = ("1 of 3: the account", "2 of 3: the key", "3 of 3: what it may do")


class KeyWizard(Sheet):
    """Three pages; nothing is kept before its checks were seen.

    Parameters
    ----------
    offers : tuple of KeyOffer
        Exchanges; without any there is nothing to give a key for.
    """

    checkAsked = Signal(object, bool)  # noqa: N815 - KeyEntry, whether to place an order
    keepAsked = Signal(object)  # noqa: N815 - KeyEntry
    forgetAsked = Signal(object)  # noqa: N815 - StoredKey

    def __init__(self, offers: tuple[KeyOffer, ...], parent: QWidget | None = None) -> None:
        super().__init__("Exchange key", parent, 640)
        self.step = self.add_text("", "mut")
        self.problem = self.add_text("", "crit")
        self._asked: KeyEntry | None = None
        self._busy = False
        self._keeping = False
        self.cancel = self.add_button("Cancel", "ghost", self.reject)
        self.back = self.add_button("Back", "ghost", self._on_back)
        self.action = self.add_button("Next", "primary", self._on_action)
        self._place = 0
        self.keys = FieldsPage(self._check)
        self.found = ReportPage()
        self.found.accepted.toggled.connect(self._check)
        self.account = AccountPage(offers, self._check) if offers else None
        if self.account is not None:
            self.account.forget.confirmed.connect(self._on_forget)
        self._pages: tuple[QWidget, ...] = (self.account or QWidget(), self.keys, self.found)
        for page in self._pages:
            self.body.addWidget(page)
        self.finished.connect(self.keys.clear)
        self._go(0)
        if self.account is None:
            self.write(self.problem, "This program knows no exchange that takes a key.")

    # -- Answers from outside -----------------------------------------------------------------

    def show_keeping(self, keeping: Keeping) -> None:
        """Say where keys are kept on this machine."""
        self.keys.show_keeping(keeping)
        self.fit()

    def show_accounts(self, known: tuple[StoredKey, ...]) -> None:
        """Say which accounts have a key."""
        if self.account is not None:
            self.account.show_accounts(known)
            self.fit()

    def show_report(self, report: KeyReport) -> None:
        """Show what was found of the key that was asked about."""
        if self._asked is None or report.account.name != self._asked.account.name:
            return
        self._busy = False
        self.found.show_report(report)
        self._check()
        self.fit()

    def show_refusal(self, why: str) -> None:
        """Say why the key was not kept, and let it be tried again."""
        self._busy = self._keeping = False
        self.write(self.problem, why)
        self._check()

    def show_kept(self) -> None:
        """Close, for the key is kept."""
        self.accept()

    def reject(self) -> None:
        """Close without keeping; not while the keychain is at it, or half a key might stay."""
        if not self._keeping:
            super().reject()

    # -- Pages --------------------------------------------------------------------------------

    def _go(self, place: int) -> None:
        self._place = place
        self._busy = False
        for number, page in enumerate(self._pages):
            page.setVisible(number == place)
        self.write(self.problem, "")
        self.write(self.step, STEPS[place])
        self.back.setVisible(place > 0)
        words = ("Next", "Check the key", "Keep the key")[place]
        self.action.setText(words)
        self.action.setAccessibleName(words)
        self._check()
        self.fit()

    def _check(self) -> None:
        ready = False
        if self.account is not None and not self._busy:
            ready = (self.account.ready, self.keys.ready, self.found.may_keep)[self._place]()
        self.action.setEnabled(ready)

    def _on_back(self) -> None:
        self._go(self._place - 1)

    def _on_action(self) -> None:
        if self.account is None or not self.action.isEnabled():
            return
        if self._place == 0:
            self.keys.ask_for(self.account.offer.fields)
            self._go(1)
        elif self._place == 1:
            self._asked = KeyEntry(
                account=self.account.account(),
                fields=self.keys.key(),
                session_only=self.keys.session_only.isChecked(),
            )
            self._go(2)
            self._wait("Asking the exchange…")
            self.checkAsked.emit(self._asked, self.keys.with_order.isChecked())
        elif self._asked is not None:
            self._busy = self._keeping = True
            self._check()
            self.keepAsked.emit(self._asked)

    def _on_forget(self) -> None:
        stored = self.account.kept.currentData() if self.account is not None else None
        if isinstance(stored, StoredKey):
            self.forgetAsked.emit(stored)

    def _wait(self, text: str) -> None:
        self.found.begin(text)
        self._busy = True
        self._check()

"""Approve less than was proposed: the size in coin, contracts and USD, kept in step."""

import re
from decimal import Decimal

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QWidget

from terminal.core.units import BPS
from terminal.model.hedge import Proposal
from ui.dialogs.proposal_words import contracts, deltas, exact, on_grid, size_text, title
from ui.dialogs.sheet import Sheet
from ui.format import MINUS, bps, usd
from ui.widgets.gauge import DeltaGauge
from ui.widgets.label import plain_label

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+|[0-9]{1,3}(,[0-9]{3})+(\.[0-9]*)?)")
_COIN, _CONTRACTS, _USD = "coin", "contracts", "usd"


class ModifyDialog(Sheet):
    """A size between one step and the proposal; contracts decide, the others follow."""

    sized = Signal(object)  # Decimal, contracts

    def __init__(self, proposal: Proposal, parent: QWidget | None = None) -> None:
        super().__init__("Approve another size", parent)
        self._proposal = proposal
        self._qty: Decimal | None = proposal.qty
        self._called_off = ""
        whole = {_COIN: proposal.coins, _USD: proposal.usd}
        self._whole = {name: _places(value, name) for name, value in whole.items()}
        self._whole[_CONTRACTS] = proposal.qty
        self.add_text(f"{title(proposal)}, {contracts(proposal)} at most", "mut")
        counted = "contracts"
        if proposal.parts:
            counted = f"contracts of {proposal.key.partition('@')[0]}, the others alike"
        units = {_COIN: proposal.underlying, _CONTRACTS: counted, _USD: "USD"}
        self.fields = {name: QLineEdit() for name in units}
        grid = QGridLayout()
        grid.setSpacing(8)
        grid.setColumnStretch(0, 1)
        for row, (name, unit) in enumerate(units.items()):
            field = self.fields[name]
            field.setMaxLength(24)
            field.setAccessibleName(f"Size in {unit}")
            field.textEdited.connect(lambda _text, name=name: self._on_edited(name))
            field.editingFinished.connect(self._on_finished)
            grid.addWidget(field, row, 0)
            grid.addWidget(plain_label(unit, "mut"), row, 1)
        self.body.addLayout(grid)
        self.problem = self.add_text("", "crit")
        self.outcome = self.add_text("")
        self.cost = self.add_text("", "mut")
        self._gauge = DeltaGauge()
        self.body.addWidget(self._gauge)
        self.add_button("Cancel", "ghost", self.reject)
        self.action = self.add_button("Approve this size", "primary", self._on_action)
        self._fill()
        self._show_outcome("")

    def qty(self) -> Decimal | None:
        """Size in contracts; None while what is typed cannot be used."""
        return self._qty

    def call_off(self, why: str) -> None:
        """Say why the proposal cannot be approved in this dialog any more."""
        self._called_off = why
        self._show_outcome("")

    def _on_edited(self, name: str) -> None:
        read = self._read(name, self.fields[name].text().strip())
        self._qty = read if isinstance(read, Decimal) else None
        self._fill(but=name)
        self._show_outcome(read if isinstance(read, str) else "")

    def _on_finished(self) -> None:
        if self._qty is not None:
            self._fill()

    def _read(self, name: str, text: str) -> Decimal | str:
        """Contracts that a text in one of the fields stands for, or what is wrong with it."""
        if not text:
            return "Write a size."
        figures = text.replace(MINUS, "-")
        if not _NUMBER.fullmatch(figures):
            return f"“{text}” is not a number."
        value = Decimal(figures.replace(",", ""))
        if value <= 0:
            return "The size must be above zero."
        if value > self._whole[name]:
            most = {_COIN: size_text(self._proposal), _USD: usd(self._whole[_USD])}
            words = most.get(name, f"{exact(self._proposal.qty)} contracts")
            return f"At most {words}: a hedge may only shrink here."
        return self._contracts(name, value)

    def _contracts(self, name: str, value: Decimal) -> Decimal | str:
        qty = self._proposal.qty
        unit = self._proposal.lot
        # A whole that is written rounded is still the whole.
        contracts = qty if value == self._whole[name] else value * qty / self._whole[name]
        whole = on_grid(contracts, unit)
        if name == _CONTRACTS and whole != contracts:
            return f"Contracts come in steps of {exact(unit)}."
        return whole if whole > 0 else f"Less than one step of {exact(unit)} contracts."

    def _share(self) -> float:
        return 0.0 if self._qty is None else float(self._qty / self._proposal.qty)

    def _fill(self, but: str = "") -> None:
        qty, share = self._qty, self._share()
        texts = dict.fromkeys(self.fields, "")
        if qty is not None:
            proposal = self._proposal
            texts = {
                _COIN: str(_places(proposal.coins * share, _COIN)),
                _CONTRACTS: f"{qty:f}",
                _USD: str(_places(proposal.usd * share, _USD)),
            }
        for name, field in self.fields.items():
            if name != but:
                field.setText(texts[name])

    def _show_outcome(self, problem: str) -> None:
        proposal, share = self._proposal, self._share()
        usable = self._qty is not None and not self._called_off
        self.action.setEnabled(usable)
        self.write(self.problem, self._called_off or problem)
        target = proposal.target
        after = proposal.before + (proposal.after - proposal.before) * share
        known = self._qty is not None
        self.write(self.outcome, deltas(proposal, after) if known else "Net Δ after: –")
        cost = proposal.cost.total
        rate = bps(cost / proposal.usd / BPS)
        self.write(self.cost, f"Costs about {usd(cost * share)} · {rate}" if known else "Cost: –")
        self._gauge.show_state(
            proposal.before, target.low, target.high, target.delta, after if known else None
        )

    def _on_action(self) -> None:
        if self._qty is not None and not self._called_off:
            self.sized.emit(self._qty)
            self.accept()


def _places(value: float, name: str) -> Decimal:
    """Coins with six decimals, USD with two: what is written in a field is what is compared."""
    return Decimal(repr(value)).quantize(Decimal("0.000001" if name == _COIN else "0.01"))

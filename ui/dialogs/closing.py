"""Leave the program while orders work: what happens to them, and to everything else."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from terminal.model.frame import Frame
from terminal.model.order_row import OrderRow
from ui.dialogs.sheet import Sheet
from ui.dialogs.stop import first_lines


class ClosingDialog(Sheet):
    """Says exactly what leaving does; Esc stays."""

    leaving = Signal(bool)  # True: cancel the working orders and leave; False: stay

    def __init__(self, frame: Frame, parent: QWidget | None = None) -> None:
        super().__init__("Leave Gammadesk?", parent, 480)
        self.orders = self.add_text("", "hi")
        self.listed = self.add_text("")
        self.add_text("Positions stay as they are: nothing hedges them while the program is off.")
        self.stop = self.add_text("", "warn")
        self.add_text("The journal is closed, and the next start goes on from it.", "mut")
        self.stay = self.add_button("Stay", "ghost", self.reject)
        self.leave = self.add_button("Cancel orders and leave", "danger", self.accept)
        self.stay.setFocus(Qt.FocusReason.OtherFocusReason)
        self.accepted.connect(lambda: self.leaving.emit(True))
        self.rejected.connect(lambda: self.leaving.emit(False))
        self.show_frame(frame)

    def show_frame(self, frame: Frame) -> None:
        """Bring the list of working orders up to date."""
        working = tuple(order for order in frame.orders if order.working)
        number = len(working)
        noun = "order" if number == 1 else "orders"
        cancels = f"{number} working {noun} will be cancelled:" if number else "No orders work."
        self.write(self.orders, cancels)
        self.write(self.listed, first_lines(tuple(_line(order) for order in working)))
        name = "Cancel orders and leave" if number else "Leave"
        self.leave.setText(name)
        self.leave.setAccessibleName(name)
        stage = frame.stop.stage
        words = f"The stop ({stage.value}) stays latched." if stage is not None else ""
        self.write(self.stop, words)


def _line(order: OrderRow) -> str:
    left = order.qty - order.filled
    verb = order.side.value.capitalize()
    where = "no order now" if order.limit is None else f"at {order.limit:f}"
    return f"{verb} {left:f} of {order.qty:f} contracts {order.symbol} {where}"

"""One account, one instance: a copy takes other names and halts, a double is noticed and halts."""

from decimal import Decimal

from msgspec.structs import replace

from terminal.core.ids import client_order_id, is_client_order_id
from terminal.engine.state import restored, saved
from terminal.model.account import OpenOrder
from terminal.model.live import LiveAccount, Network
from terminal.model.messages import ArmLive, Mode, Rearm, Started
from terminal.model.order import Side
from terminal.model.risk import Autonomy
from terminal.risk.halts import HaltCode
from tests.helpers.builders import PERP, fill, profile
from tests.helpers.statements import truth
from tests.helpers.trial import Trial, alerts, ready

ACCOUNT = LiveAccount("sim", Network.MAIN, "main")
STRANGE = client_order_id("elsewhere", "BTC-1", 1)


def begun(instance: str) -> Started:
    return Started(
        "live", Mode.LIVE, 1, profile(), Autonomy.MANUAL, accounts=(ACCOUNT,), instance=instance
    )


def at(instance: str) -> Trial:
    """Make a live trial that was begun in a place."""
    trial = ready(accounts=(ACCOUNT,))
    trial.tell(begun(instance))
    return trial


def halted(trial: Trial) -> list[str]:
    return [each.reason for each in trial.state.halts if each.code is HaltCode.FAULT]


def test_a_restart_in_the_same_place_keeps_its_names() -> None:
    trial = at("here")
    run = trial.state.run
    trial.tell(begun("here"))
    assert trial.state.run == run
    assert halted(trial) == []


def test_a_copy_takes_other_names_and_halts_until_a_person_has_looked() -> None:
    original = at("here")
    original.tell(ArmLive("LIVE"))
    copy = at("here")
    copy.state = restored(saved(original.state))
    copy.now = original.now
    said = alerts(copy.tell(begun("there")))
    assert "was copied or moved" in said
    (reason,) = halted(copy)
    assert "no other instance" in reason
    assert copy.state.run != original.state.run
    ids = {client_order_id(each.state.run, "BTC-1", 1) for each in (original, copy)}
    assert len(ids) == 2
    copy.tell(Rearm("the original is switched off"))
    assert halted(copy) == []
    run = copy.state.run
    copy.tell(begun("there"))
    assert copy.state.run == run
    assert halted(copy) == []


def test_two_copies_of_one_journal_take_different_names() -> None:
    names = set()
    for place in ("there", "elsewhere"):
        trial = at("here")
        trial.tell(begun(place))
        names.add(trial.state.run)
    assert len(names) == 2


def test_a_journal_of_before_places_had_names_goes_on() -> None:
    trial = at("")
    run = trial.state.run
    trial.tell(begun("here"))
    assert (trial.state.run, trial.state.instance) == (run, "here")
    assert halted(trial) == []


def test_a_fill_of_an_order_with_our_kind_of_id_that_we_never_sent_halts() -> None:
    trial = at("here")
    foreign = replace(fill(1, "0.1"), order_id=STRANGE)
    trial.tell(foreign)
    (reason,) = halted(trial)
    assert STRANGE in reason
    trial.tell(Rearm("the other one is switched off"))
    trial.tell(foreign)  # told again: nothing new
    assert halted(trial) == []


def test_a_resting_order_with_our_kind_of_id_that_we_never_sent_halts() -> None:
    trial = at("here")
    order = OpenOrder(
        venue_id="v1",
        order_id=STRANGE,
        key=PERP,
        side=Side.BUY,
        qty=Decimal(1),
        limit=Decimal(40_000),
    )
    trial.tell(replace(truth(trial), orders=(order,)))
    assert STRANGE in halted(trial)[0]


def test_a_person_who_trades_by_hand_is_no_other_instance() -> None:
    trial = at("here")
    trial.tell(replace(fill(1, "0.1"), order_id="web-4711"))
    trial.tell(replace(fill(2, "0.1"), order_id=""))
    assert halted(trial) == []


def test_ids_of_this_program_are_told_from_others() -> None:
    assert is_client_order_id(STRANGE)
    for text in ("", "gd", STRANGE.upper(), f"{STRANGE}x", "hb" + STRANGE[2:], "0x" + "a" * 24):
        assert not is_client_order_id(text)

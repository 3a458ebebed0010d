"""A secret shows itself to nobody who does not ask for it by name."""

import copy
import logging
import pickle
import traceback

import msgspec
import pytest
from msgspec import Struct

from terminal.core.secret import HIDDEN, Secret

CANARY = "canary-5f1e9c-in-a-coal-mine"
SECRET = Secret(CANARY)


class Holder(Struct, frozen=True):
    """A record that holds one."""

    name: str
    secret: Secret


def test_it_is_given_away_when_asked_for() -> None:
    assert SECRET.reveal() == CANARY
    assert Secret("a") == Secret("a") != Secret("b")
    assert SECRET != CANARY
    assert SECRET
    assert not Secret("")


@pytest.mark.parametrize(
    "written",
    [
        repr(SECRET),
        str(SECRET),
        f"{SECRET}",
        f"{SECRET:>40}",
        f"{SECRET!r}",
        "%s %r" % (SECRET, SECRET),  # noqa: UP031 - another way of writing it
        repr([SECRET]),
        repr({"secret": SECRET}),
        repr(Holder("a", SECRET)),
        repr(msgspec.structs.asdict(Holder("a", SECRET))),
        str(ValueError(SECRET)),
    ],
)
def test_no_writing_shows_it(written: str) -> None:
    assert CANARY not in written
    assert HIDDEN in written


@pytest.mark.parametrize("encode", [msgspec.json.encode, msgspec.msgpack.encode])
def test_it_cannot_be_encoded_nor_what_holds_it(encode: object) -> None:
    assert callable(encode)
    for value in (SECRET, Holder("a", SECRET), {"a": [SECRET]}):
        with pytest.raises(TypeError) as caught:
            encode(value)
        assert CANARY not in str(caught.value)


def test_it_cannot_be_pickled_copied_or_hashed() -> None:
    for act in (pickle.dumps, copy.copy, copy.deepcopy, hash):
        with pytest.raises(TypeError) as caught:
            act(SECRET)
        assert CANARY not in str(caught.value)


@pytest.mark.logs
def test_no_log_line_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    logging.getLogger("test").warning("key %s of %r", SECRET, Holder("a", SECRET))
    assert CANARY not in caplog.text


def test_no_traceback_shows_it() -> None:
    try:
        msgspec.json.encode(Holder("a", SECRET))
    except TypeError as error:
        told = traceback.TracebackException.from_exception(error, capture_locals=True)
        assert CANARY not in "".join(told.format())

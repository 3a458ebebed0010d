"""Logs and last words without keys, whoever writes them."""

import base64
import io
import logging
import resource
import sys
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from terminal.core.secret import HIDDEN, Secret
from terminal.runtime.clean_logs import clean_logs
from terminal.venues.redaction import Redactor
from tests.helpers.logs import logs_given_back

CANARY = "canary/with+odd=letters&'\\n-5e"
WRITINGS = (
    CANARY,
    quote(CANARY, safe=""),
    base64.b64encode(CANARY.encode()).decode(),
    repr(CANARY)[1:-1],
)


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """Everything a handler of somebody else writes while logs are cleaned, from DEBUG on."""
    redactor = Redactor()
    redactor.learn([Secret(CANARY), Secret("x")])
    out = io.StringIO()
    handler = logging.StreamHandler(out)
    log = logging.getLogger("tests.library")
    log.setLevel(logging.DEBUG)
    log.addHandler(handler)
    log.propagate = False
    with logs_given_back():
        clean_logs(redactor)
        yield out
    log.removeHandler(handler)
    log.propagate = True


@pytest.mark.parametrize("form", WRITINGS)
def test_no_writing_of_a_key_gets_into_a_log(form: str, written: io.StringIO) -> None:
    log = logging.getLogger("tests.library")
    log.debug("GET /order?signature=%s", form)
    log.info(f"headers {form} end")  # noqa: G004 - libraries write so
    log.error("%(key)s", {"key": form})
    assert form not in written.getvalue()
    assert written.getvalue().count(HIDDEN) == 3
    assert "GET /order?signature=" in written.getvalue()


def fail() -> None:
    raise ValueError(f"bad key {CANARY}")


def test_a_traceback_shows_where_but_not_what(written: io.StringIO) -> None:
    try:
        fail()
    except ValueError:
        logging.getLogger("tests.library").exception("it failed")
    assert "ValueError: bad key" in written.getvalue()
    assert "Traceback" in written.getvalue()
    assert CANARY not in written.getvalue()


def test_last_words_are_cleaned(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "excepthook", sys.__excepthook__)
    redactor = Redactor()
    redactor.learn([Secret(CANARY)])
    with logs_given_back():
        clean_logs(redactor)
        error = RuntimeError(f"crashed with {CANARY}")
        sys.excepthook(RuntimeError, error, None)
    said = capsys.readouterr().err
    assert "RuntimeError: crashed with" in said
    assert CANARY not in said


def test_a_hook_that_is_there_is_handed_the_exception_without_a_key(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The window's hook shows what failed: it must go on to hear of it once keys are in use."""
    heard: list[BaseException] = []
    monkeypatch.setattr(sys, "excepthook", lambda _, error, __: heard.append(error))
    redactor = Redactor()
    redactor.learn([Secret(CANARY)])
    plain, holding, caused = ValueError("plain"), ValueError(f"bad {CANARY}"), ValueError("caused")
    caused.__cause__ = holding
    with logs_given_back():
        clean_logs(redactor)
        clean_logs(Redactor())  # of another part of the program: neither takes the other's place
        for error in (plain, holding, caused):
            sys.excepthook(ValueError, error, None)
    assert heard[0] is plain
    assert [str(each) for each in heard[1:]] == [f"ValueError: bad {HIDDEN}", "ValueError: caused"]
    assert heard[2].__cause__ is None
    assert capsys.readouterr().err == ""


def test_debug_lines_of_libraries_that_hold_requests_are_off() -> None:
    with logs_given_back():
        clean_logs(Redactor())
        for name in ("ccxt", "ccxt.base.exchange", "aiohttp", "urllib3", "keyring"):
            assert not logging.getLogger(name).isEnabledFor(logging.INFO)


def test_short_texts_take_no_innocent_words_out() -> None:
    redactor = Redactor()
    redactor.learn([Secret("main")])
    assert redactor.clean("deribit/main/main") == "deribit/main/main"


def test_a_crash_of_the_interpreter_leaves_no_image_of_its_memory() -> None:
    with logs_given_back():
        clean_logs(Redactor())
        assert resource.getrlimit(resource.RLIMIT_CORE)[0] == 0

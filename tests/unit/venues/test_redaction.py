"""Keys are taken out of text in every writing in which an exchange or a library repeats them."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.core.secret import HIDDEN, Secret
from terminal.venues.redaction import Redactor
from tests.helpers.writings import hits_in

PHRASE = "pass phrase: 7'q\"Zw\\ & <b>é/+="


def cleaned(secret: str, text: str) -> str:
    redactor = Redactor()
    redactor.learn([Secret(secret)])
    return redactor.clean(text)


@pytest.mark.parametrize(
    "written",
    [
        PHRASE,
        quote(PHRASE, safe=""),
        quote_plus(PHRASE),
        html.escape(PHRASE),
        PHRASE.encode().hex(),
        PHRASE.encode().hex().upper(),
        base64.b64encode(PHRASE.encode()).decode(),
        base64.urlsafe_b64encode(PHRASE.encode()).decode(),
        repr(PHRASE)[1:-1],
        json.dumps(PHRASE)[1:-1],
        json.dumps(PHRASE, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(PHRASE))[3:-3],
        repr(json.dumps(PHRASE))[2:-2],
        json.dumps(repr(PHRASE))[2:-2],
    ],
)
def test_every_writing_is_taken_out(written: str) -> None:
    assert cleaned(PHRASE, f"<{written}>") == f"<{HIDDEN}>"


@pytest.mark.parametrize("before", ["", "a:", "ab:", "abc:"])
def test_inside_other_text_in_base_64(before: str) -> None:
    """As HTTP's basic authorisation writes it: ``user:password`` in one."""
    text = base64.b64encode(f"{before}{PHRASE}:z".encode()).decode()
    assert HIDDEN in cleaned(PHRASE, text)
    assert hits_in("text", cleaned(PHRASE, text), [PHRASE]) == []


@given(secret=st.text(min_size=6, max_size=40), other=st.text(max_size=20))
def test_what_an_exchange_repeats_of_a_key_is_gone(secret: str, other: str) -> None:
    answer = json.dumps({"msg": f"{other}{secret}{other}"}, ensure_ascii=False)
    for text in (answer, json.dumps({"body": answer}, ensure_ascii=False)):
        assert HIDDEN in cleaned(secret, text)


def test_innocent_words_and_short_texts_stay() -> None:
    assert cleaned(PHRASE, "an order was refused") == "an order was refused"
    assert cleaned("abc", "abc abc") == "abc abc"

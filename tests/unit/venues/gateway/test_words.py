"""Whatever a venue says, no secret of ours is in it when it is shown."""

from urllib.parse import quote

from hypothesis import given
from hypothesis import strategies as st

from terminal.core.secret import HIDDEN, Secret
from terminal.venues.gateway.words import LONGEST, Scrubber
from terminal.venues.redaction import Redactor


def knows(text: str) -> Redactor:
    """Make a redactor that knows one key."""
    redactor = Redactor()
    redactor.learn([Secret(text)])
    return redactor


SECRETS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=6, max_size=40)


@given(secret=SECRETS, before=st.text(max_size=60), after=st.text(max_size=60))
def test_no_secret_is_left(secret: str, before: str, after: str) -> None:
    scrubber = Scrubber(knows(secret))
    for shown in (secret, quote(secret, safe="")):
        assert shown not in scrubber.clean(f"{before} {shown} {after}").replace(HIDDEN, "")


def test_signed_addresses_lose_their_query_and_texts_their_length() -> None:
    scrubber = Scrubber(knows("canary-key"))
    text = "GET https://a.example/api/v1/order?symbol=BTC&signature=abc 502\n bad   gateway"
    assert scrubber.clean(text) == "GET https://a.example/api/v1/order?… 502 bad gateway"
    assert len(scrubber.clean("word " * 200)) == LONGEST
    assert (
        scrubber.words_of(ValueError("the canary-key is axed"))
        == f"ValueError: the {HIDDEN} is axed"
    )

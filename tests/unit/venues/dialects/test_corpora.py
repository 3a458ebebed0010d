"""Laws of every decoder: sound frames are read, damaged ones are refused, ids come back."""

from collections import Counter
from random import Random

import pytest

from terminal.core.ids import client_order_id
from terminal.venues.dialects.client_ids import as_text
from terminal.venues.dialects.registry import DIALECTS
from tests.helpers.corpora import CORPORA
from tests.helpers.frames import Corpus, decode, directory

FRAMES = 10_000

each_venue = pytest.mark.parametrize("corpus", CORPORA, ids=lambda each: each.dialect.venue)


@each_venue
def test_damaged_frames_are_read_or_refused_and_nothing_else(corpus: Corpus) -> None:
    random = Random(7)
    known = directory(corpus.dialect.decoder, corpus.markets)
    came = Counter(decode(corpus, known, random) for _ in range(FRAMES))
    assert sum(came.values()) == FRAMES
    assert min(came[each] for each in ("events", "nothing", "refused")) > FRAMES // 50


@each_venue
def test_sound_messages_are_read(corpus: Corpus) -> None:
    decoder = corpus.dialect.decoder
    known = directory(decoder, corpus.markets)
    assert len(known.by_key) == len(corpus.markets)
    assert any(decoder.public(frame, known) for frame in corpus.public)
    assert all(decoder.private(frame, known) for frame in corpus.private)
    assert all(decoder.order(row, known) for row in corpus.orders)
    assert all(decoder.fill(row, known) for row in corpus.fills)
    assert all(decoder.position(row, known) for row in corpus.positions)


@each_venue
def test_account_frames_are_no_market_events_and_the_reverse(corpus: Corpus) -> None:
    decoder = corpus.dialect.decoder
    known = directory(decoder, corpus.markets)
    assert all(decoder.public(frame, known) == () for frame in corpus.private)
    assert all(decoder.private(frame, known) == () for frame in corpus.public)


@each_venue
def test_an_unknown_instrument_is_left_out(corpus: Corpus) -> None:
    decoder = corpus.dialect.decoder
    nothing = directory(decoder, ())
    assert all(decoder.fill(row, nothing) is None for row in corpus.fills)
    assert all(decoder.position(row, nothing) is None for row in corpus.positions)


@pytest.mark.parametrize("venue", DIALECTS)
def test_client_ids_are_the_same_for_ever_and_never_meet(venue: str) -> None:
    dialect = DIALECTS[venue]
    ids = [client_order_id("run", f"cause-{each}", 1) for each in range(500)]
    sent = [dialect.client_id(each) for each in ids]
    assert sent == [dialect.client_id(as_text(each)) for each in ids]
    assert len(set(sent)) == len(ids)


@pytest.mark.parametrize("venue", DIALECTS)
def test_an_exchange_is_tradable_or_says_why_not(venue: str) -> None:
    dialect = DIALECTS[venue]
    assert dialect.venue == venue
    assert dialect.ccxt_id
    assert dialect.title
    assert dialect.greeks_convention
    assert dialect.funding_note
    assert dialect.why_read_only or (dialect.lookup and dialect.key_fields)

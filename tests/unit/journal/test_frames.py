"""Frames: what is written is read, and nothing else is."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terminal.journal.frames import (
    FIRST_LINK,
    HEADER_BYTES,
    FrameError,
    chain,
    find_frame,
    make_frame,
    parse_frame,
)

KIND = b"R"


def log_of(payloads: list[bytes], link: bytes = FIRST_LINK) -> bytes:
    content = b""
    for seq, payload in enumerate(payloads, 1):
        frame, link = make_frame(KIND, seq, link, payload)
        content += frame
    return content


def leading(content: bytes) -> list[bytes]:
    """Payloads before the first bad frame."""
    payloads: list[bytes] = []
    try:
        for frame in chain(content, 0, KIND, 0, FIRST_LINK):
            payloads.append(frame.payload)  # noqa: PERF401 - what came before an error counts
    except FrameError:
        return payloads
    return payloads


def read(content: bytes) -> list[bytes]:
    return [frame.payload for frame in chain(content, 0, KIND, 0, FIRST_LINK)]


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_any_payloads_round_trip(payloads: list[bytes]) -> None:
    assert read(log_of(payloads)) == payloads


def test_every_byte_flip_in_a_log_of_200_frames_is_found_in_its_own_frame() -> None:
    payloads = [f'{{"seq":{seq}}}'.encode() for seq in range(200)]
    content = log_of(payloads)
    starts = [0]
    for payload in payloads:
        starts.append(starts[-1] + HEADER_BYTES + len(payload))
    link = FIRST_LINK
    for seq, (start, end) in enumerate(pairwise(starts), 1):
        for offset in range(start, end):
            damaged = bytearray(content)
            damaged[offset] ^= 1 << (offset % 8)
            with pytest.raises(FrameError) as caught:
                next(chain(bytes(damaged), start, KIND, seq - 1, link))
            assert caught.value.offset == start
        link = parse_frame(content, start).link


@given(st.data())
def test_a_flip_anywhere_never_yields_other_payloads_than_the_leading_ones(
    data: st.DataObject,
) -> None:
    payloads = data.draw(st.lists(st.binary(max_size=40), min_size=1, max_size=8))
    content = bytearray(log_of(payloads))
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    found = leading(bytes(content))
    assert found == payloads[: len(found)]
    assert len(found) < len(payloads)


@pytest.mark.parametrize(
    ("order", "reason"),
    [
        ([0, 2], "number 3 follows 1"),
        ([0, 0], "number 1 follows 1"),
        ([1], "number 2 follows 0"),
    ],
)
def test_whole_frames_out_of_order_are_not_broken_but_refused(
    order: list[int], reason: str
) -> None:
    frames, link = [], FIRST_LINK
    for seq in (1, 2, 3):
        frame, link = make_frame(KIND, seq, link, b"x")
        frames.append(frame)
    with pytest.raises(FrameError, match=reason) as caught:
        read(b"".join(frames[index] for index in order))
    assert not caught.value.broken


def test_a_frame_of_another_chain_is_refused() -> None:
    ours, _ = make_frame(KIND, 1, FIRST_LINK, b"ours")
    _, link = make_frame(KIND, 1, FIRST_LINK, b"theirs")
    other, _ = make_frame(KIND, 2, link, b"more of theirs")
    with pytest.raises(FrameError, match="does not belong"):
        read(ours + other)


def test_another_kind_is_refused() -> None:
    with pytest.raises(FrameError, match="kind b'S' is out of place"):
        read(make_frame(b"S", 1, FIRST_LINK, b"x")[0])


@given(st.binary(max_size=200), st.binary(max_size=50))
def test_a_whole_frame_is_found_behind_any_garbage(garbage: bytes, payload: bytes) -> None:
    frame, _ = make_frame(KIND, 7, FIRST_LINK, payload)
    content = garbage + frame + garbage[:20]
    assert find_frame(content, 0) == len(garbage)
    assert find_frame(content, len(garbage) + 1) is None


def test_json_can_never_look_like_a_frame() -> None:
    frame, _ = make_frame(KIND, 1, FIRST_LINK, b"{}")
    with pytest.raises(UnicodeDecodeError):
        frame[4:8].decode()


def test_a_damaged_frame_is_passed_over_for_the_next_whole_one() -> None:
    damaged = bytearray(log_of([b"first"]))
    damaged[-1] ^= 1
    content = bytes(damaged) + log_of([b"second"])
    assert find_frame(content, 0) == len(damaged)
    assert find_frame(bytes(damaged), 0) is None

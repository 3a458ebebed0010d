"""Binary frames: a length, a checksum, a number and a link to the frame before, around any payload.

::

    0   crc32    u32   of everything after it, header and payload
    4   marker   4 B   F5 'G' 'D' and the kind of the frame
    8   length   u32   bytes of payload
    12  seq      u64
    20  link     8 B   digest of the previous frame of the chain, zero for the first one
    28  payload

The checksum finds damage inside one frame without knowing its neighbours, which is what tells a
torn tail (nothing good follows) from damage in the middle (something good does). The link finds
frames that are whole but lost, doubled, reordered or from another journal. It guards against
accidents, not against an adversary, who could recompute a chain of any width; eight bytes make an
accidental match one in 1.8e19. The marker starts with a byte that UTF-8 never contains, so no JSON
payload can look like a frame.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterator

from msgspec import Struct

from terminal.core.errors import DataError

_CRC = struct.Struct("<I")
_BODY = struct.Struct("<4sIQ8s")
_MARK = b"\xf5GD"
_MARK_AT = _CRC.size

HEADER_BYTES = _CRC.size + _BODY.size
"""Bytes of a frame before its payload."""

FIRST_LINK = bytes(8)
"""Link of the first frame of a chain."""


class Frame(Struct, frozen=True, gc=False):
    """One frame that was read back whole; ``link`` is what the next frame must carry."""

    kind: bytes
    seq: int
    payload: bytes
    link: bytes
    end: int  # offset of the byte after it


class FrameError(DataError):
    """A frame that cannot be used, and where it starts.

    ``broken`` says that its own bytes are wrong; otherwise it is whole but out of place.
    """

    def __init__(self, offset: int, reason: str, *, broken: bool) -> None:
        super().__init__(f"byte {offset}: {reason}")
        self.offset = offset
        self.reason = reason
        self.broken = broken


def make_frame(kind: bytes, seq: int, link: bytes, payload: bytes) -> tuple[bytes, bytes]:
    """Frame a payload.

    Parameters
    ----------
    kind : bytes
        One byte that says what the payload is.
    seq : int
        Number of the frame, 0..2**64 - 1.
    link : bytes
        Digest of the frame before it, or ``FIRST_LINK``.
    payload : bytes

    Returns
    -------
    tuple of bytes
        The frame, and the link that its successor carries.
    """
    body = _BODY.pack(_MARK + kind, len(payload), seq, link) + payload
    return _CRC.pack(zlib.crc32(body)) + body, hashlib.blake2b(body, digest_size=8).digest()


def parse_frame(content: bytes, offset: int) -> Frame:
    """Read the frame that starts at ``offset``, checked by its own checksum alone.

    Raises
    ------
    FrameError
        The bytes end inside the frame, or are not what was written.
    """
    payload_at = offset + HEADER_BYTES
    if payload_at > len(content):
        reason = f"{len(content) - offset} bytes are too few for a frame"
        raise FrameError(offset, reason, broken=True)
    mark, length, seq, _ = _BODY.unpack_from(content, offset + _MARK_AT)
    end = payload_at + length
    if mark[:3] != _MARK:
        raise FrameError(offset, "no frame starts here", broken=True)
    if end > len(content):
        reason = f"the frame ends {end - len(content)} bytes after the file"
        raise FrameError(offset, reason, broken=True)
    body = content[offset + _MARK_AT : end]
    if zlib.crc32(body) != _CRC.unpack_from(content, offset)[0]:
        raise FrameError(offset, "the checksum does not match", broken=True)
    link = hashlib.blake2b(body, digest_size=8).digest()
    return Frame(mark[3:], seq, body[_BODY.size :], link, end)


def chain(content: bytes, offset: int, kind: bytes, after: int, link: bytes) -> Iterator[Frame]:
    """Read frames of one kind to the end, each numbered and linked to the one before.

    Parameters
    ----------
    content : bytes
    offset : int
        Where the first of them starts.
    kind : bytes
    after : int
        Number of the frame before the first.
    link : bytes
        Link that the first must carry.

    Raises
    ------
    FrameError
        At the first frame that is broken or out of place.
    """
    size = len(content)
    while offset < size:
        frame = parse_frame(content, offset)
        if frame.kind != kind:
            raise FrameError(offset, f"kind {frame.kind!r} is out of place", broken=False)
        if frame.seq != after + 1:
            raise FrameError(offset, f"number {frame.seq} follows {after}", broken=False)
        if content[offset + HEADER_BYTES - 8 : offset + HEADER_BYTES] != link:
            reason = f"number {frame.seq} does not belong to the one before it"
            raise FrameError(offset, reason, broken=False)
        yield frame
        offset, after, link = frame.end, frame.seq, frame.link


def find_frame(content: bytes, offset: int) -> int | None:
    """Offset of the first whole frame at or after ``offset``; None when there is none."""
    found = content.find(_MARK, offset + _MARK_AT)
    while found >= 0:
        try:
            parse_frame(content, found - _MARK_AT)
        except FrameError:
            found = content.find(_MARK, found + 1)
        else:
            return found - _MARK_AT
    return None


def frame_link(content: bytes, offset: int) -> bytes:
    """Link that the frame at ``offset`` carries to the one before it."""
    return content[offset + HEADER_BYTES - 8 : offset + HEADER_BYTES]

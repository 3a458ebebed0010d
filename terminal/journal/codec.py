"""Records as JSON bytes and back; equal records are equal bytes."""

import msgspec

from terminal.core.errors import InvariantError
from terminal.model.messages import Record

_ENCODER = msgspec.json.Encoder(order="deterministic")
_DECODER = msgspec.json.Decoder(Record)


def encode_record(record: Record) -> bytes:
    """Write a record, having proved that it reads back as the same value.

    Raises
    ------
    InvariantError
        The record holds what JSON cannot carry (NaN and infinities become null) or a value of
        another type than declared: recovery would restore something else than what was acted on.

    Notes
    -----
    The proof costs 0.5 us for a quote. Without it such a record is found at the next start.
    """
    payload = _ENCODER.encode(record)
    try:
        same = _DECODER.decode(payload) == record
    except msgspec.DecodeError:
        same = False
    if not same:
        msg = f"record {record.seq} does not survive the journal (NaN or a wrong type?): {record}"
        raise InvariantError(msg)
    return payload


def decode_record(payload: bytes) -> Record:
    """Read a record.

    Raises
    ------
    msgspec.DecodeError
        The bytes are no record as this version of the program knows them.
    """
    return _DECODER.decode(payload)

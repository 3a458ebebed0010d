"""Solana transactions in bytes: accounts in the order of their rights, one signature."""

import base64
from collections.abc import Sequence

from msgspec import Struct

from terminal.venues.jupiter.addresses import encoded
from terminal.venues.jupiter.signing import Signer


class Meta(Struct, frozen=True):
    """An account that an instruction names, and what it may do with it."""

    address: bytes
    writes: bool = False
    signs: bool = False


class Instruction(Struct, frozen=True):
    """A call of a program."""

    program: bytes
    accounts: tuple[Meta, ...]
    content: bytes


class Signed(Struct, frozen=True):
    """A transaction ready to send; sending it twice has one effect at most."""

    signature: str  # base 58: what the chain knows it by, known before it is sent
    raw: bytes

    @property
    def text(self) -> str:
        """As JSON-RPC takes it."""
        return base64.b64encode(self.raw).decode()


def signed(instructions: Sequence[Instruction], signer: Signer, blockhash: bytes) -> Signed:
    """Transaction of a wallet that pays for it and alone signs it.

    Parameters
    ----------
    instructions : sequence of Instruction
    signer : Signer
    blockhash : bytes
        32 of a recent block: the transaction can land for about a minute after it.
    """
    message = _message(instructions, signer.address, blockhash)
    signature = signer.sign(message)
    return Signed(encoded(signature), _short(1) + signature + message)


def _message(instructions: Sequence[Instruction], payer: bytes, blockhash: bytes) -> bytes:
    """Legacy message.

    Notes
    -----
    Solana documentation, "Transactions": header of three counts; addresses, those that sign first
    and those that are written first among each; blockhash; instructions that name accounts by
    their place.
    """
    metas = _ranked(instructions, payer)
    places = {each.address: place for place, each in enumerate(metas)}
    header = bytes(
        [
            sum(each.signs for each in metas),
            sum(each.signs and not each.writes for each in metas),
            sum(not each.signs and not each.writes for each in metas),
        ]
    )
    body = header + _short(len(metas)) + b"".join(each.address for each in metas)
    body += blockhash + _short(len(instructions))
    for each in instructions:
        named = bytes(places[meta.address] for meta in each.accounts)
        body += bytes([places[each.program]]) + _short(len(named)) + named
        body += _short(len(each.content)) + each.content
    return body


def _ranked(instructions: Sequence[Instruction], payer: bytes) -> list[Meta]:
    """Every account once, with the most that anyone wants of it, the payer first."""
    found = {payer: Meta(payer, writes=True, signs=True)}
    for each in instructions:
        for meta in (*each.accounts, Meta(each.program)):
            old = found.get(meta.address, meta)
            writes, signs = old.writes or meta.writes, old.signs or meta.signs
            found[meta.address] = Meta(meta.address, writes=writes, signs=signs)
    rest = [each for address, each in found.items() if address != payer]
    rest.sort(key=lambda each: (not each.signs, not each.writes))
    return [found[payer], *rest]


def _short(number: int) -> bytes:
    """Length in seven bits a byte, the lowest first."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])

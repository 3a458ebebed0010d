"""What is sent to an OpenAI-compatible server, and what comes back around the words."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct

from terminal.core.errors import DataError
from terminal.oracle.words_json import read_strictly

LONGEST_REPLY: Final = 65_536
"""Bytes of a whole reply that are read."""

Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class Usage(Struct, frozen=True):
    """Tokens as the server counts them."""

    prompt_tokens: Count = 0
    completion_tokens: Count = 0


class _Message(Struct, frozen=True):
    content: str
    role: Literal["assistant"] = "assistant"
    tool_calls: list[object] | None = None
    function_call: object = None


class _Choice(Struct, frozen=True):
    message: _Message
    finish_reason: str | None = None


class _Reply(Struct, frozen=True):
    choices: Annotated[list[_Choice], Meta(min_length=1, max_length=1)]
    usage: Usage | None = None


class Envelope(Struct, frozen=True):
    """The words of a reply, unread, and what they cost."""

    content: str
    usage: Usage | None


def question(model: str, instructions: str, snapshot: str, answer_tokens: int) -> bytes:
    """Body of the request: no tools, no stream, as little chance as the server allows."""
    return msgspec.json.encode(
        {
            "model": model,
            "messages": [
                {"role": "system", "content": instructions},
                {"role": "user", "content": snapshot},
            ],
            "temperature": 0,
            "max_tokens": answer_tokens,
            "stream": False,
            "response_format": {"type": "json_object"},
        }
    )


def opened(body: bytes) -> Envelope:
    """Take the words out of a reply.

    Raises
    ------
    DataError
        It is no such reply, was cut at its length, or wants a tool to be called.
    """
    reply = read_strictly(body, _Reply, LONGEST_REPLY)
    choice = reply.choices[0]
    if choice.message.tool_calls or choice.message.function_call is not None:
        raise DataError("it wants a tool to be called, and there are none")
    if choice.finish_reason == "length":
        raise DataError("it was cut at its longest: allow more answer tokens")
    return Envelope(choice.message.content, reply.usage)

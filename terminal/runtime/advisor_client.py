"""One question to an OpenAI-compatible server: bounded in time and size, trusted in nothing."""

import asyncio
import contextlib
from typing import Final

import aiohttp

from terminal.core.errors import DataError, VenueError
from terminal.core.secret import Secret
from terminal.model.advice import AdvisorSettings
from terminal.oracle.words_envelope import LONGEST_REPLY
from terminal.runtime.advisor_address import checked_server, host_of
from terminal.runtime.beside import beside
from terminal.venues.plain_loop import run_plain

GRACE_S: Final = 2.0
"""Beyond the client's own time-out, before it is given up from outside."""


async def ask(settings: AdvisorSettings, body: bytes, key: Secret | None) -> bytes:
    """Send a question and read the reply, in a thread with a loop of its own.

    Parameters
    ----------
    settings : AdvisorSettings
    body : bytes
        JSON.
    key : Secret or None
        Sent as a bearer's token.

    Raises
    ------
    VenueError
        The server was not reached, was too slow, or refused.
    DataError
        What came is no JSON, or too long. No message repeats what the server said.

    Notes
    -----
    Whoever is cancelled while waiting takes the request with it.
    """
    running = list[tuple[asyncio.AbstractEventLoop, "asyncio.Task[object] | None"]]()

    async def job() -> bytes:
        running.append((asyncio.get_running_loop(), asyncio.current_task()))
        return await _post(settings, body, key)

    patience = settings.timeout_s
    late = VenueError(f"{host_of(settings.endpoint)} gave no answer in {patience:g} s")
    try:
        return await beside(lambda: run_plain(job()), patience + GRACE_S, late)
    except asyncio.CancelledError:
        for loop, task in running:
            if task is not None:
                with contextlib.suppress(RuntimeError):  # it has just ended
                    loop.call_soon_threadsafe(task.cancel)
        raise


async def _post(settings: AdvisorSettings, body: bytes, key: Secret | None) -> bytes:
    host = host_of(settings.endpoint)
    headers = {
        "Content-Type": "application/json",
        "Accept": "application/json",
        "Accept-Encoding": "identity",  # what is small when it comes must stay small
    }
    if key is not None:
        headers["Authorization"] = f"Bearer {key.reveal()}"
    address = f"{checked_server(settings.endpoint)}/chat/completions"
    limit = aiohttp.ClientTimeout(total=settings.timeout_s)
    try:
        async with (
            aiohttp.ClientSession(
                timeout=limit,
                headers=headers,
                auto_decompress=False,
                cookie_jar=aiohttp.DummyCookieJar(),
            ) as session,
            session.post(address, data=body, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise VenueError(_refusal(host, response.status))
            if response.content_type != "application/json":
                raise DataError(f"{host} sent no JSON: is it an OpenAI-compatible server?")
            return await _read(host, response)
    except TimeoutError:
        raise VenueError(f"{host} gave no answer in {settings.timeout_s:g} s") from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # its words may repeat what the server said
        raise VenueError(f"{host} was not reached: {type(error).__name__}") from None


async def _read(host: str, response: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in response.content.iter_any():
        body += part
        if len(body) > LONGEST_REPLY:
            raise DataError(f"{host} sent more than {LONGEST_REPLY:,} bytes")
    return bytes(body)


def _refusal(host: str, status: int) -> str:
    if 300 <= status < 400:
        return f"{host} sent us elsewhere, and prompts are not carried on: set its final address"
    if status in (401, 403):
        return f"{host} wants a key, or not this one: python -m terminal advisor key"
    if status == 404:
        return f"{host} knows no such address or model: see python -m terminal advisor show"
    if status == 429:
        return f"{host} limits how often it is asked"
    return f"{host} answered with HTTP {status}"

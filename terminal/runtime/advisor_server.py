"""The advisor of a run put together: settings, server, key and files."""

import importlib
from pathlib import Path
from typing import Final

from terminal.core.errors import ConfigError, DataError
from terminal.core.secret import Secret
from terminal.model.advice import AdvisorSettings
from terminal.runtime.advisor import Advisor
from terminal.runtime.advisor_address import host_of, why_not
from terminal.runtime.advisor_files import WordsJournal, folder_of, load_settings
from terminal.runtime.advisor_keys import AdvisorKeys
from terminal.runtime.beside import beside
from terminal.venues.redaction import Redactor

CLIENT: Final = "terminal.runtime.advisor_client"
"""Loaded with the first question: its library takes longer to load than a window to open."""

LOAD_S: Final = 60.0


class HttpServer:
    """An OpenAI-compatible server behind its settings.

    Parameters
    ----------
    settings : AdvisorSettings
    keys : AdvisorKeys
    """

    def __init__(self, settings: AdvisorSettings, keys: AdvisorKeys) -> None:
        self._settings = settings
        self._keys = keys

    def host(self) -> str:
        """Host and port."""
        return host_of(self._settings.endpoint)

    def why_not(self) -> str:
        """Why it cannot be asked as it is set up; empty when it can."""
        return why_not(self._settings)

    async def key(self) -> Secret | None:
        """Its key; None where none is kept for it."""
        return await self._keys.read(self.host()) if self._settings.keyed else None

    async def ask(self, body: bytes, key: Secret | None) -> bytes:
        """Send a question, read the reply."""
        late = DataError("the client takes too long to load: try again")
        client = await beside(lambda: importlib.import_module(CLIENT), LOAD_S, late)
        reply: bytes = await client.ask(self._settings, body, key)
        return reply


def open_advisor(
    directory: Path, journal: Path | None, redactor: Redactor, keys: AdvisorKeys | None = None
) -> Advisor:
    """Advisor of a run; one that cannot be switched on, and says why, where its files are bad.

    Parameters
    ----------
    directory : Path
        Data directory, with the settings.
    journal : Path or None
        Of the run; None: nothing is recorded, so there is nothing to ask about.
    redactor : Redactor
        Of the run's keys.
    keys : AdvisorKeys, optional
    """
    settings, fault = AdvisorSettings(), ""
    try:
        settings = load_settings(directory)
    except ConfigError as error:
        fault = str(error)
    if journal is None:
        fault = fault or "this run records no decisions."
    server = HttpServer(settings, keys or AdvisorKeys(redactor))
    words = WordsJournal(folder_of(journal or directory / "replay"))
    return Advisor(settings, server, words, redactor, fault=fault)

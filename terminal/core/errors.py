"""The exception tree; every message names the thing that is wrong and the remedy.

::

    TerminalError
    ├ ConfigError     the user can fix it: names the file, key, value, allowed range
    │ └ KeychainError the keychain is locked, refused, or holds no such key
    ├ DataError       bad market data or a bad tape: names the row and column
    ├ VenueError      the venue refused or could not be reached
    ├ JournalError    the journal cannot be written or read: no journal, no orders
    └ InvariantError  a promise of this program is broken: trading halts
"""


class TerminalError(Exception):
    """Root of every error that this program raises on purpose."""


class ConfigError(TerminalError):
    """A setting, profile, argument or file that the user can put right."""


class KeychainError(ConfigError):
    """The operating system's keychain did not take or give a key; never says what it was."""


class DataError(TerminalError):
    """Market data that cannot be used."""


class VenueError(TerminalError):
    """A venue refused a request or gave no proof of its outcome."""


class JournalError(TerminalError):
    """The journal is damaged, locked, full or unreadable."""


class InvariantError(TerminalError):
    """A promise of the engine is broken; nothing may trade until a person has looked."""

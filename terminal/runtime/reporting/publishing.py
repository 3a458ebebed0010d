"""Put a report on the drive, signed where this installation has a keychain."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from msgspec import Struct

from terminal.core.errors import KeychainError
from terminal.model.report import Report
from terminal.runtime.reporting.files import SUMS, contents, save
from terminal.runtime.reporting.signing import SIGNATURE, Signer, fingerprint, read_signature
from terminal.venues.keychain import Keychain, find


class Published(Struct, frozen=True):
    """Where a report is, its files, and whose signature it has or why none."""

    folder: Path
    names: tuple[str, ...]
    signer: str  # fingerprint; empty without
    unsigned: str  # why there is no signature; empty with one

    @property
    def told(self) -> dict[str, Any]:
        """For scripts."""
        return {
            "folder": str(self.folder),
            "files": self.names,
            "signer": self.signer,
            "unsigned": self.unsigned,
        }

    def words(self, title: str) -> str:
        """For people."""
        signed = f"signed by key {self.signer}" if self.signer else f"not signed: {self.unsigned}"
        where = f"{title}: {len(self.names)} files in {self.folder}; open report.html there"
        return f"{where}\n  {signed}"


def this_keychain() -> Keychain:
    """The keychain of this machine."""
    return Keychain(find(os.environ))


def own_key(keychain: Callable[[], Keychain] = this_keychain) -> str:
    """Fingerprint of this installation's key; empty where it has none, or cannot say."""
    try:
        public = Signer(keychain()).public()
    except KeychainError:
        return ""
    return fingerprint(public) if public else ""


def published(
    report: Report, to: Path, keychain: Callable[[], Keychain] = this_keychain
) -> Published:
    """Write a report and sign its hashes.

    Parameters
    ----------
    report : Report
    to : Path
        Folder of reports.
    keychain : callable, optional
        Opens the keychain; may wait for a person to unlock it.

    Raises
    ------
    ConfigError
        The folder cannot be written. A keychain that cannot be used fails nothing: the report then
        says that it is not signed.
    """
    files = contents(report)
    signature = why = ""
    try:
        signature = Signer(keychain()).sign(files[SUMS])
    except KeychainError as error:
        why = str(error)
    folder = save(report, to, signature)
    signer = read_signature(signature).fingerprint if signature else ""
    names = (*files, SIGNATURE) if signature else tuple(files)
    return Published(folder, names, signer, why)

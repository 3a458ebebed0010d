"""Command lines whose mistakes are one clear line, like every other bad input."""

import argparse
from typing import NoReturn

from terminal.core.errors import ConfigError


class Parser(argparse.ArgumentParser):
    """An argument parser that raises instead of printing its usage and leaving."""

    def error(self, message: str) -> NoReturn:
        """Refuse the command line with what is wrong and where to read more."""
        raise ConfigError(f"{self.prog}: {message} (see {self.prog} --help)")

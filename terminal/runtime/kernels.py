"""Where compiled pricing kernels are kept, and how an engine is made ready."""

import asyncio
import hashlib
import os
from pathlib import Path

from terminal import pricing
from terminal.pricing.engines import Engine, load
from terminal.runtime.private import make_trusted_folder


def cache_dir() -> Path:
    """Directory of compiled kernels of this user (XDG on Linux).

    Named after what the kernels were compiled from: a compiler's own cache looks at one file at
    a time and would go on using a kernel when a constant or a function of another has changed.
    """
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    digest = hashlib.sha256()
    for source in sorted(Path(pricing.__path__[0]).rglob("*.py")):
        digest.update(source.read_bytes())
    return Path(base).expanduser() / "gammadesk" / f"kernels-{digest.hexdigest()[:12]}"


def ready_engine(name: str) -> Engine:
    """Load a pricing engine with everything compiled, so that no later call has to wait.

    Parameters
    ----------
    name : str
        Name from ``terminal.pricing.engines.NAMES``.

    Returns
    -------
    Engine

    Raises
    ------
    ConfigError
        What the engine needs is not installed, or others may write where kernels are kept.

    Notes
    -----
    Takes seconds the first time on a machine: call it beside the loop, not on it. The compiler
    keeps machine code in pickles, so whoever may write to the folder runs code here: it is
    ``~/.cache/gammadesk/kernels-*`` with mode 0700, or what NUMBA_CACHE_DIR names, and is refused
    where it is not this user's alone to write.
    """
    # Read by numba when it is imported; beside the sources is no place for what a user makes.
    folder = os.environ.setdefault("NUMBA_CACHE_DIR", str(cache_dir()))
    if name == "compiled":
        make_trusted_folder(Path(folder))
    return load(name)


async def why_not_compiled() -> str:
    """Make the compiled engine ready beside the loop; say why it cannot be used, empty if it can.

    Whatever a compiler meets on somebody's machine is an answer, not a failure: numpy prices too.
    """
    work = asyncio.to_thread(ready_engine, "compiled")
    (found,) = await asyncio.gather(work, return_exceptions=True)
    return "" if isinstance(found, Engine) else f"{type(found).__name__}: {found}"

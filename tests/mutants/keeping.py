"""Faults in what must outlive a crash, in secrets, and in what keeps the program going."""

from typing import Final

from tests.mutants.fault import Edit, Fault

FRAME_TESTS = ("tests/unit/journal/test_frames.py", "tests/unit/journal/test_recovery.py")
FAULT_TESTS = ("tests/unit/journal/test_faults.py",)

KEEPING: Final = (
    Fault(
        "commit without FULL",
        "the drive is not asked to confirm the records",
        (
            Edit(
                "terminal/journal/writer.py",
                "        self.flush()\n        self._disk.commit(self._fd)\n",
                "        self.flush()\n",
            ),
        ),
        FAULT_TESTS,
    ),
    Fault(
        "commit without FULL",
        "the system's call that empties the drive's cache is left out",
        (Edit("terminal/journal/disk.py", "        os.fdatasync(fd)\n", "        return\n"),),
        ("tests/unit/journal/test_disk.py",),
    ),
    Fault(
        "ignore short write",
        "what the system did not take of a write is forgotten",
        (
            Edit(
                "terminal/journal/disk.py",
                "        rest = rest[taken:]\n",
                "        rest = rest[max(taken, len(rest)) :]\n",
            ),
        ),
        FAULT_TESTS,
    ),
    Fault(
        "skip CRC",
        "a damaged record is read as if it were whole",
        (
            Edit(
                "terminal/journal/frames.py",
                "    if zlib.crc32(body) != _CRC.unpack_from(content, offset)[0]:\n",
                "    if not body:\n",
            ),
        ),
        FRAME_TESTS,
    ),
    Fault(
        "second instance allowed",
        "two processes hold one journal",
        (
            Edit(
                "terminal/journal/lock.py",
                "            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)\n",
                "            fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)\n",
            ),
        ),
        ("tests/unit/journal/test_lock.py",),
    ),
    Fault(
        "dead-man renewed for one symbol only",
        "the switch is wound up for the first symbol alone",
        (
            Edit(
                "terminal/venues/gateway/dead_man.py",
                '            symbols, failed = self._symbols(), ""\n',
                '            symbols, failed = self._symbols()[:1], ""\n',
            ),
        ),
        ("tests/unit/venues/gateway/test_dead_man.py",),
    ),
    Fault(
        "key in repr",
        "a secret shows itself when it is printed",
        (
            Edit(
                "terminal/core/secret.py",
                "    def __repr__(self) -> str:\n        return HIDDEN\n",
                "    def __repr__(self) -> str:\n        return self._text\n",
            ),
        ),
        ("tests/unit/core/test_secret.py",),
    ),
    Fault(
        "modal exec in coroutine",
        "a dialog of the window runs a loop of its own",
        (Edit("ui/panels/queue.py", "        dialog.open()\n", "        dialog.exec()\n"),),
        ("tests/test_architecture.py",),
    ),
    Fault(
        "supervisor checks done() only",
        "a loop that failed is begun anew without a halt",
        (
            Edit(
                "terminal/runtime/runner.py",
                "                self.session.command(Fault(code, self.failure))\n",
                "",
            ),
        ),
        ("tests/unit/runtime/test_runner.py",),
    ),
    Fault(
        "unbounded queue",
        "quotes that nobody has taken yet pile up",
        (
            Edit(
                "terminal/venues/event_queue.py",
                "        if slot is None:\n",
                "        if slot is None or not spacing:\n",
            ),
        ),
        ("tests/unit/venues/test_event_queue.py",),
    ),
)

"""The journal: numbered records, durable when asked, recovered after any crash."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from time import perf_counter

from msgspec.structs import replace

from terminal.core.errors import InvariantError, JournalError
from terminal.core.fault_points import Fault, FaultPoint, no_fault
from terminal.journal.codec import encode_record
from terminal.journal.disk import (
    Disk,
    JournalFull,
    claim_directory,
)
from terminal.journal.lock import Lock, instance_of
from terminal.journal.opening import Prepared, Terms, check_terms, is_ours, prepare
from terminal.journal.recover import Held, load_snapshot, read_records
from terminal.journal.reserve import RESERVE_BYTES
from terminal.journal.rotation import begin_segment, drop_old
from terminal.journal.writer import SegmentWriter
from terminal.model.messages import Record

SYSTEM_DISK = Disk()
"""The system calls of this machine."""

LOW_DISK_BYTES = 500 * 10**6
"""Free space below which a person should be warned."""


def open_journal(
    directory: Path,
    *,
    run: str,
    at: int,
    limit_bytes: int = 1 << 30,
    segment_bytes: int = 1 << 26,
    reserve_bytes: int = RESERVE_BYTES,
    disk: Disk = SYSTEM_DISK,
    fault: Fault = no_fault,
) -> "Journal":
    """Lock a directory, recover what it holds, and make it ready for more.

    Parameters
    ----------
    directory : Path
        Made with mode 0700 if missing; must hold nothing but a journal.
    run : str
        Name of the run that opens it.
    at : int
        UtcNs now.
    limit_bytes, segment_bytes, reserve_bytes : int
        Kept in total, records in a segment before a rotation is due, and room held back for a
        full disk.
    disk, fault
        For tests: system calls that fail, points to crash at.

    Raises
    ------
    ConfigError
        The sizes cannot work.
    JournalError
        Another instance holds it, the directory cannot be used, or its format is unknown. Damage
        is no error here: the journal opens read-only and says so.
    """
    terms = Terms(
        directory=directory,
        run=run,
        at=at,
        limit_bytes=limit_bytes,
        segment_bytes=segment_bytes,
        reserve_bytes=reserve_bytes,
        disk=disk,
        fault=fault,
    )
    check_terms(terms)
    notes = claim_directory(disk, directory, is_ours)
    with ExitStack() as undo:
        lock = Lock.take(directory, disk)
        undo.callback(lock.release)
        try:
            fault(FaultPoint.LOCKED)
            prepared = prepare(terms, lock)
            recovered = replace(prepared.recovered, notes=notes + prepared.recovered.notes)
            journal = Journal(terms, lock, replace(prepared, recovered=recovered))
        except OSError as error:
            msg = f"cannot open the journal in {directory}: {error}. Check the disk, then start"
            raise JournalError(f"{msg} again") from error
        undo.pop_all()
        return journal


class Journal:
    """One writer's journal in one directory. Made by ``open_journal``; not for several threads.

    Attributes
    ----------
    directory : Path
    epoch : int
        Grows with every open of the directory; a holder of a lower one has been replaced.
    instance : str
        Names the machine and folder; that of a copy is another one.
    recovered : Recovered
        What the directory held when it was opened.
    limit : int
        Bytes that all segments together may take, the two newest excepted.
    last_seq, durable_seq : int
        Last record taken, and last record on the drive.
    last_sync_ms : float
        Time of the last durable commit.
    full : bool
        The disk is full; the reserve is in use, used up or was never there.
    blocked : str
        Why nothing can be appended (damage, a failed write, closed); empty while it can.
    """

    def __init__(self, terms: Terms, lock: Lock, prepared: Prepared) -> None:
        self.directory = terms.directory
        self.epoch = prepared.holder.epoch
        self.instance = instance_of(terms.directory, prepared.holder)
        self.recovered = prepared.recovered
        self.limit = terms.limit_bytes
        self.last_seq = self.durable_seq = prepared.recovered.last_seq
        self.last_sync_ms = 0.0
        self.full = prepared.full
        self.blocked = prepared.blocked
        self._terms = terms
        self._lock: Lock | None = lock
        self._holder = prepared.holder
        self._reserve = prepared.reserve
        self._untold = False  # the disk filled up and nobody has been told yet
        self._held = list(prepared.held)
        self._writer = None if self.blocked else self._open_writer()

    def append(self, record: Record) -> None:
        """Take the next record; it is durable only after ``sync``.

        Raises
        ------
        InvariantError
            Its number is not ``last_seq + 1``, or it would not read back the same.
        JournalFull
            The disk is full. The record *was* taken: halt, then stop and cancel.
        JournalError
            The journal is blocked, and stays so.
        """
        writer = self._writing()
        seq = record.seq
        if seq != self.last_seq + 1:
            raise InvariantError(f"record {seq} cannot follow record {self.last_seq}")
        payload = encode_record(record)
        try:
            self.last_seq = seq
            writer.add(seq, payload)
        except BaseException as error:  # an interrupt too may have left half of a frame
            self._fail(error)
            raise
        if self._untold:
            self._tell_full()

    def sync(self) -> None:
        """Return when everything taken is on the drive.

        Raises
        ------
        JournalFull
            The disk is full. Everything taken *is* on the drive: halt, then stop and cancel.
        JournalError
            A write or commit failed, now or before. What the drive holds is not known until the
            journal is opened again, so nothing is tried twice.
        """
        writer = self._writing()
        if self.durable_seq != self.last_seq:
            begun = perf_counter()
            with self._latching():
                writer.sync()
            self.last_sync_ms = (perf_counter() - begun) * 1e3
            self.durable_seq = self.last_seq
            self._held[-1] = self._present(writer)
        if self._untold:
            self._tell_full()

    def rotate(self, snapshot: bytes, *, at: int) -> None:
        """Begin a new segment with the state after ``last_seq``, then drop what is too old.

        Parameters
        ----------
        snapshot : bytes
            Not empty.
        at : int
            UtcNs now.

        Raises
        ------
        InvariantError
            The snapshot is empty.
        JournalFull
            No room for a new segment; the journal goes on in the present one.
        JournalError
            As ``sync``.
        """
        if not snapshot:
            raise InvariantError("an empty snapshot restores nothing")
        self.sync()
        if self.full:
            self._tell_full()
        writer, terms = self._writing(), self._terms
        sealed = self._present(writer)
        with self._latching():
            segment = begin_segment(
                terms, sealed, writer.digest(), snapshot, epoch=self.epoch, at=at
            )
            self._held[-1:] = [sealed, segment]
            self._writer = self._open_writer()
            writer.close()
            self._held = drop_old(terms, self._held)

    def snapshot_before(self, seq: int) -> tuple[bytes, int]:
        """Snapshot from which record ``seq`` can be reached, and the number of its last record.

        Returns
        -------
        tuple of bytes and int
            Empty and 0 where the journal begins.

        Raises
        ------
        JournalError
            What came before that record is not held any more.
        """
        for segment in reversed(self._held):
            before = segment.opened.head.first_seq - 1
            if before < seq and not segment.snapshot_fault:
                return load_snapshot(segment) or b"", before
        msg = f"{self.directory} does not reach back to record {seq} any more"
        raise JournalError(msg)

    def read(self, after: int = 0) -> Iterator[Record]:
        """Records still held with a higher number than ``after``, in order.

        Of a damaged journal those before the damage; of a failed one at least those durable.

        Raises
        ------
        JournalError
            A segment was dropped or damaged meanwhile, or holds an unknown kind of record.
        """
        if self._writer is not None:
            with self._latching():
                self._writer.flush()
            self._held[-1] = self._present(self._writer)
        return read_records(tuple(self._held), after)

    def close(self) -> None:
        """Make everything durable, note the clean end, and let others in."""
        if self._lock is None:
            return
        lock, self._lock = self._lock, None
        try:
            if self._writer is not None:
                with suppress(JournalFull):
                    self.sync()
                with self._latching():
                    lock.write(replace(self._holder, closed_seq=self.last_seq))
                    self._terms.fault(FaultPoint.CLOSED)
        finally:
            self._block(f"the journal in {self.directory} is closed: open it again")
            lock.release()

    def replaced(self) -> str:
        """Who has taken this journal over from us, so that no order of ours may leave any more.

        Empty while it is ours. The system's lock keeps a second holder out; this finds what it
        cannot: a lock file that was removed, or a directory that another was put in the place of.
        """
        if self._lock is None:
            return f"the journal in {self.directory} is closed"
        return self._lock.replaced(self._holder)

    @property
    def read_only(self) -> bool:
        """Whether nothing more can be appended; ``blocked`` says why."""
        return self._writer is None

    @property
    def needs_rotation(self) -> bool:
        """Whether enough records followed the last snapshot for a new one to be due."""
        writer = self._writer
        due = self._terms.segment_bytes
        return writer is not None and not self.full and writer.records_bytes >= due

    @property
    def bytes_used(self) -> int:
        """Bytes of all segments, those not yet written included."""
        unheld = self._writer.size - self._held[-1].end if self._writer else 0
        return sum(segment.end for segment in self._held) + unheld

    def free_bytes(self) -> int:
        """Bytes left on the disk for this user; to be compared with ``LOW_DISK_BYTES``."""
        return self._terms.disk.free(self.directory)

    def _open_writer(self) -> SegmentWriter:
        return SegmentWriter(self._held[-1], self._terms.disk, self._terms.fault, self._make_room)

    def _present(self, writer: SegmentWriter) -> Held:
        return replace(self._held[-1], last_seq=self.last_seq, link=writer.link, end=writer.size)

    def _writing(self) -> SegmentWriter:
        if self._writer is None:
            raise JournalError(self.blocked)
        return self._writer

    def _make_room(self) -> bool:
        self.full = self._untold = True
        return self._reserve.release()

    def _tell_full(self) -> None:
        self._untold = False
        raise JournalFull(
            f"the disk of {self.directory} is full: trading must halt. The reserve was released"
            " for a stop and its cancels; free some space and start again"
        )

    @contextmanager
    def _latching(self) -> Iterator[None]:
        try:
            yield
        except JournalFull:  # from a segment that was not begun: the present one is unharmed
            try:
                self._make_room()
            except OSError as error:  # not even the reserve can be given up
                self._fail(error)
            self._tell_full()
        except BaseException as error:
            self._fail(error)
            raise

    def _fail(self, error: BaseException) -> None:
        """Block the journal for good; trouble with the disk becomes a JournalError.

        After a failed commit the system may have forgotten the bytes and report success next
        time, so the only honest way on is to read the file again.
        """
        self._block(
            f"the journal in {self.directory} failed after record {self.durable_seq} and takes"
            f" nothing more: {error}. Check the disk, then start again"
        )
        if isinstance(error, OSError):
            raise JournalError(self.blocked) from error

    def _block(self, reason: str) -> None:
        self.blocked = self.blocked or reason
        if self._writer is not None:
            self._writer.close()
            self._writer = None

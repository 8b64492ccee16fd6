"""What became of each request, kept where a crash and another client find it (SES-24 to SES-26).

One SQLite file for each user and request queue, shared by the clients on the machine. A journal
that cannot be used costs the protection that it gives and nothing else: what is wrong is told
once, and the client goes on without.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import sqlite3
from threading import Lock
from typing import TYPE_CHECKING, Final

from ldp_client.queue_side.private_files import private_folder
from ldp_wire.actions import Recorded, Status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from ldp_wire.actions import Record
    from ldp_wire.envelopes import RequestId

    Problem = Callable[[str, str], None]
    _Statement = tuple[str, tuple[str | int, ...]]

_logger = logging.getLogger(__name__)

#: How long one client waits for another's write, in seconds; a write takes milliseconds.
_BUSY_LIMIT_S: Final = 5.0
_NAME_CHARACTERS: Final = 16

#: A later version may write others.
_STATUSES: Final = {status.value: status for status in Status}

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS requests (
    request_id TEXT PRIMARY KEY, status TEXT NOT NULL, reason TEXT NOT NULL,
    keep_until_ms INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS requests_by_end ON requests (keep_until_ms);
"""

# An answer is final: whatever another copy of the request comes to cannot take it back.
_WRITE: Final = f"""
INSERT INTO requests VALUES (?, ?, ?, ?) ON CONFLICT (request_id) DO UPDATE
SET status = excluded.status, reason = excluded.reason, keep_until_ms = excluded.keep_until_ms
WHERE status <> '{Status.ANSWERED.value}'
"""  # noqa: S608 - a constant


def journal_path(state_dir: Path, request_queue_url: str) -> Path:
    """The file for a queue; its name says nothing about the account."""
    digest = hashlib.sha256(request_queue_url.encode()).hexdigest()[:_NAME_CHARACTERS]
    return state_dir / f"journal-{digest}.sqlite"


class Journal:
    """One client's way to the journal; safe among threads.

    A connection for reading and one for writing, since what an event waits for, the lookup, does
    not wait for a write to reach the disk.

    Args:
        path: The file; made where there is none.
        now_ms: AWS's clock.
        problem: Is told a message and a hint when the journal cannot be used.
    """

    def __init__(self, path: Path, now_ms: Callable[[], int], problem: Problem) -> None:
        self._path = path
        self._now_ms = now_ms
        self._problem = problem
        self._told = False
        self._reader = _Connection()
        self._writer = _Connection()
        self._open()

    def lookup(self, request_id: RequestId) -> Recorded | None:
        """What is known of a request; None also where the journal cannot be read."""
        query = "SELECT status, reason FROM requests WHERE request_id = ?"
        rows = self._execute(self._reader, (query, (request_id,)))
        known = [Recorded(_STATUSES[row[0]], row[1]) for row in rows if row[0] in _STATUSES]
        return known[0] if known else None

    def write(self, record: Record) -> None:
        """Keep what became of a request, durably, and forget what is old (SES-26)."""
        row = (record.request_id, record.status.value, record.reason, record.keep_until_ms)
        forget = ("DELETE FROM requests WHERE keep_until_ms < ?", (self._now_ms(),))
        self._execute(self._writer, (_WRITE, row), forget)

    def close(self) -> None:
        """Close the file; later lookups find nothing."""
        self._reader.close()
        self._writer.close()

    def _open(self) -> None:
        try:
            self._connect()
        except sqlite3.OperationalError as exc:
            self._tell(exc)
        except sqlite3.DatabaseError as exc:
            self._move_aside(exc)
        except OSError as exc:
            self._tell(exc)

    def _connect(self) -> None:
        private_folder(self._path.parent)
        # Made here so that it is nobody else's to read for any moment; SQLite gives the files
        # that it puts beside it the same mode (SEC-7).
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        self._path.chmod(0o600)
        for connection in (self._writer, self._reader):
            connection.open(self._path)

    def _execute(self, connection: _Connection, *statements: _Statement) -> list[tuple[str, ...]]:
        """The rows of the statements; none where something is wrong, which is told."""
        try:
            return connection.execute(statements)
        except sqlite3.OperationalError as exc:
            self._tell(exc)
        except sqlite3.DatabaseError as exc:
            self._move_aside(exc)
        return []

    def _move_aside(self, exc: sqlite3.DatabaseError) -> None:
        """Put a damaged file out of the way, where somebody can look at it, and begin anew."""
        self.close()
        aside = self._path.with_suffix(f".damaged-{self._now_ms()}")
        try:
            for suffix in ("", "-wal", "-shm"):
                file = self._path.with_name(self._path.name + suffix)
                if file.exists():
                    file.replace(aside.with_name(aside.name + suffix))
            self._connect()
        except (OSError, sqlite3.Error) as second:
            self._tell(second)
            return
        _logger.debug("journal.moved_aside", extra={"path": str(aside), "reason": str(exc)})
        self._problem(
            f"The journal was damaged ({exc}) and begins anew; the old one is {aside}.",
            "Events that were answered just before can be delivered, and run, once more.",
        )

    def _tell(self, exc: Exception) -> None:
        _logger.debug("journal.failed", extra={"path": str(self._path), "reason": str(exc)})
        if not self._told:
            self._told = True
            self._problem(
                f"The journal {self._path} cannot be used: {exc}. Going on without.",
                "Make room on the disk or mend its permissions. Until then an event whose client "
                "was killed just after its answer runs again.",
            )


class _Connection:
    """A connection that may be closed, and the lock that is held while it is used."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.database: sqlite3.Connection | None = None

    def execute(self, statements: Iterable[_Statement]) -> list[tuple[str, ...]]:
        """The rows of all statements, which are one transaction; none where it is closed."""
        rows: list[tuple[str, ...]] = []
        with self.lock:
            if self.database is not None:
                with self.database:
                    for statement, values in statements:
                        rows += self.database.execute(statement, values).fetchall()
        return rows

    def open(self, path: Path) -> None:
        with self.lock:
            self.database = sqlite3.connect(
                path, timeout=_BUSY_LIMIT_S, isolation_level="IMMEDIATE", check_same_thread=False
            )
            # FULL: an `answered` that a power cut takes back would run the event again.
            self.database.executescript(
                f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_SCHEMA}"
            )

    def close(self) -> None:
        with self.lock, contextlib.suppress(sqlite3.Error):
            if self.database is not None:
                self.database.close()
            self.database = None

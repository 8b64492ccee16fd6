"""The journal: what it keeps, for how long, and what it survives."""

from __future__ import annotations

import sqlite3
import stat
import subprocess
import sys
import textwrap
from typing import TYPE_CHECKING

import pytest

from ldp_client.queue_side.journal import Journal, journal_path
from ldp_wire.actions import Record, Recorded, Status
from ldp_wire.envelopes import RequestId

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

NOW_MS = 1_718_071_341_000
R1 = RequestId("r-1")
ANSWERED = Record(R1, Status.ANSWERED, "answered", NOW_MS + 1)


class Around:
    """A journal with a clock that a test sets, and the problems that it told."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now_ms = NOW_MS
        self.problems: list[tuple[str, str]] = []
        self.journal = self.another()

    def another(self) -> Journal:
        """Another client's way to the same file."""
        return Journal(self.path, lambda: self.now_ms, self._problem)

    def _problem(self, message: str, hint: str) -> None:
        assert hint
        self.problems.append((message, hint))


@pytest.fixture
def around(tmp_path: Path) -> Iterator[Around]:
    """A fresh journal in a folder that does not exist yet."""
    around = Around(tmp_path / "state" / "journal.sqlite")
    yield around
    around.journal.close()


def test_what_is_written_is_found_by_every_client(around: Around) -> None:
    """Clients of one user and queue share what became of a request (SES-24)."""
    other = around.another()
    assert other.lookup(R1) is None
    around.journal.write(ANSWERED)

    assert other.lookup(R1) == Recorded(Status.ANSWERED, "answered")
    other.close()


def test_a_later_status_takes_the_place_of_accepted(around: Around) -> None:
    """An accepted request becomes an answered or a discarded one."""
    around.journal.write(Record(R1, Status.ACCEPTED, "accepted in time", NOW_MS))
    around.journal.write(Record(R1, Status.DISCARDED, "expired", NOW_MS))

    assert around.journal.lookup(R1) == Recorded(Status.DISCARDED, "expired")


def test_a_status_that_is_not_known_says_nothing(around: Around) -> None:
    """A journal that a later version wrote to can still be read."""
    around.journal.write(ANSWERED)
    database = around.journal._writer.database
    assert database is not None
    with database:
        database.execute("UPDATE requests SET status = 'postponed'")

    assert around.journal.lookup(R1) is None


def test_an_answer_is_final(around: Around) -> None:
    """Nothing that another copy comes to takes an answer back."""
    around.journal.write(ANSWERED)
    around.journal.write(Record(R1, Status.ACCEPTED, "accepted in time", NOW_MS))

    assert around.journal.lookup(R1) == Recorded(Status.ANSWERED, "answered")


def test_an_entry_is_kept_until_its_time_and_then_forgotten(around: Around) -> None:
    """An entry outlives every copy of its message, and the file does not grow for ever (SES-26)."""
    around.journal.write(ANSWERED)
    later = Record(RequestId("r-2"), Status.ANSWERED, "answered", NOW_MS + 10_000)
    around.now_ms = NOW_MS + 1
    around.journal.write(later)
    assert around.journal.lookup(R1) is not None
    around.now_ms = NOW_MS + 2
    around.journal.write(later)

    assert around.journal.lookup(R1) is None


def test_the_file_is_its_users_alone(around: Around) -> None:
    """Folder and files can be read by nobody else (SEC-7)."""
    around.journal.write(ANSWERED)

    files = sorted(around.path.parent.iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE(around.path.parent.stat().st_mode) == 0o700


def test_each_queue_has_a_file_of_its_own(tmp_path: Path) -> None:
    """The name depends on the queue and tells nothing about it."""
    first = journal_path(tmp_path, "https://sqs.eu-west-1.amazonaws.com/123456789012/A")
    second = journal_path(tmp_path, "https://sqs.eu-west-1.amazonaws.com/123456789012/B")

    assert first != second
    assert "123456789012" not in str(first)


def test_a_file_that_is_no_journal_is_moved_aside(tmp_path: Path) -> None:
    """A damaged file costs its contents, not the session; it is kept to be looked at."""
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"this is no database" * 1_000)
    around = Around(path)
    around.journal.write(ANSWERED)

    assert around.journal.lookup(R1) is not None
    ((message, _),) = around.problems
    (aside,) = tmp_path.glob("*damaged*")
    assert str(aside) in message
    assert aside.read_bytes().startswith(b"this is no database")
    around.journal.close()


def test_a_file_that_is_damaged_later_is_moved_aside(around: Around) -> None:
    """Damage that shows in mid-session is dealt with in the same way."""
    for number in range(500):
        record = Record(RequestId(f"{number}"), Status.ANSWERED, "answered" * 20, NOW_MS + 1)
        around.journal.write(record)
    around.journal.close()
    damaged = bytearray(around.path.read_bytes())
    damaged[4_096:] = b"\xff" * (len(damaged) - 4_096)
    around.path.write_bytes(damaged)
    around.journal = around.another()

    assert around.journal.lookup(RequestId("250")) is None
    around.journal.write(ANSWERED)
    assert around.journal.lookup(R1) is not None
    assert len(around.problems) == 1


def test_a_damaged_file_that_cannot_be_moved_is_told(tmp_path: Path) -> None:
    """Without any way to a journal the client goes on, and says so."""
    path = tmp_path / "journal.sqlite"
    path.write_bytes(b"this is no database" * 1_000)
    path.with_name(f"journal.damaged-{NOW_MS}").mkdir()
    (tmp_path / f"journal.damaged-{NOW_MS}" / "file").touch()
    around = Around(path)

    assert around.journal.lookup(R1) is None
    ((message, _),) = around.problems
    assert "Going on without" in message


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path: Path) -> None:
    """A journal that cannot be opened costs its protection and nothing else."""
    (tmp_path / "state").write_text("a file where the folder belongs")
    around = Around(tmp_path / "state" / "journal.sqlite")
    around.journal.write(ANSWERED)

    assert around.journal.lookup(R1) is None
    ((message, hint),) = around.problems
    assert "Going on without" in message
    assert "Make room" in hint


def test_a_full_disk_is_told_once(around: Around) -> None:
    """SQLITE_FULL is told with a hint, and later writes are tried again."""
    database = around.journal._writer.database
    assert database is not None
    pages = database.execute("PRAGMA page_count").fetchone()[0]
    database.execute(f"PRAGMA max_page_count={pages}")
    large = Record(R1, Status.DISCARDED, "x" * 100_000, NOW_MS + 1)
    around.journal.write(large)
    around.journal.write(large)

    ((message, _),) = around.problems
    assert "full" in message
    database.execute("PRAGMA max_page_count=1000000")
    around.journal.write(ANSWERED)
    assert around.journal.lookup(R1) == Recorded(Status.ANSWERED, "answered")


def test_a_journal_that_may_only_be_read_is_told(around: Around) -> None:
    """A write that is not allowed is told; what was known before is still found."""
    around.journal.write(ANSWERED)
    database = around.journal._writer.database
    assert database is not None
    database.execute("PRAGMA query_only=1")
    around.journal.write(Record(RequestId("r-2"), Status.ANSWERED, "answered", NOW_MS))

    assert len(around.problems) == 1
    assert around.journal.lookup(R1) is not None


def test_a_closed_journal_knows_nothing(around: Around) -> None:
    """After the end nothing is found, and nothing is wrong."""
    around.journal.write(ANSWERED)
    around.journal.close()

    assert around.journal.lookup(R1) is None
    assert around.problems == []


def test_a_killed_writer_leaves_what_it_wrote(around: Around) -> None:
    """What `write` returned from survives SIGKILL (SES-24)."""
    code = f"""
        import os, signal
        from pathlib import Path
        from ldp_client.queue_side.journal import Journal
        from ldp_wire.actions import Record, Status
        journal = Journal(Path({str(around.path)!r}), lambda: {NOW_MS}, print)
        journal.write(Record("r-1", Status.ANSWERED, "answered", {NOW_MS + 1}))
        os.kill(os.getpid(), signal.SIGKILL)
    """
    killed = subprocess.run([sys.executable, "-c", textwrap.dedent(code)], check=False)

    assert killed.returncode < 0
    assert around.journal.lookup(R1) == Recorded(Status.ANSWERED, "answered")


def test_many_clients_can_begin_at_once(tmp_path: Path) -> None:
    """Clients that make the file at the same moment do not disturb each other."""
    path = tmp_path / "state" / "journal.sqlite"
    code = f"""
        import sys
        from pathlib import Path
        from ldp_client.queue_side.journal import Journal
        from ldp_wire.actions import Record, Status
        sys.stdin.read()
        journal = Journal(Path({str(path)!r}), lambda: {NOW_MS}, lambda *told: print(told))
        for number in range(50):
            journal.write(Record(f"{{sys.argv[1]}}-{{number}}", Status.ANSWERED, "", {NOW_MS + 1}))
    """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    clients = [
        subprocess.Popen([*command, str(i)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        for i in range(4)
    ]
    told = [client.communicate()[0] for client in clients]

    assert told == [b""] * 4
    database = sqlite3.connect(path)
    assert database.execute("SELECT count(*) FROM requests").fetchone() == (200,)
    database.close()

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ldp_client.local_lambda import LocalLambda, LogFile
from ldp_testing.function_zips import function_zip
from ldp_testing.local_functions import ON_AWSLAMBDARIC

if TYPE_CHECKING:
    from pathlib import Path

    from ldp_testing.local_functions import Hosts, Lines


def test_a_log_file_can_be_followed(tmp_path: Path) -> None:
    """Each line is in the file when the call returns; earlier content stays."""
    path = tmp_path / "function.log"
    path.write_text("before\n")
    with LogFile(path) as log:
        log("one")

        assert path.read_text() == "before\none\n"
    log("after the end")
    assert path.read_text() == "before\none\n"


def test_a_log_file_that_cannot_be_opened_is_an_error(tmp_path: Path) -> None:
    """The error comes at once and not with the first line."""
    with pytest.raises(OSError, match="Is a directory"):
        LogFile(tmp_path)


def test_lines_of_the_function_arrive_one_by_one(hosts: Hosts, lines: Lines) -> None:
    """Both outputs, bytes that are no UTF-8, and an unfinished last line are passed on."""
    function = hosts.handler("""
        import os, sys

        def handler(event, context):
            print("printed")
            print("complained", file=sys.stderr)
            os.write(1, b"\\xff\\r\\nunfinished")
            os._exit(0)
    """)
    function.invoke()

    assert [lines.next() for _ in range(4)] == ["printed", "complained", "\ufffd", "unfinished"]


def test_nobody_needs_to_want_the_logs(tmp_path: Path) -> None:
    """Without a sink the lines are read and dropped."""
    app = "handler = lambda event, context: print('x' * 1_000_000)"
    path = function_zip(tmp_path / "f.zip", app)
    with LocalLambda(ON_AWSLAMBDARIC, path) as function:
        assert function.invoke().payload == b"null"

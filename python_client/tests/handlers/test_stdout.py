from __future__ import annotations

import subprocess
import sys

from ldp_client.handlers.stdout import reserved_stdout

SCRIPT = """
import os, subprocess, sys
from ldp_client.handlers.stdout import reserved_stdout

def child(text, **options):
    subprocess.run([sys.executable, "-c", f"print('{text}')"], check=True, **options)

print("before")
with reserved_stdout() as kept:
    print("of Python")
    sys.stdout.flush()
    os.write(1, b"of C\\n")
    child("of a child")
    child("of the report", stdout=kept)
    print("again")
print("after")
"""


def test_prints_go_to_standard_error() -> None:
    """While it is reserved, nobody's print reaches standard output, not even a child's."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], check=True, capture_output=True, text=True
    )

    assert done.stdout.splitlines() == ["before", "of the report", "after"]
    assert done.stderr.splitlines() == ["of Python", "of C", "of a child", "again"]


def test_a_process_without_standard_output_does_not_fail() -> None:
    """Python sets `sys.stdout` to None where there is none."""
    stdout, sys.stdout = sys.stdout, None
    try:
        with reserved_stdout() as kept:
            assert kept > 2
    finally:
        sys.stdout = stdout

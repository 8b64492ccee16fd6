from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from ldp_conformance.events import CheckProgressed, CheckStarted, RunEnded
from ldp_conformance.outcomes import Outcome
from ldp_conformance.reports.exclusions import exclusions
from ldp_conformance.reports.terminal import Terminal
from reports.sample_runs import (
    BEGUN_MS,
    HOSTILE,
    crowded,
    empty,
    failed,
    failing,
    finding,
    hostile,
    other,
    passing,
    run,
    started,
)

if TYPE_CHECKING:
    from ldp_conformance.events import Event

CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff\u2028\ufffe]")


def _shown(events: list[Event], *, terminal: bool = False, **options: object) -> str:
    file = io.StringIO()
    console = Console(
        file=file, force_terminal=terminal, width=80, _environ={"TERM": "xterm"}, **options  # type: ignore[arg-type] # Console's own
    )  # fmt: skip
    with Terminal(console, exclusions=exclusions()) as shown:
        for event in events:
            shown.take(event)
    return file.getvalue()


def test_a_passing_run_ends_with_its_verdict() -> None:
    """Without a terminal each check is a line, and the last line is the verdict."""
    text = _shown(passing())

    assert text.splitlines()[0] == (
        "lambda-debug-rs 0.3.1 as a client: 12 checks at level must, seed 20261123"
    )
    assert "passed   client.answer.echo  38 ms\n" in text
    assert "11 passed\n  1 not applicable: the port does not declare gzip\n" in text
    assert "11 cases, 66 observations" in text
    assert text.splitlines()[-1] == "Conforms: 11 checks passed."
    assert not CONTROL.search(text)


@pytest.mark.parametrize(
    "part",
    [
        ("PORT  client.answer.echo  failed\n  The answer is what the handler returned,"),
        "  PAY-2  MUST  spec/v1/payloads.md#pay-2\n    A client MUST deliver exactly the bytes",
        '  sent\n    {"version": "1.0", "kind": "request", "requestId": "q7Jz-41"',
        '  came\n    {"encoding": "text", "data": "{\\"n\\":9007199254740992}"}',
        "    /payload/data/n\n      expected  9007199254740993\n      actual    9007199254740992\n",
        '    /payload/data/extra\n      expected  (nothing)\n      actual    "1.1"\n',
        "        4 ms  port     ReceiveMessage requests: 1 message, visibility 2 s\n",
        '       19 ms  port     SendMessage replies 288 bytes\n                         {"version"',
        "  the port wrote\n    INFO received q7Jz-41\n",
        "  hint\n    Does the client parse the answer and write it again?",
        f"  to see it again\n    {finding().reproduce}\n",
        "  vector numbers/v2  PORT\n",
        "  ... and 8 more vectors failed\n",
        "more characters, cut here",
        "characters before, cut here",
        "HARNESS  client.envelope.unknown-members  failed\n",
        "ENVIRONMENT  client.session.lease  aborted\n",
        ": client.answer.echo failed\n  client.session.duplicate, client.errors.handler\n",
        "issue 12: no signals on Windows",
        "known-failing.toml names client.envelope.version, which passed",
        "\nDoes not conform: 7 of 12 checks failed. Look at the port.\n",
    ],
)
def test_a_failure_is_told_so_that_a_stranger_can_mend_it(part: str) -> None:
    """Blame, clause, what was sent and came, differences, wire, output, hint, reproduction."""
    assert part in _shown(failing())


def test_a_line_to_copy_is_never_broken() -> None:
    """A long line of foreign text stays one line, whatever the width of the console."""
    assert re.search(r"^    x*\{\"n\": 1, \"text\": \"x{1400,}", _shown(failing()), re.MULTILINE)


def test_nothing_that_a_port_says_moves_the_cursor() -> None:
    """Control and direction characters, surrogates and markup of the console appear as text."""
    text = _shown(hostile())

    assert not CONTROL.search(text)
    assert r"\x1b[31mred\x1b[0m \x00 \u202egnp.exe \ud800 \ufffe \u2028" in text
    assert HOSTILE[:8] in text


def test_a_terminal_shows_a_bar_and_what_runs() -> None:
    """On a terminal the checks that run are named beside a bar, and passes leave no line."""
    begun: list[Event] = [
        started(),
        CheckStarted(BEGUN_MS, "client.answer.echo"),
        CheckStarted(BEGUN_MS, "client.answer.gzip"),
        CheckStarted(BEGUN_MS, "client.session.drain"),
        CheckProgressed(BEGUN_MS, "client.answer.echo", 1_200, 2_000, "shrinking"),
    ]
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, width=200, _environ={"TERM": "xterm"})
    with Terminal(console) as shown:
        for event in begun:
            shown.take(event)

    assert "client.answer.echo 1,200/2,000 shrinking, client.answer.gzip and 1 more" in (
        file.getvalue()
    )
    assert "passed  " not in _shown(passing(), terminal=True)


def test_colour_is_used_on_a_terminal_only_and_never_against_the_users_wish() -> None:
    """Neither a file nor a terminal with NO_COLOR gets colours, and no word is lost by it."""
    coloured = re.compile(r"\x1b\[[0-9;]*3[0-9]m")
    plain = Console(
        file=io.StringIO(), force_terminal=True, _environ={"TERM": "xterm", "NO_COLOR": "1"}
    )

    assert coloured.search(_shown(failing(), terminal=True))
    assert not coloured.search(_shown(failing()))
    assert not coloured.search(_shown(failing(), terminal=True, no_color=True))
    assert plain.no_color


def test_a_port_that_fails_at_everything_gets_a_readable_page() -> None:
    """Only the first failures are told in full, the others by name."""
    text = _shown(crowded(120))

    assert text.count("to see it again") == 20
    assert "100 more checks did not pass" in text
    assert "failed   client.area0.check-119" in text


def test_what_was_not_run_is_counted_by_its_reason() -> None:
    """Blocked checks and those that do not apply bury nothing: a few are named, all counted."""
    blocked = other("answer.gzip", Outcome.BLOCKED, "echo failed")
    many = [replace(blocked, check=f"client.area.c{i}") for i in range(30)]
    text = _shown(run([failed("answer.echo"), *many], ()))

    assert "BLOCKED  30 checks: echo failed\n" in text
    assert "client.area.c5 and 24 more\n" in text
    assert "client.area.c6" not in text


def test_a_run_of_nothing_says_so() -> None:
    """An empty run ends with a sentence that says that nothing is known."""
    text = _shown(empty())

    assert "none ran" in text
    assert text.endswith("Does not conform: no check passed, so nothing was shown.\n")


def test_a_terminal_that_knows_no_unicode_is_served() -> None:
    """What its encoding lacks is shown as an escape."""
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    with Terminal(Console(file=file, _environ={})) as shown:
        for event in hostile():
            shown.take(event)
    file.flush()

    assert rb"\u65e5\u672c" in file.buffer.getvalue()


def test_the_bar_goes_when_a_run_breaks_off() -> None:
    """Leaving the context ends the live display although no RunEnded came."""
    [first, *_, last] = passing()
    assert isinstance(last, RunEnded)
    file = io.StringIO()
    console = Console(file=file, force_terminal=True, _environ={"TERM": "xterm"})
    with Terminal(console) as shown:
        shown.take(first)

    assert file.getvalue().rstrip().endswith(("\x1b[?25h", "\x1b[2K"))
    assert replace(last, exit_status=0).exit_status == 0

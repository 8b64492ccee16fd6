"""The command `lambda-debug-schemas`: validates messages that were written down.

It reads files or standard input, fetches nothing, and says for each fault where it is, why it
is one, and which requirement of the specification it concerns.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, TextIO

from ldp_schemas._files import KINDS
from ldp_schemas.errors import InputError
from ldp_schemas.judge import judge
from ldp_schemas.messages import Message, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ldp_schemas.findings import Finding

VALID: Final = 0
INVALID: Final = 1
USAGE: Final = 2

_EPILOG: Final = """\
Each input is one JSON document, JSON lines, or the output of `aws sqs receive-message`.
Exit status: 0 all messages are valid, 1 some are not, 2 nothing to judge or wrong usage.
"""


@dataclass(slots=True)
class _Tally:
    """What was judged so far."""

    messages: int = 0
    invalid: int = 0
    findings: int = 0
    unusable: int = 0

    @property
    def status(self) -> int:
        if self.unusable:
            return USAGE
        return INVALID if self.invalid else VALID

    def __str__(self) -> str:
        valid = self.messages - self.invalid
        summary = f"{_count(self.messages, 'message')}: {valid} valid, {self.invalid} invalid"
        if self.findings:
            summary += f" ({_count(self.findings, 'finding')})"
        if self.unusable:
            summary += f"; {_count(self.unusable, 'input')} not judged"
        return summary


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command.

    Args:
        arguments: The command line without the program's name; by default the process's own.

    Returns:
        The exit status: 0 valid, 1 invalid, 2 wrong usage.

    Raises:
        SystemExit: The command line cannot be understood (status 2), or help was asked for.
    """
    options = _parser().parse_args(arguments)
    # File names and messages hold anything; a terminal's encoding does not.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr] # a text stream
    try:
        status = _validate(options.files, options.kind, as_json=options.json)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough (`| head`). Python would complain at exit otherwise.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return INVALID
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="lambda-debug-schemas", description="The schemas of the Lambda debug protocol."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    validate = commands.add_parser(
        "validate",
        help="judge messages by the schemas and by the rules for senders",
        description="Judge messages by the schemas and by the rules for senders.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    validate.add_argument(
        "--kind", choices=KINDS, help="the kind that every message has to be of (default: its own)"
    )
    validate.add_argument(
        "--json", action="store_true", help="print each finding and the summary as a line of JSON"
    )
    validate.add_argument(
        "files", nargs="+", metavar="FILE", help="a file, or - for standard input"
    )
    return parser


def _validate(names: Sequence[str], kind: str | None, *, as_json: bool) -> int:
    tally = _Tally()
    for name in names:
        try:
            messages = _messages(name)
        except InputError as error:
            tally.unusable += 1
            _say(f"lambda-debug-schemas: {error}. {error.hint}", sys.stderr)
            continue
        for message in messages:
            _judge(name, message, kind, tally, as_json=as_json)
    _say(json.dumps(_summary(tally)) if as_json else str(tally))
    return tally.status


def _judge(name: str, message: Message, kind: str | None, tally: _Tally, *, as_json: bool) -> None:
    found = judge(message.text, kind=kind, attribute_bytes=message.attribute_bytes)
    tally.messages += 1
    tally.invalid += bool(found)
    tally.findings += len(found)
    write = _as_json if as_json else _as_text
    for finding in found:
        _say(write(name, message, finding))


def _messages(name: str) -> list[Message]:
    """Read the messages of one input.

    Raises:
        InputError: The input cannot be read, or holds no message.
    """
    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        hint = "Name a file, or - for standard input."
        raise InputError(f"{_shown(name)} cannot be read: {error.strerror}", hint=hint) from error
    # A byte that is no UTF-8 is a finding about its message, not the end of everything.
    messages = list(split(data.decode("utf-8", "surrogateescape")))
    if not messages:
        hint = "`aws sqs receive-message` prints nothing when it brings nothing: receive again."
        raise InputError(f"{_shown(name)} holds no message", hint=hint)
    return messages


def _as_text(name: str, message: Message, finding: Finding) -> str:
    place = f"{_shown(name)}:{message.line_of(finding)}:"
    if message.number is not None:
        place += f" message {message.number}:"
    pointer = _printable(finding.pointer) or "(envelope)"
    return f"{place} {pointer} {_printable(finding.reason)} [{', '.join(finding.requirements)}]"


def _as_json(name: str, message: Message, finding: Finding) -> str:
    return json.dumps(
        {
            "file": _shown(name),
            "line": message.line_of(finding),
            "message": message.number,
            "pointer": finding.pointer,
            "reason": finding.reason,
            "requirements": finding.requirements,
        }
    )


def _summary(tally: _Tally) -> dict[str, int]:
    return {
        "messages": tally.messages,
        "invalid": tally.invalid,
        "findings": tally.findings,
        "notJudged": tally.unusable,
    }


def _shown(name: str) -> str:
    return "<stdin>" if name == "-" else name


def _printable(text: str) -> str:
    """Escape what a terminal would act on: a message may hold anything."""
    return "".join(map(_printable_character, text))


def _printable_character(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode()


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _say(line: str, stream: TextIO | None = None) -> None:
    (stream or sys.stdout).write(line + "\n")


if __name__ == "__main__":
    sys.exit(main())

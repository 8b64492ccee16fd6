"""What happened on the wire during a check, as lines to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_conformance.outcomes import Line

if TYPE_CHECKING:
    from ldp_conformance.ports.stage import Stage
    from ldp_conformance.witness import Call

#: How many lines are kept: the last ones, where what went wrong is.
MOST_LINES: Final = 60
_SHOWN_CHARACTERS: Final = 400


def transcript(stage: Stage, *, mark: int, begun_ms: int) -> tuple[Line, ...]:
    """The calls of a stage's port since a mark, and what the suite put into its queues."""
    own = stage.witness.calls.since(mark, sender=stage.sender)
    lines = [_of_call(call, begun_ms) for call in own[-MOST_LINES:]]
    for queue in (stage.requests, stage.replies):
        lines += [
            Line(
                message.sent_at_ms - begun_ms,
                "suite",
                f"puts {len(message.body.encode(errors='replace')):,} bytes into {queue.name}",
                _cut(message.body),
            )
            for message in queue.messages()
            if message.sender == "suite" and message.sent_at_ms >= begun_ms
        ]
    return tuple(sorted(lines, key=lambda line: line.at_ms))[-MOST_LINES:]


def _of_call(call: Call, begun_ms: int) -> Line:
    took = "" if call.ended_ms is None else f" in {call.ended_ms - call.begun_ms} ms"
    ending = call.error or ("cut" if call.was_cut else str(call.status or "still open"))
    parts = [call.operation, call.queue or "", _about(call), f"→ {ending}{took}"]
    return Line(
        call.begun_ms - begun_ms,
        "port",
        " ".join(part for part in parts if part),
        _cut(str(call.request.get("MessageBody", ""))),
    )


def _about(call: Call) -> str:
    told = [
        f"{name} {call.request[key]}"
        for name, key in (
            ("wait", "WaitTimeSeconds"),
            ("visibility", "VisibilityTimeout"),
            ("up to", "MaxNumberOfMessages"),
            ("key", "Key"),
        )
        if key in call.request
    ]
    if call.message_ids:
        told.append("message " + ", ".join(name[:8] for name in call.message_ids))
    return f"({', '.join(told)})" if told else ""


def _cut(text: str) -> str:
    if len(text) <= _SHOWN_CHARACTERS:
        return text
    return f"{text[:_SHOWN_CHARACTERS]}… ({len(text):,} characters)"

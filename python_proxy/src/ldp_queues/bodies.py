"""What SQS takes: the limits of a call, decided without a call.

Refusing here what SQS would refuse there saves a round trip and makes every implementation
answer alike; older servers do not even agree on what they do with a forbidden character.
Source of all numbers: the SQS API reference of SendMessage and ReceiveMessage.
"""

from __future__ import annotations

from ldp_queues.errors import MessageTooLarge, QueueRefusedMessage

#: The most bytes of a message with its attributes, and a new queue's MaximumMessageSize.
MAX_BODY_BYTES = 1_048_576
#: The longest wait of one receive.
MAX_WAIT_S = 20
#: The longest visibility timeout.
MAX_VISIBILITY_S = 43_200
#: The most messages of one receive.
MAX_MESSAGES = 10

# SendMessage takes #x9 | #xA | #xD | #x20-#xD7FF | #xE000-#xFFFD | #x10000-#x10FFFF. A surrogate
# has no UTF-8 form at all, so that what remains to look for in the encoded text are these.
_FORBIDDEN_CONTROLS = bytes(set(range(0x20)) - {0x09, 0x0A, 0x0D})
_FORBIDDEN_NONCHARACTERS = ("\ufffe".encode(), "\uffff".encode())


def check_body(body: str, limit_bytes: int = MAX_BODY_BYTES) -> int:
    """Refuse a text that SQS would refuse.

    Args:
        body: The text.
        limit_bytes: The most UTF-8 bytes that the queue takes.

    Returns:
        The text's size in UTF-8 bytes.

    Raises:
        QueueRefusedMessage: It is empty or has a character outside SQS's set.
        MessageTooLarge: It is over the limit.
    """
    if not body:
        raise QueueRefusedMessage("SQS takes no empty message")
    try:
        encoded = body.encode()
    except UnicodeEncodeError as exc:
        raise _refused(body, exc.start) from exc
    if len(encoded.translate(None, _FORBIDDEN_CONTROLS)) != len(encoded) or any(
        noncharacter in encoded for noncharacter in _FORBIDDEN_NONCHARACTERS
    ):
        raise _refused(body, next(i for i, char in enumerate(body) if not _is_taken(char)))
    if len(encoded) > limit_bytes:
        raise MessageTooLarge(len(encoded), limit_bytes)
    return len(encoded)


def check_receive(wait_s: int, visibility_s: int, max_messages: int) -> None:
    """Refuse a receive that SQS would refuse.

    Raises:
        ValueError: An argument is out of its range, which is a bug of the caller's.
    """
    _check_range("wait_s", wait_s, 0, MAX_WAIT_S)
    _check_range("max_messages", max_messages, 1, MAX_MESSAGES)
    check_visibility(visibility_s)


def check_visibility(visibility_s: int) -> None:
    """Refuse a visibility timeout that SQS would refuse.

    Raises:
        ValueError: It is out of range, which is a bug of the caller's.
    """
    _check_range("visibility_s", visibility_s, 0, MAX_VISIBILITY_S)


def _check_range(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} is {value}, and SQS takes {least} to {most}")


def _is_taken(char: str) -> bool:
    if char < "\x20":
        return char in "\t\n\r"
    return char < "\ud800" or (char > "\udfff" and char not in "\ufffe\uffff")


def _refused(body: str, position: int) -> QueueRefusedMessage:
    return QueueRefusedMessage(
        f"SQS does not take the character U+{ord(body[position]):04X} at position {position}"
    )

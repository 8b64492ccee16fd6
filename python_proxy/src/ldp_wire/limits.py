"""The numbers of the protocol, each with its source; nothing here is computed or configured."""

from __future__ import annotations

from typing import Final

MAJOR: Final = 1
MINOR: Final = 0

#: Largest integer that every JSON parser reads exactly (RFC 7493 section 2.2; ENV-4).
MAX_INTEGER: Final = 2**53 - 1

#: SQS's limit for a body with its attributes, in UTF-8 bytes (SendMessage; PAY-8).
MAX_MESSAGE_BYTES: Final = 1_048_576
#: Smallest `MaximumMessageSize` that a queue can be set to (SetQueueAttributes; ENV-20).
MIN_MESSAGE_BYTES: Final = 1_024
#: Lambda's limit for a synchronous event or result, and so for a decoded payload (PAY-10).
MAX_PAYLOAD_BYTES: Final = 6_291_556
#: Length of `errorType` and `errorMessage`, in UTF-8 bytes (ENV-28).
MAX_ERROR_TEXT_BYTES: Final = 1_024

#: The end of the wait lies this share of the function's time before its deadline (EXC-4).
MARGIN_SHARE: Final = 0.05
MIN_MARGIN_MS: Final = 1_000
MAX_MARGIN_MS: Final = 5_000
#: What transfers through S3 may take besides.
BUCKET_MARGIN_MS: Final = 3_000

#: A shorter poll asks only some of SQS's servers (EXC-8).
MIN_WAIT_S: Final = 1
#: SQS's longest poll (ReceiveMessage; SQS-6).
MAX_WAIT_S: Final = 20

#: How long a reply stays hidden from its owner if the proxy that received it dies (SQS-8).
REPLY_VISIBILITY_S: Final = 2
#: Longest pause after a foreign answer was released (EXC-11).
MAX_RELEASE_PAUSE_S: Final = 0.05
#: Receives in a row, with nobody else's between them, after which a reply is hidden (EXC-12).
LONELY_RECEIVES: Final = 3
LONELY_HIDE_S: Final = 1
#: Longest pause after that: who hides an answer must not be the first to find it again (EXC-12).
MAX_HIDE_PAUSE_S: Final = 0.5
#: Age after which a foreign `accepted` or `declined` is deleted (EXC-13).
NOTICE_LIFE_MS: Final = 10_000
#: How long after its `answerByMs` a foreign answer is deleted (EXC-13).
ANSWER_GRACE_MS: Final = 5_000
#: Where an echoed `answerByMs` is believed, relative to SentTimestamp (EXC-14).
ECHO_BEFORE_MS: Final = 60_000
ECHO_AFTER_MS: Final = 5_400_000
ECHO_DEFAULT_MS: Final = 900_000

#: How long an `accepted` may be hidden from its proxy: more than `REPLY_VISIBILITY_S` (EXC-19).
ABSENCE_GRACE_MS: Final = 3_000
#: `Date` has whole seconds, so a message may be stored up to this much later (SES-21).
DATE_RESOLUTION_MS: Final = 1_000
#: How long a late request that somebody else may be running is left alone (SES-23).
SKIP_S: Final = 5

#: A journal keeps an entry for this long after `answerByMs` (SES-26).
JOURNAL_KEEP_MS: Final = 3_600_000

#: Clock correction: calls to trust, their number, and what is worth correcting (SQS-13).
QUICK_CALL_MS: Final = 2_000
CLOCK_SAMPLES: Final = 5
CLOCK_TOLERANCE_MS: Final = 2_000

#: A held event's last error is sent this long before `answerByMs` (SES-36).
HOLD_MARGIN_MS: Final = 2_000

#: Version 0: results of this size are compressed, and nothing is answered later than this
#: before the deadline (V0-4, V0-5).
V0_COMPRESS_BYTES: Final = 262_144
V0_MARGIN_MS: Final = 2_000
#: How long a proxy of version 0 may be emptying the response queue after its request was stored
#: (V0-9): that is a receive or two next to SQS, before which it may have to connect.
V0_PURGE_MS: Final = 1_000

"""Reply queues of the proxy's own: how they are made, named, used and given up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import proxy_check
from ldp_conformance.ports.setups import Feature, ProxySetup

if TYPE_CHECKING:
    from ldp_conformance.cases.proxy_case import ProxyCase
    from ldp_conformance.witness import Call

DEDICATED: Final = ProxySetup(reply="dedicated")
_NEEDS: Final = (Feature.DEDICATED,)
_REST_MS: Final = 1_000
_TICK_MS: Final = 20
_SLACK_MS: Final = 5_000
_ACCOUNT: Final = "123456789012"


def _created(case: ProxyCase) -> list[Call]:
    return [call for call in case.calls("CreateQueue") if call.error is None]


@proxy_check("dedicated.name", "EXC-29", "ENV-18", needs=_NEEDS, setup=DEDICATED, alone=True)
def a_queue_of_ones_own_is_made_at_the_first_invocation(case: ProxyCase) -> None:
    """The first invocation makes a queue of the configured name, `-`, and 26 characters."""
    before = case.witness.calls.since(sender=case.stage.sender, operation="CreateQueue")
    case.expect(not before, "a queue was made before the first invocation")
    invocation, request = case.exchange()
    case.respond(request, b'"own"')
    case.expect(case.answer(invocation) == b'"own"', "the answer is another")
    account, name = request.envelope["replyTo"].split("/")[-2:]
    form = re.escape(case.reply_queue.name) + "-[0-9a-z]{26}"
    case.expect(re.fullmatch(form, name), f"the reply queue is named {name}", came=name)
    case.expect_equal(account, _ACCOUNT, "replyTo names another account")
    names = [str(call.request.get("QueueName")) for call in _created(case)]
    case.expect(names == [name], f"the queues that were made are {names}, replyTo names {name}")


@proxy_check(
    "dedicated.random",
    "EXC-29",
    "EXC-2",
    needs=_NEEDS,
    setup=ProxySetup(timeout_s=30, reply="dedicated"),
)
def several_at_once_have_queues_of_their_own(case: ProxyCase) -> None:
    """Invocations at once have reply queues of their own, and get their own answers."""
    invocations = [case.invoke() for _ in range(3)]
    requests = [case.next_request(each) for each in invocations]
    names = {request.envelope["replyTo"] for request in requests}
    case.expect(len(names) == len(requests), f"{len(requests)} at once share {len(names)} queues")
    for number, request in reversed(list(enumerate(requests))):
        case.respond(request, b"%d" % number)
    answers = [case.answer(each) for each in invocations]
    case.expect(answers == [b"0", b"1", b"2"], f"the callers got {answers}")


@proxy_check("dedicated.tag", "EXC-30", needs=_NEEDS, setup=DEDICATED)
def a_queue_says_when_it_was_made(case: ProxyCase) -> None:
    """The queue is tagged with its creation time, in epoch milliseconds."""
    invocation, request = case.exchange()
    queue = case.reply_queue_of(request)
    case.respond(request)
    case.answer(invocation)
    tag = queue.tags.get("createdAtMs", "")
    case.expect(re.fullmatch("[0-9]{13}", tag), f"the tag createdAtMs is {tag!r}", came=tag)
    off_ms = int(tag) - queue.created_at_ms
    case.expect(abs(off_ms) < _SLACK_MS, f"createdAtMs is {off_ms:,} ms away from the creation")


@proxy_check("dedicated.kept", "EXC-29", "EXC-30", needs=_NEEDS, setup=DEDICATED)
def a_queue_is_used_again(case: ProxyCase) -> None:
    """One invocation after another uses the same queue."""
    first, one = case.exchange()
    case.respond(one)
    case.answer(first)
    second, other = case.exchange()
    case.respond(other)
    case.answer(second)
    case.expect_equal(
        other.envelope["replyTo"], one.envelope["replyTo"], "the second has another reply queue"
    )


@proxy_check("dedicated.settings", "ENV-20", "SQS-1", "SQS-2", needs=_NEEDS, setup=DEDICATED)
def a_queue_is_made_for_replies(case: ProxyCase) -> None:
    """The queue is a standard one without redrive, and takes what `maxReplyBytes` says."""
    invocation, request = case.exchange()
    queue = case.reply_queue_of(request)
    case.respond(request)
    case.answer(invocation)
    case.expect_equal(
        request.envelope["maxReplyBytes"],
        queue.settings.maximum_message_size_bytes,
        "maxReplyBytes is not what the queue takes",
        requirements=("ENV-20",),
    )
    redrive = queue.settings.redrive_policy
    case.expect(not redrive, "the queue has a redrive policy", requirements=("SQS-2",))
    case.expect(
        not queue.name.endswith(".fifo"), "the queue is a FIFO queue", requirements=("SQS-1",)
    )


@proxy_check("dedicated.recommended", "SQS-4", needs=_NEEDS, setup=DEDICATED, alone=True)
def a_queue_has_the_recommended_settings(case: ProxyCase) -> None:
    """The queue is made with the settings that are recommended for it."""
    invocation, request = case.exchange()
    queue = case.reply_queue_of(request)
    case.respond(request)
    case.answer(invocation)
    asked = case.calls("CreateQueue")[0].request.get("Attributes")
    said = asked if isinstance(asked, dict) else {}
    case.expect("MaximumMessageSize" in said, "the maximum message size is not set", came=str(said))
    settings = queue.settings
    told = {
        "visibility timeout": (settings.visibility_s, 10),
        "retention": (settings.retention_s, 3_600),
        "receive wait": (settings.receive_wait_s, 20),
    }
    for name, (came, wanted) in told.items():
        case.expect(came == wanted, f"the {name} is {came} s, not {wanted} s")
    case.expect(settings.is_encrypted, "the queue is not encrypted")


@proxy_check("dedicated.rested", "EXC-34", needs=_NEEDS, setup=DEDICATED, alone=True)
def a_new_queue_rests(case: ProxyCase) -> None:
    """1 s passes between the making of the queue and the first request that names it."""
    invocation, request = case.exchange()
    case.respond(request)
    case.answer(invocation)
    made = _created(case)
    case.expect(made and made[0].ended_ms, "no queue was made")
    sent = [call for call in case.calls("SendMessage") if call.error is None]
    rested_ms = sent[0].begun_ms - (made[0].ended_ms or 0)
    case.expect(rested_ms >= _REST_MS - _TICK_MS, f"it rested for {rested_ms:,} ms only")


@proxy_check("dedicated.gone", "EXC-35", "ERR-5", needs=_NEEDS, setup=DEDICATED)
def a_queue_that_is_gone_is_replaced(case: ProxyCase) -> None:
    """A queue that is gone fails its exchange with `Proxy.QueueError`; the next has a new one."""
    first, one = case.exchange()
    case.respond(one)
    case.answer(first)
    second, other = case.exchange()
    queue = case.reply_queue_of(other)
    queue.remove()
    case.error(second, "Proxy.QueueError")
    third, last = case.exchange()
    case.expect(
        last.envelope["replyTo"] != other.envelope["replyTo"], "the next request names it again"
    )
    case.respond(last, b'"again"')
    case.expect(case.answer(third) == b'"again"', "the next answer is another")

"""Trust: where a client answers, what it keeps to itself, and whom it lets near."""

from __future__ import annotations

import socket
import string
from contextlib import closing
from typing import TYPE_CHECKING, Final

from ldp_conformance.check import client_check
from ldp_conformance.checks.client.files import contents, files_of_port, is_private
from ldp_conformance.checks.client.memory import listening_addresses
from ldp_conformance.checks.client.refusing import Bad, Reply, expect_refused, variant

if TYPE_CHECKING:
    from ldp_conformance.cases.client_case import ClientCase

_ALPHABET: Final = string.digits + string.ascii_lowercase
_LONGEST_NAME: Final = 80
#: Names of variables whose values a program must never send anywhere.
_NAMES: Final = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "LAMBDA_DEBUG_CONFORMANCE_DIR")


@client_check("trust.foreign-host", "SEC-1", "ENV-18")
def an_answer_goes_to_the_own_endpoint(case: ClientCase) -> None:
    """Whatever host a `replyTo` names, the answer goes to the client's own endpoint.

    One of the hosts is the suite's, and hears nothing.
    """
    path = f"/123456789012/{case.reply_queue.name}"
    with closing(socket.create_server(("127.0.0.1", 0))) as host:
        own = f"http://127.0.0.1:{host.getsockname()[1]}"
        for reply_to in (
            f"{own}{path}",
            f"{own}/some/longer{path}",
            f"https://sqs.us-east-1.amazonaws.com{path}",
            f"https://queue.invalid:8443{path}",
        ):
            sent = case.send(case.request("echo", value=reply_to) | {"replyTo": reply_to})
            case.expect_equal(case.result(sent), reply_to, "the request is not served")
            case.gone(sent)
        host.settimeout(0)
        case.expect(_is_silent(host), "the client connected to the host that replyTo names")


def _is_silent(host: socket.socket) -> bool:
    try:
        host.accept()[0].close()
    except BlockingIOError:
        return True
    return False


@client_check("trust.dedicated-queue", "SEC-2", "SEC-1")
def a_dedicated_queue_is_answered(case: ClientCase) -> None:
    """An answer goes to the configured name, `-`, and 26 characters, if `replyTo` names that."""
    for suffix in ("0" * 26, "z" * 26, _suffix(case)):
        queue = case.witness.create_queue(f"{case.reply_queue.name}-{suffix}")
        sent = case.send(case.request("echo", value=suffix) | {"replyTo": queue.url})
        case.gone(sent)
        found = [m for m in queue.messages() if sent.request_id in m.body]
        case.expect(len(found) == 1, f"{len(found)} answers are in the dedicated queue, not one")
        case.expect(not case.replies(sent), "the answer is in the configured queue, too")
        queue.remove()


@client_check("trust.foreign-name", "SEC-2", "SEC-3", "SES-31")
def another_team_s_queue_is_not_answered(case: ClientCase) -> None:
    """A `replyTo` of another name, however similar, is not trusted: nothing is sent.

    The queues exist, so that an answer would be seen.
    """
    name, suffix = case.reply_queue.name, _suffix(case)
    names = {
        "another name": f"OTHER-{suffix}",
        "the request queue's name": case.requests.name,
        "a suffix of 25 characters": f"{name}-{suffix[:25]}",
        "a suffix of 27 characters": f"{name}-{suffix}0"[:_LONGEST_NAME],
        "a suffix with capitals": f"{name}-{suffix[:25]}A",
        "a suffix with a dash": f"{name}-{suffix[:12]}-{suffix[13:]}",
        "a suffix with an underscore": f"{name}-{suffix[:25]}_",
        "a suffix behind an underscore": f"{name}_{suffix}",
        "a suffix without a dash": f"{name}{suffix}",
        "a suffix twice": f"{name}-{suffix}-{suffix}"[:_LONGEST_NAME],
        "a prefix": f"x{name}",
        "small letters": name.lower(),
        "a longer name": f"{name}x",
        "a shorter name": name.rpartition("_")[0],  # with its number cut it could be another's
    }
    for each in names.values():
        if each not in (case.requests.name, name):
            case.witness.create_queue(each)
    base = case.witness.endpoint
    targets = {what: f"{base}/123456789012/{each}" for what, each in names.items()}
    _expect_untrusted(case, targets)


@client_check("trust.foreign-account", "SEC-2", "SEC-3")
def another_account_is_not_answered(case: ClientCase) -> None:
    """A `replyTo` of another account is not trusted, though its queue has the right name."""
    base, name = case.witness.endpoint, case.reply_queue.name
    _expect_untrusted(
        case,
        {
            "another account": f"{base}/210987654321/{name}",
            "an account of zeros": f"{base}/000000000000/{name}",
            "its account further in front": f"{base}/123456789012/210987654321/{name}",
        },
    )


@client_check("trust.no-queue-url", "SEC-2", "SEC-3", "ENV-18")
def what_is_no_queue_is_not_answered(case: ClientCase) -> None:
    """A `replyTo` that is no URL of a queue by the letter is not trusted."""
    base, name = case.witness.endpoint, case.reply_queue.name
    url = f"{base}/123456789012/{name}"
    _expect_untrusted(
        case,
        {
            "a query behind its name": f"{url}?x=1",
            "a fragment behind its name": f"{url}#x",
            "a slash behind its name": f"{url}/",
            "a blank behind its name": f"{url} ",
            "a line end behind its name": f"{url}\n",
            "another scheme": f"ftp://sqs/123456789012/{name}",
            "no scheme": f"//sqs/123456789012/{name}",
            "a file": f"file:///123456789012/{name}",
            "no host": f"http:///123456789012/{name}",
            "an escaped slash": f"{base}/123456789012%2F{name}",
            "eleven digits": f"{base}/12345678901/{name}",
            "thirteen digits": f"{base}/1234567890123/{name}",
            "an encoded name": f"{base}/123456789012/{name[:-1]}%{ord(name[-1]):x}",
            "too many characters": f"{base}/{'x' * 1024}/123456789012/{name}",
        },
    )


def _expect_untrusted(case: ClientCase, targets: dict[str, str]) -> None:
    """Expect that requests with these `replyTo` are refused, and that no queue hears of them."""
    mark = case.witness.calls.mark()
    bads: list[Bad] = [
        variant(case, f"a replyTo with {what}", "/replyTo", url, Reply.NONE)
        for what, url in targets.items()
    ]
    expect_refused(case, bads, ("SEC-2", "SEC-3"))
    sends = case.witness.calls.since(mark, sender=case.stage.sender, operation="SendMessage")
    case.expect_equal(
        sorted({call.queue or "none" for call in sends}),
        [case.reply_queue.name],
        "the client sent to a queue that it must not answer to",
        requirements=("SEC-3",),
    )


@client_check("trust.kept-untrusted", "SEC-3", "SES-30")
def untrusted_requests_are_recorded(case: ClientCase) -> None:
    """A request whose `replyTo` is not trusted is on disk when it is deleted."""
    marker = case.fresh("marker")
    request = case.request("echo", value=marker)
    sent = case.send(request | {"replyTo": f"{case.witness.endpoint}/210987654321/x"})
    case.gone(sent)
    case.expect(
        any(marker.encode() in content for content in contents(case).values()),
        "it was deleted, and its body is in no file of the client's",
        hint=f"Files are looked for below {case.port.scratch}, which [client.variables] of the "
        "manifest can name as {scratch}.",
    )


@client_check("trust.nothing-sent", "SEC-5")
def nothing_of_the_environment_is_sent(case: ClientCase) -> None:
    """No envelope of a client has credentials or environment variables in it."""
    requests = [
        case.request("echo", value=1),
        case.request("throw", type="Broken", message="it broke"),
        case.request("unserialisable"),
        case.request("echo") | {"version": "2.0"},
        case.request("echo", value="x" * 3_000)
        | {"maxReplyBytes": 1_024, "acceptEncodings": ["text"]},
    ]
    for request in requests:
        sent = case.send(request)
        body = case.reply(sent).message.body
        for name, value in case.stage.variables().items():
            is_shown = name in _NAMES and (value in body or name in body)
            case.expect(not is_shown, f"the response shows {name}", came=body)
        case.gone(sent)


@client_check("trust.nothing-taken", "SEC-5", "ENV-12", "ENV-2")
def nothing_from_a_message_gets_into_the_environment(case: ClientCase) -> None:
    """What a request has under the reserved name `environment` sets no variable."""
    evil = {"_X_AMZN_TRACE_ID": "Root=1-evil", "LAMBDA_DEBUG_CONFORMANCE_DIR": "/nowhere"}
    for members in ({"environment": evil}, {"environment": {"variables": evil}}):
        sent = case.send(case.request("context") | members)
        shown = case.members(sent, "traceId")
        case.expect(
            shown["traceId"] is None, "a variable of the message is set", came=str(shown["traceId"])
        )
        case.gone(sent)


@client_check("trust.private-files", "SEC-7")
def files_are_the_user_s_own(case: ClientCase) -> None:
    """Files that a client writes (journal, bad messages) can be read by its own user only.

    The client runs with the usual umask, 022, so that what it does not protect can be seen.
    """
    for request in (case.request("echo", value=1), case.request("echo") | {"version": "2.0"}):
        sent = case.send(request)
        case.response(sent)
        case.gone(sent)
    open_files = [path for path in files_of_port(case) if not is_private(case, path)]
    case.expect(
        not open_files,
        "files of the client's can be read by others",
        came="\n".join(f"{path.stat().st_mode & 0o777:o} {path}" for path in open_files),
    )


@client_check("trust.loopback", "SEC-8")
def nothing_listens_to_the_network(case: ClientCase) -> None:
    """Whatever a client listens on, it listens on a loopback address only."""
    sent = case.send(case.request("echo", value=1))
    case.answer(sent)
    case.gone(sent)
    open_to_all = [each for each in listening_addresses(case.port.pids()) if not each.is_loopback]
    case.expect(
        not open_to_all,
        "the client listens to the network",
        came=", ".join(map(str, open_to_all)),
        hint="Bind the Runtime API to 127.0.0.1.",
    )


def _suffix(case: ClientCase) -> str:
    return "".join(case.rng.choice(_ALPHABET) for _ in range(26))

"""Faults in whom a client trusts, and in what it tells those who look over its shoulder."""

from __future__ import annotations

import os
import re
import socket
import threading
from http.client import HTTPConnection
from typing import TYPE_CHECKING

from faulty.client.badbox import BadBox
from faulty.client.faults.registry import fault
from faulty.client.intake import Intake
from faulty.client.journal import Journal
from faulty.client.routes import Routes
from faulty.client.running import Running
from faulty.client.sqs import Sqs, SqsError

if TYPE_CHECKING:
    from faulty.client.exchange import Exchange
    from faulty.client.requests import Bad
    from faulty.client.sqs import Message


class _SendsAnywhere(Sqs):
    def send(self, url: str, body: str) -> int:
        host = url.partition("://")[2].partition("/")[0]
        own = self.port.settings.sqs_endpoint.partition("://")[2].rstrip("/")
        if host == own:
            return super().send(url, body)
        connection = HTTPConnection(host, timeout=2)
        try:
            connection.request("POST", "/", body.encode(), self.headers("SendMessage"))
            connection.getresponse().read()
        except OSError:
            raise SqsError("Unreachable") from None
        finally:
            connection.close()
        return self.port.clock.now_ms()


@fault(
    "answers-where-it-is-told",
    "SEC-1",
    red={"client.trust.foreign-host": "no response came"},
    green=("client.trust.dedicated-queue",),
    also=(_SendsAnywhere,),
)
class AnswersWhereItIsTold(Routes):
    """It sends to the address that `replyTo` is."""

    def rebuilt(self, reply_to: str, _base: str, _account: str, _name: str) -> str:
        return reply_to


@fault(
    "trusts-any-account",
    "SEC-2",
    "SEC-3",
    red={
        "client.trust.foreign-account": "a request with a replyTo with another account reached th"
    },
    green=("client.trust.kept-untrusted",),
)
class TrustsAnyAccount(Routes):
    """It does not compare the account."""

    def is_account(self, _account: str, _own: str) -> bool:
        return True


@fault(
    "trusts-any-name",
    "SEC-2",
    "SEC-3",
    red={
        "client.trust.foreign-name": "a request with a replyTo with another name reached the hand"
    },
    green=("client.trust.kept-untrusted",),
)
class TrustsAnyName(Routes):
    """It does not compare the queue's name."""

    def is_name(self, _name: str) -> bool:
        return True


@fault(
    "trusts-a-prefix",
    "SEC-2",
    "SEC-3",
    red={
        "client.trust.foreign-name": "a request with a replyTo with a suffix of",
        "client.vectors.trust": "the handler ran",
    },
    green=("client.trust.kept-untrusted",),
)
class TrustsAPrefix(Routes):
    """It trusts every queue whose name begins like its own."""

    def is_name(self, name: str) -> bool:
        return name.startswith(self.port.settings.response_url.rpartition("/")[2])


@fault(
    "trusts-capital-suffixes",
    "SEC-2",
    "SEC-3",
    red={
        "client.trust.foreign-name": "a request with a replyTo with a suffix with capitals reache"
    },
    green=("client.trust.kept-untrusted",),
)
class TrustsCapitalSuffixes(Routes):
    """It trusts suffixes that no proxy makes."""

    def is_name(self, name: str) -> bool:
        own = self.port.settings.response_url.rpartition("/")[2]
        return name == own or bool(re.fullmatch(re.escape(own) + "-[0-9A-Za-z]{26}", name))


@fault(
    "trusts-its-own-queue-only",
    "SEC-2",
    red={"client.trust.dedicated-queue": "answers are in the dedicated queue, not one"},
    green=("client.trust.foreign-account",),
)
class TrustsItsOwnQueueOnly(Routes):
    """It does not trust the queues that proxies make for themselves."""

    def is_name(self, name: str) -> bool:
        return name == self.port.settings.response_url.rpartition("/")[2]


@fault(
    "answers-to-its-own-queue",
    "SEC-1",
    red={"client.trust.dedicated-queue": "answers are in the dedicated queue, not one"},
    green=("client.trust.foreign-host",),
)
class AnswersToItsOwnQueue(Routes):
    """It answers to the configured queue, whatever the request names."""

    def rebuilt(self, _reply_to: str, _base: str, _account: str, _name: str) -> str:
        return self.port.settings.response_url


@fault(
    "logs-credentials",
    "SEC-4",
    red={"client.trust.no-secrets-logged": "the output shows AWS_SECRET_ACCESS_KEY"},
    green=("client.start.answers",),
)
class LogsCredentials(Intake):
    """It prints its surroundings when it starts."""

    def serve(self) -> None:
        for name, value in os.environ.items():
            self.port.log.say(f"{name}={value}")
        super().serve()


@fault(
    "logs-payloads",
    "SEC-4",
    red={"client.trust.no-secrets-logged": "the output shows a payload"},
    green=("client.start.answers",),
)
class LogsPayloads(Running):
    """It prints every event."""

    def handle(self, exchange: Exchange) -> None:
        self.port.log.say(exchange.event.decode(errors="replace"))
        super().handle(exchange)


@fault(
    "logs-bad-messages",
    "SEC-4",
    red={"client.trust.no-secrets-logged": "the output shows a payload"},
    green=("client.start.answers",),
)
class LogsBadMessages(BadBox):
    """It prints the messages that it refuses."""

    def take(self, message: Message, bad: Bad) -> None:
        self.port.log.say(f"bad message: {message.body}")
        super().take(message, bad)


@fault(
    "opens-its-journal",
    "SEC-7",
    red={"client.trust.private-files": "files of the client's can be read by others"},
    green=("client.start.answers",),
)
class OpensItsJournal(Journal):
    """It lets everybody read its journal."""

    def write(self, line: str) -> None:
        super().write(line)
        os.chmod(self.port.settings.state_dir, 0o755)  # noqa: PTH101 - pathlib is slow to start
        os.chmod(self.path, 0o644)  # noqa: PTH101 - pathlib is slow to start


@fault(
    "opens-its-bad-messages",
    "SEC-7",
    red={"client.trust.private-files": "files of the client's can be read by others"},
    green=("client.start.answers",),
)
class OpensItsBadMessages(BadBox):
    """It lets everybody read the bad messages that it keeps."""

    def keep(self, message: Message, bad: Bad) -> None:
        old = os.umask(0)
        try:
            super().keep(message, bad)
        finally:
            os.umask(old)
        folder = f"{self.port.settings.state_dir}/bad"
        os.chmod(self.port.settings.state_dir, 0o755)  # noqa: PTH101 - pathlib is slow to start
        os.chmod(folder, 0o755)  # noqa: PTH101 - pathlib is slow to start

    def folder_mode(self) -> int:
        return 0o755

    def file_mode(self) -> int:
        return 0o644


@fault(
    "serves-the-network",
    "SEC-8",
    red={"client.trust.loopback": "the client listens to the network"},
    green=("client.start.answers",),
)
class ServesTheNetwork(Intake):
    """It offers its Runtime API to the whole network."""

    def serve(self) -> None:
        listener = socket.create_server(("0.0.0.0", 0))
        threading.Thread(target=self.refuse_all, args=(listener,), daemon=True).start()
        super().serve()

    def refuse_all(self, listener: socket.socket) -> None:
        """Take connections, and close them."""
        while True:
            connection, _ = listener.accept()
            connection.close()

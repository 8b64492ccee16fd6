"""Receives, and admits what is received."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

from faulty.client.exchange import Exchange
from faulty.client.part import Part
from faulty.client.requests import Bad
from faulty.client.sqs import SqsError

if TYPE_CHECKING:
    from faulty.client.port import Port
    from faulty.client.sqs import Message

_LONGEST_PAUSE_S = 2.0


class Intake(Part):
    """The loop of a session."""

    handlers = 1

    def __init__(self, port: Port) -> None:
        super().__init__(port)
        self.free = threading.Semaphore(self.handlers)
        self.failures = 0
        self.mine = threading.local()

    def serve(self) -> None:
        """Receive until the first signal, and see what runs to its end."""
        self.port.log.say("listening")
        while not self.port.is_draining:
            self.free.acquire()
            messages = self.receive()
            if not messages:
                self.free.release()
            for message in messages:
                self.hand_over(message)
        self.join()

    def receive(self) -> list[Message]:
        """One receive; failures are told, and followed by a pause."""
        if self.port.is_draining:
            return []  # the signal came while a handler was waited for
        try:
            messages = self.port.sqs.receive(self.wait_s(), self.limit())
        except SqsError as error:
            self.port.log.say(f"nothing could be received ({error.code})")
            self.pause()
            return []
        self.failures = 0
        return messages

    def wait_s(self) -> int:
        """How long to wait for a message (SQS-6)."""
        return self.port.sqs.idle_wait_s

    def limit(self) -> int:
        """How many messages to receive: no more than there are handlers free (SES-1)."""
        return 1

    def pause(self) -> None:
        """Wait longer after each failure, but not when the client ends."""
        self.failures += 1
        until = time.monotonic() + min(_LONGEST_PAUSE_S, 0.1 * 2**self.failures)
        while time.monotonic() < until and not self.port.is_draining:
            time.sleep(0.05)

    def hand_over(self, message: Message) -> None:
        """Let another thread deal with a message."""
        if self.port.is_draining:
            self.release(message)
            self.free.release()
        else:
            threading.Thread(target=self.deal_with, args=(message,)).start()

    def release(self, message: Message) -> None:
        """Give back what an open receive brought (SES-32)."""
        if message.is_surely_held:
            self.port.settling.hide_one(message.receipt, 0)

    def deal_with(self, message: Message) -> None:
        """Take a message to its end, or to where it is held."""
        self.mine.is_taken = True
        try:
            if message.is_surely_held:
                self.admit(message)
        finally:
            self.free_handler()

    def free_handler(self) -> None:
        """The handler that this thread was given may run something else."""
        if getattr(self.mine, "is_taken", False):
            self.mine.is_taken = False
            self.free.release()

    def admit(self, message: Message) -> None:
        """A bad message, a copy, or something to run."""
        try:
            request = self.port.requests.read(message)
        except Bad as bad:
            self.port.badbox.take(message, bad)
            return
        with self.port.lock:
            running = self.port.active.get(request.key)
            if running:
                self.adopt(running, message)
                return
            if self.port.journal.is_over(request.key):
                over = True
            else:
                over = False
                exchange = Exchange(request)
                exchange.adopt(message)
                self.port.active[request.key] = exchange
        if over:
            self.known(message)
        else:
            self.port.running.process(exchange)

    def adopt(self, exchange: Exchange, message: Message) -> None:
        """A copy of what is running or held is kept with it (SES-4)."""
        exchange.adopt(message)

    def known(self, message: Message) -> None:
        """A copy of what is over is deleted (SES-6)."""
        self.port.settling.delete_one(message.receipt, message.got_s)

    def join(self) -> None:
        """Wait for all that runs."""
        for thread in threading.enumerate():
            if thread is not threading.current_thread() and not thread.daemon:
                thread.join()
        while self.port.active:
            time.sleep(0.02)

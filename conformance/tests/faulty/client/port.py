"""One client instance: its settings, its parts, and what all of them share."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, TypeVar

from faulty.client.answers import Answers
from faulty.client.badbox import BadBox
from faulty.client.clock import Clock
from faulty.client.ending import Ending
from faulty.client.envelopes import Envelopes
from faulty.client.handler import Handler
from faulty.client.hold import Hold
from faulty.client.intake import Intake
from faulty.client.journal import Journal
from faulty.client.lease import Lease
from faulty.client.log import Log
from faulty.client.payloads import Payloads
from faulty.client.requests import Requests
from faulty.client.routes import Routes
from faulty.client.running import Running
from faulty.client.runtime import Runtime
from faulty.client.s3 import Bucket
from faulty.client.settling import Settling
from faulty.client.sqs import Sqs
from faulty.client.v0 import V0
from faulty.client.window import Window

if TYPE_CHECKING:
    from collections.abc import Sequence

    from faulty.client.exchange import Exchange
    from faulty.client.part import Part
    from faulty.client.settings import Settings

_P = TypeVar("_P", bound="Part")


class Port:
    """One client instance.

    Args:
        settings: What it was told.
        replaced: Parts that stand for the one that they inherit from.
    """

    def __init__(self, settings: Settings, replaced: Sequence[type[Part]] = ()) -> None:
        self.settings = settings
        self.replaced = replaced
        self.instance_id = os.urandom(16).hex()
        self.lock = threading.RLock()
        self.active: dict[str, Exchange] = {}
        self.is_draining = False
        self.log = self._part(Log)
        self.clock = self._part(Clock)
        self.sqs = self._part(Sqs)
        self.bucket = self._part(Bucket)
        self.routes = self._part(Routes)
        self.payloads = self._part(Payloads)
        self.envelopes = self._part(Envelopes)
        self.v0 = self._part(V0)
        self.requests = self._part(Requests)
        self.journal = self._part(Journal)
        self.badbox = self._part(BadBox)
        self.settling = self._part(Settling)
        self.lease = self._part(Lease)
        self.window = self._part(Window)
        self.handler = self._part(Handler)
        self.runtime = self._part(Runtime)
        self.answers = self._part(Answers)
        self.hold = self._part(Hold)
        self.running = self._part(Running)
        self.intake = self._part(Intake)
        self.ending = self._part(Ending)

    def _part(self, base: type[_P]) -> _P:
        for each in self.replaced:
            if issubclass(each, base):
                return each(self)
        return base(self)

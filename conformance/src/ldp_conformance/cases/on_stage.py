"""What the cases of both roles have in common: a port on its stage, and what is drawn at random."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING
from uuid import UUID

from ldp_conformance.cases.expect import Expectations

if TYPE_CHECKING:
    from collections.abc import Callable

    from ldp_conformance.ports.manifest import Manifest
    from ldp_conformance.ports.stage import Stage
    from ldp_conformance.ports.subject import Subject
    from ldp_conformance.witness import Witness, WitnessBucket, WitnessQueue


class OnStage(Expectations):
    """One check's view of a port.

    Args:
        stage: The port with its surroundings.
        seed: What everything random in the check is drawn from.
        on_progress: Is told how many of the planned cases are through, and what goes on.
    """

    def __init__(
        self, stage: Stage, seed: str, on_progress: Callable[[int, int, str], None]
    ) -> None:
        super().__init__()
        self.stage = stage
        self.rng = random.Random(seed)  # noqa: S311 - to be repeatable is its purpose
        self.progress = on_progress

    @property
    def port(self) -> Subject:
        """The port's process."""
        return self.stage.subject

    @property
    def witness(self) -> Witness:
        """What plays AWS."""
        return self.stage.witness

    @property
    def requests(self) -> WitnessQueue:
        """The request queue."""
        return self.stage.requests

    @property
    def reply_queue(self) -> WitnessQueue:
        """The configured response queue."""
        return self.stage.replies

    @property
    def bucket(self) -> WitnessBucket:
        """The bucket for claim checks; only where the setup has one."""
        return self.stage.bucket

    @property
    def manifest(self) -> Manifest:
        """What the port says of itself."""
        return self.stage.manifest

    def fresh(self, prefix: str) -> str:
        """A name that this run has not used."""
        return f"{prefix}-{self.rng.getrandbits(64):016x}"

    def uuid(self) -> str:
        """A UUID that this run has not used."""
        return str(UUID(int=self.rng.getrandbits(128), version=4))

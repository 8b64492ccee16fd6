"""Functions of the witness, for proxies that fall back on one: they answer as the suite says."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Lock
from typing import TYPE_CHECKING

from ldp_conformance.witness.fault_box import FaultBox
from ldp_conformance.witness.names import ACCOUNT, REGION

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from ldp_conformance.witness.fault_box import Fault


@dataclass(frozen=True, slots=True)
class FunctionAnswer:
    """What a function makes of an event.

    Attributes:
        payload: Its result, or the error body.
        error: `Unhandled` or `Handled` if it failed; None if it did not.
    """

    payload: bytes
    error: str | None = None


@dataclass(frozen=True, slots=True)
class WitnessFunction:
    """A function.

    Attributes:
        name: Its name.
        answer: What it makes of an event; may take its time.
        versions: The versions that are published; `$LATEST` is there besides.
        aliases: The version that each alias leads to.
        weights: For each alias the further versions that it leads to at times, and how often.
        reserved_concurrency: How many of it may run at once; None where nothing is reserved.
        faults: What goes wrong with it; operations are `Lambda.Invoke`, `Lambda.GetAlias`,
            `Lambda.GetFunctionConcurrency` and so on.
    """

    name: str
    answer: Callable[[bytes], FunctionAnswer]
    versions: tuple[str, ...] = ("1",)
    aliases: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    reserved_concurrency: int | None = None
    faults: FaultBox = field(default_factory=FaultBox)

    @property
    def arn(self) -> str:
        """Its ARN, without a qualifier."""
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.name}"

    def version_of(self, qualifier: str) -> str | None:
        """The version that a qualifier means; None if it means none."""
        if qualifier in ("", "$LATEST", *self.versions):
            return qualifier or "$LATEST"
        return self.aliases.get(qualifier)

    def inject(self, fault: Fault) -> None:
        """Have something go wrong from now on."""
        self.faults.inject(fault)

    def clear_faults(self) -> None:
        """Have everything go right again."""
        self.faults.clear()


class Functions:
    """All functions by name; safe among threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._functions: dict[str, WitnessFunction] = {}

    def add(self, function: WitnessFunction) -> None:
        """Have a function be there, in the place of one of its name."""
        with self._lock:
            self._functions[function.name] = function

    def find(self, name: str) -> WitnessFunction | None:
        """The function of a name, if there is one."""
        with self._lock:
            return self._functions.get(name)

"""The faults of one queue, bucket, function or of everything, asked at each call what happens."""

from __future__ import annotations

from threading import Lock
from typing import Final, TypeVar

from ldp_conformance.witness.faults import ANY, Single
from ldp_conformance.witness.weather import Sky, Weather

Fault = Single | Weather
_F = TypeVar("_F", bound=Single)
_BATCH: Final = "Batch"


class FaultBox:
    """The faults of one place; safe among threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left: list[tuple[Single, list[int]]] = []
        self._weather: list[Sky] = []

    def inject(self, fault: Fault) -> None:
        """Have a fault happen from now on; those of a kind happen one after the other."""
        with self._lock:
            if isinstance(fault, Weather):
                self._weather.append(Sky(fault))
            else:
                self._left.append((fault, [fault.times]))

    def clear(self) -> None:
        """Forget all faults, the weather too."""
        with self._lock:
            self._left.clear()
            self._weather.clear()

    def take(self, kind: type[_F], operation: str = "") -> _F | None:
        """The fault of a kind that happens now, which is then one of its times."""
        if not self._left and not self._weather:
            return None
        with self._lock:
            for fault, left in self._left:
                if isinstance(fault, kind) and left[0] and _meets(fault, operation):
                    left[0] -= 1
                    if not left[0]:
                        self._left.remove((fault, left))
                    return fault
            drawn = (sky.draw(kind, operation) for sky in self._weather)
            return next((fault for fault in drawn if fault is not None), None)

    def has(self, kind: type[Single]) -> bool:
        """Whether a fault of a kind may happen."""
        with self._lock:
            return bool(self._weather) or any(isinstance(fault, kind) for fault, _ in self._left)


def _meets(fault: Single, operation: str) -> bool:
    wanted: str = getattr(fault, "operation", ANY)
    return wanted == ANY or operation in (wanted, wanted + _BATCH)

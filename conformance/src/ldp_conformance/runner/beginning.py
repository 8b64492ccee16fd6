"""How a run begins: what is judged, with what, and by which version of the suite."""

from __future__ import annotations

import time
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from ldp_conformance.events import CheckAbout, PortAbout, RunStarted
from ldp_conformance.requirements import requirements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ldp_conformance.check import Check
    from ldp_conformance.runner.options import RunOptions


def started(options: RunOptions, chosen: Sequence[Check]) -> RunStarted:
    """The first event of a run of these checks."""
    manifest, side = options.manifest, options.manifest.side(options.role)
    return RunStarted(
        at_ms=time.time_ns() // 1_000_000,
        suite_version=suite_version(),
        protocol_version="1.0",
        role=options.role.value,
        level=options.level.value,
        seed=options.seed,
        port=PortAbout(
            manifest.name,
            manifest.version,
            manifest.language,
            side.command,
            tuple(sorted(feature.value for feature in side.features)),
            manifest.issues_url,
        ),
        checks=tuple(
            CheckAbout(check.id, check.title, check.requirements, check.level.value)
            for check in chosen
        ),
        digests={each.id: each.digest for each in requirements().values()},
    )


def suite_version() -> str:
    """The version of this package, as installed."""
    try:
        return version("lambda-debug-conformance")
    except PackageNotFoundError:  # run from a folder of sources
        return "0"

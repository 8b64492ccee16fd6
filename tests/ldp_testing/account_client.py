"""A client on this machine that answers for what was deployed in an account."""

from __future__ import annotations

import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from ldp_testing.iam_record import unrecorded
from ldp_testing.processes import unmeasured

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ldp_testing.account_stage import Place

_APP = "def handler(event, context):\n    return {'seen': event['order'] + 1}\n"
EVENT: Final = b'{"order": 1}'
ANSWER: Final = {"seen": 2}


@contextmanager
def answering(place: Place, told: str, folder: Path) -> Iterator[None]:
    """A client for one event, with the variables that `deploy` told; at the end it has answered."""
    exported = dict(
        line.removeprefix("export ").split("=", 1)
        for line in told.splitlines()
        if line.startswith("export ")
    )
    (folder / "my_app.py").write_text(_APP)
    with subprocess.Popen(
        [sys.executable, "-m", "ldp_client", "run", "--once", "my_app.handler"],
        cwd=folder,
        env=unrecorded(unmeasured({**place.account.environment(), **exported})),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as client:
        try:
            yield
            said, _ = client.communicate(timeout=30)
        finally:
            client.kill()
    assert client.returncode == 0, said

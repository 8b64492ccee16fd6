"""The last act: nobody is attached any more, and a start window tells the caller in seconds."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from ldp_client.demo.caller import invoke
from ldp_client.demo.show import Row
from ldp_client.local_lambda import serve

if TYPE_CHECKING:
    from ldp_client.demo.show import Show
    from ldp_client.demo.stage import Stage
    from ldp_client.demo.verdict import Reply

_NAME: Final = "nobody attached"
_EVENT: Final = b'{"order": "for nobody"}'
_WINDOW: Final = {"LAMBDA_PROXY_START_WITHIN_S": "2"}
_EXPECTED: Final = "Proxy.Absent"


def nobody_attached(stage: Stage, show: Show) -> list[Row]:
    """An event that no client accepts; it has to be an error, and says what to do.

    Args:
        stage: What is running, without a client.
        show: Where to tell of it.
    """
    environment = {**stage.settings.environment, **_WINDOW}
    settings = replace(stage.settings, name="orders-with-window", environment=environment)
    show.sending(_NAME, len(_EVENT))
    with serve(settings, stage.zip_path) as served:
        reply = invoke(served.invoke_url, _EVENT)
    row = Row(_NAME, len(_EVENT), reply, judge_absence(reply))
    show.answered(row)
    if row.fault is None:
        told = json.loads(reply.body)["errorMessage"].partition(". ")[0]
        show.say(f"  caller │ {_EXPECTED}: {told}.")
    return [row]


def judge_absence(reply: Reply) -> str | None:
    """What is wrong with what the caller was told where nobody was there, or None."""
    if not reply.is_error:
        return "the function succeeded, but nobody was there"
    error_type = json.loads(reply.body).get("errorType")
    return None if error_type == _EXPECTED else f"the error is of type {error_type}"

"""Held events as a developer sees them, from the command line and from a script."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ldp_testing.processes import read_until
from ldp_wire.envelopes import HandlerError

if TYPE_CHECKING:
    from ldp_testing.command_stage import CommandStage

SCRIPT = """
    from ldp_client import run

    def handler(event, context):
        return event / {divisor}

    if __name__ == "__main__":
        run(handler, on_error="hold", once=True)
        print("over")
"""


def test_a_script_takes_over_its_own_edited_code(stage: CommandStage) -> None:
    """A held event is told with what to do; Enter runs it with the script as it is now (SES-36)."""
    stage.write("script.py", SCRIPT.format(divisor=0))
    stage.send("42")
    process = stage.start_python("script.py")
    told = read_until(process.stderr, "is held")
    stage.write("script.py", SCRIPT.format(divisor=2))
    out, err = process.communicate("\n")

    assert "ZeroDivisionError: division by zero" in told
    assert ", holds what fails; Ctrl-C ends" in told
    assert "orders  Lambda direct  failed ZeroDivisionError  in " in told
    assert re.search(r"The event is held until \d\d:\d\d:\d\d, for 5\d\.\d s\.", told)
    assert "press Enter to run it again, or Ctrl-C to give it back" in told
    assert "orders  Lambda direct  returned  in " in err
    assert "ended after 1 event" in err
    assert (process.returncode, out) == (0, "over\n")
    assert stage.answered_with() == "21.0"


def test_without_standard_input_a_restart_is_what_runs_it_again(stage: CommandStage) -> None:
    """Where no Enter can come, the developer reads so; the next client has the event (SES-36)."""
    stage.write("app.py", "def handler(event, context):\n    return event / 0\n")
    stage.send("42")
    process = stage.start("run", "app.handler", "--on-error", "hold")
    assert process.stdin is not None
    process.stdin.close()
    read_until(process.stderr, "start the client again")
    process.terminate()
    assert process.wait() == 0

    status, _, err = stage.run("run", "app.handler", "--once")
    assert status == 0
    assert "failed ZeroDivisionError" in err
    assert isinstance(stage.answer().result, HandlerError)

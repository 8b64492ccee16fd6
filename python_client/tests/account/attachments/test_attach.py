from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ldp_client.errors import ExitStatus
from ldp_testing.deployed_proxy import proxy_zip

if TYPE_CHECKING:
    from ldp_testing.attachable import Attachable


@pytest.mark.parametrize("whose", ["own", "motos"])
@pytest.mark.parametrize("options", [("--latest-only",), ("--alias", "live")])
def test_what_was_attached_is_detached_without_a_trace(
    request: pytest.FixtureRequest,
    whose: str,
    options: tuple[str, ...],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Before and after, the function differs in nothing but counters and times."""
    own: Attachable = request.getfixturevalue(whose)
    before = own.everything()

    assert own.attach(*options) == ExitStatus.DONE
    said = capsys.readouterr().out
    assert f"lambda-debug detach --stack {own.place.name} {own.name}" in said
    assert "export LAMBDA_PROXY_REQ_QUEUE_URL=" in said
    attached = own.everything()
    assert own.detach() == ExitStatus.DONE

    assert own.everything() == before
    assert attached != before
    assert own.records() == []


def test_an_attached_function_is_the_proxy(own: Attachable) -> None:
    """It has the proxy's code and settings, and keeps what is its own."""
    own.attach("--latest-only")

    has = own.configuration()
    assert has["Runtime"] == "python3.13"
    assert has["Handler"] == "ldp_proxy.handler.handler"
    assert (has["Timeout"], has["MemorySize"]) == (900, 256)
    assert has["CodeSha256"] == own.place.function()["CodeSha256"]
    variables = has["Environment"]["Variables"]
    assert "AWS_LAMBDA_EXEC_WRAPPER" not in variables
    assert variables.pop("TABLE") == "orders"
    assert variables == own.place.variables()
    functions = own.client("lambda")
    asked = {"FunctionName": own.name}
    assert functions.get_function_concurrency(**asked)["ReservedConcurrentExecutions"] == 1
    asynchronous = functions.get_function_event_invoke_config(**asked)
    assert asynchronous["MaximumRetryAttempts"] == 0
    assert asynchronous["MaximumEventAgeInSeconds"] == 60


def test_the_role_may_do_what_the_template_allows_and_no_more(own: Attachable) -> None:
    """Its policy has the statements of the stack's own role, for this function's log."""
    own.attach("--latest-only")

    iam = own.client("iam")
    given = iam.get_role_policy(RoleName=own.name, PolicyName="ldp-attach")["PolicyDocument"]
    [role] = [n for n in own.place.left() if "-Role-" in n]
    stacks = iam.get_role_policy(RoleName=role, PolicyName="proxy")["PolicyDocument"]
    expected = [{k: v for k, v in one.items() if k != "Sid"} for one in stacks["Statement"]]
    own_log = json.dumps(expected).replace(
        f"/aws/lambda/{own.place.name}:", f"/aws/lambda/{own.name}:"
    )
    assert given["Statement"] == json.loads(own_log)


def test_attaching_again_changes_nothing(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """The second time there is nothing to be done; with other options it is refused."""
    own.attach("--latest-only")
    attached = own.everything()
    capsys.readouterr()

    assert own.attach("--latest-only") == ExitStatus.DONE
    assert "Nothing is to be done." in capsys.readouterr().out
    assert own.attach("--alias", "live") == ExitStatus.FAILED
    assert "with other options" in capsys.readouterr().err
    assert own.everything() == attached


def test_detaching_what_is_not_attached_changes_nothing(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """There is nothing to be done."""
    before = own.everything()
    assert own.detach() == ExitStatus.DONE
    assert "Nothing is to be done." in capsys.readouterr().out
    assert own.everything() == before


def test_an_alias_is_pointed_at_the_proxy(own: Attachable) -> None:
    """The alias has the proxy's version, and no weights, until it is detached."""
    own.attach("--alias", "live")

    alias = own.client("lambda").get_alias(FunctionName=own.name, Name="live")
    assert "RoutingConfig" not in alias
    version = own.client("lambda").get_function_configuration(
        FunctionName=own.name, Qualifier=alias["FunctionVersion"]
    )
    assert version["Handler"] == "ldp_proxy.handler.handler"


def test_published_versions_stay_as_they_are(motos: Attachable) -> None:
    """Each has the code that it had, and none is published where there is one of the same."""
    versions, code = motos.versions(), motos.code("1")
    motos.attach("--alias", "live")

    *before, of_the_proxy = motos.versions()
    assert before == versions
    assert motos.code("1") == motos.code("2") == code
    assert motos.code(of_the_proxy) == motos.code("live") == proxy_zip()


def test_the_newest_version_answers_if_it_is_the_same(motos: Attachable) -> None:
    """Where nothing was published, the fallback is the version that there was."""
    motos.place.deploy("--reply", "dedicated")
    options = ("--latest-only", "--start-within-s", "3", "--when-absent", "fallback")
    assert motos.attach(*options) == ExitStatus.DONE

    variables = motos.configuration()["Environment"]["Variables"]
    assert variables["LAMBDA_PROXY_FALLBACK_FUNCTION"] == f"{motos.name}:2"


def test_without_a_terminal_nothing_is_changed(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """The plan says every way in and every change, and is not carried out."""
    before = own.everything()
    assert own.place.command(*own.attaching("--latest-only")) == ExitStatus.MISUSED
    said = capsys.readouterr().out
    assert "in: alias of version 1, by live: does not reach the proxy" in said
    assert "~ code of the proxy" in said
    assert "layers stay" in said
    assert own.everything() == before


def test_a_stack_with_attached_functions_is_not_destroyed(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """It has what gives them back: which command does that first is told."""
    own.attach("--latest-only")
    attached = own.everything()

    assert own.place.destroy("--yes") == ExitStatus.FAILED
    assert "lambda-debug detach --all" in capsys.readouterr().err
    assert own.everything() == attached
    own.detach()
    assert own.place.destroy("--yes") == ExitStatus.DONE

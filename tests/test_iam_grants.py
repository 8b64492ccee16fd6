"""What is granted is what is asked: policies against the calls of real processes.

No emulator enforces IAM, so that the SDK of each process writes down what it asks, and a table
says what that needs of the account.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pytest

from ldp_testing.iam_actions import Permission, compare, permissions
from ldp_testing.iam_stage import LARGE, IamStage
from ldp_testing.iam_watch import COMBINATIONS, VARIANTS

if TYPE_CHECKING:
    from ldp_testing.iam_record import Asked
    from ldp_testing.moto_server import MotoServer
    from ldp_testing.resolved_template import ResolvedTemplate

README: Final = (Path(__file__).resolve().parents[1] / "README.md").read_text(encoding="utf-8")
#: Those for which the README has commands.
BY_HAND: Final = [pair for pair in COMBINATIONS if pair[0] in ("shared", "dedicated")]
_TAKING: Final = ("ReceiveMessage", "DeleteMessage", "ChangeMessageVisibility")


class Played(NamedTuple):
    """What came of a stage.

    Attributes:
        variant: Which of the variants.
        template: The template for its parameters.
        proxy: What the proxy's role asked.
        developer: What the developer asked.
    """

    variant: str
    template: ResolvedTemplate
    proxy: list[Asked]
    developer: list[Asked]


@pytest.fixture(scope="module", params=COMBINATIONS, ids="-".join)
def played(
    request: pytest.FixtureRequest,
    moto_server: MotoServer,
    tmp_path_factory: pytest.TempPathFactory,
) -> Played:
    """All that happens with some parameters."""
    variant, bucket = request.param
    given = {**VARIANTS[variant], "PayloadBucket": bucket}
    with IamStage(moto_server, tmp_path_factory.mktemp(variant), given) as stage:
        stage.host()
        _play(stage, variant)
    return Played(variant, stage.template, stage.proxy.asked(), stage.developer.asked())


def _play(stage: IamStage, variant: str) -> None:
    """Let everything happen for which AWS is asked for something."""
    if variant in ("dedicated", "fallback"):
        stage.leave_a_reply_queue()
    if variant == "fallback":
        assert stage.invoke(b"{}").payload == b'"by the fallback"'
    client = stage.attach()
    stage.send_nonsense()
    stage.invoke(b'{"n": 1}')
    stage.invoke(LARGE)
    future = stage.held()
    run = stage.next_run()
    stage.developer.wait_for("ChangeMessageVisibility")
    if variant != "notify":
        stage.send_foreign_reply()
        stage.proxy.wait_for("ChangeMessageVisibility")
    run.returns("at last")
    assert future.result().payload == (b"null" if variant == "notify" else b'"at last"')
    if variant in ("dedicated", "fallback"):
        stage.proxy.wait_for("DeleteQueue")
    client.interrupt()
    assert client.wait_for_exit() == 0


def test_what_the_template_grants_is_what_is_asked(played: Played) -> None:
    """Proxy and developer may do what they do with these parameters, and nothing else."""
    template = played.template

    assert compare(template.allowed_to_proxy(), played.proxy) == ([], [])
    assert compare(template.allowed_to_developer(), played.developer) == ([], [])


def test_no_permission_can_be_left_out(played: Played) -> None:
    """Without any one of its permissions, something is missing."""
    allowed = played.template.allowed_to_proxy() | played.template.allowed_to_developer()
    asked = played.proxy + played.developer
    spared = [one for one in allowed if not compare(allowed - {one}, asked)[0]]

    assert {one.action.partition(":")[0] for one in spared} == {"logs"}


@pytest.mark.parametrize("played", BY_HAND, ids="-".join, indirect=True)
def test_what_the_readme_grants_is_what_is_asked(played: Played) -> None:
    """The policies of the commands by hand suffice, and each permission is used.

    Dedicated replies are added to what there is, which then has no use for the response queue.
    """
    blocks = ["deploy"]
    unused = set()
    if played.variant == "dedicated":
        blocks.append("dedicated")
        replies = played.template.arn("ResponseQueue")
        unused = {Permission(f"sqs:{verb}", replies) for verb in _TAKING}
    if "LAMBDA_PROXY_PAYLOAD_BUCKET" in played.template.variables():
        blocks.append("bucket")
        payloads = _of_commands("bucket", "create", played.template)
        of_bucket = [asked for asked in played.developer if asked.service == "s3"]
        assert compare(payloads, of_bucket) == ([], [])
    granted = {one for block in blocks for one in _of_commands(block, "put-role", played.template)}

    assert compare(granted, played.proxy) == ([], sorted(unused))


def _of_commands(block: str, verb: str, template: ResolvedTemplate) -> set[Permission]:
    """What a block of the README's commands grants with `create-policy` or `put-role-policy`."""
    match = re.search(rf"<!-- commands: {block} -->\n```sh\n(.*?)```", README, re.DOTALL)
    assert match is not None
    variables = template.variables()
    names = {
        "BUCKET": variables.get("LAMBDA_PROXY_PAYLOAD_BUCKET", "/").partition("/")[0],
        "REQ_ARN": template.arn("RequestQueue"),
        "RESP_ARN": template.arn("ResponseQueue"),
    }
    found: set[Permission] = set()
    for text in re.findall(
        rf"aws iam {verb}-policy .*?--policy-document '(.*?\]}})'", match[1], re.DOTALL
    ):
        document = re.sub(r"'\"\$(\w+)\"'", lambda name: names[name[1]], text)
        found |= permissions(json.loads(document))
    assert found
    return found


@pytest.mark.parametrize("qualifier", ["live", "1"])
def test_a_fallback_to_the_own_function_is_checked_first(
    moto_server: MotoServer, tmp_path: Path, qualifier: str
) -> None:
    """A proxy in the place of its fallback asks what README and template grant for that.

    The README's is an alias, the template's a version, which needs no look at an alias.
    """
    own = {"FunctionName": "orders", "FallbackFunction": f"orders:{qualifier}"}
    with IamStage(moto_server, tmp_path, {**VARIANTS["fallback"], **own}) as stage:
        stage.host("orders")
        assert stage.invoke(b"{}").payload == b'"by the fallback"'
        asked = [one for one in stage.proxy.asked() if one.service == "lambda"]
        granted = stage.template.allowed_to_proxy()

    if qualifier == "live":
        statements = re.search(r"```json\n(\[\{.*?lambda:InvokeFunction.*?)```", README, re.DOTALL)
        assert statements is not None
        granted = permissions({"Statement": json.loads(statements[1])})
    of_lambda = {one for one in granted if one.action.startswith("lambda:")}
    assert compare(of_lambda, asked) == ([], [])


def test_troubles_need_no_permission_more(moto_server: MotoServer, tmp_path: Path) -> None:
    """A held event that is given back, and a second client, ask for nothing new."""
    with IamStage(moto_server, tmp_path, {"PayloadBucket": "no"}) as stage:
        stage.host()
        holding = stage.attach("--on-error", "hold")
        future = stage.held()
        stage.next_run().raises("no such order")
        holding.wait_for("notice", kind="held")
        holding.interrupt()
        assert holding.wait_for_exit() == 0
        stage.attach()
        stage.next_run().raises("no such order")
        assert future.result().function_error == "Unhandled"
        missing: list[Any] = [
            compare(stage.template.allowed_to_proxy(), stage.proxy.asked())[0],
            compare(stage.template.allowed_to_developer(), stage.developer.asked())[0],
        ]
    assert missing == [[], []]

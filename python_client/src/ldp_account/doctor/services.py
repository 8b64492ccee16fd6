"""Whether each service can be reached: any answer will do, a refusal too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from ldp_account.doctor.findings import good, wrong
from ldp_account.errors import AccessDenied, CallRefused, Unreachable

if TYPE_CHECKING:
    from ldp_account.aws import Aws
    from ldp_account.doctor.findings import Finding

_CALLS: Final = (
    ("SQS", "sqs", "list_queues"),
    ("S3", "s3", "list_buckets"),
    ("Lambda", "lambda", "list_functions"),
    ("CloudFormation", "cloudformation", "describe_stacks"),
)


def examine_services(aws: Aws) -> list[Finding]:
    """Ask each of them something.

    Raises:
        AccountError: A call failed in another way.
    """
    return [_answers(aws, *call) for call in _CALLS]


def _answers(aws: Aws, name: str, service: str, operation: str) -> Finding:
    try:
        aws.ask(service, operation)
    except Unreachable as exc:
        return wrong(f"{name}: {exc} {exc.hint}")
    except (AccessDenied, CallRefused) as exc:
        return good(f"{name} answers: {exc}")
    return good(f"{name} answers")

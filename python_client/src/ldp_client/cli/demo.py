"""`lambda-debug demo`: the whole way of an event, on this machine."""

from __future__ import annotations

import click


@click.command()
@click.argument("handler", metavar="[MODULE.FUNCTION]", required=False)
@click.option(
    "--break",
    "swap_answers",
    is_flag=True,
    help="Swap two answers, to see that the caller notices; ends with status 1.",
)
def demo(*, handler: str | None, swap_answers: bool) -> int:
    """Send AWS events through proxy, queues and client on this machine, without AWS.

    With MODULE.FUNCTION it stays up, prints a curl line, and your own handler answers.
    """
    from ldp_client.errors import LocalLambdaFailed, PartMissing  # noqa: PLC0415 - when it runs
    from ldp_client.local_lambda import LocalLambdaError  # noqa: PLC0415 - as above
    from ldp_client.packaging import PackagingError  # noqa: PLC0415 - as above
    from ldp_client.runtime_api import RuntimeApiError  # noqa: PLC0415 - as above

    try:
        from ldp_client.demo import run  # noqa: PLC0415 - as above

        return run(handler, swap_answers=swap_answers)
    except ModuleNotFoundError as exc:
        raise PartMissing(
            f"The demo needs {exc.name}, which is not installed.",
            hint="Install the demo's parts: pip install 'lambda-debug[demo]'.",
        ) from exc
    except (LocalLambdaError, PackagingError, RuntimeApiError) as exc:
        raise LocalLambdaFailed(str(exc), hint=exc.hint) from exc

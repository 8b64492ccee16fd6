"""`lambda-debug local-lambda`: the proxy, or any function's zip, hosted as Lambda would."""

from __future__ import annotations

import click


def _variables(
    _context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]
) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    wrong = next((key for key, equals, _ in pairs if not key or not equals), None)
    if wrong is not None:
        raise click.BadParameter(f"{wrong!r} is not KEY=VALUE.")
    return {key: value for key, _, value in pairs}


@click.command("local-lambda")
@click.option(
    "--zip",
    "zip_path",
    type=click.Path(exists=True, dir_okay=False),
    help="The function's code.  [default: the proxy's zip, built now]",
)
@click.option("--name", default="test_function", show_default=True, help="Name of the function.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="[default: a free one]")
@click.option(
    "--timeout", "timeout_s", type=float, default=900.0, show_default=True, help="In seconds."
)
@click.option(
    "--memory", "memory_mb", type=int, default=128, show_default=True, help="In MiB; only told."
)
@click.option("--reserved-concurrency", type=int, help="Invocations at a time.  [default: any]")
@click.option(
    "--entry",
    type=click.Choice(["awslambdaric", "runtime"]),
    help="Under AWS's runtime client (Linux only), or by the zip's own runtime.  "
    "[default: awslambdaric where it is installed]",
)
@click.option(
    "--env",
    "variables",
    metavar="KEY=VALUE",
    multiple=True,
    callback=_variables,
    help="A variable for the function; may be repeated. LAMBDA_PROXY_* and the AWS credentials and "
    "endpoints of this process are passed on by themselves.",
)
def local_lambda(**options: object) -> None:
    """Host a Lambda function on this machine: the proxy, unless --zip says otherwise.

    It enforces time, sizes and concurrency as Lambda does. Events go to the URL that is printed.
    Ctrl-C ends it.
    """
    from ldp_client.cli.hosting import Hosting, host  # noqa: PLC0415 - commands import when they run

    host(Hosting(**options))  # type: ignore[arg-type]  # click has made them what they are

"""The function that is the proxy: whether it can be invoked, and sends where the client listens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ldp_account.doctor.findings import NAMES, good, unknown, wrong

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from ldp_account.doctor.findings import Finding, Subject


def examine_function(subject: Subject) -> list[Finding]:
    """Look at the stack's function.

    Raises:
        AccountError: A call failed.
    """
    if subject.stack is None:
        return [unknown("without a stack it is not known which function is the proxy")]
    function = subject.stack.outputs.get("FunctionArn")
    if function is None:
        return [wrong("the stack has no function", subject.deploy)]
    configuration = subject.aws.ask("lambda", "get_function_configuration", FunctionName=function)
    concurrency = subject.aws.ask("lambda", "get_function_concurrency", FunctionName=function)
    found = [
        *_state(configuration),
        *_variables(subject, configuration),
        *_concurrency(subject, function, concurrency),
    ]
    return found or [good(f"{function} is ready")]


def _state(configuration: Mapping[str, Any]) -> Iterator[Finding]:
    state = configuration.get("State", "Active")
    if state != "Active":
        yield unknown(
            f"its state is {state}: {configuration.get('StateReason', 'look again soon')}"
        )


def _variables(subject: Subject, configuration: Mapping[str, Any]) -> Iterator[Finding]:
    has: Mapping[str, str] = configuration.get("Environment", {}).get("Variables", {})
    words = ("lambda", "update-function-configuration", "--function-name")
    name = configuration["FunctionName"]
    for variable in NAMES:
        expected = subject.expected.get(variable)
        if expected is not None and has.get(variable) != expected:
            after = {**has, **{n: subject.expected[n] for n in NAMES if n in subject.expected}}
            pairs = ",".join(f"{key}={value}" for key, value in after.items())
            yield wrong(
                f"its {variable} is {has.get(variable, 'not set')}, and should be {expected}",
                subject.commands.aws(*words, name, "--environment", f"Variables={{{pairs}}}"),
            )


def _concurrency(
    subject: Subject, function: str, concurrency: Mapping[str, Any]
) -> Iterator[Finding]:
    """One event at a time where answers share a queue: environments take each other's."""
    reserved = concurrency.get("ReservedConcurrentExecutions")
    parameters = {} if subject.stack is None else subject.stack.parameters
    shared = (parameters.get("Mode"), parameters.get("Reply")) == ("wait", "shared")
    words = ("lambda", "put-function-concurrency", "--function-name", function)
    if shared and reserved != 1:
        yield wrong(
            f"its reserved concurrency is {reserved}: with a shared response queue it has to be 1",
            subject.commands.aws(*words, "--reserved-concurrent-executions", "1"),
        )
    elif reserved == 0:
        yield wrong(
            "its reserved concurrency is 0, so that nothing can invoke it",
            subject.commands.aws(
                "lambda", "delete-function-concurrency", "--function-name", function
            ),
        )

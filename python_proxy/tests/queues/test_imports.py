from __future__ import annotations

import subprocess
import sys


def test_the_interface_costs_no_sdk() -> None:
    """Whoever needs the interface only does not pay for importing boto3 or for threads' fakes."""
    code = (
        "import sys; import ldp_queues, ldp_queues.ports, ldp_queues.errors, ldp_queues.bodies, "
        "ldp_queues.addresses; "
        "print(sorted({'boto3', 'botocore', 'ldp_queues.sqs', 'ldp_queues.s3', "
        "'ldp_queues.memory', 'ldp_queues.memory_store'} & set(sys.modules)))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert result.stdout.decode().strip() == "[]"


def test_the_adapter_costs_nothing_but_the_sdk() -> None:
    """The SQS adapter, which the proxy imports on its cold start, brings no fakes and no checks."""
    code = (
        "import sys; import ldp_queues.sqs; "
        "print(sorted(name for name in sys.modules if name.startswith('ldp_')))"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)

    assert eval(result.stdout) == [
        "ldp_queues",
        "ldp_queues.addresses",
        "ldp_queues.bodies",
        "ldp_queues.errors",
        "ldp_queues.ports",
        "ldp_queues.sdk_errors",
        "ldp_queues.sdk_session",
        "ldp_queues.sqs",
        "ldp_queues.sqs_answers",
        "ldp_queues.sqs_connection",
        "ldp_queues.sqs_errors",
    ]

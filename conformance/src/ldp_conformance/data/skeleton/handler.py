"""The conformance handler: it does what the event asks for, as PORTING.md of the suite lists it."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
import time
from itertools import count
from pathlib import Path

FOLDER = Path(os.environ["LAMBDA_DEBUG_CONFORMANCE_DIR"])


def handler(event, context):
    """Do what the event says, and tell when it began and when it ended."""
    tell(event, "began")
    try:
        return DEEDS[event["do"]](event, context)
    finally:
        tell(event, "ended")


def tell(event, phase):
    line = {
        "nonce": event["nonce"],
        "phase": phase,
        "pid": os.getpid(),
        "atMs": time.time_ns() // 1_000_000,
    }
    with (FOLDER / "runs.jsonl").open("a", encoding="utf-8") as runs:
        runs.write(json.dumps(line) + "\n")


def compute(event, _context):
    return {"nonce": event["nonce"], "sha256": sha256(event["nonce"])}


def measure(event, _context):
    return {"codePoints": len(event["text"]), "sha256": sha256(event["text"])}


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def throw(event, _context):
    raise type(event["type"], (Exception,), {})(event["message"])


def throw_until(event, context):
    if not has_flag(event):
        throw(event, context)
    return event["value"]


def has_flag(event):
    return (FOLDER / "flags" / event["flag"]).exists()


def sleep(event, _context):
    time.sleep(event["ms"] / 1000)
    return event["value"]


def spin(event, _context):
    until = time.monotonic() + event["ms"] / 1000
    while time.monotonic() < until:
        pass
    return event["value"]


def wait(event, _context):
    until = time.monotonic() + 120
    while not has_flag(event) and time.monotonic() < until:
        time.sleep(0.01)
    return event["value"]


def describe(_event, context):
    client = context.client_context
    identity = context.identity
    return {
        "awsRequestId": context.aws_request_id,
        "functionName": context.function_name,
        "functionVersion": context.function_version,
        "invokedFunctionArn": context.invoked_function_arn,
        "memoryLimitInMb": int(context.memory_limit_in_mb),
        "logGroupName": context.log_group_name,
        "logStreamName": context.log_stream_name,
        "remainingMs": context.get_remaining_time_in_millis(),
        "traceId": os.environ.get("_X_AMZN_TRACE_ID"),
        "clientContext": None if client is None else {"custom": client.custom, "env": client.env},
        "identity": None
        if identity is None or identity.cognito_identity_id is None
        else {
            "cognitoIdentityId": identity.cognito_identity_id,
            "cognitoIdentityPoolId": identity.cognito_identity_pool_id,
        },
    }


def noise(event, _context):
    length = event["bytes"] - 2
    parts = (sha256(f"{event['seed']}:{number}") for number in count())
    text = ""
    while len(text) < length:
        text += "".join(next(parts) for _ in range(1024))
    return text[:length]


def log(event, _context):
    print(event["text"])
    print(event["text"], file=sys.stderr)


DEEDS = {
    "echo": lambda event, _context: event["value"],
    "nonce": compute,
    "measure": measure,
    "throw": throw,
    "throw-until": throw_until,
    "sleep": sleep,
    "spin": spin,
    "wait": wait,
    "exit": lambda event, _context: os._exit(event["status"]),
    "kill": lambda _event, _context: os.kill(os.getpid(), signal.SIGKILL),
    "context": describe,
    "fill": lambda event, _context: "x" * (event["bytes"] - 2),
    "noise": noise,
    "unserialisable": lambda _event, _context: object(),
    "log": log,
}

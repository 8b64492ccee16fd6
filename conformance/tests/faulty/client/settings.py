"""What the environment and the command line say."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class SettingError(Exception):
    """A variable or a word of the command line cannot be used."""


class Settings:
    """What a client is told when it starts.

    Args:
        variables: The environment.
        words: The command line, without the program.

    Raises:
        SettingError: Something is missing or wrong.
    """

    def __init__(self, variables: Mapping[str, str], words: Sequence[str]) -> None:
        self.request_url = _needed(variables, "LAMBDA_PROXY_REQ_QUEUE_URL")
        self.response_url = variables.get("LAMBDA_PROXY_RESP_QUEUE_URL", "")
        mode = variables.get("LAMBDA_PROXY_MODE", "wait")
        if not self.response_url and mode != "notify":
            raise SettingError("LAMBDA_PROXY_RESP_QUEUE_URL is missing; set it to the queue's URL")
        if mode == "notify":
            self.response_url = ""
        self.lease_s = _seconds(variables.get("LAMBDA_PROXY_LEASE_S", "20"))
        self.bucket, _, self.prefix = variables.get("LAMBDA_PROXY_PAYLOAD_BUCKET", "").partition(
            "/"
        )
        self.sqs_endpoint = _needed(variables, "AWS_ENDPOINT_URL_SQS")
        self.s3_endpoint = variables.get("AWS_ENDPOINT_URL_S3", "")
        self.access_key = _needed(variables, "AWS_ACCESS_KEY_ID")
        self.region = variables.get("AWS_REGION", "eu-west-1")
        self.conformance_dir = _needed(variables, "LAMBDA_DEBUG_CONFORMANCE_DIR")
        self.state_dir = _needed(variables, "FAULTY_STATE_DIR")
        self.on_error = _option(words, "--on-error", "report", ("report", "hold"))
        self.v0_errors = _option(words, "--v0-errors", "hold", ("report", "hold"))
        self.fault = _option(words, "--fault", "", ())


def _needed(variables: Mapping[str, str], name: str) -> str:
    if not variables.get(name):
        raise SettingError(f"{name} is missing; set it")
    return variables[name]


def _seconds(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise SettingError("LAMBDA_PROXY_LEASE_S is wrong; set it to whole seconds")
    return int(text)


def _option(words: Sequence[str], name: str, default: str, choices: tuple[str, ...]) -> str:
    value = default
    if name in words:
        place = words.index(name) + 1
        value = words[place] if place < len(words) else ""
    if choices and value not in choices:
        raise SettingError(f"{name} takes one of {', '.join(choices)}")
    return value

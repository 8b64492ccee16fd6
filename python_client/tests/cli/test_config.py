from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ldp_client.config import (
    LEASE,
    MODE,
    PAYLOAD_BUCKET,
    REPLY,
    REQUEST_QUEUE,
    RESPONSE_QUEUE,
    STATE_DIR,
    TRACING_LEVEL,
    ClientConfig,
    read_config,
    read_tracing_level,
)
from ldp_client.errors import ConfigError, ExitStatus
from ldp_wire.claims import Bucket

if TYPE_CHECKING:
    from ldp_client.config import Options

BASE = "https://sqs.eu-west-1.amazonaws.com/123456789012"
ENVIRONMENT = {
    REQUEST_QUEUE: f"{BASE}/LAMBDA_PROXY_REQ",
    RESPONSE_QUEUE: f"{BASE}/LAMBDA_PROXY_RESP",
}


def refused(changes: dict[str, str], **options: object) -> str:
    """What is said about an environment or an option."""
    chosen: Options = options  # type: ignore[assignment]
    with pytest.raises(ConfigError) as caught:
        read_config({**ENVIRONMENT, **changes}, **chosen)
    assert caught.value.hint
    assert caught.value.exit_code is ExitStatus.MISUSED
    return str(caught.value)


def test_two_urls_are_enough() -> None:
    """Everything else has a default, and the region is the queue's."""
    config = read_config(ENVIRONMENT)

    assert config == ClientConfig(
        request_queue_url=f"{BASE}/LAMBDA_PROXY_REQ",
        response_queue_url=f"{BASE}/LAMBDA_PROXY_RESP",
        lease_s=20,
        once=False,
        region="eu-west-1",
        profile=None,
        report_format="text",
        verbosity=0,
        on_error="report",
        v0_errors="hold",
        handlers=1,
        state_dir=Path.home() / ".local/state/lambda-debug",
        tracing_level="WARN",
    )


def test_options_win_over_variables() -> None:
    """What the command line says is what holds (SES-12)."""
    environment = {**ENVIRONMENT, LEASE: "5", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    config = read_config(
        {**environment, "AWS_REGION": "us-east-1"},
        lease_s=2,
        region="eu-central-1",
        profile="dev",
        once=True,
        verbosity=2,
        report_format="json",
        on_error="hold",
        v0_errors="report",
    )

    assert (config.on_error, config.v0_errors) == ("hold", "report")
    assert (config.lease_s, config.region, config.profile) == (2, "eu-central-1", "dev")
    assert (config.once, config.verbosity, config.report_format) == (True, 2, "json")
    assert read_config(environment).lease_s == 5


def test_variables_are_trimmed_of_white_space() -> None:
    """A line end that came along with a copied URL does no harm."""
    config = read_config({**ENVIRONMENT, REQUEST_QUEUE: f" {BASE}/LAMBDA_PROXY_REQ\n"})

    assert config.request_queue_url == f"{BASE}/LAMBDA_PROXY_REQ"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({REQUEST_QUEUE: ""}, f"Set {REQUEST_QUEUE} to the URL of the request queue: it is not"),
        ({RESPONSE_QUEUE: " "}, f"Set {RESPONSE_QUEUE} to the URL of the response queue: it is"),
        ({REQUEST_QUEUE: "LAMBDA_PROXY_REQ"}, "to the URL of a standard SQS queue: it is 'LAMBDA"),
        ({RESPONSE_QUEUE: f"{BASE}/X.fifo"}, "to the URL of a standard SQS queue"),
        ({RESPONSE_QUEUE: f"{BASE}/LAMBDA_PROXY_REQ"}, "to another queue than"),
        (
            {RESPONSE_QUEUE: "https://sqs.eu-west-1.amazonaws.com/999999999999/R"},
            f"Set {RESPONSE_QUEUE} to a queue of the account 123456789012",
        ),
        ({MODE: "both"}, f"Set {MODE} to wait or notify"),
        ({REPLY: "mine"}, f"Set {REPLY} to shared or dedicated, or not at all: it is 'mine'"),
        ({LEASE: "0"}, f"Set {LEASE} to a whole number of seconds from 1 to 43200: it is '0'"),
        ({LEASE: "43201"}, "it is '43201'"),
        ({LEASE: "²"}, f"Set {LEASE}"),
        (
            {PAYLOAD_BUCKET: "s3://b"},
            f"Set {PAYLOAD_BUCKET} to a bucket, or a bucket and a prefix:",
        ),
        ({PAYLOAD_BUCKET: "my-bucket/a b"}, "'a b' is no prefix for the keys of payloads"),
        ({TRACING_LEVEL: "LOUD"}, f"Set {TRACING_LEVEL} to one of ERROR, WARN, INFO, DEBUG, TRACE"),
        ({"AWS_REGION": "us-east-1"}, "Set AWS_REGION to eu-west-1"),
        ({"AWS_DEFAULT_REGION": "us-east-1"}, "Set AWS_DEFAULT_REGION to eu-west-1"),
    ],
)
def test_each_wrong_value_is_one_sentence_that_names_it(
    changes: dict[str, str], words: str
) -> None:
    """What is wrong, what to set, and nothing else."""
    sentence = refused(changes)

    assert words in sentence
    assert sentence.endswith(".")


def test_a_wrong_option_is_called_by_its_name() -> None:
    """Whoever typed an option reads about the option."""
    assert refused({}, lease_s=0).startswith("Set --lease-s to a whole number of seconds")
    assert refused({}, region="us-east-1").startswith("Set --region to eu-west-1")
    assert refused({}, on_error="keep").startswith("Set on_error to report or hold")
    assert refused({}, v0_errors="keep").startswith("Set v0_errors to report or hold")


def test_one_way_events_need_no_response_queue() -> None:
    """In the mode `notify` nobody is answered, so there may be no queue for it."""
    environment = {REQUEST_QUEUE: ENVIRONMENT[REQUEST_QUEUE], MODE: "notify"}

    assert read_config(environment).response_queue_url is None
    assert read_config({**ENVIRONMENT, MODE: "notify"}).response_queue_url is not None


def test_replies_may_be_dedicated() -> None:
    """Client and proxy read the same name for it; without it, or empty, they are shared."""
    assert read_config({**ENVIRONMENT, REPLY: "dedicated"}).has_dedicated_replies
    assert not any(
        read_config({**ENVIRONMENT, **changes}).has_dedicated_replies
        for changes in ({}, {REPLY: ""}, {REPLY: "shared"})
    )


@pytest.mark.parametrize(
    ("value", "bucket"),
    [
        ("", None),
        (" my-bucket ", Bucket("my-bucket")),
        ("my-bucket/team/ldp/", Bucket("my-bucket", "team/ldp")),
    ],
)
def test_a_bucket_is_what_the_proxy_reads_in_the_same_variable(
    value: str, bucket: Bucket | None
) -> None:
    """A name, or a name and the prefix of its keys; without the variable there is no bucket."""
    assert read_config({**ENVIRONMENT, PAYLOAD_BUCKET: value}).bucket == bucket


def test_the_sdk_is_left_to_find_a_region_that_nothing_names() -> None:
    """A queue at an endpoint of one's own says nothing of a region."""
    local = "http://127.0.0.1:4566/123456789012"
    environment = {REQUEST_QUEUE: f"{local}/A", RESPONSE_QUEUE: f"{local}/B"}

    assert read_config(environment).region is None
    assert read_config({**environment, "AWS_DEFAULT_REGION": "eu-west-3"}).region == "eu-west-3"


@pytest.mark.parametrize(
    ("changes", "folder"),
    [
        ({STATE_DIR: "/var/state"}, Path("/var/state")),
        ({STATE_DIR: "here"}, Path.cwd() / "here"),
        ({"XDG_STATE_HOME": "/var/xdg"}, Path("/var/xdg/lambda-debug")),
        ({"XDG_STATE_HOME": "relative"}, Path.home() / ".local/state/lambda-debug"),
    ],
    ids=str,
)
def test_the_state_is_where_the_user_keeps_state(changes: dict[str, str], folder: Path) -> None:
    """A variable of our own goes first, then the XDG Base Directory Specification."""
    assert read_config({**ENVIRONMENT, **changes}).state_dir == folder


@pytest.mark.parametrize(
    ("value", "level"), [("debug", "DEBUG"), ("Warning", "WARN"), ("TRACE", "TRACE"), ("", "WARN")]
)
def test_levels_are_read_in_any_case(value: str, level: str) -> None:
    """The names are those of the proxy, however they are written."""
    assert read_tracing_level({TRACING_LEVEL: value}) == level


def test_programs_get_a_log_by_default() -> None:
    """Beside JSON lines the log starts at INFO, as on the proxy."""
    assert read_config(ENVIRONMENT, report_format="json").tracing_level == "INFO"


@given(
    config=st.builds(
        ClientConfig,
        request_queue_url=st.text(),
        response_queue_url=st.none() | st.text(),
        has_dedicated_replies=st.booleans(),
        lease_s=st.integers(1, 43_200),
        once=st.booleans(),
        region=st.none() | st.text(),
        profile=st.none() | st.text(),
        report_format=st.sampled_from(["text", "json"]),
        verbosity=st.integers(0, 2),
        payload_bucket=st.none() | st.text(),
        state_dir=st.text(st.characters(codec="ascii", exclude_characters="\0")).map(Path),
        tracing_level=st.sampled_from(["WARN", "TRACE"]),
    )
)
def test_settings_survive_the_way_to_another_process(config: ClientConfig) -> None:
    """What is written as text is read as the same value."""
    assert ClientConfig.from_json(config.to_json()) == config
    assert json.loads(config.to_json())

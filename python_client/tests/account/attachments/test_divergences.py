"""What ministack and moto do otherwise than AWS, as far as attaching has to know.

Each fails once it is gone: then delete it, and let the test that it weakened say the whole truth.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_testing.attachable import zip_of

if TYPE_CHECKING:
    from ldp_testing.attachable import Attachable


def test_a_version_has_the_code_of_the_newest(own: Attachable) -> None:
    """Ministack gives one place for the code of all versions, where the newest lies."""
    functions = own.client("lambda")
    functions.update_function_code(FunctionName=own.name, ZipFile=zip_of({"a.js": "new"}))
    own.configuration()
    first, latest = (
        functions.get_function(FunctionName=own.name, Qualifier=q)["Code"]["Location"]
        for q in ("1", "$LATEST")
    )
    assert first.partition("?")[0] == latest.partition("?")[0]


def test_an_unchanged_function_is_published_again(own: Attachable) -> None:
    """Ministack makes another version, where Lambda gives the newest that there is."""
    assert own.client("lambda").publish_version(FunctionName=own.name)["Version"] == "3"


def test_an_aliass_url_does_not_say_whose_it_is(own: Attachable) -> None:
    """Ministack leaves the alias out of the ARN that it lists for a URL."""
    functions = own.client("lambda")
    functions.create_function_url_config(
        FunctionName=own.name, AuthType="AWS_IAM", Qualifier="live"
    )
    [url] = functions.list_function_url_configs(FunctionName=own.name)["FunctionUrlConfigs"]
    assert url["FunctionArn"].endswith(f":{own.name}")


def test_a_stale_revision_is_taken(own: Attachable) -> None:
    """Ministack compares no revisions, where Lambda refuses what was decided upon an old one."""
    own.client("lambda").update_function_configuration(
        FunctionName=own.name, Timeout=9, RevisionId="00000000-0000-0000-0000-000000000000"
    )
    assert own.configuration()["Timeout"] == 9

from __future__ import annotations

from typing import TYPE_CHECKING

from ldp_client.errors import ExitStatus
from ldp_testing.function_zips import zip_of

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

    from ldp_testing.attachable import Attachable


def test_what_others_changed_beside_stays(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """A description, a tag and a variable that were changed meanwhile are said, and kept."""
    own.attach("--latest-only")
    functions, variables = own.client("lambda"), own.configuration()["Environment"]["Variables"]
    functions.update_function_configuration(
        FunctionName=own.name,
        Description="new",
        Environment={"Variables": {**variables, "TABLE": "new", "MORE": "1"}},
    )
    functions.tag_resource(Resource=own.arn(), Tags={"team": "red"})
    capsys.readouterr()

    assert own.detach() == ExitStatus.DONE
    said = capsys.readouterr().out
    for name in ("Description", "the variable TABLE", "the variable MORE"):
        assert f"{name} was changed meanwhile, and stays" in said
    has = own.configuration()
    assert (has["Description"], has["Timeout"], has["Runtime"]) == ("new", 7, "nodejs22.x")
    assert has["Environment"]["Variables"] == {
        "TABLE": "new",
        "MORE": "1",
        "AWS_LAMBDA_EXEC_WRAPPER": "/opt/w",
    }
    assert functions.list_tags(Resource=own.arn())["Tags"] == {"team": "red"}


def test_what_others_changed_of_ours_is_asked_about(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """Detaching says all of it and changes nothing; with --overwrite it restores what was there."""
    before = own.everything()
    own.attach("--alias", "live")
    functions, name = own.client("lambda"), {"FunctionName": own.name}
    functions.update_function_configuration(**name, Timeout=42)
    functions.update_function_code(**name, ZipFile=zip_of({"index.js": "new"}))
    functions.put_function_concurrency(**name, ReservedConcurrentExecutions=9)
    functions.put_function_event_invoke_config(
        **name, Qualifier="live", MaximumRetryAttempts=2, MaximumEventAgeInSeconds=99
    )
    functions.update_alias(**name, Name="live", FunctionVersion="2")
    own.client("iam").put_role_policy(
        RoleName=own.name, PolicyName="ldp-attach", PolicyDocument='{"Statement": []}'
    )
    changed = own.everything()
    capsys.readouterr()

    assert own.detach() == ExitStatus.FAILED
    said = capsys.readouterr().err
    for words in (
        "Timeout is 42, and was 7",
        "the code, which has the SHA-256",
        "the reserved concurrency is 9, and was None",
        "asynchronous events: ",
        "the alias live points at 2",
        "the policy ldp-attach",
        "--overwrite",
    ):
        assert words in said
    assert own.everything() == changed
    assert own.detach("--overwrite") == ExitStatus.DONE
    assert own.everything() == before


def test_going_on_does_not_overwrite_others(
    own: Attachable, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Attaching that goes on stops where somebody else changed what it would change."""
    words = "policy ldp-attach of the role: done"
    own.place.killed_at(words, own.attaching("--latest-only"), tmp_path)
    own.client("lambda").update_function_configuration(FunctionName=own.name, Timeout=42)

    assert own.attach("--latest-only") == ExitStatus.FAILED
    assert "Timeout is 42, and was 7" in capsys.readouterr().err


def test_a_damaged_record_is_not_restored_from(
    own: Attachable, capsys: pytest.CaptureFixture[str]
) -> None:
    """If the code or the manifest is gone or another, nothing is changed, and that is said."""
    own.attach("--latest-only")
    attached = own.everything()
    s3, bucket = own.client("s3"), own.place.bucket()
    for name in ("code.zip", "manifest.json"):
        [key] = [key for key in own.records() if key.endswith(name)]
        content = s3.get_object(Bucket=bucket, Key=key)["Body"].read()
        s3.put_object(Bucket=bucket, Key=key, Body=b"other")
        assert own.detach() == ExitStatus.FAILED
        assert "is of no use" in capsys.readouterr().err
        s3.delete_object(Bucket=bucket, Key=key)
        assert own.detach() == ExitStatus.FAILED
        assert "is of no use" in capsys.readouterr().err
        s3.put_object(Bucket=bucket, Key=key, Body=content)
    assert own.everything() == attached
    assert own.detach() == ExitStatus.DONE


def test_a_shared_role_keeps_its_policy_until_the_last_is_detached(own: Attachable) -> None:
    """Two functions with one role have one policy, for both; all of mine are detached at once."""
    other = own.beside(f"{own.name}-too")
    before, iam = (own.everything(), other.everything()), own.client("iam")
    assert own.attach("--latest-only") == ExitStatus.DONE
    assert other.attach() == ExitStatus.DONE
    assert own.detach() == ExitStatus.DONE
    assert "ldp-attach" in iam.list_role_policies(RoleName=own.name)["PolicyNames"]
    assert own.attach("--latest-only") == ExitStatus.DONE

    assert own.place.command("detach", "--all", "--stack", own.place.name, "--yes") == 0
    assert (own.everything(), other.everything()) == before

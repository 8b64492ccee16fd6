from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from ldp_conformance.errors import ManifestError
from ldp_conformance.outcomes import Role
from ldp_conformance.ports.manifest import bare, load
from ldp_conformance.ports.setups import Feature

if TYPE_CHECKING:
    from pathlib import Path

WHOLE = {
    "port": {"name": "mine", "version": "2", "language": "Go", "issues": "https://example.com/i"},
    "client": {
        "command": ["./client"],
        "features": ["gzip", "hold"],
        "options": {"hold": ["--hold"]},
        "variables": {"STATE": "{scratch}/state"},
        "json": {"numbers": "exact", "lone-surrogates": True},
    },
    "proxy": {"command": ["./proxy", "{port}"]},
}


def written(folder: Path, manifest: object, name: str = "conformance.json") -> Path:
    """A manifest's file."""
    path = folder / name
    path.write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
    return path


def test_a_whole_manifest_is_read(tmp_path: Path) -> None:
    """Every member arrives where it belongs, and commands start in the manifest's folder."""
    manifest = load(written(tmp_path, WHOLE))

    assert (manifest.name, manifest.version, manifest.language) == ("mine", "2", "Go")
    assert manifest.folder == tmp_path
    assert manifest.has_exact_numbers
    assert manifest.has_lone_surrogates
    client = manifest.side(Role.CLIENT)
    assert client.features == {Feature.GZIP, Feature.HOLD}
    assert client.options["hold"] == ("--hold",)
    assert manifest.side(Role.PROXY).command == ("./proxy", "{port}")


def test_toml_says_the_same(tmp_path: Path) -> None:
    """A manifest is TOML unless its name says JSON."""
    text = '[port]\nname = "mine"\n[client]\ncommand = ["a", "b"]\n'

    manifest = load(written(tmp_path, text, "conformance.toml"))

    assert manifest.side(Role.CLIENT).command == ("a", "b")
    assert not manifest.has_exact_numbers


@pytest.mark.parametrize(
    ("manifest", "told"),
    [
        ({}, "'port' is a required property"),
        ({**WHOLE, "clients": {}}, "'clients' was unexpected"),
        ({"port": {"name": ""}}, "port/name"),
        ({"port": {"name": "a"}, "client": {"features": ["gzib"]}}, "client/features/0"),
        ("[1]", "is no object"),
        ("{", "Expecting property name"),
    ],
)
def test_a_wrong_manifest_is_refused_with_the_place(
    tmp_path: Path, manifest: object, told: str
) -> None:
    """What is wrong is said with the file and the place in it."""
    path = written(tmp_path, manifest)

    with pytest.raises(ManifestError) as caught:
        load(path)

    assert str(path) in str(caught.value)
    assert told in str(caught.value)
    assert caught.value.hint


def test_a_member_that_is_not_known_is_told_with_those_that_are(tmp_path: Path) -> None:
    """Whoever mistypes the name of a member reads the right one."""
    with pytest.raises(ManifestError, match="'commands' was unexpected") as caught:
        load(written(tmp_path, {**WHOLE, "client": {"commands": ["./client"]}}))

    assert "Known there: command, features," in caught.value.hint


def test_a_manifest_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """The hint names the command that writes one."""
    with pytest.raises(ManifestError) as caught:
        load(tmp_path / "none.toml")

    assert "init" in caught.value.hint


def test_a_port_without_a_manifest_has_a_command_and_nothing_else(tmp_path: Path) -> None:
    """Words behind `--` stand for the command, or instead of the manifest's."""
    assert not bare(tmp_path).started_by(Role.CLIENT, ["cat"]).side(Role.CLIENT).features
    again = load(written(tmp_path, WHOLE)).started_by(Role.CLIENT, ["other"])
    assert again.side(Role.CLIENT).command == ("other",)
    assert again.side(Role.CLIENT).features
    with pytest.raises(ManifestError):
        bare(tmp_path).side(Role.PROXY)

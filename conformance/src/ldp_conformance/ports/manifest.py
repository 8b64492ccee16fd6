"""What a port says of itself: how it is started, and which optional features it has.

A manifest is a TOML or JSON file, `conformance.toml` by custom, which lies in the port's folder;
its commands are started there. Its form is a JSON Schema, `data/manifest.schema.json`.
"""

from __future__ import annotations

import json
import tomllib
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match

from ldp_conformance.errors import ManifestError
from ldp_conformance.outcomes import Role
from ldp_conformance.ports.setups import Feature

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Where a manifest is looked for if none is named.
DEFAULT_NAME: Final = "conformance.toml"
_SCHEMA: Final = Path(__file__).parents[1] / "data" / "manifest.schema.json"


@dataclass(frozen=True, slots=True)
class Side:
    """A port in one of its roles.

    Attributes:
        command: What starts it, as words; empty if the manifest does not say.
        features: The optional features that it has.
        options: Words that are added to the command, by what they are for: `hold`, `report`,
            `report-v0-errors`.
        variables: Environment variables for its process; `{scratch}` stands for the process's
            own folder.
    """

    command: tuple[str, ...] = ()
    features: frozenset[Feature] = frozenset()
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a port says of itself.

    Attributes:
        name: Its name.
        folder: Where its commands are started.
        sides: The port in each role that it has.
        version: Its version; empty if not told.
        language: The language that it is written in; empty if not told.
        issues_url: Where its issues are; empty if not told.
        has_exact_numbers: Whether its handler sees integers beyond 2^53 as they are.
        has_lone_surrogates: Whether its handler's strings can hold half of a surrogate pair.
    """

    name: str
    folder: Path
    sides: Mapping[Role, Side]
    version: str = ""
    language: str = ""
    issues_url: str = ""
    has_exact_numbers: bool = False
    has_lone_surrogates: bool = False

    def side(self, role: Role) -> Side:
        """The port in one role.

        Raises:
            ManifestError: It has no command for it.
        """
        side = self.sides.get(role, Side())
        if not side.command:
            raise ManifestError(
                f"nothing says how to start the {role.value}",
                hint=f"Put its command behind `--`, or into [{role.value}] of {DEFAULT_NAME}.",
            )
        return side

    def started_by(self, role: Role, command: Sequence[str]) -> Manifest:
        """The same port, started by another command in this role."""
        side = replace(self.sides.get(role, Side()), command=tuple(command))
        return replace(self, sides={**self.sides, role: side})


def bare(folder: Path) -> Manifest:
    """A port that says nothing of itself: it has no optional feature."""
    return Manifest(name="unnamed", folder=folder, sides={})


def load(path: Path) -> Manifest:
    """Read a manifest.

    Raises:
        ManifestError: There is none, or it is not as its schema says.
    """
    raw = _parsed(path)
    schema = json.loads(_SCHEMA.read_text(encoding="utf-8"))
    wrong = best_match(Draft202012Validator(schema).iter_errors(raw))
    if wrong is not None:
        place = "/".join(str(step) for step in wrong.absolute_path) or "the whole"
        hint = "conformance/PORTING.md describes every member of a manifest."
        if wrong.validator == "additionalProperties":
            hint = f"Known there: {', '.join(wrong.schema['properties'])}. {hint}"
        raise ManifestError(f"{path}: {place}: {wrong.message}", hint=hint)
    return _manifest(raw, path.resolve().parent)


def _parsed(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        raw = json.loads(text) if path.suffix == ".json" else tomllib.loads(text)
    except OSError as exc:
        raise ManifestError(
            f"{path}: {exc.strerror}",
            hint="`lambda-debug-conformance init` writes a manifest to begin with.",
        ) from exc
    except ValueError as exc:
        raise ManifestError(f"{path}: {exc}", hint="Mend the file there.") from exc
    if not isinstance(raw, dict):
        raise ManifestError(f"{path}: is no object", hint="A manifest has a member `port`.")
    return raw


def _manifest(raw: dict[str, Any], folder: Path) -> Manifest:
    port = raw["port"]
    spoken = raw.get("client", {}).get("json", {})
    return Manifest(
        name=port["name"],
        folder=folder,
        sides={role: _side(raw[role.value]) for role in Role if role.value in raw},
        version=port.get("version", ""),
        language=port.get("language", ""),
        issues_url=port.get("issues", ""),
        has_exact_numbers=spoken.get("numbers") == "exact",
        has_lone_surrogates=spoken.get("lone-surrogates", False),
    )


def _side(raw: dict[str, Any]) -> Side:
    return Side(
        command=tuple(raw.get("command", ())),
        features=frozenset(Feature(name) for name in raw.get("features", ())),
        options={name: tuple(words) for name, words in raw.get("options", {}).items()},
        variables=raw.get("variables", {}),
    )

"""A function as it is before it is attached, with every way in; looking changes nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ldp_account.attachments.errors import NoSuchFunction

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_account.attachments.functions import Function

_LATEST = "$LATEST"


@dataclass(frozen=True, slots=True)
class WayIn:
    """Something by which events come.

    Attributes:
        kind: What it is.
        what: Its name, URL or source.
        qualifier: The alias or version that it leads to; None for the function itself.
    """

    kind: str
    what: str
    qualifier: str | None

    def reaches(self, alias: str | None) -> bool:
        """Whether its events come to the proxy that replaces the function, or also an alias."""
        return self.qualifier in {None, _LATEST, alias}

    def line(self, alias: str | None) -> str:
        """It in a line, for a person."""
        to = "" if self.qualifier is None else f", by {self.qualifier}"
        away = "" if self.reaches(alias) else ": does not reach the proxy, and goes on as it is"
        return f"{self.kind} {self.what}{to}{away}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What there is.

    Attributes:
        configuration: Its configuration, at rest.
        tags: Its tags.
        policy: Its resource policy, JSON.
        aliases: Its aliases.
        alias: The one that is asked for.
        versions: The numbers of its versions.
        ways: Every way in.
        event_invoke: How asynchronous events are treated.
        concurrency: Its reserved concurrency.
        signing: The ARN of its code-signing configuration; "" for none.
        provisioned: The aliases and versions that environments are provisioned for.
    """

    configuration: Mapping[str, Any]
    tags: Mapping[str, str]
    policy: str | None
    aliases: tuple[Mapping[str, Any], ...]
    alias: Mapping[str, Any] | None
    versions: tuple[str, ...]
    ways: tuple[WayIn, ...]
    event_invoke: Mapping[str, Any] | None
    concurrency: int | None
    signing: str
    provisioned: tuple[str, ...]

    @property
    def arn(self) -> str:
        """The function's ARN, without a version."""
        return str(self.configuration["FunctionArn"])


def surveyed(function: Function, alias: str | None) -> Survey:
    """Look at a function.

    Args:
        function: The function.
        alias: The alias that is asked for.

    Raises:
        NoSuchFunction: There is none, or no such alias.
        AccountError: A call failed.
    """
    configuration = function.configuration()
    aliases, versions = function.aliases(), tuple(function.versions())
    chosen = None if alias is None else function.alias(alias)
    if alias is not None and chosen is None:
        raise NoSuchFunction(f"{function.name}:{alias}")
    return Survey(
        configuration=configuration,
        tags=function.tags(configuration["FunctionArn"]),
        policy=function.policy(None),
        aliases=tuple(aliases),
        alias=chosen,
        versions=versions,
        ways=_ways(function, aliases, versions),
        event_invoke=function.event_invoke(alias),
        concurrency=function.concurrency(),
        signing=_signing(function),
        provisioned=_provisioned(function),
    )


def _ways(
    function: Function, aliases: list[Mapping[str, Any]], versions: tuple[str, ...]
) -> tuple[WayIn, ...]:
    names = [str(alias["Name"]) for alias in aliases]
    qualifiers = [None, *names, *versions]
    ways = [*_urls(function), *_mappings(function, names)]
    ways += [way for q in qualifiers for way in _allowed(function.policy(q), q)]
    ways += [
        WayIn("alias of version", f"{alias['FunctionVersion']}", str(alias["Name"]))
        for alias in aliases
        if alias["FunctionVersion"] != _LATEST
    ]
    return tuple(dict.fromkeys(ways))


def _urls(function: Function) -> list[WayIn]:
    with function.aws.calling():
        pages = function.client.get_paginator("list_function_url_configs")
        found = [
            u for p in pages.paginate(FunctionName=function.name) for u in p["FunctionUrlConfigs"]
        ]
    return [WayIn("URL", u["FunctionUrl"], _qualifier(u["FunctionArn"])) for u in found]


def _mappings(function: Function, aliases: list[str]) -> list[WayIn]:
    """Of the function, and of each alias, since a listing may leave out those."""
    found: dict[str, WayIn] = {}
    for name in (function.name, *(f"{function.name}:{alias}" for alias in aliases)):
        with function.aws.calling():
            pages = function.client.get_paginator("list_event_source_mappings")
            listed = [
                m for p in pages.paginate(FunctionName=name) for m in p["EventSourceMappings"]
            ]
        for mapping in listed:
            source = mapping.get("EventSourceArn", "of its own kind")
            qualifier = _qualifier(mapping["FunctionArn"])
            found[mapping["UUID"]] = WayIn("event source", source, qualifier)
    return list(found.values())


def _allowed(policy: str | None, qualifier: str | None) -> list[WayIn]:
    """Whom a resource policy lets in."""
    if policy is None:
        return []
    lines = []
    for statement in json.loads(policy)["Statement"]:
        if _qualifier(str(statement.get("Resource", ""))) == qualifier:
            who = statement.get("Principal", "*")
            named = who if isinstance(who, str) else ", ".join(map(str, who.values()))
            lines.append(WayIn("permission for", named, qualifier))
    return lines


def _qualifier(arn: str) -> str | None:
    """The version or alias in a function's ARN."""
    parts = arn.split(":")
    return parts[7] if len(parts) > 7 else None  # noqa: PLR2004 - arn:aws:lambda:r:a:function:n:q


def _signing(function: Function) -> str:
    found = function.or_none(
        lambda: function.client.get_function_code_signing_config(FunctionName=function.name)
    )
    return "" if found is None else found.get("CodeSigningConfigArn", "")


def _provisioned(function: Function) -> tuple[str, ...]:
    found = function.or_none(
        lambda: function.client.list_provisioned_concurrency_configs(FunctionName=function.name)
    )
    listed = () if found is None else found.get("ProvisionedConcurrencyConfigs", ())
    return tuple(_qualifier(one["FunctionArn"]) or "" for one in listed)

"""The step that changes the function's configuration, and gives back just what it changed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from ldp_account.attachments.rendering import FALLBACK_VARIABLE
from ldp_account.attachments.site import Found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ldp_account.attachments.site import Site

ENVIRONMENT: Final = "Environment"
Values: TypeAlias = dict[tuple[str, str], Any]


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a configuration and its variables, each under a name of its own.

    Attributes:
        settings: Runtime, handler and the like.
        variables: The variables of its environment.
    """

    settings: Mapping[str, Any]
    variables: Mapping[str, str]

    @classmethod
    def of(cls, configuration: Mapping[str, Any], names: Mapping[str, Any]) -> Settings:
        """What a configuration says of the settings with these names."""
        scalars = {n: configuration.get(n) for n in names if n != ENVIRONMENT}
        return cls(scalars, configuration.get(ENVIRONMENT, {}).get("Variables", {}))


@dataclass(frozen=True, slots=True)
class ConfigurationStep:
    """Runtime, handler, timeout, memory and variables."""

    site: Site
    title: str = "runtime, handler, timeout and variables of the proxy"

    def found(self) -> Found:
        """How they are, those alone that attach changes."""
        before, now, after = self._ends()
        if now == before:
            return Found.BEFORE | Found.AFTER if before == after else Found.BEFORE
        return Found.AFTER if now == after else Found.FOREIGN

    def do(self) -> None:
        """Give the function the proxy's."""
        self._change(self._ends()[2])

    def undo(self) -> None:
        """Give it its own again."""
        self._change(self._ends()[0])

    def foreign(self) -> list[str]:
        """Those that are neither; of variables only the names, since they may be secrets."""
        lines = []
        before, now, after = self._ends()
        for key, value in now.items():
            if value not in (before[key], after[key]):
                kind, name = key
                more = "" if kind == ENVIRONMENT else f" is {value}, and was {before[key]}"
                lines.append(f"the variable {name}" if kind == ENVIRONMENT else f"{name}{more}")
        return lines

    def kept(self) -> list[str]:
        """What else was changed meanwhile, and stays as it is."""
        manifest = self.site.manifest
        configuration = self.site.function.configuration()
        before, now = manifest.configuration, configuration
        touched = {name for _, name in self._ends()[0]}
        lines = [
            f"{name} was changed meanwhile, and stays as it is"
            for name in sorted(_RESTORABLE & {*before, *now} - touched)
            if before.get(name) != now.get(name)
        ]
        had, has = (x.get(ENVIRONMENT, {}).get("Variables", {}) for x in (before, now))
        lines += [
            f"the variable {name} was changed meanwhile, and stays as it is"
            for name in sorted({*had, *has} - touched)
            if had.get(name) != has.get(name)
        ]
        return lines

    def _ends(self) -> tuple[Values, Values, Values]:
        """What attach changes: as it was, as it is, and as attach makes it."""
        wanted = dict(self.site.manifest.settings)
        fallback = self.site.fallback()
        if fallback is not None:
            variables = {**wanted[ENVIRONMENT]["Variables"], FALLBACK_VARIABLE: fallback}
            wanted[ENVIRONMENT] = {"Variables": variables}
        configurations = (
            self.site.manifest.configuration,
            self.site.function.configuration(),
            wanted,
        )
        before, now, after = (_flat(Settings.of(c, wanted)) for c in configurations)
        touched = [k for k in {**before, **after} if before.get(k) != after.get(k)]
        first, second, third = ({k: v.get(k) for k in touched} for v in (before, now, after))
        return first, second, third

    def _change(self, values: Values) -> None:
        function = self.site.function
        now = function.configuration()
        variables = dict(now.get(ENVIRONMENT, {}).get("Variables", {}))
        for (kind, name), value in values.items():
            if kind == ENVIRONMENT:
                variables.pop(name, None)
                variables |= {} if value is None else {name: value}
        settings: dict[str, Any] = {n: v for (k, n), v in values.items() if k != ENVIRONMENT}
        with function.aws.calling():
            function.client.update_function_configuration(
                FunctionName=function.name,
                RevisionId=now["RevisionId"],
                Environment={"Variables": variables},
                **settings,
            )
        function.configuration()


#: What of a configuration is somebody's wish, and no state of Lambda's.
_RESTORABLE: Final = frozenset(
    {
        *("Role", "Handler", "Description", "Timeout", "MemorySize", "Runtime", "KMSKeyArn"),
        *("VpcConfig", "DeadLetterConfig", "TracingConfig", "Layers", "EphemeralStorage"),
        *("LoggingConfig", "SnapStart", "FileSystemConfigs"),
    }
)


def _flat(settings: Settings) -> Values:
    scalars = {("", name): value for name, value in settings.settings.items()}
    return {**scalars, **{(ENVIRONMENT, n): v for n, v in settings.variables.items()}}

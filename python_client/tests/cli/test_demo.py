from __future__ import annotations

import sys
from types import ModuleType

import pytest

from ldp_client.cli import execute
from ldp_client.packaging import PackageMissing


def demo_that(run: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put another demo in the place of the real one."""
    module = ModuleType("ldp_client.demo")
    module.run = run  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ldp_client.demo", module)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["demo"], (None, False)),
        (["demo", "--break"], (None, True)),
        (["demo", "app.handler"], ("app.handler", False)),
    ],
)
def test_the_demo_gets_what_the_command_line_says(
    arguments: list[str],
    expected: tuple[str | None, bool],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Handler and switch are passed on, and the demo's verdict is the exit status."""
    calls = []

    def run(handler: str | None, *, swap_answers: bool) -> int:
        calls.append((handler, swap_answers))
        return 1

    demo_that(run, monkeypatch)

    assert execute(lambda: None, arguments) == 1
    assert calls == [expected]


def test_a_missing_part_of_the_demo_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without the demo's extra the error says what to install."""
    monkeypatch.setitem(sys.modules, "ldp_client.demo", None)

    assert execute(lambda: None, ["demo"]) == 2
    assert "pip install 'lambda-debug[demo]'" in capsys.readouterr().err


def test_a_part_that_cannot_be_hosted_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What keeps the local Lambda from starting is told without a traceback."""

    def run(_handler: str | None, *, swap_answers: bool) -> int:
        raise PackageMissing(f"ldp_proxy {swap_answers}")

    demo_that(run, monkeypatch)

    assert execute(lambda: None, ["demo"]) == 1
    assert "Install the distribution lambda-debug-proxy" in capsys.readouterr().err

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from pages import Page, link_problems

ROOT = Path(__file__).resolve().parents[1]
LISTING = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"]
DOCUMENTS = sorted(
    ROOT / name
    for name in subprocess.run(
        LISTING, cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.splitlines()
    if (ROOT / name).exists()
)
SHELL = {"", "sh", "bash", "shell", "console"}
ASSIGNMENT = re.compile(r"^[A-Za-z_][A-Za-z_0-9]*=")


def _commands(page: Page) -> list[list[str]]:
    """The command lines in a page's shell fences, without all that is around them."""
    commands = []
    for fence in page.fences:
        if fence.info in SHELL:
            for line in fence.body.replace("\\\n", " ").splitlines():
                try:
                    words = shlex.split(line.removeprefix("$ "), comments=True)
                except ValueError:  # a line of output
                    continue
                while words and ASSIGNMENT.match(words[0]):
                    words.pop(0)
                if words:
                    commands.append([words[0].removeprefix(".venv/bin/"), *words[1:]])
    return commands


SHOWN = [
    words
    for name in ("README.md", "CONTRIBUTING.md")
    if (ROOT / name).exists()
    for words in _commands(Page.read(ROOT / name))
]
TARGETS = sorted(
    {w for words in SHOWN if words[0] == "make" for w in words[1:] if not ASSIGNMENT.match(w)}
)
PROGRAMS = [words for words in SHOWN if words[0].startswith("lambda-debug")]


@pytest.mark.parametrize("path", DOCUMENTS, ids=[str(path.relative_to(ROOT)) for path in DOCUMENTS])
def test_every_link_leads_somewhere(path: Path) -> None:
    """Every relative link and anchor of a document leads to a file and an anchor."""
    assert [str(problem) for problem in link_problems(Page.read(path), ROOT)] == []


@pytest.mark.parametrize("target", TARGETS)
def test_every_make_target_shown_exists(target: str) -> None:
    """A target that README or CONTRIBUTING shows is one of the Makefile's."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    assert re.search(rf"^{re.escape(target)}:", makefile, re.MULTILINE)


@pytest.mark.parametrize("words", PROGRAMS, ids=[" ".join(words) for words in PROGRAMS])
def test_every_command_shown_exists(words: list[str]) -> None:
    """A command that README or CONTRIBUTING shows has that subcommand and those options."""
    program = Path(sys.executable).parent / words[0]
    own = words[1 : words.index("--")] if "--" in words else words[1:]
    subcommand = [word for word in own[:1] if not word.startswith("-")]
    options = [word.partition("=")[0] for word in own if word.startswith("-")]

    usage = subprocess.run(
        [program, *subcommand, "--help"], check=True, capture_output=True, text=True
    ).stdout

    assert [option for option in options if option not in usage] == []


def test_commands_are_read_from_shell_fences_only() -> None:
    """Prompts, paths, variables, comments and continued lines do not hide a command."""
    page = Page(
        Path("page.md"),
        "```sh\n$ A=1 .venv/bin/lambda-debug run \\\n  app.handler  # the handler\nmake test\n```\n"
        "```json\nmake nothing\n```\n```\nit's output\n\n```\n",
    )

    assert _commands(page) == [["lambda-debug", "run", "app.handler"], ["make", "test"]]

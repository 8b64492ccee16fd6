"""What the port in Node says of itself is so: its size, its pins, and how it loads a handler."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Final

import pytest

from port_sources import SOURCES
from ports.judging import PORTS

if TYPE_CHECKING:
    from pathlib import Path

PORT: Final = PORTS / "node"
#: Loads a handler, changes what it is made of, and loads it again.
LOAD_TWICE: Final = """
const { load, run } = await import(process.argv[1]);
const { writeFileSync } = await import('node:fs');
const task = { event: Buffer.from('{}'), context: {}, offsetMs: 0 };
const bodies = [];
for (const said of ['old', 'new']) {
  writeFileSync('module.mjs', `export const said = '${said}';`);
  writeFileSync('common.cjs', `exports.said = '${said}';`);
  bodies.push(JSON.parse((await run(load('handler.mjs'), task)).body));
}
console.log(JSON.stringify(bodies));
"""
HANDLER: Final = """
import { said as module } from './module.mjs';
import common from './common.cjs';
export const handler = async () => [module, common.said];
"""


@pytest.mark.languages
def test_what_a_handler_imports_is_loaded_anew_with_it(tmp_path: Path) -> None:
    """A held event runs with the code as it then is: modules of both kinds included (SES-36)."""
    (tmp_path / "handler.mjs").write_text(HANDLER, encoding="utf-8")

    said = subprocess.run(
        ["node", "--input-type=module", "--eval", LOAD_TWICE, str(PORT / "runtime.mjs")],
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    ).stdout

    assert json.loads(said) == [["old", "old"], ["new", "new"]]


def test_the_node_port_has_less_than_400_lines_of_code() -> None:
    """Without blanks, comments, and the conformance handler, which is no part of the client."""
    assert 0 < SOURCES["node"].lines(PORTS.parents[1]) < 400


def test_the_node_port_pins_what_it_depends_on() -> None:
    """Each dependency has one exact version, since no lock file is committed."""
    package = json.loads((PORT / "package.json").read_text(encoding="utf-8"))

    assert package["dependencies"]
    assert all(version.replace(".", "").isdigit() for version in package["dependencies"].values())

"""`npx semantic-release`: the commands that its plugin `@semantic-release/exec` runs, from `.releaserc` and its like.

This is the tool of the npm world, which projects in Python use too; python-semantic-release is another one (see `tools`).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.workflows.wrappers.wrapped import Behind, Wrapped, Wrapping, line_of

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = (
    ".releaserc",
    ".releaserc.json",
    ".releaserc.yaml",
    ".releaserc.yml",
    "package.json",
    "release.config.js",
    ".releaserc.js",
)
_COMMAND = r"""(?:prepare|publish|success)Cmd["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s"'][^\n]*))"""


def behind(call: Wrapping) -> Behind:
    """Return the commands of the first file that has any."""
    for name in NAMES:
        path = call.scene.path(name)
        found = call.scene.once("release-config", path, _read)
        if found:
            return found
    return ()


def _read(text: str, path: str) -> tuple[Wrapped, ...]:
    return tuple(_commands(text, path)) if "semantic-release/exec" in text else ()


def _commands(text: str, path: str) -> Iterator[Wrapped]:
    for match in re.finditer(_COMMAND, text):
        words = next(group for group in match.groups() if group is not None)
        script = words.replace('\\"', '"').replace("\\\\", "\\")
        yield Wrapped("semantic-release", "exec", path, line_of(text, match[0]), script)

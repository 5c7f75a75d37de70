"""Jobs that give a package another name before they build it: `sed -i 's/name="[^"]*"/name="tool-test"/' pyproject.toml`.

Who registers a publisher for the name in the checkout would register one that such an upload never fits.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.workflows.model import word

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.workflows.sites import Site


class Renamed(NamedTuple):
    """The new name (None when it cannot be read) and the step that writes it."""

    name: str | None
    step: str


def renamed(site: Site, folder: str) -> Renamed | None:
    """Return the last new name that a step before the upload writes into a package's files; None when there is none."""
    found = None
    for step in site.job.steps:
        if step.number > site.step.number:
            break
        for line in word(step.run).replace("\\\n", " ").splitlines():
            if "sed " in line and folder in _folders(line) and re.search(r"[;'\" {]s([/|#,])\s*\^?name\b", line):
                new = re.search(r"[/|#,]\s*name\s*=\s*\\?[\"']([A-Za-z0-9][A-Za-z0-9._-]*)\\?[\"']\s*[/|#,]", line)
                found = Renamed(new[1] if new else None, step.label)
    return found


def _folders(line: str) -> Iterator[str]:
    """Yield the folders of the project files that a line names."""
    for path in re.findall(r"([^\s'\"]*)(?:pyproject\.toml|setup\.py|setup\.cfg)\b", line):
        yield path.removeprefix("./").rstrip("/") or "."

"""A project that does not exist, though people are told to install it, or an upload goes there."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.domain.untold import Untold
from trustpub.rules.on_index import published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.rules.on_index import Published

RULE = Rule(
    code="M03",
    name="project-missing",
    severity="high",
    title="The project does not exist on the index, and no pending publisher is stated",
    why=(
        "Whoever registers the name first has it: an installation command in a README then installs their code. And without a "
        "pending publisher the first upload by trusted publishing is refused."
    ),
    source="PyPI's documentation: creating a project through trusted publishing",
    help="Register a pending publisher for the name, and publish soon: a pending publisher does not reserve it.",
)

_INSTALLS = r"\b(?:pip[0-9.]*\s+install|pipx\s+(?:install|run)|uv\s+add|uv\s+tool\s+install|uvx|poetry\s+add|pdm\s+add)\b"
_ELSEWHERE = ("index-url", " -i ", "git+", "--find-links", "index_url")
"""What shows that a line installs from somewhere else."""
_PROSE = r"[#;&|,:]|\b(?:to|the|and|for|then|with|or|in|of|from|a|an|via|using)\b"
"""What stands between a command and a name only when the name is no argument of it."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each project that an index says it has not, unless a pending publisher is stated, or the index lists publishers."""
    for each in published(facts):
        stated = any(row.pending or row.stated for row in each.rows)
        if each.told is None and each.uploads and not stated and isinstance(each.side.registered, Untold):
            yield _finding(facts, each)


def _finding(facts: Facts, each: Published) -> Finding:
    told = _told_to_install(facts, each.project) if each.index == "pypi" else None
    path = facts.declaration.path or "trustpub.toml"
    start = f"`{each.project}` does not exist on {each.index}"
    who = f"`{told.path}` tells people to install it" if told is not None else "an upload here goes there"
    upload = each.place(facts)
    return Finding(
        rule=RULE.code,
        severity="high" if told is not None else "medium",
        message=f"{start}, {who}, and no pending publisher is stated",
        span=told or upload,
        help=(
            f"Register a pending publisher for `{each.project}` on {each.index} (`trustpub setup` walks through it) and write "
            f"`pending = true` with the day, as `stated`, into `{path}`. It does not reserve the name: publish soon."
        ),
        related=(Related(upload, "uploads here"),) if told is not None else (),
    )


def _told_to_install(facts: Facts, project: str) -> Span | None:
    """Find the first line of a README or a page of documentation that installs the project from PyPI."""
    name = re.sub(r"[-_.]+", "[-_.]+", re.escape(project).replace(r"\-", "-").replace(r"\.", "."))
    wanted = re.compile(rf"{_INSTALLS}[^\n`]*?(?<![\w./-])({name})(?![\w/-]|\.\w)", re.IGNORECASE)
    for path in _pages(facts):
        text = (facts.files.read(path) or b"").decode("utf-8", "replace").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        for found in wanted.finditer(text):
            line = text[text.rfind("\n", 0, found.start()) + 1 : (text.find("\n", found.end()) + 1 or len(text) + 1) - 1]
            between = found[0][: found.start(1) - found.start()]
            if not any(word in line for word in _ELSEWHERE) and not re.search(_PROSE, between):
                return Span(path, found.start(1), found.end(1))
    return None


def _pages(facts: Facts) -> Iterator[str]:
    """Yield the pages that people read first: the README files, then those directly in the documentation's folder."""
    folders = dict.fromkeys((".", *(package.path for package in facts.packages if not package.side), "docs", "doc"))
    for folder in folders:
        for name in facts.files.names(folder):
            is_page = name.lower().endswith((".md", ".rst", ".txt"))
            if is_page and (folder in ("docs", "doc") or name.lower().startswith("readme")):
                yield name if folder == "." else f"{folder}/{name}"

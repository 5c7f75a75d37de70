"""Addresses in a package's metadata, none of which leads to this repository."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.package import Package
    from trustpub.rules.facts import Facts

RULE = Rule(
    code="D04",
    name="project-urls",
    severity="info",
    title="No address in the metadata leads to this repository",
    why=(
        "PyPI marks an address as verified when the trusted publisher that uploaded a file belongs to it. Without one, readers "
        "of the project's page cannot see that it comes from this repository."
    ),
    source="PyPI's documentation: project metadata, verified details",
    help="Add the repository's address to `[project.urls]`.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each package that goes to PyPI, and whose static addresses are all elsewhere."""
    if facts.host != "github.com" or not facts.repository.slug:
        return
    paths = {each.package for _, predictions in facts.trusted() for each in predictions if each.index == "pypi" and each.reached}
    for package in facts.packages:
        if package.path in paths:
            yield from _of_package(facts, package)


def _of_package(facts: Facts, package: Package) -> Iterator[Finding]:
    path = "pyproject.toml" if package.path == "." else f"{package.path}/pyproject.toml"
    data = facts.files.read(path)
    text = data.decode("utf-8", "replace").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}") if data is not None else ""
    header = re.search(r"(?m)^\[project\.urls\][ \t]*(?=#|\r?$)", text)
    if header is None:
        return
    urls = _urls(re.split(r"(?m)^\[", text[header.end() :], maxsplit=1)[0])
    wanted = f"github.com/{facts.repository.slug}".lower()
    ours = re.compile(rf"{re.escape(wanted)}(?:[/.#?]|$)")
    if urls and not any(ours.search(url.lower()) for url in urls) and not _is_fork(facts, urls):
        yield Finding(
            rule=RULE.code,
            severity=RULE.severity,
            message=f"no address of `{package.label}` leads to `{facts.repository.slug}`",
            span=Span(path, header.start(), header.start() + len("[project.urls]")),
            help=f'Add `Source = "https://github.com/{facts.repository.slug}"` below `[project.urls]`.',
        )


def _is_fork(facts: Facts, urls: list[str]) -> bool:
    """Say whether an address leads to another owner's repository: this may be a fork, or it has moved."""
    owners = {match[1] for url in urls if (match := re.search(r"github\.com/([^/]+)/", url.lower()))}
    return bool(owners - {facts.repository.owner.lower()})


def _urls(table: str) -> list[str]:
    """Read the addresses of the table's lines. The file has been read as TOML before, so a line is what it looks like."""
    return re.findall(r"(?m)^[^#\n=]+=[ \t]*[\"']([^\"'\n]+)[\"']", table)

"""A publisher that belongs to another project than the package that is built."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule, Span
from trustpub.domain.names import is_project_name, normalize
from trustpub.rules import declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.package import Package
    from trustpub.rules.facts import Facts

RULE = Rule(
    code="M06",
    name="project-name",
    severity="blocker",
    title="The publisher's project is not the package that is built",
    why=(
        "The upload token that a publisher gives is good for its own projects only. Files of a package with another name are "
        "refused, after everything else has worked."
    ),
    source="PyPI's documentation: using a publisher; Core metadata specification: Name",
    help="Register the publisher for the name that the package has, or give the package the project's name.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every declared publisher whose folder holds a package of another name."""
    for row in facts.declaration.publishers:
        package = _package(facts, row)
        name = package.name if package is not None else None
        if package is not None and name and is_project_name(name) and normalize(name) != normalize(row.project):
            yield _finding(facts, row, package, name)


def _package(facts: Facts, row: DeclaredPublisher) -> Package | None:
    """Find the package that a publisher is for; None when that cannot be told (a repository of several packages)."""
    path = row.path or "."
    if not row.path and len({each.path for each in facts.declaration.publishers}) > 1:
        return None
    rows = [each for each in facts.declaration.publishers if (each.path or ".") == path]
    if len({normalize(each.project) for each in rows}) > 1:
        return None
    return next((package for package in facts.packages if package.path == path), None)


def _finding(facts: Facts, row: DeclaredPublisher, package: Package, name: str) -> Finding:
    written = name_place(facts, package, name)
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the publisher on {row.index} is for the project `{row.project}`, the package is named `{name}`",
        span=declared.of_publisher(facts, row, "project"),
        help=f'Register the publisher on {row.index} for `{name}` and write `project = "{name}"`, or rename the package.',
        related=(Related(written, "the package's name"),) if written is not None else (),
    )


def name_place(facts: Facts, package: Package, name: str) -> Span | None:
    """Find where a package's description gives its name."""
    folder = "" if package.path == "." else f"{package.path}/"
    for file, pattern in (
        ("pyproject.toml", rf"(?m)^[ \t]*name[ \t]*=[ \t]*[\"']({re.escape(name)})[\"']"),
        ("setup.cfg", rf"(?m)^name[ \t]*[=:][ \t]*({re.escape(name)})[ \t]*$"),
        ("setup.py", rf"\bname[ \t]*=[ \t]*[\"']({re.escape(name)})[\"']"),
    ):
        text = (facts.files.read(folder + file) or b"").decode("utf-8", "replace").removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        if found := re.search(pattern, text):
            return Span(folder + file, found.start(1), found.end(1))
    return None

"""A package whose name no index would register."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.domain.names import is_project_name, project_name_problem
from trustpub.pattern import lazy_pattern
from trustpub.rules.project_name import name_place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.package import Package
    from trustpub.rules.facts import Facts

RULE = Rule(
    code="N01",
    name="refused-name",
    severity="blocker",
    title="No index registers a project of this name",
    why=(
        "The names of the standard library's modules are kept back, and a name is ASCII letters, digits, `.`, `_` and `-` with a "
        "letter or digit at both ends. A new project of any other name is refused at its first upload."
    ),
    source="PyPI's help: why isn't my desired project name available; Core metadata specification: Name",
    help="Give the package another name.",
)

_PLAIN = lazy_pattern(r"[\w.-]+")
"""What looks like a name: `{{ name }}` and `<name>` are places in a template."""


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every package of a refused name, where anything is uploaded to PyPI or TestPyPI."""
    public = ("pypi", "testpypi")
    if any(each.index in public for _, predictions in facts.sites() for each in predictions):
        for package in facts.packages:
            name = package.name or ""
            if not package.side and _PLAIN.fullmatch(name) and project_name_problem(name) is not None:
                yield from _finding(facts, package, name)


def _finding(facts: Facts, package: Package, name: str) -> Iterator[Finding]:
    place = name_place(facts, package, name)
    if place is None:
        return
    is_module = is_project_name(name)
    why = "which is a module of Python's standard library" if is_module else "which is no project name"
    yield Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"the package is named `{name}`, {why}: PyPI registers no such project",
        span=place,
        help=f"Choose another name, such as `{name}-tool`." if is_module else RULE.help,
    )

"""Several new projects that are to be registered for one identity."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Related, Rule
from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider
from trustpub.rules import declared, spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="M07",
    name="shared-identity",
    severity="info",
    title="Several projects share one publishing identity",
    why=(
        "PyPI keeps one pending publisher for each repository, workflow and environment, whatever its project, and three for "
        "each account. A second new project of the same identity can only be registered after the first one was published."
    ),
    source="PyPI's documentation: creating a project through OIDC",
    help="Give each package an environment of its own, such as `environment: pypi-NAME`, or publish the new projects one by one.",
)

MOST_NAMES = 5
"""How many projects are named in one sentence, and one more."""
_PUBLIC = ("pypi", "testpypi")


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each identity that several declared projects share; without any declared, what the files suggest."""
    if not facts.declaration.publishers:
        yield from _inferred(facts)
        return
    groups: dict[object, list[DeclaredPublisher]] = {}
    for row in facts.declaration.publishers:
        if row.index in _PUBLIC and row.provider is Provider.GITHUB:
            identity = (row.index, row.owner.lower(), row.repository, row.workflow, row.environment.lower())
            groups.setdefault(identity, []).append(row)
    for rows in groups.values():
        if len({normalize(row.project) for row in rows}) > 1:
            yield _declared(facts, rows)


def _declared(facts: Facts, rows: list[DeclaredPublisher]) -> Finding:
    first, *others = rows
    names = _listed(dict.fromkeys(row.project for row in rows))
    environment = f"the environment `{first.environment}`" if first.environment else "no environment"
    return Finding(
        rule=RULE.code,
        severity=RULE.severity,
        message=f"{names} share one identity on {first.index}: `{first.workflow}` with {environment}",
        span=declared.of_publisher(facts, first, "environment"),
        help=_help(first.index),
        related=tuple(Related(declared.of_publisher(facts, row, "environment"), f"`{row.project}`") for row in others),
    )


def _help(index: str) -> str:
    return (
        f"For projects that exist on {index} this is fine. Of those that are new, register one as a pending publisher, publish "
        "it, then the next one; or give each an environment of its own, such as `environment: pypi-NAME`. An account has three "
        "pending publishers at most."
    )


def _inferred(facts: Facts) -> Iterator[Finding]:
    """Put the uploads together that present one identity, and name the packages that they carry."""
    names = dict.fromkeys(package.name for package in facts.packages if package.name and not package.side)
    legs: dict[tuple[str, str, str], tuple[Site, dict[str | None, None]]] = {}
    for site, predictions in facts.trusted():
        for each in predictions:
            if _can_be_told(each):
                key = (each.index or "", site.workflow.file_name, each.environment.lower())
                legs.setdefault(key, (site, {}))[1][each.project] = None
    for (index, file, environment), (site, projects) in legs.items():
        if None not in projects and len(projects) > 1:
            carried = _listed([name for name in projects if name is not None])
            yield _suggested(index, site, f"{carried} go to {index} by one identity", file, environment)
        elif list(projects) == [None] and len(names) > 1 and [key[0] for key in legs].count(index) == 1:
            yield _suggested(index, site, f"{len(names)} packages seem to go to {index} by one identity", file, environment)


def _can_be_told(prediction: Prediction) -> bool:
    if not prediction.reached or prediction.credential != "trusted-publishing" or "environment" in prediction.unknown:
        return False
    return prediction.index in _PUBLIC


def _suggested(index: str, site: Site, what: str, file: str, environment: str) -> Finding:
    named = site.job.environment
    where = f"the environment `{environment}`" if environment else "no environment"
    return Finding(
        rule=RULE.code,
        severity="info",
        message=f"{what}: `{file}` with {where}",
        span=spans.of_word(site.workflow, named.name) if named is not None else spans.of_job(site.workflow, site.job),
        help=_help(index),
    )


def _listed(names: Iterable[str]) -> str:
    *most, last = [f"`{name}`" for name in names]
    if len(most) > MOST_NAMES:
        return f"{', '.join(most[:MOST_NAMES])} and {len(most) - MOST_NAMES + 1} more"
    return f"{', '.join(most)} and {last}" if most else last

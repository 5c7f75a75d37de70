"""ID tokens of an issuer that the index does not know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.rules import spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts

RULE = Rule(
    code="I01",
    name="unknown-issuer",
    severity="blocker",
    title="PyPI does not know the issuer of these ID tokens",
    why=(
        "PyPI and TestPyPI take ID tokens that github.com signs. A GitHub Enterprise Server and the hosts of `ghe.com` sign as "
        "issuers of their own, and their tokens are refused whatever is registered."
    ),
    source="PyPI's documentation: trusted publishers, supported providers; GitHub's OpenID Connect reference",
    help="Upload from a repository on github.com, or to an index of your own that trusts this issuer.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield every upload to PyPI or TestPyPI from a repository on an enterprise host."""
    if not _is_enterprise(facts.host):
        return
    for site, predictions in facts.trusted():
        for index in ("pypi", "testpypi"):
            if any(each.index == index and each.credential == "trusted-publishing" for each in predictions):
                yield Finding(
                    rule=RULE.code,
                    severity=RULE.severity,
                    message=f"this repository is on `{facts.host}`, whose ID tokens {index} does not know",
                    span=spans.of_step(site.workflow, site.step),
                    help=RULE.help,
                )


def _is_enterprise(host: str) -> bool:
    """Say whether a host is surely a GitHub of somebody's own: a name in a person's ssh configuration may stand for any host."""
    if host.endswith(".ghe.com"):
        return True
    first, dot, rest = host.partition(".")
    return (
        bool(dot) and first in ("github", "ghe", "github-enterprise") and rest not in ("com", "io", "localhost") and "." in rest
    )

"""Repositories whose ID tokens PyPI does not know."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing


@pytest.mark.parametrize("host", ["acme.ghe.com", "github.acme.example", "ghe.acme.example"])
def test_an_enterprise_host(host: str) -> None:
    """The upload is pointed at: whatever is registered, it is refused."""
    seen = facts(publishing("push"), host=host)
    (finding,) = found("issuer", seen)
    assert f"this repository is on `{host}`, whose ID tokens pypi does not know" == finding.message
    assert ("I01", "blocker", "pypa/gh-action-pypi-publish@release/v1") == (
        finding.rule,
        finding.severity,
        spanned(seen, finding.span),
    )


@pytest.mark.parametrize(
    "host", ["github.com", "ssh.github.com", "github-work", "", "gitlab.com", "git.acme.example", "github.local"]
)
def test_silence_where_the_host_may_be_github(host: str) -> None:
    """A name in somebody's ssh configuration, or a mirror, tells nothing."""
    assert [] == found("issuer", facts(publishing("push"), host=host))


def test_silence_for_an_index_of_ones_own() -> None:
    """It may trust this issuer."""
    step = "run: uv publish --publish-url https://own.example/"
    assert [] == found("issuer", facts(publishing("push", step=step), host="acme.ghe.com"))

"""Addresses in the metadata."""

from __future__ import annotations

import pytest

from tests.rules.releases import two_jobs
from tests.rules.samples import facts, found, spanned

PROJECT = '[project]\nname = "tool"\nversion = "1.2.3"\n\n[project.urls]\n{}\n'


def test_none_leads_here() -> None:
    """The table is pointed at, and the help says the line to write."""
    seen = facts({"release.yml": two_jobs(), "pyproject.toml": PROJECT.format('Documentation = "https://tool.example/"')})
    (finding,) = found("project_urls", seen)
    assert (
        "info",
        "no address of `tool` leads to `octo/tool`",
        "[project.urls]",
        'Add `Source = "https://github.com/octo/tool"` below `[project.urls]`.',
    ) == (finding.severity, finding.message, spanned(seen, finding.span), finding.help)


@pytest.mark.parametrize(
    "project",
    [
        PROJECT.format('Source = "https://github.com/Octo/Tool"'),
        PROJECT.format('Issues = "https://github.com/octo/tool/issues"'),
        PROJECT.format('Source = "https://github.com/upstream/tool"'),
        PROJECT.format(""),
        PROJECT.format("broken"),
        '[project]\nname = "tool"\n',
    ],
)
def test_silent(project: str) -> None:
    """Addresses of this repository, forks, and metadata without static addresses."""
    assert [] == found("project_urls", facts({"release.yml": two_jobs(), "pyproject.toml": project}))


def test_silent_when_the_origin_is_not_known() -> None:
    """Without a remote nobody knows which address is right."""
    files = {"release.yml": two_jobs(), "pyproject.toml": PROJECT.format('Docs = "https://tool.example/"')}
    assert [] == found("project_urls", facts(files, host=""))

"""A called workflow that asks for more than its caller gives."""

from __future__ import annotations

import pytest

from tests.rules.samples import RELEASE, facts, fixed, found, spanned

CALLED = """\
on: workflow_call
jobs:
  upload:
    runs-on: ubuntu-latest
    permissions:
      id-token: write # to publish
    steps:
      - uses: pypa/gh-action-pypi-publish@release/v1
"""


def caller(permissions: str = "", top: str = "") -> str:
    """A file that calls the other one."""
    uses = "    uses: ./.github/workflows/called.yml\n"
    return f"on: {{push: {{tags: ['v*']}}}}\n{top}jobs:\n  out:\n{uses}{permissions}"


@pytest.mark.parametrize(
    ("permissions", "top", "why", "under"),
    [
        (
            "    permissions:\n      contents: read\n",
            "",
            "the job `out`, which calls it, gives none of it",
            "./.github/workflows/called.yml",
        ),
        ("    permissions:\n      id-token: none\n", "", "the job `out`, which calls it, gives none of it", "none"),
        (
            "",
            "permissions: read-all\n",
            "the job `out`, which calls it, gives none of it",
            "./.github/workflows/called.yml",
        ),
    ],
)
def test_both_places_are_named(permissions: str, top: str, why: str, under: str) -> None:
    """The caller's permissions, where it has to be granted, and the called job's, where it is asked for."""
    seen = facts({"release.yml": caller(permissions, top), "called.yml": CALLED})
    (finding,) = found("call_permissions", seen)
    assert f"`called.yml` asks for `id-token: write`, but {why}" == finding.message
    assert ("blocker", RELEASE, under) == (finding.severity, finding.span.path, spanned(seen, finding.span))
    assert [("write", "the job `upload` asks for it here")] == [
        (spanned(seen, each.span), each.message) for each in finding.related
    ]


def test_the_fix_grants_it_to_the_caller() -> None:
    """Nothing else changes, so it is safe."""
    seen = facts({"release.yml": caller("    permissions:\n      contents: read\n"), "called.yml": CALLED})
    (finding,) = found("call_permissions", seen)
    assert finding.fix is not None
    assert finding.fix.safe
    assert caller("    permissions:\n      contents: read\n      id-token: write\n") == fixed(seen, finding)


def test_without_any_permissions_the_default_decides() -> None:
    """A repository may let its token write by default, so this is no blocker."""
    (finding,) = found("call_permissions", facts({"release.yml": caller(), "called.yml": CALLED}))
    why = "`release.yml`, which calls it, says nothing of permissions"
    assert ("medium", f"`called.yml` asks for `id-token: write`, but {why}") == (finding.severity, finding.message)


@pytest.mark.parametrize(
    ("permissions", "top", "called"),
    [
        ("    permissions: {id-token: write}\n", "", CALLED),
        ("", "permissions: write-all\n", CALLED),
        ("    permissions: {contents: read}\n", "", CALLED.replace("id-token: write #", "contents: read #")),
    ],
)
def test_silence_where_the_caller_gives_what_is_asked_for(permissions: str, top: str, called: str) -> None:
    """A file that asks for nothing is a matter of its own permissions."""
    assert [] == found("call_permissions", facts({"release.yml": caller(permissions, top), "called.yml": called}))


def test_any_other_scope() -> None:
    """A job that never uploads counts too: GitHub looks at the whole called file before it starts anything."""
    other = "  notes:\n    if: false\n    runs-on: ubuntu-latest\n    permissions: {contents: write}\n    steps: []\n"
    permissions = "    permissions:\n      id-token: write\n      contents: read\n"
    seen = facts({"release.yml": caller(permissions), "called.yml": CALLED + other})
    (finding,) = found("call_permissions", seen)
    why = "the job `out`, which calls it, gives `contents: read`"
    assert ("blocker", f"`called.yml` asks for `contents: write`, but {why}") == (finding.severity, finding.message)
    assert ("read", "Add `contents: write` to the `permissions` of the job `out`: else the run does not start.") == (
        spanned(seen, finding.span),
        finding.help,
    )
    assert caller(permissions.replace("read", "write")) == fixed(seen, finding)


@pytest.mark.parametrize("permissions", ["{id-token: write, contents: write}", "write-all"])
def test_silence_where_the_other_scope_is_given(permissions: str) -> None:
    """By name, or with all."""
    called = CALLED.replace("    permissions:\n", "    permissions:\n      contents: write\n")
    seen = facts({"release.yml": caller(f"    permissions: {permissions}\n"), "called.yml": called})
    assert [] == found("call_permissions", seen)


def test_a_default_may_grant_any_other_scope() -> None:
    """So only the ID token is told where the caller says nothing."""
    called = CALLED.replace("    permissions:\n", "    permissions:\n      contents: write\n")
    (finding,) = found("call_permissions", facts({"release.yml": caller(), "called.yml": called}))
    assert "`called.yml` asks for `id-token: write`" in finding.message

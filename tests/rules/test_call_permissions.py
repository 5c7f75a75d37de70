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
            "the job `out` has `permissions` without `id-token: write`, which sets it to none",
            "./.github/workflows/called.yml",
        ),
        ("    permissions:\n      id-token: none\n", "", "the job `out` sets `id-token` to `none`", "none"),
        (
            "",
            "permissions: read-all\n",
            "the workflow grants no `id-token: write` (`permissions: read-all`)",
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

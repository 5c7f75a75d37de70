"""What `uses:` names, and at which version."""

from __future__ import annotations

import pytest

from tests.workflows.samples import workflow
from trustpub.workflows.uses import Uses, older, uses, version_of

PIN = "0123456789012345678901234567890123456789"


@pytest.mark.parametrize(
    ("text", "expected", "pinned"),
    [
        ("actions/checkout@v6", Uses("repository", "actions/checkout", "", "v6"), False),
        (f"Octo/Tools/sub/dir@{PIN}", Uses("repository", "octo/tools", "sub/dir", PIN), True),
        ("octo/tools@main", Uses("repository", "octo/tools", "", "main"), False),
        (f"octo/tools@{PIN[:12]}", Uses("repository", "octo/tools", "", PIN[:12]), False),
        ("octo/tools@${{ inputs.ref }}", Uses("repository", "octo/tools", "", "${{ inputs.ref }}"), True),
        ("./.github/actions/x", Uses("here", "./.github/actions/x", "", ""), True),
        ("$/x", Uses("here", "$/x", "", ""), True),
        ("docker://alpine:3", Uses("image", "alpine:3", "", ""), False),
        ("docker://alpine@sha256:12", Uses("image", "alpine", "", "sha256:12"), True),
        ("nonsense", Uses("here", "nonsense", "", ""), True),
    ],
)
def test_a_reference(text: str, expected: Uses, pinned: bool) -> None:
    """Kind, name, path and ref; what cannot change is pinned, and what is not known is not called loose."""
    assert (expected, pinned) == (uses(text), uses(text).pinned)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("x/y@v8", (8,)),
        ("x/y@v1.14.2", (1, 14, 2)),
        ("x/y@release/v1", (1,)),
        ("x/y@main", None),
        (f"x/y@{PIN} # v7.0.1", (7, 0, 1)),
        (f"'x/y@{PIN}'  # tag=v4.2", (4, 2)),
        (f"x/y@{PIN} # release/v1", (1,)),
        (f"x/y@{PIN} # pinned", None),
        (f"x/y@{PIN}", None),
    ],
)
def test_a_version(line: str, expected: tuple[int, ...] | None) -> None:
    """The tag says it, or the comment behind a commit id."""
    read = workflow(f"on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: {line}\n")
    word = read.jobs["a"].steps[0].uses
    assert word is not None
    assert expected == version_of(read.source, word)


@pytest.mark.parametrize(
    ("version", "than", "expected"),
    [
        ((1, 7, 3), (1, 8), True),
        ((1, 8), (1, 8), False),
        ((1,), (1, 8), False),
        ((0,), (1, 8), True),
        ((2,), (1, 8), False),
        ((1, 10, 3), (1, 11), True),
        (None, (1, 8), False),
    ],
)
def test_older(version: tuple[int, ...] | None, than: tuple[int, ...], expected: bool) -> None:
    """Only what is surely older is: `v1` may be any 1.x."""
    assert expected is older(version, than)

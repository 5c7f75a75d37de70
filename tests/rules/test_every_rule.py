"""What holds for every rule: how it is described, and that no broken file brings it down."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.conftest import Scale
from tests.rules.online_samples import IN_ORDER, OPEN, OURS, UNTOLD, index, online, project
from tests.rules.releases import two_jobs
from tests.rules.samples import facts
from tests.workflows.samples import publishing
from tests.workflows.test_mutations import EXAMPLE, mutated
from trustpub.domain.findings import SEVERITIES, rank
from trustpub.rules import AFTERWARDS, ASKING, MODULES, load
from trustpub.workflows import edit
from trustpub.workflows.source import Source

if TYPE_CHECKING:
    from trustpub.domain.findings import Finding
    from trustpub.rules.facts import Facts

DECLARED = """\
[[publisher]]
project = "other"
owner = "octo"
repository = "tool"
workflow = "release.yml"
environment = "pypi"

[environments.pypi]
branches = ["main"]
"""
CALLER = """\
on: [release, workflow_dispatch]
jobs:
  out:
    uses: ./.github/workflows/release.yml
    permissions: {contents: read}
"""


@pytest.mark.parametrize("code", MODULES)
def test_a_rule_says_what_it_is(code: str) -> None:
    """Its own code, a severity, a title without and sentences with a full stop."""
    rule = load(code).RULE
    assert code == rule.code
    assert rule.severity in SEVERITIES
    assert not rule.title.endswith(".")
    assert all(text.endswith(".") for text in (rule.why, rule.help))
    assert rule.source


def test_names_are_names_of_one_rule() -> None:
    """They stand in comments that suppress findings."""
    names = [load(code).RULE.name for code in MODULES]
    assert len(names) == len(set(names))


def text_of(seen: Facts, path: str) -> str:
    """The text that spans of a file count in."""
    return Source(path, (seen.files.read(path) or b"").decode("utf-8", "replace")).text


def sound(seen: Facts, finding: Finding) -> bool:
    """Say whether a finding's places and changes lie in its files, and its severity is no graver than its rule's."""
    places = [finding.span, *(each.span for each in finding.related)]
    inside = all(0 <= span.start <= span.end <= len(text_of(seen, span.path)) for span in places)
    for path in {change.path for change in finding.fix.edits} if finding.fix is not None else ():
        edit.apply(text_of(seen, path), [change for change in finding.fix.edits if change.path == path] if finding.fix else [])
    return inside and rank(load(finding.rule).RULE.severity) <= rank(finding.severity)


STRANGER = OURS._replace(repository="acme/other", workflow="x.yml")
WORST = IN_ORDER._replace(environments={"pypi": OPEN}, rulesets=(), people=IN_ORDER.people, secrets=())


NOTHING = IN_ORDER._replace(
    environments=UNTOLD,
    rulesets=UNTOLD,
    actions=UNTOLD,
    subject=UNTOLD,
    immutable_releases=UNTOLD,
    people=UNTOLD,
    branch=UNTOLD,
    secrets_untold=(UNTOLD,),
)
RELEASES = [
    publishing("{push: {tags: ['v*']}}", job, step)
    for job in ("", "environment: pypi", "environment: {name: Live, deployment: false}", "environment: ${{ vars.E }}")
    for step in ("", "run: uv publish", "run: uv publish --index testpypi", "uses: pypa/gh-action-pypi-publish@v1")
]


@pytest.mark.parametrize("declared", ["", DECLARED])
@pytest.mark.parametrize("text", RELEASES)
def test_what_was_not_told_makes_no_finding(text: str, declared: str) -> None:
    """A GitHub and indexes that tell nothing add nothing to what the files say."""
    seen = facts({"release.yml": text, "README.md": "pip install tool", "trustpub.toml": declared})
    nothing = online(seen, NOTHING, index(UNTOLD), index(UNTOLD, "testpypi"), index(UNTOLD, "own"))
    asking = sorted(ASKING)
    assert [[*load(code).check(seen)] for code in asking] == [[*load(code).check(nothing)] for code in asking]


def test_a_repository_in_good_order_has_no_finding() -> None:
    """Neither by its files, nor by what GitHub and the index told."""
    text = two_jobs(publish_job="permissions: {id-token: write}\nenvironment: pypi")
    seen = facts({"release.yml": text, "CODEOWNERS": "* @octo/core", "README.md": "pip install tool"})
    told = online(seen, IN_ORDER, index(project()))
    assert [] == [finding for code in sorted(ASKING) for finding in load(code).check(told)]


def asked(seen: Facts) -> Facts:
    """The same checkout with a GitHub and indexes that give rules much to say."""
    return online(seen, WORST, index(project(by=(STRANGER,))), index(None, "testpypi"))


def test_broken_copies_of_a_workflow(scale: Scale) -> None:
    """Whatever a file holds, each rule speaks of places in it or is silent."""
    data = EXAMPLE.read_bytes()
    random = Random(20)
    for _ in range(scale(40, 3000)):
        text = mutated(data, random).decode("utf-8", "replace").replace("\r", "")
        seen = facts({"release.yml": text, "caller.yml": CALLER, "trustpub.toml": DECLARED})
        for code in MODULES:
            if code not in AFTERWARDS:
                found = [*load(code).check(seen), *load(code).check(asked(seen))]
                assert [] == [finding for finding in found if not sound(seen, finding)]

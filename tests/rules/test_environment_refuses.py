"""Environments whose declared rules refuse the runs that publish."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, found, spanned
from tests.workflows.samples import publishing


def rules(words: str) -> str:
    """A `trustpub.toml` with one environment."""
    return f"[environments.pypi]\n{words}\n"


@pytest.mark.parametrize(
    ("on", "words", "held", "runs", "advice"),
    [
        (
            "{push: {tags: ['v*']}}",
            'branches = ["main"]',
            "branches `main`",
            "push of `v1.2.3`",
            'a deployment tag rule with the name `v*`, and write `tags = ["v*"]`',
        ),
        (
            "{release: {types: [published]}}",
            'branches = ["main"]',
            "branches `main`",
            "release of `v1.2.3`",
            "tag rule with the name `*`",
        ),
        ("{push: {branches: [main]}}", 'tags = ["v*"]', "tags `v*`", "push of `main`", "branch rule with the name `main`"),
        ("schedule", 'branches = ["release/*"]', "branches `release/*`", "schedule of `main`", 'write `branches = ["main"]`'),
        ("{push: {tags: ['v*']}}", 'tags = ["rel-*"]', "tags `rel-*`", "push of `v1.2.3`", "the name `v*`"),
    ],
)
def test_every_run_is_refused(on: str, words: str, held: str, runs: str, advice: str) -> None:
    """The commonest mistake first: a rule for branches that should be one for tags."""
    seen = facts({"release.yml": publishing(on, "environment: PyPI"), "trustpub.toml": rules(words)})
    (finding,) = found("environment_refuses", seen)
    assert f"the environment `pypi` lets only {held} deploy, and refuses every run that gets here: {runs}" == finding.message
    assert ("E03", "blocker", "PyPI") == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert advice in finding.help
    assert [words.partition(" = ")[2]] == [spanned(seen, each.span) for each in finding.related]


def test_one_kind_of_run_is_refused() -> None:
    """Tags get through, the pushes to a branch do not."""
    text = publishing("{push: {tags: ['v*'], branches: [main]}}", "environment: pypi")
    seen = facts({"release.yml": text, "trustpub.toml": rules('tags = ["v*"]')})
    (finding,) = found("environment_refuses", seen)
    assert "the environment `pypi` lets only tags `v*` deploy, and refuses some runs: push of `main`" == finding.message
    assert "medium" == finding.severity


@pytest.mark.parametrize(
    ("on", "job", "words"),
    [
        ("{push: {tags: ['v*']}}", "environment: pypi", 'tags = ["v*"]'),
        ("{push: {tags: ['v*']}}", "environment: pypi", ""),
        ("{push: {tags: ['v*']}}", "environment: other", 'branches = ["main"]'),
        ("{push: {tags: ['v*']}}", "", 'branches = ["main"]'),
        ("{push: {tags: ['*']}}", "environment: pypi", 'tags = ["rel-*"]'),
        ("{push: {tags: ['v*']}}", "environment: pypi", 'tags = ["v2*"]'),
        ("{push: {tags: ['v*'], branches: [main]}}", "environment: pypi\nif: vars.A == 'b'", 'tags = ["v*"]'),
        ("[pull_request, merge_group]", "environment: pypi", 'branches = ["main"]'),
        ("workflow_dispatch", "environment: pypi", 'tags = ["v*"]'),
        ("workflow_dispatch", "environment: pypi", 'branches = ["main"]'),
        ("pull_request", "environment: pypi\nif: github.event_name == 'push'", 'branches = ["main"]'),
    ],
)
def test_silence_where_some_ref_gets_through(on: str, job: str, words: str) -> None:
    """Who dispatches a run chooses its ref; and an example tag is not every tag."""
    seen = facts({"release.yml": publishing(on, job), "trustpub.toml": rules(words)})
    assert [] == found("environment_refuses", seen)

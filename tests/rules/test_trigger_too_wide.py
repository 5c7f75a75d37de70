"""Uploads that more runs get to than there are releases."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, fixed, found, spanned
from tests.workflows.samples import publishing

SKIPS = "uses: pypa/gh-action-pypi-publish@release/v1\nwith: {skip-existing: true}"
OPEN = "[environments.pypi]\nadmins_bypass = false\n"


@pytest.mark.parametrize(
    ("on", "written", "actions", "under"),
    [
        ("release", " without `types`", "`created`, `published`, `released`, `prereleased`", "release"),
        ("[push, release]", " without `types`", "`created`, `published`, `released`, `prereleased`", "release"),
        ("{release: {types: [published, created]}}", "", "`created`, `published`", "[published, created]"),
        ("{release: {types: [released, published]}}", "", "`published`, `released`", "[released, published]"),
    ],
)
def test_several_runs_for_one_release(on: str, written: str, actions: str, under: str) -> None:
    """Each activity starts a run, and each run uploads."""
    seen = facts(publishing(on, "environment: pypi"))
    (finding,) = found("trigger_too_wide", seen)
    assert f"`release`{written} starts several runs for one release: {actions} each upload" == finding.message
    assert ("G02", "medium", under) == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert "Write `types: [published]` below `release`." == finding.help


def test_a_release_without_types_gets_them() -> None:
    """Where the event is a key of its own, the fix can be made."""
    text = "on:\n  release:\njobs:" + publishing("push").partition("jobs:")[2]
    seen = facts(text)
    (finding,) = found("trigger_too_wide", seen)
    assert text.replace("release:\n", "release:\n    types: [published]\n", 1) == fixed(seen, finding)


def test_a_second_run_that_finds_the_files_there() -> None:
    """Nothing fails then."""
    (finding,) = found("trigger_too_wide", facts(publishing("release", step=SKIPS)))
    assert "low" == finding.severity


@pytest.mark.parametrize(
    ("on", "message", "severity", "under"),
    [
        ("{push: {branches: [main]}}", "every push to `main` uploads to pypi", "medium", "[main]"),
        ("{push: {branches: ['**']}}", "every push to any branch uploads to pypi", "medium", "**"),
        ("{push: {tags: ['v*', '*']}}", "every tag, whatever its name, uploads to pypi", "low", "*"),
        ("{push: {tags: '**'}}", "every tag, whatever its name, uploads to pypi", "low", "**"),
    ],
)
@pytest.mark.parametrize("environment", ["", "environment: pypi"])
def test_pushes_that_are_no_release(on: str, message: str, severity: str, under: str, environment: str) -> None:
    """With no rule of an environment to hold them back: none is named, or it is declared without one."""
    seen = facts({"release.yml": publishing(on, environment), "trustpub.toml": OPEN})
    (finding,) = found("trigger_too_wide", seen)
    assert (message, severity, under) == (finding.message, finding.severity, spanned(seen, finding.span))


def test_every_push_of_anything() -> None:
    """Without any filter both kinds are told, at the event itself."""
    seen = facts(publishing("push"))
    assert [("every tag, whatever its name, uploads to pypi", "push"), ("every push to any branch uploads to pypi", "push")] == [
        (finding.message, spanned(seen, finding.span)) for finding in found("trigger_too_wide", seen)
    ]


@pytest.mark.parametrize(
    ("on", "job", "step"),
    [
        ("{push: {tags: ['v*']}}", "", ""),
        ("{push: {tags: ['*', '!test-*', '[0-9]*']}}", "environment: pypi", ""),
        ("{push: {branches: [main]}}", "environment: pypi", ""),
        ("{push: {branches: [main]}}", "if: needs.x.outputs.released == 'true'", ""),
        ("{push: {branches: [main]}}", "", SKIPS),
        ("{push: {branches: [main]}}", "", "run: uv publish --check-url https://simple.example/"),
        ("{push: {branches: [main]}}", "", "run: uv publish --index testpypi"),
        ("push", "if: startsWith(github.ref, 'refs/tags/v')", ""),
        ("{release: {types: [published]}}", "", ""),
        ("{release: {types: [released, prereleased]}}", "", ""),
        ("{release: {types: [published, edited]}}", "if: github.event.action == 'published'", ""),
        ("release", "if: github.event.action == 'published'", ""),
        ("workflow_dispatch", "", ""),
    ],
)
def test_silence_where_something_holds_it_back(on: str, job: str, step: str) -> None:
    """A narrow trigger, a condition, an environment that may have rules, files that are there already, TestPyPI."""
    assert [] == found("trigger_too_wide", facts(publishing(on, job, step)))


def test_silence_where_the_declared_rules_hold_it_back() -> None:
    """Somebody approves, or only version tags may deploy."""
    for rule in ('reviewers = ["octo/team"]', 'tags = ["v*"]'):
        files = {"release.yml": publishing("{push: {tags: ['*']}}", "environment: pypi")}
        assert [] == found("trigger_too_wide", facts({**files, "trustpub.toml": f"[environments.pypi]\n{rule}\n"}))


def test_any_tag_with_a_stored_token() -> None:
    """It uploads just as surely."""
    step = "uses: pypa/gh-action-pypi-publish@release/v1\nwith: {password: '${{ secrets.T }}'}"
    (finding,) = found("trigger_too_wide", facts(publishing("{push: {tags: ['*']}}", "permissions: {}", step)))
    assert ("low", "every tag, whatever its name, uploads to pypi") == (finding.severity, finding.message)
    assert [] == found("trigger_too_wide", facts(publishing("{push: {branches: [main]}}", "permissions: {}", step)))


def test_silent_where_only_some_files_start_it() -> None:
    """A push of anything else starts nothing."""
    assert [] == found("trigger_too_wide", facts(publishing("{push: {branches: [main], paths: [version.py]}}")))

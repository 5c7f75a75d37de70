"""Conditions that never, or always, hold."""

from __future__ import annotations

import pytest

from tests.rules.samples import facts, fixed, found, spanned
from tests.workflows.samples import publishing

TAGS = "{push: {tags: ['v*']}}"


@pytest.mark.parametrize(
    ("written", "one"),
    [
        ("${{ github.event_name == 'push' }} && ${{ vars.A }}", "github.event_name == 'push' && vars.A"),
        ("${{ a || b }} && ${{ vars.A }}", "(a || b) && vars.A"),
        ("${{ github.event_name }} == 'push'", "github.event_name == 'push'"),
        ("'!${{ vars.A }}'", "!vars.A"),
    ],
)
def test_text_around_braces_is_always_true(written: str, one: str) -> None:
    """The help has the whole expression, and the fix writes it."""
    written = written.replace("a || b", "vars.X || vars.Y")
    one = one.replace("a || b", "vars.X || vars.Y")
    seen = facts(publishing(TAGS, f"if: {written}"))
    (finding,) = found("condition", seen)
    shown = written.strip("'") if written.startswith("'") else written
    assert f"`if: {shown}` is always true: with text around `${{{{ }}}}` it is a text" == finding.message
    assert ("W03", "high", shown) == (finding.rule, finding.severity, spanned(seen, finding.span))
    assert f"Write one expression: `if: {one}`." == finding.help
    assert [] == found("condition", facts(fixed(seen, finding)))


@pytest.mark.parametrize("style", ["|", ">"])
def test_a_line_break_behind_braces_is_text_too(style: str) -> None:
    """A block keeps its last line break."""
    seen = facts(publishing(TAGS, f"if: {style}\n  ${{{{ github.event_name == 'release' }}}}"))
    (finding,) = found("condition", seen)
    shown = "${{ github.event_name == 'release' }}"
    assert f"`if: {shown}` is always true: the line break at its end makes it a text" == finding.message
    assert "Write one expression: `if: github.event_name == 'release'`." == finding.help


def test_text_that_is_no_expression_has_no_fix() -> None:
    """Nobody knows what was meant."""
    (finding,) = found("condition", facts(publishing(TAGS, "if: on ${{ vars.A }} only")))
    assert finding.fix is None
    assert "Write the condition as one expression" in finding.help


@pytest.mark.parametrize(
    ("condition", "under", "why", "advice"),
    [
        (
            "startsWith(github.ref, 'v')",
            "'v'",
            "it is a full ref, such as `refs/tags/v1.2.3` or `refs/heads/main`",
            "Write `startsWith(github.ref, 'refs/tags/v')`.",
        ),
        (
            "github.ref == 'main'",
            "'main'",
            "it is a full ref, such as `refs/tags/v1.2.3` or `refs/heads/main`",
            "Write the full ref: `'refs/heads/main'` for a branch, `'refs/tags/main'` for a tag.",
        ),
        (
            "github.ref == 'refs/tags/v*'",
            "'refs/tags/v*'",
            "patterns are not understood here, and no ref has a `*` in it",
            "Write `startsWith(github.ref, 'refs/tags/v')`.",
        ),
        (
            "${{ contains(github.ref_name, 'v*') }}",
            "'v*'",
            "patterns are not understood here, and no ref has a `*` in it",
            "Write `startsWith(github.ref, 'refs/tags/v')`.",
        ),
        (
            "'refs/heads/main' == github.ref_name",
            "'refs/heads/main'",
            "it is a short name, such as `v1.2.3` or `main`",
            "Leave the beginning away: `main`.",
        ),
        (
            "success() && github.event_name == 'tag'",
            "'tag'",
            "there is no such event",
            "A pushed tag is `github.event_name == 'push' && startsWith(github.ref, 'refs/tags/')`; a release is `release`.",
        ),
        (
            "github.ref_type == 'tags'",
            "'tags'",
            "it is `branch` or `tag`",
            "Write `github.ref_type == 'tag'` or `github.ref_type == 'branch'`.",
        ),
    ],
)
def test_comparisons_that_never_hold(condition: str, under: str, why: str, advice: str) -> None:
    """The text that is compared is pointed at, at the job and at the step that uploads."""
    quoted = '"' + condition + '"'
    for text in (publishing(TAGS, f"if: {quoted}"), publishing(TAGS, step=f"run: uv publish\nif: {quoted}")):
        seen = facts(text)
        (finding,) = found("condition", seen)
        assert f"the comparison with `{under}` never holds: {why}" == finding.message
        assert ("high", under, advice) == (finding.severity, spanned(seen, finding.span), finding.help)


@pytest.mark.parametrize(
    ("condition", "what"),
    [
        ("github.event_name == 'push' || github.ref == 'v1'", "`'v1'` never holds"),
        ("github.event_name != 'tags'", "`'tags'` is always different"),
    ],
)
def test_a_comparison_that_stops_nothing(condition: str, what: str) -> None:
    """Another part may let the job run."""
    (finding,) = found("condition", facts(publishing(TAGS, f"if: {condition}")))
    assert "medium" == finding.severity
    assert what in finding.message


def test_conditions_of_what_is_built_count_less() -> None:
    """They decide what is in the upload, not whether there is one."""
    build = "  build:\n    runs-on: ubuntu-latest\n    if: startsWith(github.ref, 'v')\n    steps:\n"
    build += "      - uses: actions/upload-artifact@v5\n"
    text = publishing(TAGS, "needs: build\nif: always()").replace(
        "steps:\n", "steps:\n      - uses: actions/download-artifact@v6\n"
    )
    (finding,) = found("condition", facts(text + build))
    assert "medium" == finding.severity


@pytest.mark.parametrize(
    "condition",
    [
        "github.event_name == 'push' && vars.A",
        "${{ github.event_name == 'push' && vars.A }}",
        "|-\n  ${{ github.event_name == 'push' }}",
        ">\n  github.event_name == 'push' &&\n  vars.A",
        "startsWith(github.ref, 'refs/tags/v')",
        "startsWith(github.ref, 'refs/')",
        "startsWith(github.ref_name, 'v')",
        "contains(github.ref, 'v')",
        "endsWith(github.ref, 'final')",
        "github.ref == 'REFS/heads/main'",
        "github.ref_name == 'main'",
        "github.ref == ''",
        "github.ref == format('refs/heads/{0}', 'main')",
        "github.event_name == 'workflow_dispatch'",
        "github.ref_type == 'tag'",
        "github.event.action == 'tag'",
        "inputs.ref == 'v*'",
        "always()",
    ],
)
def test_silence_where_a_condition_can_hold_and_fail(condition: str) -> None:
    """Whatever the file can tell of it."""
    assert [] == found("condition", facts(publishing(TAGS, f"if: {condition}")))


def test_silence_where_nothing_uploads() -> None:
    """Only the way to an upload is looked at."""
    assert [] == found("condition", facts(publishing(TAGS, "if: github.ref == 'v1'", "run: make")))

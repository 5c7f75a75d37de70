"""The report for a person, word for word."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings

from tests.cli.render.reports import BLOCKER, CLEAN, FOUND, MEDIUM, NOTHING, PATH, place, reports
from tests.conftest import Scale
from trustpub.cli.render.check_text import render_text
from trustpub.usecases.report import Form, Hint, NotRead, Repair, Report, Reported


def last(report: Report) -> str:
    """What the report says to do next."""
    return render_text(report).rpartition("\nNext: ")[2]


FOUND_TEXT = """\
blocker M02 id-token-missing: the job `배포` uploads, but its `permissions` set `id-token` to none
  --> .github/workflows/release.yml:31:18
   |
31 |     permissions: {contents: read}  # 권한
   |                  ^^^^^^^^^^^^^^^^
  --> .github/workflows/release.yml:40:9
   |
40 |       - uses: pypa/gh-action-pypi-publish@release/v1
   |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ uploads here
   = help: Add `id-token: write` to the `permissions` of the job `배포`.
   = fix: grant `id-token: write` to the job `배포` (trustpub check --fix)

medium M02 id-token-missing: a message with 50% of <b>everything</b>, and `a|b`
 --> .github/workflows/release.yml:3:1
  |
3 | on:
  | ^^^
... |
5 |     tags: [v*]
  |     ^^^^^^^^^^
  = help: Do it.

Publishers (declared in `trustpub.toml`)
  pypi      tool: octo/tool, release.yml, environment pypi

Who can publish
  - pypi (`tool`): whoever can push a tag `v*`

Not read
  - `.travis.yml`: Travis CI is not read; whether it publishes is not known

Acceptance
  account      unknown  no file tells of an account
  project      stated   `trustpub.toml` names `tool` on pypi
  publisher    proven   asked
  environment  missing  the publishing job `publish` names no environment

2 findings (1 blocker, 1 medium) in 2 workflow files with 1 upload. 1 suppressed. Not known without asking:
account.
Next: `trustpub check --fix` repairs 1 of 2; with `--diff` it only shows how.
"""


def test_findings_in_full() -> None:
    """Findings with their places, the publishers, who can publish, what was not read, the four rows, and what to do next."""
    assert FOUND_TEXT == render_text(FOUND)


def test_clean() -> None:
    """Without findings it says where it looked and what it cannot know."""
    assert (
        "No finding in 2 workflow files with 1 upload. Not known without asking: account.\n"
        "Next: `trustpub rehearse` makes a whole release on this machine, with the real clients.\n"
    ) == render_text(CLEAN).partition("environment\n\n")[2]


def test_nothing_that_publishes_is_no_health() -> None:
    """A repository without an upload is not called free of findings."""
    text = render_text(NOTHING)

    assert "Nothing to judge: no upload was found in 1 workflow file.\n" in text
    assert "No finding" not in text
    assert "whatever is published from elsewhere was not judged" in last(NOTHING)


def test_what_is_not_known_after_asking() -> None:
    """Whoever was asked did not tell: to say that nobody was asked would be wrong."""
    assert "with 1 upload. Not known: account.\n" in render_text(CLEAN._replace(asked=True))


def test_where_nothing_publishes_setup_is_next() -> None:
    """The command that writes the workflow, for the folder that was checked."""
    assert "to publish from here, `trustpub setup` writes" in last(NOTHING)
    assert "`trustpub setup sub`" in render_text(NOTHING, path="sub")


def test_uploads_of_what_is_called() -> None:
    """Files that call a publisher of another repository are neither free of findings nor without an upload."""
    text = render_text(NOTHING._replace(powers=("pypi: whoever can publish a release",)))

    assert "no upload of their own: what they call uploads, and was not read. " in text
    assert text.endswith("Next: `trustpub predict` says when the called workflows run.\n")


@pytest.mark.parametrize(
    ("findings", "expected"),
    [
        ((MEDIUM,), "1 finding (medium) in "),
        ((MEDIUM, MEDIUM), "2 findings (all medium) in "),
        ((BLOCKER, MEDIUM, MEDIUM), "3 findings (1 blocker, 2 medium) in "),
    ],
)
def test_counts(findings: tuple[Reported, ...], expected: str) -> None:
    """The last lines count findings by severity, gravest first."""
    assert f"\n{expected}" in render_text(FOUND._replace(findings=findings))


def test_other_systems_are_where_to_look() -> None:
    """Where nothing uploads and another CI system has files, they are the next thing to look at."""
    assert 'look at the files under "Not read"' in last(NOTHING._replace(not_read=(NotRead(".travis.yml", "why"),)))


def test_next_step_names_the_fixes() -> None:
    """Safe fixes first, then the others, then the explanation of a rule."""
    unsafe = BLOCKER._replace(fix=Repair("try", safe=False, changes=()))

    assert last(FOUND).startswith("`trustpub check --fix` repairs 1 of 2")
    assert last(FOUND._replace(findings=(unsafe, MEDIUM))).startswith("`trustpub check --fix --unsafe-fixes` repairs 1 of 2; ")
    assert "`trustpub rules M02` explains the first one; `trustpub check --fix` repairs 1 of 2.\n" == last(
        FOUND._replace(findings=(MEDIUM, BLOCKER))
    )
    assert last(FOUND._replace(findings=(MEDIUM,))) == "`trustpub rules M02` explains it.\n"


def test_uploads_without_a_publisher() -> None:
    """Uploads that need no publisher are what a prediction explains."""
    assert last(CLEAN._replace(publishers=())).startswith("`trustpub predict` ")


def test_commands_name_the_checked_folder() -> None:
    """Where it is not the current one: the same words run elsewhere would check something else."""
    text = render_text(FOUND, path="../the tool")

    assert "(trustpub check --fix '../the tool')" in text
    assert "Next: `trustpub check --fix '../the tool'` repairs 1 of 2" in text
    assert "Next: `trustpub rehearse ../tool` " in render_text(CLEAN, path="../tool")
    assert "Next: `trustpub predict ../tool` " in render_text(CLEAN._replace(publishers=()), path="../tool")


def test_publishers_that_are_only_inferred() -> None:
    """Fields that nobody knows are said to be unknown, and that nobody declared them."""
    text = render_text(CLEAN._replace(publishers=(Form("", "", (), declared=False),)))

    assert "Publishers (inferred from the workflows; nobody declared them)\n" in text
    assert "an index that cannot be told a project that the files do not name: an unknown repository, no env" in text


def test_many_related_places() -> None:
    """The first ones are drawn, of the others the line is said."""
    related = tuple(Hint(place("x", line), f"place {line}") for line in range(1, 7))
    text = render_text(FOUND._replace(findings=(MEDIUM._replace(related=related),)))

    assert ["place 1", "place 2", "place 3"] == re.findall(r"place \d", text)
    assert f"\n  = also: {PATH}:4, 5, 6\n  = help: Do it.\n" in text


def test_colours_only_where_asked_for() -> None:
    """Without a style there is none; with one, severity, carets and states have theirs, and nothing else changes."""
    styled = render_text(FOUND, lambda text, colour: f"<{colour}>{text}</{colour}>")
    plain = styled
    for colour in ("red", "yellow", "green", "cyan", "blue"):
        plain = plain.replace(f"<{colour}>", "").replace(f"</{colour}>", "")

    assert "<red>blocker M02 id-token-missing:</red> the job" in styled
    assert "<yellow>unknown</yellow>" in styled
    assert "<blue>^" in styled
    assert FOUND_TEXT == plain


def test_nothing_drives_a_terminal(scale: Scale) -> None:
    """Whatever a report holds, only printable characters and line feeds come out, and the last line says what to do next."""

    @settings(max_examples=scale(15, 2_000), deadline=None)
    @given(report=reports())
    def law(report: Report) -> None:
        lines = render_text(report).split("\n")

        assert [] == [line for line in lines if not line.isprintable()]
        assert "" == lines[-1]
        assert any(line.startswith("Next: ") for line in lines[-3:])

    law()

"""Every rule has its heading in the reference, word for word what the rule says of itself."""

from __future__ import annotations

import pytest

from tests.docs.markdown import page
from tests.docs.test_commands import GENERATE
from trustpub.domain.findings import SEVERITIES
from trustpub.rules import MODULES, load


def test_the_page_is_what_the_rules_say() -> None:
    """`.venv/bin/python docs/generate.py` writes the page anew after a change of a rule."""
    assert GENERATE.rules_page() == page("rules.md").text


@pytest.mark.parametrize("code", MODULES)
def test_every_rule_has_a_heading(code: str) -> None:
    """The heading has the code and the name, and what stands below it says severity, why, what to do and who says so."""
    rule = load(code).RULE
    section = page("rules.md").text.partition(f"\n## {code} {rule.name}\n")[2].partition("\n## ")[0]

    assert f"*{rule.severity}*: {rule.title}." in section
    for words in (rule.why, rule.help, rule.source):
        assert words in section


def test_no_heading_without_a_rule() -> None:
    """A rule that is no more has no heading either, and every family that a code names is explained."""
    assert list(MODULES) == [words.split()[0] for level, words in page("rules.md").headings if level == 2]
    assert {code[0] for code in MODULES} <= set(GENERATE.FAMILIES)


def test_every_severity_is_explained() -> None:
    """The page and the guide have the same table of severities, gravest first."""
    rows = [line for line in page("rules.md").text.splitlines() if line.startswith("| ") and line.split()[1] in SEVERITIES]

    assert list(SEVERITIES) == [row.split()[1] for row in rows]
    guide = (page("rules.md").path.parent.parent / "guides" / "check.md").read_text(encoding="utf-8")
    assert [] == [row for row in rows if row.partition(" | ")[2] not in guide]

"""Rules are listed in their order, found by code or name, and named when a wrong one was asked for."""

from __future__ import annotations

import re

import pytest

from trustpub.domain.findings import SEVERITIES
from trustpub.errors import BadInput
from trustpub.rules import MODULES, load
from trustpub.usecases.rules import every_rule, find_rule


def test_every_rule_in_order() -> None:
    """All of the table, in the table's order."""
    assert list(MODULES) == [rule.code for rule in every_rule()]


def test_names_are_names() -> None:
    """No two rules share a name, and a name can be typed without quotes."""
    names = [rule.name for rule in every_rule()]

    assert len(names) == len(set(names))
    assert [] == [name for name in names if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name)]


@pytest.mark.parametrize("code", MODULES)
def test_texts_can_be_read(code: str) -> None:
    """A title without a full stop, sentences with one, a severity that exists, a code that its file has too."""
    rule = load(code).RULE

    assert code == rule.code
    assert re.fullmatch(r"[A-Z]\d\d", code)
    assert rule.severity in SEVERITIES
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert rule.help.endswith(".")
    assert rule.source


@pytest.mark.parametrize("wanted", ["M02", "m02", "id-token-missing", "ID-Token-Missing"])
def test_finds(wanted: str) -> None:
    """By code or name, in any case."""
    assert "M02" == find_rule(wanted).code


@pytest.mark.parametrize(
    ("wanted", "near"), [("M2", "M02"), ("m2", "M02"), ("id-token", "id-token-missing"), ("unpined-action", "unpinned-actions")]
)
def test_names_the_nearest(wanted: str, near: str) -> None:
    """A wrong one is answered with the nearest right one, and where the list is."""
    with pytest.raises(BadInput) as refused:
        find_rule(wanted)

    assert f"rule `{wanted}`: there is none" in str(refused.value)
    assert re.search(r"Did you mean `[\w-]+`\? `trustpub rules` lists them", str(refused.value))
    assert f"`{near}`" in str(refused.value)


def test_nothing_near() -> None:
    """Without a near one it says only where the list is."""
    with pytest.raises(BadInput) as refused:
        find_rule("한글")

    assert "Did you mean" not in str(refused.value)

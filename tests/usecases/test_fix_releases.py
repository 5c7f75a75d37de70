"""Every fix of thirty workflows in different styles: equal outside the change, comments kept, the finding gone, at once."""

from __future__ import annotations

from collections import Counter
from difflib import SequenceMatcher
from pathlib import Path

import pytest

from tests.usecases.checking import RELEASE, addresses, written
from tests.workflows.releases import RELEASES
from trustpub.domain.findings import Edit
from trustpub.parties.git import Checkout
from trustpub.usecases import check
from trustpub.usecases.fix import Fixed, fixed, write
from trustpub.usecases.report import Report
from trustpub.workflows.comments import comments
from trustpub.workflows.sameness import difference
from trustpub.workflows.source import Document, parse


def rules(report: Report) -> Counter[str]:
    """How often each rule spoke of the workflow."""
    return Counter(each.rule for each in report.findings if each.place.path == RELEASE)


def lines_changed(before: str, after: str) -> list[Edit]:
    """The lines that differ, as they come out of a comparison and not out of the fixes themselves."""
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    starts = [0]
    for line in old:
        starts.append(starts[-1] + len(line))
    return [
        Edit(RELEASE, starts[first], starts[last], "".join(new[other:end]))
        for kind, first, last, other, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if kind != "equal"
    ]


def told(document: Document) -> list[str]:
    """The comments of a file that are not ours."""
    found = (document.source.text[start:end].rstrip() for start, end in comments(document.source, document.root))
    return [text.partition("# trustpub:")[0].rstrip() for text in found if text.partition("# trustpub:")[0]]


@pytest.fixture
def done(tmp_path: Path, style: str) -> tuple[Checkout, Report, Fixed]:
    """The fixes of one workflow, written."""
    checkout = Checkout.open(f"{written(tmp_path, RELEASES[style])}")
    report = check.run(checkout, addresses(tmp_path))
    result = fixed(checkout, addresses(tmp_path), report, unsafe=True)
    write(checkout, result.files)
    return Checkout.open(f"{tmp_path}"), report, result


@pytest.mark.parametrize("style", RELEASES)
def test_fixes_change_what_they_say_and_nothing_else(tmp_path: Path, style: str, done: tuple[Checkout, Report, Fixed]) -> None:
    """The four promises, each looked at by other means than the fixes use."""
    checkout, before, result = done
    text = RELEASES[style]
    new = checkout.files[RELEASE].decode()
    old_document, new_document = parse(text.encode(), RELEASE), parse(new.encode(), RELEASE)

    assert result.made
    assert not difference(old_document, new_document, lines_changed(old_document.source.text, new_document.source.text))
    assert not Counter(told(old_document)) - Counter(told(new_document)) - behind_removed(text, new)
    assert ("\r\n" in text) == ("\r\n" in new)
    assert text.count("\r\n") == 0 or new.count("\n") == new.count("\r\n")
    after = check.run(checkout, addresses(tmp_path))
    assert not {(each.rule, each.message) for each in result.made} & {(each.rule, each.message) for each in after.findings}
    assert all(rules(after)[each.rule] <= rules(before)[each.rule] for each in result.made)
    assert () == fixed(checkout, addresses(tmp_path), after, unsafe=True).files


def behind_removed(old: str, new: str) -> Counter[str]:
    """The comments behind values in lines that are gone: they go with what they stood behind."""
    kept = {line.strip() for line in new.splitlines()}
    gone = [line for line in old.splitlines() if line.strip() not in kept and not line.strip().startswith("#") and "#" in line]
    return Counter(line[line.rindex("#") :].rstrip() for line in gone)


def test_there_are_thirty() -> None:
    """As many as promised, and no two of them alike."""
    assert 30 == len(RELEASES) == len(set(RELEASES.values()))

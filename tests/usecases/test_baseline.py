"""The baseline: what was there is put off, what is new is told, and what is gone is said to be gone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.usecases.checking import RELEASE, addresses, codes, written
from trustpub.errors import BadInput, BrokenFile
from trustpub.parties.git import Checkout
from trustpub.usecases import check
from trustpub.usecases.baseline import Entry, applied, parsed, text
from trustpub.usecases.checking import NAME, Checked, Wishes, settled

JOB = "  {name}:\n    runs-on: x\n    permissions: {{}}\n    steps:\n      - uses: pypa/gh-action-pypi-publish@release/v1\n"
ONE = "on: push\njobs:\n" + JOB.format(name="one")
TWO = ONE + JOB.format(name="two")

NOTHING = Wishes()


def done(folder: Path, workflow: str | None = None, wishes: Wishes = NOTHING) -> Checked:
    """Check a checkout with what is wished; without a workflow, the one that is there."""
    if workflow is not None:
        written(folder, workflow)
    checkout = Checkout.open(str(folder))
    return settled(checkout, check.run(checkout, addresses(folder)), wishes, lambda: addresses(folder))


def test_a_written_baseline_is_used_by_itself(tmp_path: Path) -> None:
    """At the root and under its own name; what comes new is told, however the lines have moved."""
    first = done(tmp_path, ONE, Wishes(write_baseline=True))
    assert [] == codes(first.report)
    assert len(first.report.suppressed) == len(json.loads((tmp_path / NAME).read_bytes())["findings"]) > 0

    assert [] == codes(done(tmp_path).report)
    moved = done(tmp_path, "# a line\n\n" + TWO)
    assert ["two"] == [each.message.split("`")[1] for each in moved.report.findings if each.rule == "M02"]
    assert {("in the baseline", f"{tmp_path}/{NAME}")} == {(each.reason, each.by) for each in moved.report.suppressed}


def test_what_matches_nothing_any_more_is_said_and_dropped(tmp_path: Path) -> None:
    """A line of talk for each, until the baseline is written again."""
    done(tmp_path, TWO, Wishes(write_baseline=True))
    gone = done(tmp_path, ONE)
    assert any("matches nothing any more: M02" in note for note in gone.notes)

    done(tmp_path, None, Wishes(write_baseline=True))
    assert () == done(tmp_path).notes


def test_a_baseline_of_another_name(tmp_path: Path) -> None:
    """Written where it was asked for; an empty name means none; one that is not there is no baseline."""
    file = f"{tmp_path}/put-off.json"
    done(tmp_path, ONE, Wishes(write_baseline=True, baseline=file))

    assert "M02" in codes(done(tmp_path).report)
    assert [] == codes(done(tmp_path, None, Wishes(baseline=file)).report)
    assert "M02" in codes(done(tmp_path, None, Wishes(baseline="")).report)
    with pytest.raises(BadInput, match="no such baseline"):
        done(tmp_path, None, Wishes(baseline=f"{tmp_path}/none.json"))


def test_a_changed_line_does_not_bring_a_finding_back(tmp_path: Path) -> None:
    """The same rule, file and message is the same finding, once for each entry."""
    done(tmp_path, ONE, Wishes(write_baseline=True))
    changed = done(tmp_path, ONE.replace("permissions: {}", "permissions: {}  # none"))

    assert "M02" not in codes(changed.report)


def test_what_is_in_the_baseline_is_not_fixed(tmp_path: Path) -> None:
    """A fix of what was put off would be a surprise."""
    done(tmp_path, ONE, Wishes(write_baseline=True))
    fixed = done(tmp_path, TWO, Wishes(fix=True, unsafe=True))
    text = (tmp_path / RELEASE).read_text()

    assert "one:\n    runs-on: x\n    permissions: {}" in text
    assert "M02" not in codes(fixed.report)


def test_what_only_others_tell_is_not_stale_while_nobody_is_asked(tmp_path: Path) -> None:
    """GitHub's word for it comes again when it is asked again."""
    report = check.run(Checkout.open(str(written(tmp_path, ONE))), addresses(tmp_path))
    gone = [Entry("1", "T04", RELEASE, "a secret"), Entry("2", "M02", RELEASE, "a job")]

    assert ["M02"] == [entry.rule for entry in applied(report, gone, "b.json").stale]
    assert ["T04", "M02"] == [entry.rule for entry in applied(report._replace(asked=True), gone, "b.json").stale]


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{}", b'{"version": 2, "findings": []}', b'{"version": 1, "findings": [{}]}', b"\xff"]
)
def test_what_is_no_baseline(data: bytes) -> None:
    """It is named as a file that cannot be read, with what to do."""
    with pytest.raises(BrokenFile, match="--write-baseline"):
        parsed(data, "b.json")


def test_a_baseline_is_read_as_it_was_written(tmp_path: Path) -> None:
    """Every finding has its own fingerprint, and is found again."""
    checkout = Checkout.open(str(written(tmp_path, TWO.replace("two", "Two"))))
    report = check.run(checkout, addresses(tmp_path))
    entries = parsed(text(report.findings).encode(), "b.json")

    assert len(report.findings) == len({entry.fingerprint for entry in entries})
    after = applied(report, entries, "b.json")
    assert ((), ()) == (after.report.findings, after.stale)

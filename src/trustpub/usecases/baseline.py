"""The baseline: findings that were there when check was switched on, so that only new ones stop anything.

It is a file of fingerprints with rule, file and message beside them, so that a person can read what was put off. A finding is
found again by its fingerprint, else by rule, file and message: a line that was changed for another reason does not bring it back.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trustpub.errors import BrokenFile
from trustpub.record import NamedTuple
from trustpub.rules import ASKING
from trustpub.usecases.report import Suppressed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.usecases.report import Report, Reported

REASON = "in the baseline"
ANEW = "Write it anew with `--write-baseline`"


class Entry(NamedTuple):
    """One finding that was put off."""

    fingerprint: str
    rule: str
    file: str
    message: str


class Applied(NamedTuple):
    """A report without what is in the baseline, and the entries that match nothing any more."""

    report: Report
    stale: tuple[Entry, ...]


def parsed(data: bytes, path: str) -> tuple[Entry, ...]:
    """Read a baseline. Raises `BrokenFile` when it is none."""
    try:
        value: object = json.loads(data)
    except ValueError as problem:
        raise BrokenFile(path, f"not JSON: {problem}", next_step=ANEW) from None
    findings = value.get("findings") if isinstance(value, dict) and value.get("version") == 1 else None
    if not isinstance(findings, list):
        raise BrokenFile(path, "not a baseline of version 1: `findings` is missing", next_step=ANEW)
    return tuple(_entry(row, number, path) for number, row in enumerate(findings, 1))


def _entry(row: object, number: int, path: str) -> Entry:
    words = [row.get(field) for field in Entry._fields] if isinstance(row, dict) else []
    if not words or not all(isinstance(word, str) for word in words):
        fields = ", ".join(f"`{field}`" for field in Entry._fields)
        raise BrokenFile(path, f"finding {number} needs the texts {fields}", next_step=ANEW)
    return Entry(*(str(word) for word in words))


def text(findings: Iterable[Reported]) -> str:
    """Write a baseline, in the order of files and rules, so that a change of it is easy to read."""
    entries = sorted((_of(each) for each in findings), key=lambda each: (each.file, each.rule, each.message, each.fingerprint))
    rows = [{"rule": each.rule, "file": each.file, "message": each.message, "fingerprint": each.fingerprint} for each in entries]
    return json.dumps({"version": 1, "findings": rows}, indent=2, ensure_ascii=False) + "\n"


def _of(finding: Reported) -> Entry:
    return Entry(finding.fingerprint, finding.rule, finding.place.path, finding.message)


def applied(report: Report, entries: Iterable[Entry], path: str) -> Applied:
    """Move what is in the baseline from the findings to the suppressed ones.

    Of rules that only speak when somebody is asked, nothing is called stale while nobody was.
    """
    known = {entry.fingerprint: entry for entry in entries}
    matched = {each: known.pop(each.fingerprint) for each in report.findings if each.fingerprint in known}
    left: dict[tuple[str, ...], list[Entry]] = {}
    for entry in known.values():
        left.setdefault(entry[1:], []).append(entry)
    for each in report.findings:
        if each not in matched and (same := left.get(_of(each)[1:])):
            matched[each] = same.pop(0)
    suppressed = tuple(Suppressed(each, REASON, path) for each in report.findings if each in matched)
    kept = tuple(each for each in report.findings if each not in matched)
    changed = report._replace(findings=kept, suppressed=(*report.suppressed, *suppressed))
    stale = (entry for same in left.values() for entry in same)
    return Applied(changed, tuple(entry for entry in stale if report.asked or entry.rule not in ASKING))

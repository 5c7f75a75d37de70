"""Findings that somebody decided to live with, by comments in the files; and what is wrong with such comments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.record import NamedTuple
from trustpub.rules import ASKING, MODULES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from trustpub.domain.findings import Finding
    from trustpub.workflows.comments import Ignore
    from trustpub.workflows.model import Workflow
    from trustpub.workflows.source import Source


class Settled(NamedTuple):
    """What remains to be said, the rules on comments included, and what a comment suppresses."""

    findings: tuple[Finding, ...]
    suppressed: tuple[tuple[Finding, Ignore], ...]


def settle(findings: Sequence[Finding], sources: Mapping[str, Source], workflows: Mapping[str, Workflow]) -> Settled:
    """Apply the comments of every file that is given; nearly every checkout has none, and costs one search a file."""
    found: list[Ignore] = []
    for path, source in sources.items():
        if "trustpub:" in source.text:
            from trustpub.workflows.comments import ignores

            found += ignores(source, workflows[path].root if path in workflows else None)
    return _settled(findings, sources, found) if found else Settled(tuple(findings), ())


def _settled(findings: Sequence[Finding], sources: Mapping[str, Source], found: list[Ignore]) -> Settled:
    kept: list[Finding] = []
    suppressed: list[tuple[Finding, Ignore]] = []
    used: set[tuple[Ignore, str]] = set()
    for finding in findings:
        by = [ignore for ignore in found if _speaks(ignore, finding, sources[finding.span.path])]
        used |= {(ignore, finding.rule) for ignore in by}
        reasoned = next((ignore for ignore in by if ignore.reason), None)
        if reasoned is None:
            kept.append(finding)
        else:
            suppressed.append((finding, reasoned))
    for ignore in found:
        kept += _wrong(ignore, sources[ignore.path], {code for each, code in used if each == ignore})
    return Settled(tuple(kept), tuple(suppressed))


def _speaks(ignore: Ignore, finding: Finding, source: Source) -> bool:
    """Say whether a comment names a finding's rule at its place, whether or not it gives a reason."""
    if ignore.path != finding.span.path or all(code.text != finding.rule for code in ignore.codes):
        return False
    return ignore.covers(source.place(finding.span.start).line, finding.span.start)


def _wrong(ignore: Ignore, source: Source, used: set[str]) -> Iterator[Finding]:
    """Yield what is wrong with one comment: codes that do not exist, codes that suppress nothing, no reason."""
    from trustpub.rules.suppress_reason import unexplained
    from trustpub.rules.suppress_unknown import unknown
    from trustpub.rules.suppress_unused import unused

    if not ignore.codes:
        yield unknown(ignore, None, "")
    for code in ignore.codes:
        if code.text not in MODULES:
            yield unknown(ignore, code, _nearest(code.text))
        elif code.text not in used and code.text not in ASKING:  # those may speak again when somebody is asked
            yield unused(source, ignore, code)
    if used and not ignore.reason:
        yield unexplained(ignore)


def _nearest(text: str) -> str:
    """Find the code that was meant: by its spelling below the same letter, or by the rule's name; empty when unclear."""
    from difflib import get_close_matches

    from trustpub.rules import load

    word = text.upper().replace("O", "0")
    if close := get_close_matches(word, [code for code in MODULES if code[0] == word[:1]], 1, 0.7):
        return close[0]
    names = {load(code).RULE.name: code for code in MODULES}
    close = get_close_matches(text.lower(), names, 1, 0.7)
    return names[close[0]] if close else ""

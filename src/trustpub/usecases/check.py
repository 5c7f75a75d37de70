"""Check: read a checkout, predict its uploads, ask every rule, and say what is wrong and what is not known."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import rank
from trustpub.parties.seen import digest
from trustpub.rules import check as ask
from trustpub.rules import load
from trustpub.usecases.acceptance import acceptance
from trustpub.usecases.asked import ALL, Options, narrowed, wanted
from trustpub.usecases.gather import gather
from trustpub.usecases.not_read import not_read
from trustpub.usecases.package import package_asked_for
from trustpub.usecases.report import MOST_LINES, Change, Excerpt, Form, Hint, Repair, Report, Reported, Suppressed
from trustpub.usecases.suppress import settle
from trustpub.workflows.source import Source, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustpub.domain.findings import Finding, Fix, Span
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.rules.facts import Facts
    from trustpub.usecases.outside import Outside
    from trustpub.usecases.three_sides import Sides
    from trustpub.workflows.files import Files


def run(
    checkout: Checkout, addresses: Addresses, files: Files | None = None, options: Options = ALL, sides: Sides | None = None
) -> Report:
    """Check a checkout; `files` stand in for those on the disk, `sides` is what GitHub and the indexes told, None when not asked.

    Raises `BadInput` for a `trustpub.toml` that cannot be used, and for an option that names nothing.
    """
    chosen = package_asked_for(checkout, options.package) if options.package is not None else None
    asked = wanted(checkout, options)
    if sides is None:
        facts = gather(checkout, addresses, asked, files, chosen)
    else:
        told = gather(checkout, addresses, asked, files, chosen, identity=sides.repository, in_force=sides.in_force)
        facts = sides.attached(told)
    facts = narrowed(facts, options, chosen)
    found = list(dict.fromkeys(ask(facts)))
    sources = sources_of(found, facts)
    settled = settle(found, sources, facts.workflows)
    return Report(
        repository=facts.repository.slug,
        findings=placed(settled.findings, sources),
        suppressed=tuple(
            Suppressed(reported(finding, sources), ignore.reason, f"{ignore.path}:{ignore.at}")
            for finding, ignore in settled.suppressed
        ),
        acceptance=acceptance(facts, found),
        publishers=tuple(_forms(facts)),
        powers=_powers(facts),
        not_read=not_read(facts),
        files=len(checkout.files),
        uploads=len({(each.workflow, each.line, each.column) for one in facts.uploads for each in one.predictions}),
        asked=sides is not None,
        unknown=sides.unknown if sides is not None else (),
        unreachable=sides.unreachable if sides is not None else (),
    )


def ask_sides(checkout: Checkout, addresses: Addresses, outside: Outside, options: Options = ALL) -> Sides:
    """Ask GitHub and the indexes about what a checkout publishes."""
    from trustpub.usecases.three_sides import parties_of, read

    chosen = package_asked_for(checkout, options.package) if options.package is not None else None
    facts = narrowed(gather(checkout, addresses, wanted(checkout, options), None, chosen), options, chosen)
    return read(facts, parties_of(facts, outside, addresses), outside.clock())


def _powers(facts: Facts) -> tuple[str, ...]:
    """Say who can publish, with names where somebody was asked."""
    if facts.now is None:
        from trustpub.workflows.powers import powers

        return powers(facts.uploads, facts.declaration)
    from trustpub.usecases.who import who

    return who(facts)


def sources_of(findings: Iterable[Finding], facts: Facts) -> dict[str, Source]:
    """Give the text of every workflow file and of every other file that a finding points into or changes."""
    sources: dict[str, Source] = {path: workflow.source for path, workflow in facts.workflows.items()}
    for finding in findings:
        edits = finding.fix.edits if finding.fix is not None else ()
        for path in (finding.span.path, *(hint.span.path for hint in finding.related), *(edit.path for edit in edits)):
            if path not in sources:
                data = facts.files.read(path) or b""
                sources[path] = Source(path, data.decode("utf-8", "replace"))
    return sources


def placed(findings: Iterable[Finding], sources: Mapping[str, Source]) -> tuple[Reported, ...]:
    """Turn spans into lines and columns, the gravest first, then what decides most about the release.

    What says the same of the same words is told apart by a number.
    """
    ordered = sorted(findings, key=lambda each: (rank(each.severity), _weight(each), each.span.path, each.span.start, each.rule))
    result: list[Reported] = []
    seen: dict[str, int] = {}
    for finding in ordered:
        one = reported(finding, sources)
        count = seen[one.fingerprint] = seen.get(one.fingerprint, 0) + 1
        result.append(one if count == 1 else one._replace(fingerprint=f"{one.fingerprint}-{count}"))
    return tuple(result)


_WEIGHT = "MFTEA"
"""Rules about the release itself, by the letters of their codes: whether it works, with what, who may, what is shown."""


def _weight(finding: Finding) -> int:
    place = _WEIGHT.find(finding.rule[:1])
    return place if place >= 0 else len(_WEIGHT)


def reported(finding: Finding, sources: Mapping[str, Source]) -> Reported:
    """Turn one finding's spans into lines and columns."""
    place = excerpt(finding.span, sources[finding.span.path])
    return Reported(
        rule=finding.rule,
        name=load(finding.rule).RULE.name,
        severity=finding.severity,
        message=finding.message,
        place=place,
        help=finding.help,
        fingerprint=fingerprint(finding, place),
        related=tuple(Hint(excerpt(hint.span, sources[hint.span.path]), hint.message) for hint in finding.related),
        fix=_repair(finding.fix, sources) if finding.fix is not None else None,
    )


def _repair(fix: Fix, sources: Mapping[str, Source]) -> Repair:
    from trustpub.domain.findings import Span

    changes = (Change(excerpt(Span(edit.path, edit.start, edit.end), sources[edit.path]), edit.text) for edit in fix.edits)
    return Repair(fix.title, fix.safe, tuple(changes))


def excerpt(span: Span, source: Source) -> Excerpt:
    """Say where a span is, and keep its lines."""
    start, end = source.place(span.start), source.place(max(span.end, span.start))
    last = min(end.line, start.line + MOST_LINES - 1)
    lines = tuple(shown(source.line(number)) for number in range(start.line, last + 1))
    return Excerpt(span.path, start.line, start.column, end.line, end.column, lines, span.start, span.end)


def fingerprint(finding: Finding, place: Excerpt) -> str:
    """Name a finding by its rule, its file and its words, so that it stays itself when lines move."""
    words = "\n".join((finding.rule, place.path, finding.message, *(line.strip() for line in place.lines[:1])))
    return digest([words.encode("utf-8", "replace")])[:32]


def _forms(facts: Facts) -> Iterable[Form]:
    """List the publishers: the declared ones, else the records that would accept what the workflows present."""
    declared = facts.declaration.publishers
    if declared:
        return [Form(row.index, row.project, tuple(row.registered().row().items()), declared=True) for row in declared]
    return {
        Form(each.index or "", each.project or "", tuple(each.publisher.items()), declared=False): None
        for _, predictions in facts.trusted()
        for each in predictions
        if each.publisher and each.verdict in ("publishes", "depends") and each.credential == "trusted-publishing"
    }

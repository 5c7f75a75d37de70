"""What a person wishes beside the report: without the baseline's findings, with fixes made or drawn, with a baseline written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.errors import BadInput
from trustpub.parties import baselines
from trustpub.record import NamedTuple
from trustpub.usecases.asked import ALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.asked import Options
    from trustpub.usecases.baseline import Entry
    from trustpub.usecases.fix import Fixed
    from trustpub.usecases.report import Report
    from trustpub.usecases.three_sides import Sides


NAME = ".trustpub-baseline.json"
"""The baseline that is used without being asked for, at the root of the checkout."""


class Wishes(NamedTuple):
    """What a person asks for. `fix` writes, `diff` only draws; `unsafe` allows fixes that may change what a workflow does.

    `baseline` is a file, empty for none, None for the one at the root when there is one.
    """

    fix: bool = False
    unsafe: bool = False
    diff: bool = False
    baseline: str | None = None
    write_baseline: bool = False


class Checked(NamedTuple):
    """The report on what remains, the diff when that was asked for, and lines of talk on what was done."""

    report: Report
    diff: str | None
    notes: tuple[str, ...]


def settled(
    checkout: Checkout,
    report: Report,
    wishes: Wishes,
    addresses: Callable[[], Addresses],
    options: Options = ALL,
    sides: Sides | None = None,
) -> Checked:
    """Do what was asked with a report on a checkout; `addresses` is called when it has to be checked again.

    `sides` is what the report was made with beside the files: it is not asked for again.

    Raises `BadInput` for a baseline that cannot be used and for a file that cannot be rewritten.
    """
    path = f"{checkout.root}/{NAME}" if wishes.baseline is None else wishes.baseline
    if wishes.write_baseline:
        return _written(report, path or f"{checkout.root}/{NAME}")
    entries = _entries(path, asked=wishes.baseline is not None)
    diff, notes = None, list[str]()
    if wishes.fix or wishes.diff:
        from functools import partial

        from trustpub.usecases import fix

        counting = partial(_without, entries=entries)
        done = fix.fixed(checkout, addresses(), report, unsafe=wishes.unsafe, counting=counting, options=options, sides=sides)
        notes += _told(done, wishes)
        if wishes.diff:
            diff = fix.diff(done.files)
        else:
            fix.write(checkout, done.files)
            report = done.report
    return Checked(_without(report, entries, path, notes), diff, tuple(notes))


def _entries(path: str, *, asked: bool) -> tuple[Entry, ...]:
    data = baselines.read(path) if path else None
    if data is None:
        if path and asked:
            raise BadInput(path, why="no such baseline", next_step="Write it with `--write-baseline`")
        return ()
    from trustpub.usecases.baseline import parsed

    return parsed(data, path)


def _without(report: Report, entries: tuple[Entry, ...], path: str = "", notes: list[str] | None = None) -> Report:
    """Take what is in the baseline out of a report, and note what is in it for nothing."""
    if not entries:
        return report
    from trustpub.usecases.baseline import applied

    done = applied(report, entries, path)
    if notes is not None and done.stale:
        notes += [f"{path}: matches nothing any more: {each.rule} in {each.file}: {each.message}" for each in done.stale]
        notes.append(f"{path}: `--write-baseline` drops what matches nothing any more")
    return done.report


def _written(report: Report, path: str) -> Checked:
    from trustpub.usecases.baseline import applied, parsed, text

    words = text(report.findings)
    baselines.write(path, words)
    count = len(report.findings)
    note = f"{path}: {count} finding{'s' if count != 1 else ''} written"
    return Checked(applied(report, parsed(words.encode(), path), path).report, None, (note,))


def _told(done: Fixed, wishes: Wishes) -> Iterator[str]:
    """Say what the fixes came to."""
    count, files = len(done.made), len(done.files)
    verb = "would be fixed" if wishes.diff else "fixed"
    yield f"{count} finding{'s' if count != 1 else ''} {verb} in {files} file{'s' if files != 1 else ''}"
    for left in done.left:
        place = left.finding.place
        yield f"not fixed: {left.finding.rule} in {place.path}:{place.line}: {left.why}"
    unsafe = sum(each.fix is not None and not each.fix.safe for each in done.report.findings)
    if unsafe and not wishes.unsafe:
        yield f"{unsafe} more with `--unsafe-fixes`: read what they change first"

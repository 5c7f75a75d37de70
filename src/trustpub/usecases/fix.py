"""Fixes: made on the texts in memory, read and checked once more, and only then written.

A fix is dropped, and said to be, when the file would say something else outside of it, when its finding would still be there, or
when another one would come that is as grave. (A less grave one may come: a job that can upload at last may do so for each push,
which mattered to nobody before.) Fixes that touch the same place follow each other in rounds: a second `--fix` has nothing to do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Edit, rank
from trustpub.errors import TrustpubError
from trustpub.parties.files import CheckoutFiles
from trustpub.parties.git import WORKFLOW_FOLDER
from trustpub.record import NamedTuple
from trustpub.usecases import check
from trustpub.usecases.asked import ALL
from trustpub.workflows import edit
from trustpub.workflows.source import BOM, parse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.usecases.asked import Options
    from trustpub.usecases.report import Report, Reported
    from trustpub.usecases.three_sides import Sides


class Changed(NamedTuple):
    """One file with its bytes before and after."""

    path: str
    before: bytes
    after: bytes


class Left(NamedTuple):
    """A fix that was not made, and why."""

    finding: Reported
    why: str


class Fixed(NamedTuple):
    """What the fixes come to: the report on what remains, the changed files, the findings that are gone, and the fixes left out.

    Nothing is written yet.
    """

    report: Report
    files: tuple[Changed, ...]
    made: tuple[Reported, ...]
    left: tuple[Left, ...]


def fixed(
    checkout: Checkout,
    addresses: Addresses,
    report: Report,
    *,
    unsafe: bool,
    counting: Callable[[Report], Report] = lambda report: report,
    options: Options = ALL,
    sides: Sides | None = None,
) -> Fixed:
    """Make every fix of a report that can be made. `counting` leaves out what is put off, `unsafe` allows unsafe fixes too.

    `options` and `sides` are those of the report: what comes after a fix is checked with the same.
    """
    work = _Work(checkout, addresses, report, options, sides)
    while chosen := _together([each for each in counting(work.report).findings if work.may_fix(each, unsafe)]):
        while why := work.refuses(chosen):
            if len(chosen) == 1:
                work.refused[chosen[0].fingerprint] = Left(chosen[0], why)
                break
            chosen = chosen[: len(chosen) // 2]
    return Fixed(work.report, tuple(work.changed()), tuple(work.made), tuple(work.refused.values()))


def write(checkout: Checkout, files: Iterable[Changed]) -> None:
    """Write the changed files. Raises `BadInput` for a link, and for a file that is not any more what it was when it was read."""
    from trustpub.parties.rewriting import rewrite

    for file in files:
        rewrite(checkout.root, file.path, file.before, file.after)


def diff(files: Iterable[Changed]) -> str:
    """Draw the changes as a unified diff that `git apply` takes, unless a line holds a secret: that one is drawn with stars."""
    from difflib import unified_diff

    from trustpub.workflows.secrecy import hidden

    lines = (
        hidden(line)
        for file in files
        for line in unified_diff(_lines(file.before), _lines(file.after), f"a/{file.path}", f"b/{file.path}")
    )
    return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def _lines(data: bytes) -> list[str]:
    """Cut a file at its line feeds and nowhere else, as git does."""
    import re

    return re.findall(r"[^\n]*\n|[^\n]+", data.decode("utf-8"))


def _edits(finding: Reported) -> tuple[Edit, ...]:
    changes = finding.fix.changes if finding.fix is not None else ()
    return tuple(Edit(each.place.path, each.place.start, each.place.end, each.text) for each in changes)


def _together(findings: Sequence[Reported]) -> list[Reported]:
    """Choose the fixes that can be made at once; one that says the same as another goes with it."""
    chosen: list[Reported] = []
    taken: dict[Edit, None] = {}
    for finding in findings:
        edits = [each for each in _edits(finding) if each not in taken]
        if not any(_meet(one, other) for one in edits for other in taken):
            chosen.append(finding)
            taken |= dict.fromkeys(edits)
    return chosen


def _meet(one: Edit, other: Edit) -> bool:
    """Say whether two changes touch the same text, or add something at the same place."""
    if one.path != other.path:
        return False
    return (one.start < other.end and other.start < one.end) or one.start == other.start


class _Work:
    """The texts as they are so far, and what check says of them."""

    def __init__(self, checkout: Checkout, addresses: Addresses, report: Report, options: Options, sides: Sides | None) -> None:
        self.first = checkout
        self.options = options
        self.sides = sides
        self.checkout = checkout
        self.addresses = addresses
        self.report = report
        self.files = _Overlay(CheckoutFiles(checkout.root), {})
        self.made: list[Reported] = []
        self.refused: dict[str, Left] = {}

    def may_fix(self, finding: Reported, unsafe: bool) -> bool:
        fix = finding.fix
        return fix is not None and bool(fix.changes) and (fix.safe or unsafe) and finding.fingerprint not in self.refused

    def changed(self) -> Iterable[Changed]:
        for path, after in sorted(self.files.changed.items()):
            before = self.read(path, self.first, self.files.disk)
            if before is not None and before != after:
                yield Changed(path, before, after)

    def read(self, path: str, checkout: Checkout, files: CheckoutFiles | _Overlay) -> bytes | None:
        return checkout.files[path] if path in checkout.files else files.read(path)

    def refuses(self, findings: Sequence[Reported]) -> str:
        """Make fixes; or say why not, and leave everything as it was."""
        edits = list(dict.fromkeys(each for finding in findings for each in _edits(finding)))
        changed: dict[str, bytes] = {}
        for path in dict.fromkeys(each.path for each in edits):
            before = self.read(path, self.checkout, self.files)
            outcome = _applied(path, before, [each for each in edits if each.path == path])
            if isinstance(outcome, str):
                return outcome
            changed[path] = outcome
        checkout = _with(self.checkout, changed)
        files = _Overlay(self.files.disk, {**self.files.changed, **changed})
        try:
            report = check.run(checkout, self.addresses, files, self.options, self.sides)
        except TrustpubError as problem:
            return f"{problem}"
        if why := _worse(self.report, report, findings):
            return why
        self.checkout, self.files, self.report = checkout, files, report
        self.made += findings
        return ""


class _Overlay:
    """The files of a checkout with some of them changed in memory."""

    def __init__(self, disk: CheckoutFiles, changed: Mapping[str, bytes]) -> None:
        self.disk = disk
        self.changed = changed

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, or None."""
        return self.changed[path] if path in self.changed else self.disk.read(path)

    def names(self, folder: str) -> tuple[str, ...]:
        """List what lies in a folder: fixes add no file."""
        return self.disk.names(folder)


def _with(checkout: Checkout, changed: Mapping[str, bytes]) -> Checkout:
    """Return a checkout in which some files have other bytes."""
    declaration = checkout.declaration
    if declaration is not None and declaration[0] in changed:
        declaration = (declaration[0], changed[declaration[0]])
    files = {path: changed.get(path, data) for path, data in checkout.files.items()}
    return checkout._replace(files=files, declaration=declaration)


def _applied(path: str, before: bytes | None, edits: Sequence[Edit]) -> bytes | str:
    """Change one file; or say why that would change more than it should."""
    try:
        text = (before or b"").decode("utf-8")
    except UnicodeDecodeError:
        return f"`{path}` is not UTF-8 text"
    mark = BOM if text.startswith(BOM) else ""
    text = text.removeprefix(mark)
    try:
        after = f"{mark}{edit.apply(text, edits)}".encode()
        why = _otherwise(path, before or b"", after, edits)
    except (ValueError, TrustpubError) as problem:
        return f"`{path}` could not be read any more: {problem}"
    return why or after


def _otherwise(path: str, before: bytes, after: bytes, edits: Sequence[Edit]) -> str:
    """Say what else a change does to a file: YAML and TOML are read again, other files are their lines."""
    if path.endswith((".yml", ".yaml")):
        from trustpub.workflows.model import read
        from trustpub.workflows.sameness import difference

        old, new = parse(before, path), parse(after, path)
        if path.startswith(WORKFLOW_FOLDER) and len(read(new).problems) > len(read(old).problems):
            return f"GitHub would refuse `{path}`: {read(new).problems[-1].why}"
        return difference(old, new, edits)
    if path.endswith(".toml"):
        import tomllib

        tomllib.loads(after.decode("utf-8"))
    return ""


def _worse(before: Report, after: Report, gone: Sequence[Reported]) -> str:
    """Say which finding is still there, or which one has come or become graver and is not less grave than those that went."""
    left = _ranks(before.findings)
    for each in gone:
        left[each.rule, each.place.path].remove(rank(each.severity))
    least = max(rank(each.severity) for each in gone)
    for (rule, path), ranks in _ranks(after.findings).items():
        same = any(rule == other.rule for other in gone)
        there = left.get((rule, path), [])
        for position, grave in enumerate(ranks):
            come = position >= len(there) or grave < there[position]
            if come and (same or grave <= least):
                return f"`{rule}` would {'still' if same else 'then'} be found in `{path}`"
    return ""


def _ranks(findings: Iterable[Reported]) -> dict[tuple[str, str], list[int]]:
    """How grave the findings of each rule in each file are, the gravest first."""
    found: dict[tuple[str, str], list[int]] = {}
    for each in findings:
        found.setdefault((each.rule, each.place.path), []).append(rank(each.severity))
    return {key: sorted(ranks) for key, ranks in found.items()}

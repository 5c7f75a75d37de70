"""A workflow file that somebody owns, made to publish what is desired by the smallest changes, and never rewritten.

What is changed: the environment that a publishing job names, the permission to ask for an ID token, a stored password that is
given instead, and whatever `check` can fix safely. Each change is read and checked again as a fix of `check` is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.names import normalize
from trustpub.errors import TrustpubError
from trustpub.record import NamedTuple
from trustpub.usecases import check, fix
from trustpub.usecases.gather import gather
from trustpub.workflows import edit
from trustpub.workflows.predict import EVERYTHING
from trustpub.workflows.sameness import difference
from trustpub.workflows.source import BOM, parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.findings import Edit
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.rules.facts import Facts
    from trustpub.usecases.report import Report, Reported
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

STORED = "T01"
NEEDED = ("M01", "M02", STORED)
"""The rules whose fixes a release by trusted publishing needs, so that they are proposed though they change what a job may do."""


class Left(NamedTuple):
    """A publisher that the file still does not publish for, and what to write. `absent` says that no job of it is there."""

    row: DeclaredPublisher
    why: str
    absent: bool = False


class Mended(NamedTuple):
    """The file's new bytes, and what they do not do."""

    after: bytes
    left: tuple[Left, ...]


def mended(
    checkout: Checkout, declaration: tuple[str, bytes], path: str, rows: Iterable[DeclaredPublisher], addresses: Addresses
) -> Mended:
    """Mend one workflow file for its publishers. `declaration` is `trustpub.toml` as it shall be, with its path."""
    rows = tuple(rows)
    there = checkout._replace(declaration=declaration)
    after, left = _tried(there, path, rows, rows, addresses)
    if left:  # what does not come to publish in the end is not begun: half of it may stop what publishes today
        kept = tuple(row for row in rows if all(row is not each.row for each in left))
        after, left = _tried(there, path, kept, rows, addresses)
    return Mended(after, left)


def _tried(
    there: Checkout,
    path: str,
    rows: tuple[DeclaredPublisher, ...],
    wanted: tuple[DeclaredPublisher, ...],
    addresses: Addresses,
) -> Mended:
    """Mend a file for some publishers, and say what it then still does not do for all that are wanted."""
    there = _with(there, path, _named(there, path, rows, addresses))
    report = check.run(there, addresses)
    facts = gather(there, addresses, EVERYTHING, whole=True)
    needed = tuple(rule for rule in NEEDED if rows and (rule != STORED or _covers(rows, facts, path)))
    fixed = fix.fixed(there, addresses, report, unsafe=True, counting=lambda each: _ours(each, path, needed))
    for file in fixed.files:
        if file.path == path:
            there = _with(there, path, file.after)
    facts = gather(there, addresses, EVERYTHING, whole=True)
    left = tuple(Left(row, why, not _mine(facts, path, row)) for row in wanted if (why := _missing(facts, path, row)))
    return Mended(there.files[path], left)


def _with(checkout: Checkout, path: str, data: bytes) -> Checkout:
    return checkout._replace(files={**checkout.files, path: data})


def _covers(rows: tuple[DeclaredPublisher, ...], facts: Facts, path: str) -> bool:
    """Say whether all that a file uploads has a publisher: a password is only taken away where something stands in for it."""
    uploads = [
        each for site, predictions in facts.sites() if path in (site.workflow.path, site.root.path) for each in predictions
    ]
    return all(any(carries(each, row) for row in rows) for each in uploads if each.reached)


def _ours(report: Report, path: str, needed: tuple[str, ...]) -> Report:
    """Keep the findings whose fixes change this file and nothing else: safe ones, and those that a release needs."""

    def counts(each: Reported) -> bool:
        changes = each.fix.changes if each.fix is not None else ()
        mine = bool(changes) and all(change.place.path == path for change in changes)
        return mine and each.fix is not None and (each.fix.safe or each.rule in needed)

    return report._replace(findings=tuple(each for each in report.findings if counts(each)))


def _named(checkout: Checkout, path: str, rows: tuple[DeclaredPublisher, ...], addresses: Addresses) -> bytes:
    """Give every publishing job of a file the environment of its publisher. Unsure where, nothing is changed."""
    data = checkout.files[path]
    facts = gather(checkout, addresses, EVERYTHING, whole=True)
    jobs: dict[str, tuple[Site, set[str]]] = {}
    for site, predictions in facts.sites():
        if site.workflow.path == path:
            names = {row.environment for each in predictions for row in rows if carries(each, row)}
            jobs.setdefault(site.job.id, (site, set()))[1].update(names)
    edits = dict.fromkeys(change for site, names in jobs.values() for change in _naming(site, names))
    if not edits or path not in facts.workflows:
        return data
    text = data.decode("utf-8")
    mark = BOM if text.startswith(BOM) else ""
    try:
        after = f"{mark}{edit.apply(text.removeprefix(mark), edits)}".encode()
        return data if difference(parse(data, path), parse(after, path), list(edits)) else after
    except (ValueError, TrustpubError):
        return data


def _naming(site: Site, names: set[str]) -> Iterator[Edit]:
    wanted = names.pop() if len(names) == 1 else ""
    named = site.job.environment
    source = site.workflow.source
    change = None
    if wanted and named is None:
        change = edit.inserted(source, site.job.node, "environment", wanted, after="runs-on")
    elif wanted and named is not None and "${{" not in named.name.value and named.name.value.lower() != wanted.lower():
        change = edit.replaced(source, named.name, wanted)
    if change is not None:
        yield change


def carries(prediction: Prediction, row: DeclaredPublisher) -> bool:
    """Say whether an upload that some run gets to is of a publisher's project and goes to its index."""
    return prediction.reached and _is_of(prediction, row)


def _is_of(prediction: Prediction, row: DeclaredPublisher) -> bool:
    same = prediction.project is not None and normalize(prediction.project) == normalize(row.project)
    return prediction.index == row.index and (same or prediction.package == (row.path or "."))


def _mine(facts: Facts, path: str, row: DeclaredPublisher) -> list[Prediction]:
    return [
        each
        for site, predictions in facts.sites()
        for each in predictions
        if path in (site.workflow.path, site.root.path) and _is_of(each, row)
    ]


def _missing(facts: Facts, path: str, row: DeclaredPublisher) -> str:
    """Say why a file does not publish for a publisher; empty when some run of it does, or may."""
    if path in facts.broken:
        return f"it cannot be read: {facts.broken[path]}"
    sites = [
        (site, each)
        for site, predictions in facts.sites()
        for each in predictions
        if path in (site.workflow.path, site.root.path) and _is_of(each, row)
    ]
    mine = [each for _, each in sites]
    found = [each for each in mine if each.reached]
    if mine and not found:
        return (
            f"no run gets to the job `{mine[0].job}`, which uploads `{row.project}` to {row.index} "
            f"({'; '.join(mine[0].stopped or mine[0].why)}). Correct its condition, or take the upload out of it"
        )
    if any(each.credential == "trusted-publishing" and each.verdict in ("publishes", "depends") for each in found):
        return ""
    if not found:
        environment = f"`environment: {row.environment}` and " if row.environment else ""
        return (
            f"no job of it uploads `{row.project}` to {row.index}. Add one with {environment}`permissions: id-token: write`; or "
            f"name a file that is not there yet as its `workflow` in `trustpub.toml`, such as `{row.index}.yml`, and run this "
            "again: it is then written"
        )
    if all(each.credential in ("token", "both") for each in found):
        return _with_a_token(next(site for site, each in sites if each.reached), row)
    why = "; ".join(found[0].why) or "nothing tells why"
    return f"the job `{found[0].job}` does not publish `{row.project}` to {row.index} by trusted publishing: {why}"


def _with_a_token(site: Site, row: DeclaredPublisher) -> str:
    """Say what to write where a stored token uploads; whether that can simply go depends on the tool."""
    environment = f"`environment: {row.environment}` and " if row.environment else ""
    job = f"the job `{site.job.id}` uploads `{row.project}` to {row.index} with a stored password or token"
    if site.upload.oidc is False:
        return (
            f"{job}, and `{site.upload.tool}` can do nothing else ({site.upload.oidc_why}). Let it build only; upload with "
            f"`pypa/gh-action-pypi-publish` or `uv publish`, in a job with {environment}`permissions: id-token: write`"
        )
    return f"{job}. Take it away there, and give the job {environment}`permissions: id-token: write`"

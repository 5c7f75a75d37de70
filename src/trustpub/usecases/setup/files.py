"""The files' side of a setup: `trustpub.toml` and the publishing workflows, as steps. Committing them is the person's."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from trustpub.domain.declaration import FILE_NAME, Declaration, parse
from trustpub.errors import BadInput, BrokenFile
from trustpub.parties.git import WORKFLOW_FOLDER
from trustpub.parties.rewriting import create, rewrite
from trustpub.usecases.setup.declaration_text import changes, written
from trustpub.usecases.setup.mended_workflow import mended
from trustpub.usecases.setup.new_workflow import new_workflow
from trustpub.usecases.setup.step import Change, Step
from trustpub.usecases.setup.wishes import Wanted, Wishes, identity_of, predicted, unread
from trustpub.workflows.source import shown
from trustpub.workflows.writing import PINS, publishing_workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Literal

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.parties.git import Checkout
    from trustpub.parties.index.addresses import Addresses
    from trustpub.rules.facts import Facts
    from trustpub.usecases.setup.step import Sign

PARTY = "files"
_SIGNS: Mapping[str, Sign] = {"insert": "+", "delete": "-", "replace": "~"}


@dataclass(frozen=True, slots=True)
class _Writing:
    """One file of the checkout, with its bytes before (None: not there) and after, which may hold a secret."""

    root: str
    path: str
    before: bytes | None = field(repr=False)
    after: bytes = field(repr=False)

    def apply(self) -> None:
        """Write it, whole or not at all. A file that is so already is left alone."""
        if self.now() == self.after:
            return
        if self.before is None:
            create(self.root, self.path, self.after)
        else:
            rewrite(self.root, self.path, self.before, self.after)

    def now(self) -> bytes | None:
        """Read what is there."""
        try:
            return (Path(self.root) / self.path).read_bytes()
        except OSError:
            return None

    def read_back(self) -> tuple[Change, ...]:
        """Read the file again, and tell the lines that still differ."""
        return tuple(lines_that_differ(self.now() or b"", self.after))

    def declared(self, desired: Declaration) -> tuple[Change, ...]:
        """Read `trustpub.toml` again, and tell what it still does not say."""
        try:
            return tuple(changes(parse(self.now() or b"", self.path), desired))
        except BadInput as problem:
            return (Change("~", self.path, str(problem), "a file that can be read"),)


def declaration_step(checkout: Checkout, desired: Declaration) -> Step:
    """Plan `trustpub.toml`: only what differs is touched."""
    path, before = checkout.declaration or (FILE_NAME, None)
    key = f"file {path}"
    differing = tuple(changes(parse(before, path) if before is not None else Declaration(), desired))
    if not differing:
        return Step(key, PARTY)
    try:
        work = _Writing(checkout.root, path, before, written(before, path, desired))
    except BrokenFile:
        raise
    except BadInput as problem:
        return Step(key, PARTY, differing, cannot=str(problem))
    return Step(key, PARTY, differing, apply=work.apply, read_back=lambda: work.declared(desired))


def workflow_step(
    checkout: Checkout,
    facts: Facts,
    desired: Declaration,
    addresses: Addresses,
    *,
    pins: Mapping[str, tuple[str, str]] | None = None,
    wishes: Wishes | None = None,
) -> tuple[Step, ...]:
    """Plan the publishing workflows, a step for each file: a new one where nothing publishes, else fixes in place.

    `pins` gives commit and tag of an action (`{"actions/checkout": (sha, "v7.0.1")}`) where GitHub could be asked.
    """
    me = identity_of(facts)
    files: dict[str, list[DeclaredPublisher]] = {}
    for row in desired.publishers:
        if me.is_of(row):
            files.setdefault(f"{WORKFLOW_FOLDER}/{row.workflow}", []).append(row)
    steps: list[Step] = []
    for path, rows in files.items():
        if path in checkout.files:
            whole = partial(_whole, facts, desired, addresses, wishes or Wishes())
            steps += _mending(checkout, desired, path, rows, addresses, whole)
        elif other := _elsewhere(facts, rows):
            change = Change("+", path, "", "the workflow that the publisher names")
            steps.append(Step(f"file {path}", PARTY, (change,), cannot=other))
        else:
            plan = new_workflow(facts, desired, rows, addresses, wishes or Wishes())
            work = _Writing(checkout.root, path, None, publishing_workflow(plan, pins or PINS).encode())
            change = Change("+", path, "", f"a new workflow:\n{work.after.decode()}")
            steps.append(Step(f"file {path}", PARTY, (change,), _power(rows), apply=work.apply, read_back=work.read_back))
    if not files and (why := unread(facts, wishes or Wishes())):
        steps.append(Step("workflows", PARTY, cannot=f"{why}. If that publishes, declare its publisher in `trustpub.toml`"))
    return tuple(steps)


def _elsewhere(facts: Facts, rows: Iterable[DeclaredPublisher]) -> str:
    """Say which other workflow file uploads what a missing one should: a second one beside it would publish everything twice."""
    for row in rows:
        for each in predicted(facts, row.index, Wanted(row.project, row.path)):
            name = each.workflow.rsplit("/", 1)[-1]
            return (
                f"`{each.workflow}` uploads `{row.project}` to {row.index}, and the publisher names `{row.workflow}`: rename the "
                f'file, or write `workflow = "{name}"` into `trustpub.toml` and register the publisher anew'
            )
    return ""


def _mending(
    checkout: Checkout,
    desired: Declaration,
    path: str,
    rows: list[DeclaredPublisher],
    addresses: Addresses,
    whole: Callable[[bytes, Iterable[DeclaredPublisher]], Mapping[str, bytes]],
) -> Iterator[Step]:
    place, data = checkout.declaration or (FILE_NAME, None)
    before = checkout.files[path]
    try:
        done = mended(checkout, (place, written(data, place, desired)), path, rows, addresses)
    except BadInput as problem:
        yield Step(f"file {path}", PARTY, cannot=str(problem))
        return
    absent = [each.row for each in done.left if each.absent]
    kept = [row for row in rows if all(row is not each for each in absent)]
    texts = whole(before, rows) if absent else {}
    text = next(iter(texts.values()), b"")
    after, left = done
    if absent and kept and before in whole(before, kept).values() and len(done.left) == len(absent):
        after, left = text, ()  # it stands as setup wrote it, so it can be written for all of them
    work = _Writing(checkout.root, path, before, after)
    differing = tuple(lines_that_differ(before, after))
    if differing:
        yield Step(f"file {path}", PARTY, differing, _power(rows), apply=work.apply, read_back=work.read_back)
    elif not left:
        yield Step(f"file {path}", PARTY)
    for each in left:
        name = f"{each.row.project} to {each.row.index}"
        told = f", as in the whole file that setup would write:\n{text.decode()}" if text and each.absent else ""
        change = Change("+", f"upload of {name}", "", f"a job of `{each.row.workflow}`{told}")
        yield Step(f"file {path}: {name}", PARTY, (change,), cannot=f"`{path}`: {each.why}")


def _whole(
    facts: Facts,
    desired: Declaration,
    addresses: Addresses,
    wishes: Wishes,
    before: bytes,
    rows: Iterable[DeclaredPublisher],
) -> dict[str, bytes]:
    """Write a file for these publishers as a setup would, by each event that may start a release: first the wished one.

    Actions stay at the commits that the file before names.
    """
    mine = tuple(rows)
    held = re.findall(rb"uses: ([!-~]+)@([0-9a-f]{40}) # ([!-~]+)", before)
    pins = {name.decode(): (commit.decode(), tag.decode()) for name, commit, tag in held}
    events: tuple[Literal["tag", "release"], ...] = ("tag", "release") if wishes.event == "tag" else ("release", "tag")
    plans = {event: new_workflow(facts, desired, mine, addresses, wishes._replace(event=event)) for event in events}
    try:
        return {event: publishing_workflow(plan, {**PINS, **pins}).encode() for event, plan in plans.items()}
    except BadInput:
        return {}


def _power(rows: Iterable[DeclaredPublisher]) -> str:
    names = dict.fromkeys(f"`{row.environment}`" for row in rows if row.environment)
    through = f", each through its environment ({', '.join(names)})" if names else ""
    return f"Once it is committed and pushed, its publishing jobs may ask for ID tokens{through}; no stored token is needed."


def lines_that_differ(before: bytes, after: bytes) -> Iterator[Change]:
    """Tell the lines that differ, piece by piece, each with the number of its first line in the present file.

    They are shown to people: what looks like a secret is hidden, and what could drive a terminal taken out.
    """
    old, new = (data.decode("utf-8", "replace").removesuffix("\n").replace("\r\n", "\n").split("\n") for data in (before, after))
    for tag, start, end, first, last in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            gone, come = ("\n".join(map(shown, lines)) for lines in (old[start:end], new[first:last]))
            yield Change(_SIGNS[tag], f"line {start + 1}", gone, come)


def to_commit(steps: Iterable[Step]) -> tuple[str, ...]:
    """Name the files that the steps write, which the person commits and pushes."""
    written_here = (step.key.removeprefix("file ") for step in steps if step.party == PARTY and step.changes and step.apply)
    return tuple(dict.fromkeys(written_here))

"""The checklist from an account to a test deployment: how far each item is, by what was read and by what was just done."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.index_project import IndexProject
from trustpub.domain.names import normalize
from trustpub.domain.untold import Untold
from trustpub.record import NamedTuple
from trustpub.rules import id_token
from trustpub.rules.wording import day, midnight
from trustpub.usecases.evidence_of_index import account as by_token
from trustpub.usecases.setup.names import newest_attested, shown
from trustpub.usecases.setup.registrars import canonical, key_of
from trustpub.usecases.setup.registrars.evidence import Evidence, evidence, held, published_by, statement
from trustpub.usecases.setup.words import listed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from trustpub.domain.declaration import Declaration, DeclaredPublisher
    from trustpub.rules.facts import Facts
    from trustpub.usecases.setup.step import Done

Name = Literal["account", "two-factor", "publisher", "environment", "id-token", "test deployment"]
State = Literal["proven", "stated", "missing", "unknown"]
TEST_DEPLOYMENT: Final = "test deployment"
"""The item, and the key of the step, that ends a setup."""
_WORST: tuple[State, ...] = ("missing", "unknown", "stated", "proven")


class Item(NamedTuple):
    """One line of the checklist, of one index where it has one. `evidence` is half a sentence."""

    name: Name
    state: State
    evidence: str
    index: str = ""  # type: ignore[assignment]  # hides tuple.index, which nobody calls on a record

    @property
    def good(self) -> bool:
        """Whether somebody saw it or said it."""
        return self.state in ("proven", "stated")


def checklist(facts: Facts, desired: Declaration, done: Iterable[Done], today: date) -> tuple[Item, ...]:
    """Say how far every item is. `facts` may have been read before the steps in `done`, which then speak for themselves."""
    steps = {each.step.key: each for each in done}
    rows = [canonical(row, facts.github) for row in desired.publishers]
    indexes = sorted({row.index for row in rows}, key=lambda name: (name == "pypi", name != "testpypi", name))
    accounts = {index: _account(index, facts, steps.get(f"account on {index}")) for index in indexes}
    return (
        *(Item("account", *accounts[index], index) for index in indexes),
        *(Item("two-factor", *_factors(index, accounts[index]), index) for index in indexes),
        *(Item("publisher", *_publishers(index, rows, facts, steps, today), index) for index in indexes),
        Item("environment", *_environments(rows, facts, steps)),
        Item("id-token", *_id_token(facts)),
        Item(TEST_DEPLOYMENT, *_test(rows, facts, steps.get(TEST_DEPLOYMENT), today)),
    )


def _account(index: str, facts: Facts, done: Done | None) -> tuple[State, str]:
    if done is not None and done.state == "stated":
        return "stated", done.note if not done.step.changes else "stated by you just now"
    own = facts.declaration.indexes.get(index)
    told = by_token(facts.indexes.get(index), own.url) if own is not None else None
    if told is not None and told[0] == "proven":
        return told
    account = facts.declaration.accounts.get(index)
    if account is not None and account.stated:
        return "stated", f"`{facts.declaration.path or 'trustpub.toml'}` states it since {account.stated}"
    return told or ("unknown", f"only its owner sees an account on {shown(index)}, and has not stated it")


def _factors(index: str, account: tuple[State, str]) -> tuple[State, str]:
    """What is said of the account on PyPI is said of its factors too; nobody is asked about them on an index of one's own."""
    if index in PUBLIC_INDEXES:
        return account
    return "unknown", f"not asked for: whether {shown(index)} wants two factors is its own affair"


def _publishers(
    index: str, rows: list[DeclaredPublisher], facts: Facts, steps: dict[str, Done], today: date
) -> tuple[State, str]:
    """Tell of the publishers on one index: the one that is least far speaks for all."""
    own = [row for row in rows if row.index == index]
    return _worst(_publisher(row, facts, steps.get(key_of(row, own)), today) for row in own)


def _publisher(row: DeclaredPublisher, facts: Facts, done: Done | None, today: date) -> tuple[State, str]:
    if done is not None and done.state in ("proven", "stated"):
        said = "stated by you just now" if done.state == "stated" else f"{shown(row.index)} lists it now"
        return done.state, f"`{row.project}`: {said if done.step.changes else done.note}"
    if done is not None and done.step.cannot:
        return "missing" if done.step.changes else "unknown", f"`{row.project}`: {done.step.cannot.rstrip('.')}"
    found = _evidence(row, facts, today)
    state: State = "missing" if found.state == "expired" else found.state
    return state, f"`{row.project}`: {found.why}"


def _evidence(row: DeclaredPublisher, facts: Facts, today: date) -> Evidence:
    """Ask what an index lists, where it lists anything, before what is published or stated."""
    side = facts.indexes.get(row.index)
    if side is not None and not isinstance(side.registered, Untold):
        there = held(row, side.registered, pending=side.projects.get(normalize(row.project)) is None)
        return Evidence("proven", f"{shown(row.index)} lists it") if there else Evidence("missing", "it is not listed")
    not_asked = Untold(f"{shown(row.index)} was not asked")
    project = side.projects.get(normalize(row.project), not_asked) if side is not None else not_asked
    return evidence(row, facts.declaration, project, today)


def _environments(rows: list[DeclaredPublisher], facts: Facts, steps: dict[str, Done]) -> tuple[State, str]:
    names = list(dict.fromkeys(row.environment for row in rows if row.environment))
    if not names:
        return "missing", "no publisher names an environment, so every job of its workflow file may publish"
    made = {key.lower(): each for key, each in steps.items()}  # GitHub compares their names without case
    return _worst(_environment(name, facts, made.get(f"environment {name.lower()}")) for name in names)


def _environment(name: str, facts: Facts, done: Done | None) -> tuple[State, str]:
    if done is not None and done.state == "proven":
        return "proven", f"GitHub has `{name}` as `trustpub.toml` says"
    if done is not None and done.state == "stated":
        return "stated", f"GitHub took `{name}`, and does not show all of it"
    if done is not None and done.step.cannot and not done.step.changes:
        return "unknown", done.step.cannot.rstrip(".")
    if facts.github is None:
        return "unknown", f"GitHub was not asked about `{name}`"
    found = facts.github.environment(name)
    if isinstance(found, Untold):
        return "unknown", f"GitHub did not tell of `{name}`: {found}"
    if found is None:
        return "missing", f"GitHub has no environment `{name}`"
    return "proven", f"GitHub has the environment `{found.name}`"


def _id_token(facts: Facts) -> tuple[State, str]:
    """Say whether every job that publishes by trusted publishing may ask for an ID token."""
    jobs = listed(f"`{site.job.id}` of `{site.workflow.file_name}`" for site, _ in facts.trusted())
    if not jobs:
        return "missing", "no step publishes by trusted publishing"
    refused = next(iter(id_token.check(facts)), None)
    return ("missing", refused.message) if refused is not None else ("proven", f"the files grant it to {jobs}")


def _test(rows: list[DeclaredPublisher], facts: Facts, done: Done | None, today: date) -> tuple[State, str]:
    """Say whether anything was published by these publishers to an index that is not PyPI."""
    tests = {row: _project(row, facts) for row in rows if row.index != "pypi"}
    for row, project in tests.items():
        if (file := published_by(row, project)) is not None:
            return "proven", f"`{file}` on {shown(row.index)} was published by this publisher"
    if since := next(filter(None, (_since(row, facts, project, today) for row, project in tests.items())), ""):
        return "stated", since
    if done is not None and done.state == "stated":
        return "unknown", done.note
    if not tests:
        return "missing", "no publisher is declared on TestPyPI or on an index of your own"
    where = listed(shown(row.index) for row in tests)
    return "missing", f"nothing on {where} is known to be published by this publisher"


def _project(row: DeclaredPublisher, facts: Facts) -> IndexProject | Untold | None:
    side = facts.indexes.get(row.index)
    return side.projects.get(normalize(row.project)) if side is not None else None


def _since(row: DeclaredPublisher, facts: Facts, project: IndexProject | Untold | None, today: date) -> str:
    """Tell of the newest file that was uploaded since a publisher is stated, and that says of nobody; empty without one."""
    stated = statement(row, facts.declaration)
    if stated is None or not isinstance(project, IndexProject) or newest_attested(project) is not None:
        return ""
    since = midnight(stated.stated) or 0
    files = [(file.uploaded_at, file.version) for file in project.files if file.uploaded_at and file.uploaded_at >= since]
    if not files or evidence(row, facts.declaration, project, today).state != "stated":
        return ""
    uploaded, version = max(files)
    return f"{shown(row.index)} has `{project.name}` {version} since {day(uploaded)}; nothing says by whom"


def _worst(found: Iterable[tuple[State, str]]) -> tuple[State, str]:
    """Return what is least far; of several that are equally far, all that is said of them."""
    told = list(found)
    state = min((state for state, _ in told), key=_WORST.index)
    return state, "; ".join(dict.fromkeys(why for each, why in told if each == state))


def before_test(items: Iterable[Item], index: str) -> Iterator[Item]:
    """Yield what has to be good before a test deployment to an index, and is not."""
    for item in items:
        if item.name == "two-factor" and index not in PUBLIC_INDEXES:
            continue
        if item.name != TEST_DEPLOYMENT and item.index in ("", index) and not item.good:
            yield item

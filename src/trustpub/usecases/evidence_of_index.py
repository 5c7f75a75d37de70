"""What the indexes told about the rows of acceptance: the projects that exist, and the publishers that they show.

An index shows a publisher in two ways: it lists it, or the provenance of a release names it. Neither is guessed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES
from trustpub.domain.index_project import IndexProject
from trustpub.domain.names import normalize
from trustpub.domain.pending import PENDING_DAYS, became
from trustpub.domain.untold import Untold
from trustpub.rules.on_index import is_ours, newest, published
from trustpub.rules.registered_differs import accepted, held
from trustpub.rules.wording import DAY, MOST_NAMES, age, day, midnight
from trustpub.usecases.report import Criterion
from trustpub.usecases.three_sides import token_variable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.index_project import Attested, IndexFile, IndexSide
    from trustpub.rules.facts import Facts
    from trustpub.rules.on_index import Published
    from trustpub.usecases.report import State
    from trustpub.workflows.predict import Prediction

_WORST: tuple[State, ...] = ("missing", "unknown", "stated", "proven")
"""A row is no better than the worst of what it is about."""
_ASKS = "`trustpub setup` asks, and writes the day"


def worst(criterion: str, found: Iterable[tuple[State, str]]) -> Criterion | None:
    """Join what was found about each thing into one row, the worst first; None when there is nothing."""
    each = sorted(dict.fromkeys(found), key=lambda pair: _WORST.index(pair[0]))
    if not each:
        return None
    shown = [why for _, why in each[:MOST_NAMES]]
    more = [f"and {len(each) - MOST_NAMES} more"] if len(each) > MOST_NAMES else []
    return Criterion(criterion, each[0][0], "; ".join([*shown, *more]))


def account(side: IndexSide | None, url: str) -> tuple[State, str] | None:
    """Say what the token for an index of one's own tells of an account there; None where no token tells, as on PyPI.

    Whoever it lists publishers to has an account that may see them. `url` is the index's address.
    """
    if side is None or side.name in PUBLIC_INDEXES or not url:
        return None
    variable = token_variable(url)
    if not isinstance(side.registered, Untold):
        return "proven", f"`{side.name}` takes the token in `{variable}` and lists publishers to it"
    if not side.registered.permission:
        return None
    return "unknown", f"{side.registered.why}: set `{variable}` to {side.registered.permission}"


def projects(facts: Facts) -> Criterion | None:
    """Say which projects the indexes have; None when the files name no project, so that none could be asked for."""
    names: dict[tuple[str, str], str] = {}
    for one in facts.uploads:
        for each in one.predictions:
            if each.index and each.project:
                names.setdefault((each.index, normalize(each.project)), each.project)
    for row in facts.declaration.publishers:
        names.setdefault((row.index, normalize(row.project)), row.project)
    return worst("project", (_project(facts, index, name) for (index, _), name in names.items()))


def _project(facts: Facts, index: str, name: str) -> tuple[State, str]:
    side = facts.indexes.get(index)
    why = "it did not answer" if index in (*PUBLIC_INDEXES, *facts.declaration.indexes) else "an index that is not declared"
    told = side.projects.get(normalize(name), Untold("it was not asked")) if side is not None else Untold(why)
    if isinstance(told, IndexProject):
        latest = f" ({told.latest})" if told.latest else ""
        return "proven", f"{index} has `{name}`{latest}"
    if isinstance(told, Untold):
        stated = any(row.index == index and normalize(row.project) == normalize(name) for row in facts.declaration.publishers)
        start = f"`{facts.declaration.path}` names `{name}` on {index}, and " if stated else f"whether {index} has `{name}`: "
        return "stated" if stated else "unknown", f"{start}{told}"
    return _pending(facts, side, index, name)


def _pending(facts: Facts, side: IndexSide | None, index: str, name: str) -> tuple[State, str]:
    """Say what makes a project that is not there: a pending publisher that the index lists, or that somebody stated."""
    rows = () if side is None or isinstance(side.registered, Untold) else side.registered
    if any(row.pending and normalize(row.project) == normalize(name) for row in rows):
        return "proven", f"{index} lists a pending publisher of `{name}`, which makes the project at the first release"
    stated = [row for row in facts.declaration.publishers if row.index == index and normalize(row.project) == normalize(name)]
    row = max((row for row in stated if row.pending or row.stated), key=lambda row: row.stated, default=None)
    if row is None:
        return "missing", f"{index} has no `{name}`, and no pending publisher is stated"
    return _waiting(facts, row, f"{index} has no `{name}` yet; `{facts.declaration.path}` states a pending publisher")


def _waiting(facts: Facts, row: DeclaredPublisher, start: str) -> tuple[State, str]:
    """Say since when a pending publisher waits, and until when PyPI lets it."""
    if not row.stated:
        return "stated", f"{start}, but no day on which somebody registered it: {_ASKS}"
    then = midnight(row.stated)
    if then is None or not row.pending or row.index not in PUBLIC_INDEXES:
        return "stated", f"{start} since {row.stated}"
    if age(then, facts.now or 0) > PENDING_DAYS:
        return "missing", f"{start} since {row.stated}, and {row.index} removes one after {PENDING_DAYS} days: register it again"
    return "stated", f"{start} since {row.stated}: publish before {day(then + PENDING_DAYS * DAY)}"


def publishers(facts: Facts, files: Criterion) -> Criterion:
    """Say of each upload who proves its publisher; `files` is the row as the files alone give it."""
    if files.state == "missing":
        return files
    found = [state for each in published(facts) for state in _publisher(facts, each, files)]
    asked = {(each.index, normalize(each.project)) for each in published(facts)}
    trusted = [one for _, predictions in facts.trusted() for one in predictions if one.reached and one.verdict != "never"]
    rest = [one for one in trusted if (one.index or "", normalize(one.project or "")) not in asked]
    if not found or rest:
        found.append((files.state, files.evidence.removesuffix("; no index was asked").removesuffix("; the index was not asked")))
    return worst("publisher", found) or files


def _publisher(facts: Facts, each: Published, files: Criterion) -> Iterator[tuple[State, str]]:
    """Take the index's own list first, then the newest release's provenance, then what is stated."""
    uploads = [prediction for _, prediction in each.uploads if prediction.verdict != "never"]
    if not isinstance(each.side.registered, Untold):
        yield from _listed(each, uploads)
        return
    last = newest(each.there) if each.there is not None else ()
    for prediction in uploads:
        shown = next(((file, who) for file, who in reversed(last) if _is_of(facts, who, prediction)), None)
        yield _shown(each, *shown) if shown is not None else _stated(facts, each, files, prediction)


def _listed(each: Published, uploads: list[Prediction]) -> Iterator[tuple[State, str]]:
    rows = () if isinstance(each.side.registered, Untold) else each.side.registered
    mine = [row for row in rows if normalize(row.project) == normalize(each.project)]
    for prediction in uploads:
        job = f"the job `{prediction.job}`"
        decision = held(prediction, mine)
        row = accepted(decision, mine) if decision is not None else None
        if decision is None:
            yield "unknown", f"which of the publishers on {each.index} accepts {job}, only a run knows"
        elif row is None:
            yield "missing", f"{each.index} lists no publisher of `{each.project}` that accepts {job}"
        else:
            yield "proven", f"{each.index} lists the publisher that accepts {job}: {row.publisher.specifier}"


def _is_of(facts: Facts, who: Attested, prediction: Prediction) -> bool:
    """Say whether a provenance names the very publisher that accepts an upload."""
    slug = facts.github.repository.slug if facts.github is not None else facts.repository.slug
    same = is_ours(facts, who) and who.repository.lower() == slug.lower()
    named = not who.environment or who.environment.lower() == prediction.environment.lower()
    return same and named and who.workflow == prediction.publisher.get("workflow_filename")


def _shown(each: Published, file: IndexFile, who: Attested) -> tuple[State, str]:
    when = f" on {day(file.uploaded_at)}" if file.uploaded_at is not None else ""
    environment = f", environment `{who.environment}`" if who.environment else ", any environment"
    by = f"`{who.repository}`, `{who.workflow}`{environment}"
    return "proven", f"{each.index} took `{each.project}` {file.version}{when} from the publisher {by}"


def _stated(facts: Facts, each: Published, files: Criterion, prediction: Prediction) -> tuple[State, str]:
    """Fall back on the declaration: of this index, with the day on which somebody stated it."""
    if not each.rows or files.state != "stated":
        return "unknown", f"{each.side.registered}; and no release of `{each.project}` on {each.index} shows this one"
    of_file = [row for row in each.rows if row.workflow == prediction.publisher.get("workflow_filename")]
    row = max(of_file or each.rows, key=lambda row: row.stated)
    path = facts.declaration.path
    if not row.stated:
        start = f"`{path}` declares a publisher that matches on {each.index}"
        return "stated", f"{start}, but no day on which somebody registered it: {_ASKS}"
    start = f"`{path}` states a publisher that matches on {each.index}"
    if row.pending and each.there is not None:
        account = facts.declaration.accounts.get(each.index)
        state, why = _used(row, each.there, account.user if account is not None else "")
        return state, f"{start}, pending since {row.stated}; {why}"
    return "stated", f"{start} (the day: {row.stated}); {each.side.registered}"


def _used(row: DeclaredPublisher, project: IndexProject, user: str) -> tuple[State, str]:
    """Say what became of a pending publisher whose project exists by now, and of which no release shows it."""
    if last := newest(project):
        file, who = last[-1]
        return "unknown", f"`{file.filename}` was published by another one: `{who.repository}`, `{who.workflow}`"
    found = became(row, project, user)
    return "stated" if found.fits else "unknown", found.why

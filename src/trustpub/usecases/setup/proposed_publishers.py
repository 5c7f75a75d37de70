"""The publishers that a repository should have: those of `trustpub.toml`, spelled as GitHub does, and those that are missing.

What uploads today decides: its workflow file and its environment are taken as they are. Only what nobody does yet is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.declaration import PUBLIC_INDEXES, DeclaredPublisher
from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider
from trustpub.domain.untold import Untold
from trustpub.errors import BadInput
from trustpub.record import NamedTuple
from trustpub.usecases.setup.github_plan import unguarded
from trustpub.usecases.setup.order import New, rounds
from trustpub.usecases.setup.wishes import Reason, Wanted, predicted, unread

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trustpub.domain.package import Package
    from trustpub.rules.facts import Facts
    from trustpub.usecases.setup.wishes import Identity, Wishes
    from trustpub.workflows.predict import Prediction

WORKFLOW = "pypi.yml"
"""The name of a new workflow file, where nobody wishes another one."""
TEST_WORKFLOW = "testpypi.yml"
FIRST_INDEXES = ("testpypi", "pypi")


class Publishers(NamedTuple):
    """The publishers to want, in the file's order with the new ones last, and why they are what they are.

    `several` says that the repository publishes several packages, so that each has names and tags of its own.
    """

    rows: tuple[DeclaredPublisher, ...]
    reasons: tuple[Reason, ...]
    several: bool


def publishers(facts: Facts, wishes: Wishes, me: Identity) -> Publishers:
    """Propose the publishers of a repository. Raises `BadInput` where no name or address can be told."""
    before = facts.declaration.publishers
    kept = tuple(_completed(row, me) for row in before)
    indexes = _indexes(facts, wishes)
    wanted, skipped = _wanted(facts, wishes, me, kept)
    several = _are_several(facts, wishes, me, kept, wanted)
    new = tuple(_missing(facts, wishes, me, wanted, indexes, kept, several=several))
    rows = (*kept, *new)
    reasons = (
        *_told_of_changes(before, kept, me),
        *skipped,
        *_left_out(facts, wishes, wanted, rows),
        *_told_of_new(facts, wishes, new),
        *_without_trial(facts, wishes, indexes),
        *_order(facts, rows),
    )
    return Publishers(rows, reasons, several)


def _are_several(facts: Facts, wishes: Wishes, me: Identity, kept: tuple[DeclaredPublisher, ...], wanted: list[Wanted]) -> bool:
    """Say whether there are several packages: one that is asked for alone gets the names that it has beside the others."""
    names = {normalize(each.project) for each in wanted}
    if wishes.packages:
        whole, _ = _wanted(facts, wishes._replace(packages=()), me, ())
        names |= {normalize(each.project) for each in whole} | {normalize(row.project) for row in kept if me.is_of(row)}
    return len(names) > 1


def _completed(row: DeclaredPublisher, me: Identity) -> DeclaredPublisher:
    """Spell a publisher as GitHub does, and fill in the owner's number; a number that is there stays, right or wrong.

    An index compares the repository's name letter by letter: what somebody stated of another spelling is not true of this one.
    """
    if not me.told or not me.is_of(row):
        return row
    spelled = row._replace(owner=me.owner, repository=me.name, owner_id=row.owner_id or me.id)
    same = (row.owner.lower(), row.repository) == (me.owner.lower(), me.name)
    return spelled if same else spelled._replace(stated="", pending=False)  # what was stated was about another record


def _told_of_changes(before: Iterable[DeclaredPublisher], after: Iterable[DeclaredPublisher], me: Identity) -> Iterator[Reason]:
    for number, (old, new) in enumerate(zip(before, after, strict=True), 1):
        where = f"publisher[{number}]"
        if (old.owner, old.repository) != (new.owner, new.repository):
            renamed = f"{old.owner}/{old.repository}".lower() == me.before.lower()
            what = "the repository was renamed; a publisher with the former name is refused" if renamed else "GitHub spells it so"
            yield Reason(where, f"{what}: `{new.owner}/{new.repository}`; PyPI compares letter by letter")
        if old.owner_id != new.owner_id:
            yield Reason(f"{where}.owner_id", f"GitHub's number of `{new.owner}`, which stays when the name changes hands")
        elif me.id and me.is_of(new) and old.owner_id != me.id:
            why = (
                f"it says `{old.owner_id}`, GitHub says `{me.id}`: another account has the name now, or it is a slip; not changed"
            )
            yield Reason(f"{where}.owner_id", why)


def _indexes(facts: Facts, wishes: Wishes) -> tuple[str, ...]:
    """Say where to publish: as wished, else as declared, else where the files upload to, else TestPyPI and PyPI.

    TestPyPI goes first, PyPI last. TestPyPI alone is where somebody began, not where a release ends; a project that releases
    already needs no trial unless somebody asks for one.
    """
    names = wishes.indexes or _in_use(facts) or FIRST_INDEXES
    for name in names:
        if name not in PUBLIC_INDEXES and name not in facts.declaration.indexes:
            step = f"Declare it in `trustpub.toml` as `[indexes.{name}]` with its `url`"
            raise BadInput(f"index `{name}`", why="its address is not known", next_step=step)
    return tuple(sorted(dict.fromkeys(names), key=lambda name: (name == "pypi", name != "testpypi")))


def _without_trial(facts: Facts, wishes: Wishes, indexes: tuple[str, ...]) -> Iterator[Reason]:
    """Say how to get a test deployment where none is proposed, because the project releases already."""
    if indexes == ("pypi",) and not wishes.indexes and not facts.declaration.publishers:
        why = "this project is uploaded to PyPI already, so no trial on TestPyPI is proposed"
        yield Reason("publisher.index", f"{why}: `--index testpypi --index pypi` sets one up too")


def _in_use(facts: Facts) -> tuple[str, ...]:
    """Name the indexes that publishers are declared on, else those that are uploaded to; none where that is TestPyPI at most."""
    known = {*PUBLIC_INDEXES, *facts.declaration.indexes}
    declared = dict.fromkeys(row.index for row in facts.declaration.publishers)
    uploaded = sorted(_uploaded_to(facts) & known)
    return next((tuple(names) for names in (declared, uploaded) if set(names) - {"testpypi"}), ())


def _wanted(facts: Facts, wishes: Wishes, me: Identity, kept: tuple[DeclaredPublisher, ...]) -> tuple[list[Wanted], list[Reason]]:
    """List the projects: those wished by their folders, else the declared ones, else those that are uploaded, else every one."""
    declared = list(dict.fromkeys(Wanted(row.project, row.path) for row in kept if me.is_of(row)))
    if declared and not wishes.packages:
        return declared, []
    if kept and not wishes.packages:
        return [], [Reason("publisher", f"those that are declared are not of `{me.owner}/{me.name}`, so nothing is added")]
    folders = {folder.strip("/") or "." for folder in wishes.packages}
    packages = [each for each in facts.packages if each.path in folders or not folders]
    named = [each for each in packages if each.name]
    if not named:
        raise _no_package(wishes, packages)
    why = "its name is not written down in a file, so it is left out: declare its publisher by hand"
    skipped = [Reason(f"package `{each.path}`", why) for each in packages if not each.name]
    wanted = [Wanted(each.name or "", "" if each.path == "." else each.path) for each in named]
    if not folders:
        wanted += [each for each in _found_by_uploads(facts) if each.path not in {one.path for one in wanted}]
    uploaded = [each for each in wanted if any(_uploads(facts, index, each) for index in _uploaded_to(facts))]
    if uploaded and len(uploaded) < len(wanted) and not folders:
        others = ", ".join(f"`{each.project}`" for each in wanted if each not in uploaded)
        step = "`trustpub setup --package FOLDER` is for one of them"
        skipped.append(Reason("publisher", f"no workflow uploads {others}, so nothing is proposed for that: {step}"))
    return uploaded if uploaded and not folders else wanted, skipped


def _no_package(wishes: Wishes, packages: list[Package]) -> BadInput:
    if packages:
        where = ", ".join(f"`{each.path}`" for each in packages)
        step = "Write `name` into `[project]` of its pyproject.toml, or declare the publisher in `trustpub.toml`"
        return BadInput(f"the package in {where}", why="its name is not written down in a file", next_step=step)
    asked = ", ".join(f"`{folder}`" for folder in wishes.packages)
    step = "Run this in the repository of the package, or name the folder of one that has a pyproject.toml"
    return BadInput(f"the package in {asked}" if asked else "the package", why="there is none in this checkout", next_step=step)


def _missing(
    facts: Facts,
    wishes: Wishes,
    me: Identity,
    wanted: list[Wanted],
    indexes: tuple[str, ...],
    kept: tuple[DeclaredPublisher, ...],
    *,
    several: bool,
) -> Iterator[DeclaredPublisher]:
    """Yield the publishers of every project and index that has none, but where what publishes today could not be read."""
    have = {(row.index, normalize(row.project)) for row in kept}
    for each in wanted:
        siblings = [row for row in kept if normalize(row.project) == normalize(each.project) and me.is_of(row)]
        for index in indexes:
            uploads = _uploads(facts, index, each)
            unknown = not uploads and not siblings and unread(facts, wishes)
            if unknown or (index, normalize(each.project)) in have:
                continue
            for found in uploads or (None,):
                yield DeclaredPublisher(
                    project=each.project,
                    index=index,
                    provider=Provider.GITHUB,
                    owner=me.owner,
                    owner_id=me.id,
                    repository=me.name,
                    workflow=_workflow(facts, wishes, found, siblings, each, index, kept if several else ()),
                    environment=_environment(facts, index, each, found, several=several),
                    issuer=next((row.issuer for row in siblings), "") or _issuer(facts.host),
                    path=each.path,
                    pending=_is_new(facts, index, each.project) is True,
                )


def _uploads(facts: Facts, index: str, wanted: Wanted) -> tuple[Prediction, ...]:
    """List what uploads a project today, one for each file and environment, for each is a publisher of its own.

    Of a project that does not exist yet only the first: the others' pending publishers go when it is made.
    """
    found = list(predicted(facts, index, wanted)) or list(predicted(facts, index, wanted, reached=False))[:1]
    own = {(_file_of(each), each.environment.lower()): each for each in reversed(found)}
    first = list(reversed(own.values()))
    return tuple(first[:1] if _is_new(facts, index, wanted.project) else first)


def _file_of(upload: Prediction) -> str:
    return upload.publisher.get("workflow_filename") or upload.workflow.rsplit("/", 1)[-1]


def _workflow(
    facts: Facts,
    wishes: Wishes,
    found: Prediction | None,
    siblings: list[DeclaredPublisher],
    wanted: Wanted,
    index: str,
    beside: tuple[DeclaredPublisher, ...],
) -> str:
    """Name the file: the one that uploads there, else one that is declared and not there yet, else a new one.

    A test upload beside a file that publishes already gets a file of its own: nobody's file is rewritten. What follows a test
    upload goes into its file, and a package into the one that was written for those `beside` it.
    """
    if found is not None:
        return _file_of(found)
    there = {path.rsplit("/", 1)[-1].lower() for path in (*facts.workflows, *facts.broken)}
    for row in siblings:
        if row.workflow.lower() not in there:
            return row.workflow
    if wishes.workflow and _file_name(wishes.workflow).lower() not in there:
        return _file_name(wishes.workflow)
    if wishes.workflow and not any(site.workflow.file_name == _file_name(wishes.workflow) for site, _ in facts.sites()):
        step = "Name a file that is not there yet: it is then written"
        raise BadInput(f"workflow `{wishes.workflow}`", why="it is there already, and uploads nothing", next_step=step)
    released = index == "testpypi" and any(any(predicted(facts, each, wanted)) for each in _uploaded_to(facts) - {"testpypi"})
    tested = next((row.workflow for row in siblings if row.index == "testpypi"), "") if index != "testpypi" else ""
    if not wishes.workflow and (tested or any(row.workflow == WORKFLOW for row in beside)):
        return tested or WORKFLOW
    first = (TEST_WORKFLOW, WORKFLOW) if released else (WORKFLOW, "publish-to-pypi.yml")
    return next(name for name in (*first, *(f"pypi-{number}.yml" for number in range(2, 1000))) if name not in there)


def _found_by_uploads(facts: Facts) -> Iterator[Wanted]:
    """Yield the projects that are uploaded from folders where no package is looked for, each once."""
    found = [each for _, predictions in facts.sites() for each in predictions if each.reached and each.project and each.package]
    yield from dict.fromkeys(Wanted(each.project or "", "" if each.package == "." else each.package or "") for each in found)


def _uploaded_to(facts: Facts) -> set[str]:
    """Name the indexes that anything of the checkout is uploaded to."""
    return {each.index for _, predictions in facts.sites() for each in predictions if each.index}


def _file_name(wished: str) -> str:
    name = wished.removeprefix(".github/workflows/")
    if "/" in name or not name.endswith((".yml", ".yaml")):
        why = "must be a file name that ends in .yml or .yaml"
        raise BadInput(f"workflow `{wished}`", why=why, next_step=f"Such as `{WORKFLOW}`")
    return name


def _environment(facts: Facts, index: str, wanted: Wanted, found: Prediction | None, *, several: bool) -> str:
    """Name the environment: the one that the job names, else one for all that the job uploads, which can name only one.

    None is named where nobody can give it rules.
    """
    if facts.github is not None and unguarded(facts.host or "github.com", facts.github) and not (found and found.environment):
        return ""
    own = f"{index}-{normalize(wanted.project)}" if several else index
    if found is None or found.environment:
        return found.environment if found is not None else own
    beside = [
        each
        for site, predictions in facts.sites()
        for each in predictions
        if (site.workflow.path, site.job.id) == (found.workflow, found.job) and each.reached
    ]
    if any(each.index not in (index, None) for each in beside):
        return "pypi" if any(each.index == "pypi" for each in beside) else beside[0].index or index
    return index if len({each.project for each in beside}) > 1 else own


def _issuer(host: str) -> str:
    """Name the issuer of an Enterprise Server or a host of `ghe.com`; empty for github.com, whose it is when nothing is said."""
    if host.endswith(".ghe.com"):
        return f"https://token.actions.{host}"
    return f"https://{host}/_services/token" if host.startswith(("github.", "ghe.")) and host != "github.com" else ""


def _is_new(facts: Facts, index: str, project: str) -> bool | None:
    """Say whether a project does not exist on an index; None when the index did not say."""
    side = facts.indexes.get(index)
    if side is None or normalize(project) not in side.projects:
        return None
    found = side.projects[normalize(project)]
    return None if isinstance(found, Untold) else found is None


def _left_out(facts: Facts, wishes: Wishes, wanted: list[Wanted], rows: tuple[DeclaredPublisher, ...]) -> Iterator[Reason]:
    """Say of which projects it is not known who publishes them, and what to do; a second workflow would publish them twice."""
    have = {normalize(row.project) for row in rows}
    names = ", ".join(f"`{each.project}`" for each in wanted if normalize(each.project) not in have)
    if rows and names and (why := unread(facts, wishes)):
        step = f"`trustpub setup --workflow {WORKFLOW}` writes one all the same"
        yield Reason("publisher", f"{why}. No second workflow is proposed for {names} beside it: {step}")


def _told_of_new(facts: Facts, wishes: Wishes, new: tuple[DeclaredPublisher, ...]) -> Iterator[Reason]:
    if any(row.environment.startswith(f"{row.index}-") for row in new):
        why = (
            "an environment for each package: an index keeps one pending publisher for each identity, so several new projects "
            "can wait side by side, and a run for one package cannot publish another"
        )
        yield Reason("publisher.environment", why)
        if wishes.event == "release":
            why = "several packages are released by tags of their own: a release trigger cannot tell whose release it is"
            yield Reason("event", why)
    shared = {(row.workflow, row.environment): row.project for row in new if row.index != "testpypi" and row.environment}
    for project in dict.fromkeys(shared.get((row.workflow, row.environment)) for row in new if row.index == "testpypi"):
        if project:
            step = "cut it in two to test without its approvals"
            yield Reason("publisher.environment", f"one job uploads `{project}` to TestPyPI too, and can name one only: {step}")
    tested = [Wanted(row.project, row.path) for row in new if row.index == "testpypi"]
    if any(not any(predicted(facts, "testpypi", each)) for each in tested):
        yield Reason("publisher.index", "TestPyPI comes first: a release that fails there costs no version on PyPI")


def _order(facts: Facts, publishers: Iterable[DeclaredPublisher]) -> Iterator[Reason]:
    """Say in which order projects that do not exist yet have to be registered, where that is not all at once."""
    for index in PUBLIC_INDEXES:
        rows = [row for row in publishers if row.index == index and row.provider is Provider.GITHUB]
        new = [
            New(row.project, (row.owner, row.repository, row.workflow, row.environment.lower()))
            for row in rows
            if _is_new(facts, index, row.project)
        ]
        planned = rounds(new)
        if len(planned) > 1:
            turns = "; then, once these are released, ".join(
                ", ".join(f"`{each.project}`" for each in turn.register) for turn in planned
            )
            why = f"on {index} three pending publishers at most, of different identities, can wait at once: first {turns}"
            yield Reason("publisher.pending", why)

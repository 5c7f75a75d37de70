"""The four rows of acceptance: account, project, publisher, environment; each proven, stated, missing or unknown.

Files alone prove none of them: an account, a project and a publisher live on the index, an environment in GitHub's settings. What
`trustpub.toml` declares is *stated*; what nobody told is *unknown*, with what would answer it; *missing* is only what the files
show, or an index or GitHub says, to be missing; *proven* only what an index or GitHub shows. No index
shows an account to strangers; one of your own shows it by taking its token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.report import Criterion
from trustpub.workflows.model import word
from trustpub.workflows.sites import Outside

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from trustpub.domain.findings import Finding
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

MOST_NAMES = 6
"""How many names a row lists before it counts the rest."""


def acceptance(facts: Facts, findings: Iterable[Finding] = ()) -> tuple[Criterion, ...]:
    """Say how far each row is. No row may claim what a blocker contradicts."""
    blockers = [finding for finding in findings if finding.severity == "blocker"]
    rows = (_account(facts), _project(facts), _publisher(facts), _environment(facts))
    told = _told(facts, rows) if facts.now is not None else rows
    return tuple(_contradicted(row, blockers) for row in told)


def _told(facts: Facts, rows: tuple[Criterion, Criterion, Criterion, Criterion]) -> tuple[Criterion, ...]:
    """Let what the other two sides told go before what the files say."""
    from trustpub.usecases.evidence_of_github import environments
    from trustpub.usecases.evidence_of_index import account, projects, publishers

    _, project, publisher, environment = rows
    told = {name: account(facts.indexes.get(name), index.url) for name, index in facts.declaration.indexes.items()}
    by_token = {name: each[1] for name, each in told.items() if each is not None and each[0] == "proven"}
    return (
        _account(facts, by_token),
        projects(facts) or project,
        publishers(facts, publisher),
        environments(facts, environment),
    )


_CONTRADICTING = {
    "M06": "project", "N02": "project", "P01": "project", "M01": "publisher", "M08": "publisher", "M13": "publisher",
    "E03": "environment",
}  # fmt: skip
"""Which blockers are about which row: what was declared is not so."""


def _contradicted(row: Criterion, blockers: list[Finding]) -> Criterion:
    """Let the first blocker that is about a row speak for it; a publishing file that cannot be read leaves it open."""
    against = next((each for each in blockers if _CONTRADICTING.get(each.rule) == row.criterion), None)
    if against is not None:
        return row._replace(state="missing", evidence=f"{against.message} ({against.rule})")
    unread = next((each for each in blockers if each.rule == "F01"), None)
    if unread is not None and row.state == "missing":
        return row._replace(state="unknown", evidence=f"`{unread.span.path}` seems to publish, and cannot be run as it is (F01)")
    return row


def _account(facts: Facts, by_token: Mapping[str, str] = {}) -> Criterion:
    """Say whose word there is for each account. `by_token` are those that an index has accepted a token of, with how it told."""
    indexes = _indexes(facts)
    accounts = facts.declaration.accounts
    stated = [name for name in indexes if name not in by_token and name in accounts and accounts[name].stated]
    proven = _names(why for name, why in by_token.items() if name in indexes)
    missing = [name for name in indexes if name not in stated and name not in by_token]
    if stated and not missing:
        told = _names(
            f"{accounts[name].user and f'`{accounts[name].user}` '}on {name} ({accounts[name].stated})" for name in stated
        )
        two = " has a verified e-mail address and two factors" if set(stated) & {"pypi", "testpypi"} else " is there"
        why = f"`{facts.declaration.path}` states that the account {told}{two}"
        return Criterion("account", "stated", f"{why}; {proven}" if proven else why)
    if proven and not missing:
        return Criterion("account", "proven", proven)
    where = " and ".join(missing) or "the index"
    own = " (each has accounts of its own)" if len(indexes) > 1 else ""
    return Criterion("account", "unknown", f"nobody has stated the account on {where}{own}: `trustpub setup` asks about it")


def _indexes(facts: Facts) -> list[str]:
    """List the indexes that uploads go to, or that publishers are declared on."""
    found = [each.index for one in facts.uploads for each in one.predictions if each.index]
    return list(dict.fromkeys([*found, *(row.index for row in facts.declaration.publishers)]))


def _project(facts: Facts) -> Criterion:
    stated = _on((row.project, row.index) for row in facts.declaration.publishers)
    if stated:
        return Criterion("project", "stated", f"`{facts.declaration.path}` names {stated}; the index was not asked")
    found = [each for one in facts.uploads for each in one.predictions]
    carried = [(each.project, each.index or "") for each in found if each.project]
    if carried:
        more = ", and of what could not be told" if any(not each.project for each in found) else ""
        many = len(set(carried)) > 1 or more
        one = len({project for project, _ in carried}) == 1 and not more
        asked = f"no index was asked whether it has {'this project' if one else 'these projects'}"
        return Criterion("project", "unknown", f"the upload{'s are' if many else ' is'} of {_on(carried)}{more}; {asked}")
    names = list(dict.fromkeys(f"`{package.name}`" for package in facts.packages if package.name))
    if names:
        called = f"packages here are called {_names(names)}" if len(names) > 1 else f"package here is called {names[0]}"
        asked = "has projects of these names" if len(names) > 1 else "has a project of this name"
        return Criterion("project", "unknown", f"the {called}; no index was asked whether it {asked}")
    if facts.packages:
        return Criterion("project", "unknown", "only a build can tell the package's name; no index was asked")
    return Criterion("project", "missing", "there is no package in this checkout: neither pyproject.toml nor setup.py")


def _on(rows: Iterable[tuple[str, str]]) -> str:
    """List projects with the indexes that each is on."""
    indexes: dict[str, dict[str, None]] = {}
    for project, index in rows:
        indexes.setdefault(project, {}).setdefault(index)
    told = ((f"`{project}`", _names(filter(None, where))) for project, where in indexes.items())
    return _names(f"{project} on {where}" if where else project for project, where in told)


def _publisher(facts: Facts) -> Criterion:
    trusted = [each for _, predictions in facts.trusted() for each in predictions if each.credential == "trusted-publishing"]
    if not trusted:
        return _untrusted(facts)
    hopeless = (each for each in trusted if _is_hopeless(each, trusted) and not _is_gated(each))
    stopped = next(hopeless, None)
    if stopped is not None:
        where = f"{stopped.workflow}, job `{stopped.job}`"
        return Criterion("publisher", "missing", f"{stopped.why[0] if stopped.why else stopped.verdict} ({where})")
    if not facts.declaration.publishers:
        why = f"only a project's owners see its publishers; the workflows need one for {_needed(trusted)}"
        return Criterion("publisher", "unknown", why)
    unstated = [each for each in trusted if not _is_stated(each, facts)]
    if unstated:
        each = unstated[0]
        where = each.index or "an index that cannot be told"
        why = f"`{facts.declaration.path}` states no publisher on {where} for `{each.workflow}`, job `{each.job}`"
        return Criterion("publisher", "unknown", f"{why}; no index was asked")
    path, on = facts.declaration.path, {each.index for each in trusted}
    if not all(row.stated for row in facts.declaration.publishers if row.index in on):
        start = f"`{path}` declares publishers that match, but not of each the day on which somebody registered it"
        return Criterion("publisher", "stated", f"{start}: `trustpub setup` asks, and writes the day; the index was not asked")
    return Criterion("publisher", "stated", f"`{path}` states publishers that match; the index was not asked")


def _needed(trusted: Iterable[Prediction]) -> str:
    """List the publishers that would fit, by their files."""
    indexes: dict[tuple[str, str], dict[str, None]] = {}
    for each in trusted:
        key = (each.publisher["workflow_filename"], _of(each))
        indexes.setdefault(key, {}).setdefault(each.index or "an index that cannot be told")
    return "; and one for ".join(f"`{file}` on {_names(where)}{of}" for (file, of), where in indexes.items())


def _of(prediction: Prediction) -> str:
    """Say which environment the publisher may name; PyPI takes one that names none too."""
    kept = prediction.publisher.get("environment", "")
    lower = "" if kept in ("", prediction.environment) else " (which PyPI keeps in lower case)"
    return f", with the environment `{prediction.environment or kept}`{lower} or with none" if kept else ""


def _is_hopeless(prediction: Prediction, trusted: Iterable[Prediction]) -> bool:
    """Say whether this kind of run and every other one of the same upload is stopped."""
    place = (prediction.workflow, prediction.line, prediction.index)
    verdicts = {each.verdict for each in trusted if (each.workflow, each.line, each.index) == place}
    return verdicts <= {"refused", "never"}


def _is_gated(prediction: Prediction) -> bool:
    """Say whether the declared rules of the environment are what stops it."""
    return prediction.verdict == "refused" and prediction.why[0].startswith("the environment ")


def _is_stated(prediction: Prediction, facts: Facts) -> bool:
    return any(row.index == prediction.index for row in facts.declaration.publishers)


def _untrusted(facts: Facts) -> Criterion:
    """Say why no publisher can match: nothing publishes, or it publishes with something else."""
    uploads = [each for one in facts.uploads for each in one.predictions]
    if not uploads:
        return Criterion("publisher", "missing", "no step that publishes was found, so no publisher can match")
    outside = _names(f"`{one.site.uses.partition('@')[0]}`" for one in facts.uploads if isinstance(one.site, Outside))
    if outside:
        why = f"what uploads is not in this checkout, so what it brings was not read: {outside}"
        return Criterion("publisher", "unknown", why)
    if any(each.credential in ("token", "both") for each in uploads):
        why = "every upload is made with a stored password or token, so no publisher is ever asked"
        return Criterion("publisher", "missing", why)
    why = "no step surely publishes by trusted publishing: what the uploads bring is not in the files"
    return Criterion("publisher", "missing", why)


def _environment(facts: Facts) -> Criterion:
    trusted = [(site, each) for site, predictions in facts.trusted() for each in predictions if each.verdict != "never"]
    names = list(dict.fromkeys(each.environment for _, each in trusted if each.environment))
    without = [_job(site) for site, _ in trusted if site.job.environment is None]
    if without:
        verb = "name" if len(set(without)) > 1 else "names"
        return Criterion(
            "environment", "missing", f"{_names(without)} {verb} no environment{_beside(names) if facts.github is None else ''}"
        )
    if not trusted:
        return _without_publishers(facts)
    gated = next((each for _, each in trusted if _is_gated(each) and _is_hopeless(each, [other for _, other in trusted])), None)
    if gated is not None:
        return Criterion("environment", "missing", f"{gated.why[0]} ({gated.workflow}, job `{gated.job}`)")
    if not names:
        return Criterion("environment", "unknown", "which environment the publishing jobs name, only a run knows")
    shown = _names(f"`{name}`" for name in names)
    stated = [name for name in names if facts.declaration.environment(name) is not None]
    if len(stated) == len(names):
        return Criterion("environment", "stated", f"`{facts.declaration.path}` states the rules of {shown}; GitHub was not asked")
    why = f"GitHub was not asked about {shown}: a job that names a missing environment creates it without any rule"
    return Criterion("environment", "unknown", why)


def _without_publishers(facts: Facts) -> Criterion:
    """Say which environments the uploading jobs name, where none of them publishes by trusted publishing."""
    start = "no job publishes by trusted publishing"
    jobs = [(site, site.job.environment) for site, _ in facts.sites()]
    named = _names(f"`{word(environment.name)}` of {_job(site)}" for site, environment in jobs if environment is not None)
    if named:
        return Criterion("environment", "unknown", f"{start}; GitHub was not asked about {named}")
    if not jobs:
        return Criterion("environment", "missing", f"{start}, so there is none that an environment could guard")
    unnamed = [_job(site) for site, _ in jobs]
    verb = "name" if len(set(unnamed)) > 1 else "names"
    return Criterion("environment", "missing", f"{start}; {_names(unnamed)} {verb} no environment")


def _job(site: Site) -> str:
    return f"the publishing job `{site.job.id}` of `{site.workflow.file_name}`"


def _beside(names: list[str]) -> str:
    shown = _names(f"`{name}`" for name in names)
    return f" (others name {shown}, about which GitHub was not asked)" if names else ""


def _names(words: Iterable[str]) -> str:
    """List words once each, the first few of them."""
    each = list(dict.fromkeys(words))
    if len(each) > MOST_NAMES:
        return f"{', '.join(each[:MOST_NAMES])} and {len(each) - MOST_NAMES} more"
    return " and ".join(filter(None, (", ".join(each[:-1]), *each[-1:])))

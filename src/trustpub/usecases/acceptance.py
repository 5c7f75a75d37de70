"""The four rows of acceptance: account, project, publisher, environment; each proven, stated, missing or unknown.

Files alone prove none of them: an account, a project and a publisher live on the index, an environment in GitHub's settings. What
`trustpub.toml` declares is *stated*; what no file can tell is *unknown*, with what would answer it; *missing* is only what the
files themselves show to be missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.usecases.report import Criterion

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

MOST_NAMES = 6
"""How many names a row lists before it counts the rest."""


def acceptance(facts: Facts) -> tuple[Criterion, ...]:
    """Say how far each row is."""
    return (_account(facts), _project(facts), _publisher(facts), _environment(facts))


def _account(facts: Facts) -> Criterion:
    indexes = _indexes(facts)
    where = " and ".join(indexes) or "the index"
    own = " (each has accounts of its own)" if len(indexes) > 1 else ""
    why = f"no file tells of an account on {where}{own}: it needs a verified e-mail address and two-factor authentication"
    return Criterion("account", "unknown", why)


def _indexes(facts: Facts) -> list[str]:
    """List the indexes that uploads go to, or that publishers are declared on."""
    found = [each.index for one in facts.uploads for each in one.predictions if each.index]
    return list(dict.fromkeys([*found, *(row.index for row in facts.declaration.publishers)]))


def _project(facts: Facts) -> Criterion:
    stated = _names(f"`{row.project}` on {row.index}" for row in facts.declaration.publishers)
    if stated:
        return Criterion("project", "stated", f"`{facts.declaration.path}` names {stated}; the index was not asked")
    carried = [(each.project, each.index) for one in facts.uploads for each in one.predictions if each.project]
    uploads = _names(f"`{project}`" + (f" on {index}" if index else "") for project, index in carried)
    if uploads:
        return Criterion("project", "unknown", f"the uploads are of {uploads}; no index was asked whether it has them")
    names = _names(f"`{package.name}`" for package in facts.packages if package.name)
    if names:
        return Criterion("project", "unknown", f"the packages here are called {names}; no index was asked whether it has them")
    if facts.packages:
        return Criterion("project", "unknown", "only a build can tell the package's name; no index was asked")
    return Criterion("project", "missing", "there is no package in this checkout: neither pyproject.toml nor setup.py")


def _publisher(facts: Facts) -> Criterion:
    trusted = [each for _, predictions in facts.trusted() for each in predictions if each.credential == "trusted-publishing"]
    if not trusted:
        return Criterion("publisher", "missing", _untrusted(facts))
    hopeless = (each for each in trusted if _is_hopeless(each, trusted) and not _is_gated(each))
    stopped = next(hopeless, None)
    if stopped is not None:
        where = f"{stopped.workflow}, job `{stopped.job}`"
        return Criterion("publisher", "missing", f"{stopped.why[0] if stopped.why else stopped.verdict} ({where})")
    if not facts.declaration.publishers:
        wanted = _names(f"`{each.publisher['workflow_filename']}`{_of(each)} on {each.index or 'its index'}" for each in trusted)
        why = f"only a project's owners see its publishers; the workflows need one for {wanted}"
        return Criterion("publisher", "unknown", why)
    unstated = [each for each in trusted if not _is_stated(each, facts)]
    if unstated:
        each = unstated[0]
        where = each.index or "an index that cannot be told"
        why = f"`{facts.declaration.path}` states no publisher on {where} for `{each.workflow}`, job `{each.job}`"
        return Criterion("publisher", "unknown", f"{why}; no index was asked")
    return Criterion("publisher", "stated", f"`{facts.declaration.path}` states publishers that match; the index was not asked")


def _of(prediction: Prediction) -> str:
    name = prediction.publisher.get("environment", "")
    return f" with the environment `{name}`" if name else ""


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


def _untrusted(facts: Facts) -> str:
    """Say why no publisher can match: nothing publishes, or it publishes with something else."""
    uploads = [each for one in facts.uploads for each in one.predictions]
    if not uploads:
        return "no step that publishes was found, so no publisher can match"
    if any(each.credential in ("token", "both") for each in uploads):
        return "every upload is made with a stored password or token, so no publisher is ever asked"
    return "no step surely publishes by trusted publishing: what the uploads bring is not in the files"


def _environment(facts: Facts) -> Criterion:
    trusted = [(site, each) for site, predictions in facts.trusted() for each in predictions if each.verdict != "never"]
    names = list(dict.fromkeys(each.environment for _, each in trusted if each.environment))
    without = next((site for site, each in trusted if site.job.environment is None), None)
    if without is not None:
        return Criterion("environment", "missing", f"{_job(without)} names no environment{_beside(names)}")
    if not trusted:
        return Criterion("environment", "missing", "no job publishes by trusted publishing, so none names an environment for it")
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


def _job(site: Site) -> str:
    return f"the publishing job `{site.job.id}` of `{site.workflow.file_name}`"


def _beside(names: list[str]) -> str:
    return f" (others name {_names(f'`{name}`' for name in names)})" if names else ""


def _names(words: Iterable[str]) -> str:
    """List words once each, the first few of them."""
    each = list(dict.fromkeys(words))
    shown = ", ".join(each[:MOST_NAMES])
    return f"{shown} and {len(each) - MOST_NAMES} more" if len(each) > MOST_NAMES else shown

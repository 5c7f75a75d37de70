"""What GitHub told about the row of acceptance on environments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.untold import Untold
from trustpub.rules.wording import listed, quoted
from trustpub.usecases.evidence_of_index import worst
from trustpub.usecases.who import in_words
from trustpub.workflows.model import word

if TYPE_CHECKING:
    from trustpub.domain.github_settings import GitHubSide
    from trustpub.rules.facts import Facts
    from trustpub.usecases.report import Criterion, State


def environments(facts: Facts, files: Criterion) -> Criterion:
    """Say of each environment whether GitHub has it, with what it asks for; `files` is the row as the files alone give it.

    Rules that are only declared refuse nothing where GitHub's own are known.
    """
    names = _names(facts)
    trusted = [site for site, predictions in facts.trusted() if any(each.verdict != "never" for each in predictions)]
    if not names or any(site.job.environment is None for site in trusted):
        return files
    side = facts.github
    if side is None:
        return files._replace(evidence=files.evidence.replace("GitHub was not asked", "GitHub told nothing"))
    if not trusted:
        return _untrusted(side, files, names)
    return worst("environment", (_environment(facts, side, files, name) for name in names)) or files


def _names(facts: Facts) -> list[str]:
    """List the environments of the publishing jobs, as they are written; without trusted publishing those of all uploads."""
    trusted = [each for _, predictions in facts.trusted() for each in predictions if each.verdict != "never"]
    named = {each.environment.lower(): each.environment for each in trusted if each.environment}
    if named or trusted:
        return list(named.values())
    jobs = (site.job.environment for site, _ in facts.sites())
    return list(dict.fromkeys(text for each in jobs if each is not None and "${{" not in (text := word(each.name))))


def _environment(facts: Facts, side: GitHubSide, files: Criterion, name: str) -> tuple[State, str]:
    told = side.environment(name)
    if isinstance(told, Untold):
        if files.state == "missing":
            return files.state, files.evidence
        declared = facts.declaration.environment(name) is not None
        stated = f"`{facts.declaration.path}` states the rules of `{name}`, and " if declared else f"the rules of `{name}`: "
        return "stated" if declared else "unknown", f"{stated}{told}"
    if told is None:
        return (
            "missing",
            f"`{side.repository.slug}` has no environment `{name}`: the first job that names it makes it without rules",
        )
    asks = listed(in_words(told)) or "asks for nothing"
    return "proven", f"GitHub has `{told.name}`, which {asks}"


def _untrusted(side: GitHubSide, files: Criterion, names: list[str]) -> Criterion:
    """Where nothing is published by trusted publishing, only say which of them there are."""
    start = files.evidence.partition("; ")[0]
    if isinstance(side.environments, Untold):
        return files._replace(evidence=f"{start}; of {quoted(names)}: {side.environments}")
    there = [f"GitHub has {'' if side.environment(name) is not None else 'no '}`{name}`" for name in names]
    return files._replace(evidence=f"{start}; {listed(there)}")

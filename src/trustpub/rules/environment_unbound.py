"""A publisher that asks for no environment, though the job names one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.domain.untold import Untold
from trustpub.rules import spans
from trustpub.rules.on_index import is_ours, newest, published, stated_since
from trustpub.rules.wording import day, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.index_project import IndexFile
    from trustpub.rules.facts import Facts
    from trustpub.rules.on_index import Published
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="E09",
    name="environment-unbound",
    severity="high",
    title="The publisher accepts uploads without the environment that the job names",
    why=(
        "The rules of an environment protect a release only where the index asks for it. A publisher without one takes "
        "any job of a workflow file of that name, also of a branch whose copy names no environment."
    ),
    source="PEP 740: the publisher that a release's provenance names is the one on record; PyPI's documentation: security model",
    help="Constrain the publisher to the environment, on the index's publishing page of the project.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each project whose newest release came through such a publisher; one that lists its publishers is told of there."""
    for each in published(facts):
        last = newest(each.there) if each.there is not None and isinstance(each.side.registered, Untold) else ()
        for file, who in last[-1:]:
            named = [(site, one) for site, one in each.uploads if one.environment and _file(one) == who.workflow]
            open_ = who.kind == "GitHub" and not who.environment and is_ours(facts, who)
            if named and open_ and not stated_since(each, file, bound=True):
                yield _finding(each, file, named)


def _file(prediction: Prediction) -> str:
    return prediction.publisher["workflow_filename"]


def _finding(each: Published, file: IndexFile, named: list[tuple[Site, Prediction]]) -> Finding:
    when = f" on {day(file.uploaded_at)}" if file.uploaded_at is not None else ""
    names = quoted(one.environment for _, one in named)
    site = named[0][0]
    where = site.job.environment
    return Finding(
        rule=RULE.code,
        severity="low" if each.index == "testpypi" else "high",
        message=(
            f"{each.index} took `{each.project}` {file.version}{when} from a publisher that asks for no environment; the job "
            f"`{site.job.id}` names {names}"
        ),
        span=spans.of_word(site.workflow, where.name) if where is not None else spans.of_job(site.workflow, site.job),
        help=(
            f"Unless that was done since: register a publisher on {each.index} with the environment `{named[0][1].environment}`, "
            f"then remove the one without, and state it in `trustpub.toml` with the day, as `stated`."
        ),
    )

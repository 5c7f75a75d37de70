"""A job that publishes without an environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Rule
from trustpub.rules import spans
from trustpub.workflows import edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="E01",
    name="environment-missing",
    severity="high",
    title="The publishing job names no environment",
    why=(
        "Without an environment everybody who can push to the repository can publish: a branch with a changed copy of the "
        "workflow is enough. A publisher that asks for an environment can have its rules: who approves, which tags and branches."
    ),
    source="PyPI's documentation: trusted publishers, security model and considerations",
    help="Name an environment at the job, and give it rules in the repository's settings.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield one finding for each job that publishes by an ID token without an environment."""
    jobs: dict[tuple[str, str], tuple[Site, list[Prediction]]] = {}
    for site, predictions in facts.trusted():
        bare = [each for each in predictions if _bare(each)]
        if site.job.environment is None and bare:
            jobs.setdefault((site.workflow.path, site.job.id), (site, []))[1].extend(bare)
    for site, bare in jobs.values():
        yield _finding(site, bare)


def _bare(prediction: Prediction) -> bool:
    return prediction.reached and prediction.credential == "trusted-publishing"


def _finding(site: Site, bare: list[Prediction]) -> Finding:
    indexes = {each.index or "" for each in bare}
    test = indexes == {"testpypi"}
    name = "testpypi" if test else "pypi"
    where = ", ".join(sorted(index for index in indexes if index)) or "an index"
    several = len(indexes) > 1 and "testpypi" in indexes
    change = edit.inserted(site.workflow.source, site.job.node, "environment", name, after="runs-on") if not several else None
    return Finding(
        rule=RULE.code,
        severity="low" if test else RULE.severity,
        message=f"the job `{site.job.id}` publishes to {where} without an environment",
        span=spans.of_job(site.workflow, site.job),
        help=_help(name, bare, several),
        fix=Fix(f"name the environment `{name}`", (change,), safe=False) if change is not None else None,
    )


def _help(name: str, bare: list[Prediction], several: bool) -> str:
    """Say what to write and what to allow: rules for tags alone would refuse a run of a branch."""
    first = "Upload to testpypi in a job of its own, with `environment: testpypi`; here write" if several else "Write"
    ours = [each for each in bare if each.index != "testpypi"] if several else bare
    rules = allow(ours) if name == "testpypi" else f"{allow(ours)} and ask for an approval"
    written = f"{first} `environment: {name}` at the job and the same name into the publisher"
    return f"{written}; then {rules}: Settings, Environments, `{name}`."


def allow(predictions: list[Prediction]) -> str:
    """Say which refs an environment has to let through for these uploads."""
    if all(each.ref.startswith("refs/tags/") and "branch" not in each.ref_types for each in predictions):
        return "allow only your release tags"
    names = {pattern for each in predictions for pattern in each.ref_pattern.split(", ")}
    pushed = all(each.event == "push" and each.ref_types == ("branch",) for each in predictions)
    if pushed and len(names) == 1 and not any(letter in name for name in names for letter in "*?[+!"):
        return f"allow only the branch `{names.pop()}`"
    return "allow only the branches and tags that you release from"

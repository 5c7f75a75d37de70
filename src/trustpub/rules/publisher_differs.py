"""A job that will present something else than what its publisher says."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Fix, Related, Rule
from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider
from trustpub.record import NamedTuple
from trustpub.rules import declared, spans

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.declaration import DeclaredPublisher
    from trustpub.domain.findings import Edit, Span
    from trustpub.domain.outcome import Difference
    from trustpub.rules.facts import Facts
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="M01",
    name="publisher-differs",
    severity="blocker",
    title="The publishing job presents something else than its publisher says",
    why=(
        "An index compares owner, repository, workflow file and environment with what is registered. One that differs is enough: "
        "it answers `invalid-publisher` without saying which one, in the middle of a release."
    ),
    source="PyPI's documentation: trusted publishers, troubleshooting",
    help="Make the workflow and the publisher say the same, in the workflow, on the index and in `trustpub.toml`.",
)

_KEYS = {
    "repository_owner": "owner",
    "repository_owner_id": "owner_id",
    "repository_name": "repository",
    "workflow_filename": "workflow",
    "environment": "environment",
}


class _Held(NamedTuple):
    """One declared publisher held against one upload."""

    site: Site
    prediction: Prediction
    row: DeclaredPublisher
    differences: tuple[Difference, ...]


def check(facts: Facts) -> Iterator[Finding]:
    """Yield what differs from the publisher that fits best, for every upload that none fits; then the publishers left over."""
    rows = [row for row in facts.declaration.publishers if row.provider is Provider.GITHUB]
    if not rows or not facts.repository.slug:
        return
    meant: list[DeclaredPublisher] = []
    for site, predictions in facts.trusted():
        for prediction in predictions:
            if prediction.reached and prediction.credential == "trusted-publishing":
                held = [_held(facts, site, prediction, row) for row in rows if _may_be_about(row, site, prediction)]
                if held:
                    best = min(held, key=lambda each: len(each.differences))
                    meant.append(best.row)
                    yield from (_finding(facts, best, difference) for difference in best.differences)
    files = facts.files.names(".github/workflows")
    for row in rows:
        if row.workflow not in files and not any(row is each for each in meant) and _ours(facts, row):
            yield _left_over(facts, row)


def _may_be_about(row: DeclaredPublisher, site: Site, prediction: Prediction) -> bool:
    """Say whether an upload may be meant by a publisher: one of its file, or of its package. What nobody knows is no other's."""
    if row.index != prediction.index or row.workflow == site.workflow.file_name:
        return row.index == prediction.index
    same = prediction.project is not None and normalize(row.project) == normalize(prediction.project)
    return same or prediction.package == (row.path or ".")


def _ours(facts: Facts, row: DeclaredPublisher) -> bool:
    return f"{row.owner}/{row.repository}".lower() == facts.repository.slug.lower()


def _held(facts: Facts, site: Site, prediction: Prediction, row: DeclaredPublisher) -> _Held:
    """Ask the heart. Values that the files cannot tell are taken for the right ones."""
    from trustpub.domain.matching import Profile, Refused, decide
    from trustpub.domain.publishers import publisher
    from trustpub.workflows.claims import placeholders

    claims = placeholders(prediction.claims)
    if row.owner.lower() == claims["repository_owner"].lower():  # the remote's address may be written in any case
        claims["repository_owner"] = row.owner
        claims["repository"] = f"{row.owner}/{claims['repository'].partition('/')[2]}"
        slug = f"{row.owner}/{facts.repository.name}/.github/workflows/{site.workflow.file_name}"
        claims["job_workflow_ref"] = f"{slug}@{claims['ref']}"
    if "environment" in prediction.unknown and row.environment:
        claims["environment"] = row.environment
    fields = row.registered().row()
    fields["repository_owner_id"] = row.owner_id or claims["repository_owner_id"]
    registered = publisher(Provider.GITHUB, fields, claims["iss"])
    decision = decide(dict(claims), [registered], Profile(prediction.profile), provider=Provider.GITHUB, issuer=claims["iss"])
    differences = decision.differences if isinstance(decision, Refused) else ()
    return _Held(site, prediction, row, tuple(each for each in differences if each.field in _KEYS))


def _finding(facts: Facts, held: _Held, difference: Difference) -> Finding:
    key, row, job = _KEYS[difference.field], held.row, held.site.job
    ours = f"the publisher of `{row.project}` on {row.index}"
    wanted = row.environment if key == "environment" else str(difference.expected)
    got = held.prediction.environment if key == "environment" else str(difference.got)
    where = declared.of_publisher(facts, row, key)
    if key == "environment" and not got:
        message = f"{ours} has the environment `{wanted}`, the job `{job.id}` names none"
    elif key == "environment":
        message = f"{ours} has the environment `{wanted}`, the job `{job.id}` names `{got}`"
    elif key == "workflow":
        message = f"{ours} has the workflow `{wanted}`, but it is a job of `{got}` that uploads"
    else:
        message = f"{ours} has the {key.replace('_', ' ')} `{wanted}`, this repository's is `{got}`"
    in_workflow = _place(held.site, key)
    only_case = key == "repository" and wanted.lower() == got.lower()
    return Finding(
        rule=RULE.code,
        severity="medium" if only_case and facts.github is None else RULE.severity,
        message=message,
        span=where if key in ("owner", "owner_id", "repository") else in_workflow,
        help=_moved(facts, row) + _help(held, key, wanted, got, only_case),
        related=_related(key, row, where, in_workflow),
        fix=_fix(held.site, wanted) if key == "environment" else None,
    )


def _related(key: str, row: DeclaredPublisher, where: Span, in_workflow: Span) -> tuple[Related, ...]:
    if key in ("owner", "owner_id", "repository"):
        return (Related(in_workflow, "uploads here"),)
    return (Related(where, f"the publisher of `{row.project}` is declared here"),)


def _place(site: Site, key: str) -> Span:
    if key == "environment":
        name = site.job.environment
        return spans.of_word(site.workflow, name.name) if name is not None else spans.of_job(site.workflow, site.job)
    return spans.of_step(site.workflow, site.step)


def _help(held: _Held, key: str, wanted: str, got: str, only_case: bool) -> str:
    index = held.row.index
    if only_case:
        return (
            f"{index} compares the repository's name with its case: register the spelling that GitHub's own page shows, and "
            "write it in `trustpub.toml` and in the remote's address."
        )
    if key == "environment":
        other = (
            f"register the publisher on {index} again with the environment `{got}`"
            if got
            else (f"register the publisher on {index} again without an environment")
        )
        return f"Write `environment: {wanted}` at the job `{held.site.job.id}`; or {other} and change `trustpub.toml`."
    if key == "workflow":
        called = " Indexes compare the file whose job runs, not the one that calls it." if held.site.calls else ""
        return f"Register the publisher on {index} again with the workflow `{got}` and change `trustpub.toml`.{called}"
    if key == "owner_id":
        return f"Look the owner's number up at GitHub, and write it in `trustpub.toml`: `owner_id` is compared by {index} too."
    return (
        f"After a rename or a transfer register the publisher on {index} again with the {key} `{got}` and change "
        "`trustpub.toml`. In a fork this is as it should be."
    )


def _moved(facts: Facts, row: DeclaredPublisher) -> str:
    """Say that GitHub leads from the declared repository to this one, where it told so."""
    side = facts.github
    if side is None or side.repository.renamed_from.lower() != f"{row.owner}/{row.repository}".lower():
        return ""
    return f"GitHub has moved `{side.repository.renamed_from}` to `{side.repository.slug}`. "


def _fix(site: Site, wanted: str) -> Fix | None:
    from trustpub.workflows import edit

    change: Edit | None
    if site.job.environment is not None:
        change = edit.replaced(site.workflow.source, site.job.environment.name, wanted)
    else:
        change = edit.inserted(site.workflow.source, site.job.node, "environment", wanted, after="runs-on")
    return Fix(f"name the environment `{wanted}`", (change,), safe=False) if change is not None else None


def _left_over(facts: Facts, row: DeclaredPublisher) -> Finding:
    return Finding(
        rule=RULE.code,
        severity="medium",
        message=f"the publisher of `{row.project}` on {row.index} names the workflow `{row.workflow}`, which does not exist",
        span=declared.of_publisher(facts, row, "workflow"),
        help=(
            f"Remove the publisher on {row.index} and from `trustpub.toml`: whoever adds a file of this name could publish. "
            "If the file was renamed, register the new name."
        ),
    )

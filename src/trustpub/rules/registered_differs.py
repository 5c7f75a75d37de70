"""Publishers as an index of one's own lists them, held against what the jobs will present."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.domain.names import normalize
from trustpub.domain.publishers import Provider
from trustpub.domain.untold import Untold
from trustpub.rules import spans
from trustpub.rules.on_index import published
from trustpub.rules.wording import listed

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.index_project import Registered
    from trustpub.domain.outcome import Decision
    from trustpub.domain.publishers import Publisher
    from trustpub.rules.facts import Facts
    from trustpub.rules.on_index import Published
    from trustpub.workflows.predict import Prediction
    from trustpub.workflows.sites import Site

RULE = Rule(
    code="M13",
    name="registered-differs",
    severity="blocker",
    title="The index's own list of publishers does not fit the uploads",
    why=(
        "An upload that no publisher accepts fails in the middle of the release. A publisher that no upload needs is a door "
        "that nobody looks at: whoever can make a workflow of that name can publish."
    ),
    source="docs/reference/contracts.md: the index's management API",
    help="Register the publisher that the job presents, and remove those that nothing uses.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield each upload that no registered publisher accepts, then the publishers that are too wide or left over."""
    for each in published(facts):
        if isinstance(each.side.registered, Untold):
            continue
        rows = [row for row in each.side.registered if normalize(row.project) == normalize(each.project)]
        used: dict[str, Prediction] = {}
        told: set[tuple[str, str]] = set()
        for site, prediction in each.uploads:
            decision = held(prediction, rows)
            if decision is None:
                used |= {row.id: prediction for row in rows}  # what the job presents only the run knows
            elif row := accepted(decision, rows):
                used[row.id] = prediction
            elif (site.job.id, prediction.environment) not in told:
                told.add((site.job.id, prediction.environment))
                yield _refused(each, decision, site, prediction)
        if each.uploads:
            yield from _wide(facts, each, rows, used)
            yield from (_left_over(facts, each, row) for row in rows if row.id not in used and _is_left_over(facts, row))


def held(prediction: Prediction, rows: list[Registered]) -> Decision | None:
    """Ask the heart whether these publishers accept an upload; None when only the run knows what it presents."""
    from trustpub.domain.matching import Profile, decide
    from trustpub.workflows.claims import placeholders

    claims = dict(placeholders(prediction.claims))
    if "environment" in prediction.unknown or "repository" not in claims or "job_workflow_ref" not in claims:
        return None
    publishers = [_known_owner(row, prediction) for row in rows]
    return decide(claims, publishers, Profile(prediction.profile), provider=Provider.GITHUB, issuer=claims["iss"])


def _known_owner(row: Registered, prediction: Prediction) -> Publisher:
    """Take a registered owner's number for the right one, where the files do not tell the owner's."""
    from trustpub.domain.publishers import publisher

    if row.publisher.provider != Provider.GITHUB or prediction.claims.get("repository_owner_id"):
        return row.publisher
    return publisher(Provider.GITHUB, {**row.publisher.row(), "repository_owner_id": "0"}, row.publisher.issuer)


def accepted(decision: Decision, rows: list[Registered]) -> Registered | None:
    """Return the publisher that accepted."""
    from trustpub.domain.outcome import Refused

    return None if isinstance(decision, Refused) else rows[decision.index]


def _refused(each: Published, decision: Decision, site: Site, prediction: Prediction) -> Finding:
    from trustpub.domain.outcome import Refused

    differences = decision.differences if isinstance(decision, Refused) else ()
    fields = listed(f"`{one.field}` is {_words(one.expected)} there and {_words(one.got)} here" for one in differences)
    none = f"{each.index} has no publisher of `{each.project}` for it"
    why = f"no publisher of `{each.project}` on {each.index} accepts it: {fields}" if fields else none
    row = ", ".join(f"{name} `{value}`" for name, value in prediction.publisher.items() if value)
    return Finding(
        rule=RULE.code,
        severity="blocker",
        message=f"the job `{site.job.id}` uploads, and {why}",
        span=spans.of_upload(site),
        help=f"Register on {each.index}, with `trustpub setup` or by hand: {row}.",
    )


def _words(value: object) -> str:
    if isinstance(value, list | tuple):
        return listed((_words(one) for one in value), "or")
    return f"`{value}`" if value else "none"


def _wide(facts: Facts, each: Published, rows: list[Registered], used: dict[str, Prediction]) -> Iterator[Finding]:
    """Tell of publishers that ask for no environment, though the job that uses them names one."""
    for row in rows:
        name = used[row.id].environment if row.id in used else ""
        if name and row.publisher.provider == Provider.GITHUB and not row.publisher.get("environment"):
            yield Finding(
                rule=RULE.code,
                severity="medium",
                message=f"the publisher of `{each.project}` on {each.index} accepts every environment; the job names `{name}`",
                span=each.place(facts),
                help=f"Register one on {each.index} with the environment `{name}`, then remove the one without (`{row.id}`).",
            )


def _is_left_over(facts: Facts, row: Registered) -> bool:
    """Say whether surely nothing here uses it: not even an upload that was not asked for, or could not be told."""
    if not _is_ours(facts, row):
        return True
    path = f".github/workflows/{row.publisher.get('workflow_filename')}"
    text = (facts.files.read(path) or b"").decode("utf-8", "replace").lower()
    return not text or (bool(row.publisher.get("environment")) and row.publisher.get("environment").lower() not in text)


def _is_ours(facts: Facts, row: Registered) -> bool:
    slug = f"{row.publisher.get('repository_owner')}/{row.publisher.get('repository_name')}"
    return row.publisher.provider == Provider.GITHUB and slug.lower() == facts.repository.slug.lower()


def _left_over(facts: Facts, each: Published, row: Registered) -> Finding:
    return Finding(
        rule=RULE.code,
        severity="medium" if _is_ours(facts, row) else "info",
        message=f"on {each.index} `{each.project}` has a publisher that no upload here uses: {row.publisher.specifier}",
        span=each.place(facts),
        help=f"If nothing else publishes with it, remove it on {each.index} (`{row.id}`).",
    )

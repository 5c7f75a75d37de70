"""A release that was made by another kind of run than the workflow here starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.findings import Finding, Rule
from trustpub.rules.on_index import is_ours, newest, published
from trustpub.rules.wording import day, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trustpub.domain.index_project import Attested
    from trustpub.rules.facts import Facts
    from trustpub.rules.on_index import Published

RULE = Rule(
    code="V03",
    name="certificate-odd",
    severity="medium",
    title="What made the newest release is not what the workflow starts, or is not there any more",
    why=(
        "The certificate of a release says which event and ref its run had. One that the publishing workflow does not have was "
        "made with another version of it: an earlier one, or one that somebody pushed beside it. A tag that was moved "
        "or taken away afterwards, and a run that was deleted, hide what was released."
    ),
    source="PyPI's documentation: attestations; Fulcio's certificate extensions (trigger, ref)",
    help="Look at the run that made the release, and at the workflow file of its commit.",
)


def check(facts: Facts) -> Iterator[Finding]:
    """Yield the newest release of each project whose certificate names an event or a kind of ref that no upload here has."""
    for each in published(facts):
        last = newest(each.there)[-1:] if each.there is not None and each.uploads else ()
        for file, who in last:
            odd = (_odd(each, who) or _gone(facts, who)) if is_ours(facts, who) and who.workflow in _files(each) else ""
            if odd:
                when = f" of {day(file.uploaded_at)}" if file.uploaded_at is not None else ""
                run = who.claim("run")
                yield Finding(
                    rule=RULE.code,
                    severity="medium",
                    message=f"`{each.project}` {file.version}{when} on {each.index} was made {odd}",
                    span=each.place(facts),
                    help=f"Look at the run{f' ({run})' if run else ''} and at `{who.workflow}` in its commit"
                    f"{f' `{sha[:12]}`' if (sha := who.claim('sha')) else ''}; yank the release if nobody here made it.",
                )


def _files(each: Published) -> set[str]:
    return {prediction.publisher["workflow_filename"] for _, prediction in each.uploads}


def _odd(each: Published, who: Attested) -> str:
    """Say what the certificate has that no upload of this file has; empty when it is as it should be, or was not read."""
    mine = [prediction for _, prediction in each.uploads if prediction.publisher["workflow_filename"] == who.workflow]
    ref, event = who.claim("ref"), who.claim("event_name")
    if ref.startswith("refs/heads/") and all(one.ref.startswith("refs/tags/") and one.ref_types == ("tag",) for one in mine):
        return f"from the branch `{ref.removeprefix('refs/heads/')}`, and `{who.workflow}` publishes tags only"
    events = sorted({one.event for one in mine})
    if event and event not in events and "workflow_call" not in events:
        return f"by the event `{event}`, and `{who.workflow}` publishes on {quoted(events)}"
    return ""


def _gone(facts: Facts, who: Attested) -> str:
    """Say which part of the release's history is gone or is another one; empty when GitHub has it, or was not asked."""
    side, tag = facts.github, who.claim("ref").removeprefix("refs/tags/")
    if side is None:
        return ""
    if tag in side.tags:
        commit, sha = side.tags[tag], who.claim("sha")
        if commit is None:
            return f"from the tag `{tag}`, which is not there any more"
        if isinstance(commit, str) and sha and commit != sha:
            return f"from the commit `{sha[:12]}` under the tag `{tag}`, which names the commit `{commit[:12]}` now"
    number = who.claim("run").partition("/actions/runs/")[2].partition("/")[0]
    if number and number in side.runs and side.runs[number] is None:
        return f"by the run {number}, which GitHub does not have any more"
    return ""

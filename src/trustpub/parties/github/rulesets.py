"""Rulesets: what may be done to which tags and branches, and who may pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.domain.github_settings import Bypass, Ruleset
from trustpub.domain.untold import Untold
from trustpub.parties.github import paths
from trustpub.parties.github.document import Document
from trustpub.parties.github.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.github.conversation import Conversation
    from trustpub.parties.github.port import JSON

_ENFORCED: tuple[Literal["active", "evaluate", "disabled"], ...] = ("active", "evaluate", "disabled")


def rulesets(talk: Conversation, slug: str) -> tuple[Ruleset, ...] | Untold:
    """Read every ruleset, those of the owner included. The list names them; what they hold stands in each one alone."""
    of, place = f"the rulesets of `{slug}`", f"{paths.repository(slug)}/rulesets"
    listed = talk.items(place, of, "Metadata: read", includes_parents="true")
    if isinstance(listed, Refused):
        return listed.untold
    found = []
    for each in listed:
        whole = talk.get(f"{place}/{paths.segment(each.id())}?includes_parents=true", of, "Metadata: read")
        if isinstance(whole, Refused):
            return whole.untold
        found.append(_ruleset(whole))
    return tuple(found)


def put_ruleset(talk: Conversation, slug: str, body: Mapping[str, JSON], ruleset: str) -> str:
    """Create a ruleset, or replace one whole."""
    of, place = f"the ruleset `{body.get('name', ruleset)}` of `{slug}`", f"{paths.repository(slug)}/rulesets"
    method, path = ("PUT", f"{place}/{paths.segment(ruleset)}") if ruleset else ("POST", place)
    answer = talk.read(talk.change(method, path, of, "Administration: write", body), of, "")
    return answer.id() if isinstance(answer, Document) else ruleset


def _ruleset(found: Document) -> Ruleset:
    refs = found.inner("conditions").inner("ref_name")
    enforcement = next((each for each in _ENFORCED if each == found.text("enforcement")), None)
    if enforcement is None:
        raise found.puzzling("enforcement")
    unseen = Untold(
        f"GitHub shows who may pass the ruleset `{found.text('name')}` only to those who may edit it", "Administration: write"
    )
    return Ruleset(
        id=found.id(),
        name=found.text("name"),
        target=found.text("target", "branch"),
        enforcement=enforcement,
        include=refs.texts("include"),
        exclude=refs.texts("exclude"),
        rules=tuple(rule.text("type") for rule in found.required("rules")),
        bypass=tuple(_bypass(each) for each in found.several("bypass_actors")) if "bypass_actors" in found else unseen,
        source=found.text("source_type", "Repository"),
    )


def _bypass(actor: Document) -> Bypass:
    # Some kinds have no id: they are one in the repository.
    return Bypass(actor.text("actor_type"), actor.id("actor_id", ""), actor.text("bypass_mode", "always"))

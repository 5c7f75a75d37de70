"""The settings of Actions: what may run, with which rights, and how `sub` is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.domain.github_settings import ActionsPolicy, Subject
from trustpub.parties.github import paths
from trustpub.parties.github.refusals import Refused

if TYPE_CHECKING:
    from trustpub.domain.untold import Untold
    from trustpub.parties.github.conversation import Conversation
    from trustpub.parties.github.document import Document

_ALLOWED: tuple[Literal["all", "local_only", "selected"], ...] = ("all", "local_only", "selected")


def actions(talk: Conversation, slug: str) -> ActionsPolicy | Untold:
    """Read which actions may run, and what `GITHUB_TOKEN` may do by default."""
    of, needs, place = (
        f"the Actions settings of `{slug}`",
        "Administration: read",
        f"{paths.repository(slug)}/actions/permissions",
    )
    found = talk.get(place, of, needs)
    if isinstance(found, Refused):
        return found.untold
    allowed = _allowed(found)
    chosen = talk.get(f"{place}/selected-actions", of, needs) if allowed == "selected" else None
    if isinstance(chosen, Refused):
        return chosen.untold
    rights = talk.get(f"{place}/workflow", of, needs)
    told = None if isinstance(rights, Refused) else rights
    return ActionsPolicy(
        enabled=found.flag("enabled"),
        allowed=allowed,
        github_owned=chosen.flag("github_owned_allowed", False) if chosen else True,
        verified=chosen.flag("verified_allowed", False) if chosen else False,
        patterns=chosen.texts("patterns_allowed") if chosen else (),
        sha_pinning=found.flag("sha_pinning_required", False),
        default_permissions=_default(told) if told else "",
        may_approve=told.flag("can_approve_pull_request_reviews") if told else None,
    )


def _allowed(found: Document) -> Literal["all", "local_only", "selected"]:
    said = found.text("allowed_actions", "all")  # it is left out where Actions are off
    allowed = next((each for each in _ALLOWED if each == said), None)
    if allowed is None:
        raise found.puzzling("allowed_actions")
    return allowed


def _default(found: Document) -> Literal["read", "write"]:
    said = found.text("default_workflow_permissions")
    if said not in {"read", "write"}:
        raise found.puzzling("default_workflow_permissions")
    return "write" if said == "write" else "read"


def subject(talk: Conversation, slug: str) -> Subject | Untold:
    """Read how `sub` is made. A repository that opts out of the default and names no keys takes its organisation's."""
    of = f"how `sub` is made for `{slug}`"
    found = talk.get(f"{paths.repository(slug)}/actions/oidc/customization/sub", of, "Actions: read")
    if isinstance(found, Refused):
        return found.untold
    keys = found.texts("include_claim_keys")
    if not found.flag("use_default") and not keys:
        owner = paths.segment(slug.partition("/")[0])
        template = talk.get(f"/orgs/{owner}/actions/oidc/customization/sub", of, "organization Administration: read")
        if isinstance(template, Refused):
            return template.untold
        keys = template.texts("include_claim_keys")
    immutable = found.flag("use_immutable_subject") if "use_immutable_subject" in found else None
    return Subject(found.flag("use_default"), keys, immutable, found.text("sub_claim_prefix", ""))

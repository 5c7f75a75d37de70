"""Environments and every rule of them: reviewers, the wait, which refs may deploy, who may pass, the apps that are asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from trustpub.domain.github_settings import Account, Environment, RefRule
from trustpub.domain.untold import Untold
from trustpub.parties.github import paths
from trustpub.parties.github.people import team_of, user
from trustpub.parties.github.refusals import Asked, Refused, denied

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.parties.github.conversation import Conversation
    from trustpub.parties.github.document import Document
    from trustpub.parties.github.port import JSON

_READ, _WRITE = "Actions: read", "Administration: write"


def environments(talk: Conversation, slug: str) -> Mapping[str, Environment] | Untold:
    """Read every environment."""
    found = talk.items(f"{paths.repository(slug)}/environments", f"the environments of `{slug}`", _READ, key="environments")
    if isinstance(found, Refused):
        return found.untold
    return {each.text("name").lower(): _environment(talk, slug, each) for each in found}


def environment(talk: Conversation, slug: str, name: str) -> Environment | Untold | None:
    """Read one environment. It is missing only where the list of all can be read: GitHub hides and misses with the same word."""
    found = talk.get(_place(slug, name), _words(slug, name), _READ)
    if not isinstance(found, Refused):
        return _environment(talk, slug, found)
    missing = found.status == 404 and talk.may_list(f"{paths.repository(slug)}/environments", "environments")
    return None if missing else found.untold


def put_environment(talk: Conversation, slug: str, name: str, body: Mapping[str, JSON]) -> None:
    """Create or replace an environment."""
    talk.change("PUT", _place(slug, name), _words(slug, name), _WRITE, body)


def add_ref_rule(talk: Conversation, slug: str, environment: str, rule: RefRule) -> None:
    """Add a pattern. GitHub answers with a redirect when it is there already."""
    of = f"the rule `{rule.pattern}` of {_words(slug, environment)}"
    talk.change("POST", _policies(slug, environment), of, _WRITE, {"name": rule.pattern, "type": rule.kind})


def remove_ref_rule(talk: Conversation, slug: str, environment: str, rule: RefRule) -> None:
    """Remove a pattern. "Not found" is believed only when reading says the same: it may be a missing right."""
    of = f"the rule `{rule.pattern}` of {_words(slug, environment)}"
    number = rule.id or _id_of(talk, slug, environment, rule)
    if not number:
        return
    place = f"{_policies(slug, environment)}/{paths.segment(number)}"
    response = talk.attempt("DELETE", place)
    if response.status == 404 and _is_gone(talk, slug, environment, number):
        return
    if response.status >= 400:
        raise denied(response, Asked(of, _WRITE, talk.signed_in))


def _is_gone(talk: Conversation, slug: str, environment: str, number: str) -> bool:
    left = _ref_rules(talk, slug, environment)
    return not isinstance(left, Untold) and number not in {rule.id for rule in left}


def _id_of(talk: Conversation, slug: str, environment: str, rule: RefRule) -> str:
    there = _ref_rules(talk, slug, environment)
    known = () if isinstance(there, Untold) else there
    return next((each.id for each in known if (each.kind, each.pattern) == (rule.kind, rule.pattern)), "")


def _environment(talk: Conversation, slug: str, found: Document) -> Environment:
    name, rules = found.text("name"), {rule.text("type"): rule for rule in found.several("protection_rules")}
    review, wait, policy = rules.get("required_reviewers"), rules.get("wait_timer"), _policy(found)
    return Environment(
        name=name,
        id=found.id(missing=""),
        reviewers=_reviewers(slug, review) if review else (),
        prevent_self_review=review.flag("prevent_self_review", False) if review else None,
        wait_minutes=wait.number("wait_timer", 0) if wait else 0,
        policy=policy,
        rules=_ref_rules(talk, slug, name) if policy == "patterns" else (),
        admins_bypass=found.flag("can_admins_bypass") if "can_admins_bypass" in found else None,
        apps=_apps(talk, slug, name),
    )


def _policy(found: Document) -> Literal["all", "protected", "patterns"]:
    if "deployment_branch_policy" not in found:
        return "all"
    policy = found.inner("deployment_branch_policy")
    protected, custom = policy.flag("protected_branches"), policy.flag("custom_branch_policies")
    if protected == custom:
        raise found.puzzling("deployment_branch_policy")
    return "protected" if protected else "patterns"


def _reviewers(slug: str, rule: Document) -> tuple[Account, ...]:
    organization = slug.partition("/")[0]
    return tuple(
        team_of(each.inner("reviewer"), organization) if each.text("type") == "Team" else user(each.inner("reviewer"))
        for each in rule.several("reviewers")
        if "reviewer" in each  # an account that is gone approves nothing
    )


def _ref_rules(talk: Conversation, slug: str, name: str) -> tuple[RefRule, ...] | Untold:
    of = f"which refs may deploy to {_words(slug, name)}"
    found = talk.items(_policies(slug, name), of, _READ, key="branch_policies")
    if isinstance(found, Refused):
        return found.untold
    return tuple(RefRule(_kind(each), each.text("name"), each.id()) for each in found)


def _kind(policy: Document) -> Literal["branch", "tag"]:
    kind = policy.text("type", "branch")  # an old Enterprise Server knows branches only, and does not say so
    if kind not in {"branch", "tag"}:
        raise policy.puzzling("type")
    return "tag" if kind == "tag" else "branch"


def _apps(talk: Conversation, slug: str, name: str) -> tuple[str, ...] | Untold:
    of, key = f"the custom rules of {_words(slug, name)}", "custom_deployment_protection_rules"
    found = talk.get(f"{_place(slug, name)}/deployment_protection_rules", of, _READ)
    if isinstance(found, Refused):
        return found.untold
    return tuple(rule.inner("app").text("slug") for rule in found.required(key) if rule.flag("enabled", True))


def _place(slug: str, name: str) -> str:
    return f"{paths.repository(slug)}/environments/{paths.segment(name)}"


def _policies(slug: str, name: str) -> str:
    return f"{_place(slug, name)}/deployment-branch-policies"


def _words(slug: str, name: str) -> str:
    return f"the environment `{name}` of `{slug}`"

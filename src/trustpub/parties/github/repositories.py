"""Who a repository is, and what its tags, branches and releases are."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, urlencode

from trustpub.domain.github_settings import Account, BranchGuard, Hosted
from trustpub.domain.untold import Untold
from trustpub.parties.github import paths
from trustpub.parties.github.refusals import Refused

if TYPE_CHECKING:
    from trustpub.parties.github.conversation import Conversation
    from trustpub.parties.github.document import Document

RIGHTS = ("admin", "maintain", "push", "triage", "pull")
_VISIBILITIES: tuple[Literal["public", "private", "internal"], ...] = ("public", "private", "internal")
_PLANS = {"free", "pro", "team", "enterprise"}


def identity(talk: Conversation, slug: str) -> Hosted | Untold | None:
    """Identify a repository, wherever it is called so now."""
    found = talk.get(paths.repository(slug), f"the repository `{slug}`", "Metadata: read")
    if isinstance(found, Refused):
        return None if found.status == 404 else found.untold
    owner, said = found.inner("owner"), found.text("visibility", "private" if found.flag("private", False) else "public")
    visibility = next((each for each in _VISIBILITIES if each == said), None)
    if visibility is None:
        raise found.puzzling("visibility")
    held = found.inner("permissions") if talk.signed_in else None
    name = found.text("full_name")
    return Hosted(
        owner=Account(owner.text("login"), owner.id(), "Organization" if owner.text("type") == "Organization" else "User"),
        name=found.text("name"),
        id=found.id(),
        visibility=visibility,
        default_branch=found.text("default_branch"),
        may=tuple(each for each in RIGHTS if held and held.flag(each, False)),
        renamed_from=slug if name.lower() != slug.lower() else "",
        archived=found.flag("archived", False),
        fork=found.flag("fork", False),
        created_at=found.text("created_at", ""),
    )


def plan(talk: Conversation, repository: Hosted, asker: str) -> str:
    """Name the plan of a repository's owner, empty when GitHub does not tell it to whoever asks."""
    owner = repository.owner
    if repository.visibility == "internal":
        return "enterprise"  # nobody else has such repositories
    if not talk.signed_in or (owner.kind == "User" and owner.login.lower() != asker.lower()):
        return ""
    path = f"/orgs/{paths.segment(owner.login)}" if owner.kind == "Organization" else "/user"
    found = talk.get(path, f"the plan of `{owner.login}`")
    name = "" if isinstance(found, Refused) else found.inner("plan").text("name", "").lower()
    return name if name in _PLANS else ""


def is_shown(talk: Conversation, slug: str) -> bool:
    """Whether whoever asks may see the repository at all: then what is missing in it is missing."""
    return not isinstance(talk.get(paths.repository(slug), f"the repository `{slug}`"), Refused)


def tag_commit(talk: Conversation, slug: str, tag: str) -> str | Untold | None:
    """Follow a tag to its commit, through the objects of annotated ones."""
    of, needs, repository = f"the tag `{tag}` of `{slug}`", "Contents: read", paths.repository(slug)
    found = talk.get(f"{repository}/git/ref/tags/{quote(tag)}", of, needs)
    if isinstance(found, Refused):
        # 409: the repository is empty.
        return None if found.status == 409 or (found.status == 404 and is_shown(talk, slug)) else found.untold
    if "object" not in found or found.text("ref") != f"refs/tags/{tag}":
        return None
    for _ in range(5):
        target = found.inner("object")
        if target.text("type") != "tag":
            return target.text("sha")
        read = talk.get(f"{repository}/git/tags/{paths.segment(target.text('sha'))}", of, needs)
        if isinstance(read, Refused):
            return read.untold
        found = read
    return Untold(f"{of} leads from one tag to the next")


def content(talk: Conversation, slug: str, path: str, ref: str) -> bytes | Untold | None:
    """Read a file as a branch, tag or commit has it. GitHub sends it as base64, up to 1 MB."""
    of, repository = f"`{path}` on `{ref}` of `{slug}`", paths.repository(slug)
    answer = talk.attempt("GET", f"{repository}/contents/{quote(path)}?{urlencode({'ref': ref})}")
    if answer.status == 200 and answer.body.lstrip()[:1] == b"[":
        return Untold(f"{of} is a folder")
    found = talk.read(answer, of, "Contents: read")
    if isinstance(found, Refused):
        return None if found.status == 404 and is_shown(talk, slug) else found.untold
    if found.text("type") != "file" or found.text("encoding", "") != "base64":
        return Untold(f"{of} is not a file that GitHub sends")
    try:
        return b64decode(found.text("content"))
    except ValueError:
        raise found.puzzling("content") from None


def latest_release(talk: Conversation, slug: str) -> str | Untold | None:
    """Name the tag of the newest full release."""
    found = talk.get(f"{paths.repository(slug)}/releases/latest", f"the releases of `{slug}`", "Contents: read")
    if isinstance(found, Refused):
        return None if found.status == 404 and is_shown(talk, slug) else found.untold
    return found.text("tag_name")


def immutable_releases(talk: Conversation, slug: str) -> bool | Untold:
    """Say whether published releases stay as they are."""
    of = f"whether releases of `{slug}` are immutable"
    found = talk.get(f"{paths.repository(slug)}/immutable-releases", of, "Administration: read")
    if not isinstance(found, Refused):
        return found.flag("enabled")
    if found.status != 404:
        return found.untold
    # "Not found" means that they are not, but only to somebody who may know.
    seen = identity(talk, slug)
    return False if isinstance(seen, Hosted) and "admin" in seen.may else found.untold


def branch(talk: Conversation, slug: str, name: str) -> BranchGuard | Untold:
    """Read what rulesets and the older branch protection ask of a push."""
    of, place = f"the rules of the branch `{name}` of `{slug}`", f"{paths.repository(slug)}/branches/{paths.segment(name)}"
    rules = talk.items(f"{paths.repository(slug)}/rules/branches/{paths.segment(name)}", of, "Metadata: read")
    if isinstance(rules, Refused):
        return rules.untold
    kinds = tuple(dict.fromkeys(rule.text("type") for rule in rules))
    owners = any(rule.inner("parameters").flag("require_code_owner_review", False) for rule in rules)
    protection = talk.get(f"{place}/protection", of, "Administration: read")
    if isinstance(protection, Refused):
        enough = owners or _unprotected(talk, place, protection)  # older protection asks for no more than code owners
        return BranchGuard(name, kinds, owners) if enough else protection.untold
    return _with_protection(BranchGuard(name, kinds, owners), protection)


def _unprotected(talk: Conversation, place: str, protection: Refused) -> bool:
    """Whether there certainly is no older protection. A branch that only rulesets protect is called protected, too."""
    if protection.status == 404 and protection.message.lower().startswith("branch not protected"):
        return True
    seen = talk.get(place, "the branch")
    return not isinstance(seen, Refused) and not seen.flag("protected")


def _with_protection(guard: BranchGuard, protection: Document) -> BranchGuard:
    older = {
        "required_pull_request_reviews": "pull_request",
        "restrictions": "update",
        "required_status_checks": "required_status_checks",
    }
    kinds = (*guard.rules, *(kind for field, kind in older.items() if field in protection))
    owners = protection.inner("required_pull_request_reviews").flag("require_code_owner_reviews", False)
    return BranchGuard(guard.branch, tuple(dict.fromkeys(kinds)), guard.code_owners or owners)

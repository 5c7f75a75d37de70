"""Names that moved: an account, a repository, or a namespace got another name, or somebody else got its old one.

Numbers do not move. So a token that a publisher refuses for a name may still be known by its number, and a token with the right
name and another number comes from somebody else. Nothing here lets anybody in; it says why a publisher stopped matching.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.domain.narrowing import ascii_lower
from trustpub.domain.publishers import Provider, Publisher
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.domain.claims import JSON, ClaimSet

OWNER, REPOSITORY, NAMESPACE, PROJECT, TAKEN = "owner", "repository", "namespace", "project", "taken"
"""What moved: GitHub's owner or repository, GitLab's namespace or project; or the name is another account's by now."""

_AGAIN = "Register the publisher under the new name and remove the old one"
_WORDS = {
    OWNER: f"the owner `{{before}}` was renamed: the same account is called `{{now}}` now. {_AGAIN}",
    REPOSITORY: f"the repository `{{before}}` was renamed: it is `{{now}}` now. {_AGAIN}",
    NAMESPACE: f"the namespace `{{before}}` was renamed: the same namespace is called `{{now}}` now. {_AGAIN}",
    PROJECT: f"the project `{{before}}` was renamed: it is `{{now}}` now. {_AGAIN}",
    TAKEN: (
        "this name now belongs to another account: `{before}` has the number `{now}`, and not the one that the publisher was "
        "registered for or last used by. Remove the publisher; if the account is yours, register it again"
    ),
}


class Moved(NamedTuple):
    """One name that moved: `before` is the name on record; `now` the new name, or the number of whoever has the old one."""

    what: str
    before: str
    now: str

    @property
    def words(self) -> str:
        """What happened and what to do, as half a sentence for a refusal."""
        return _WORDS[self.what].format(before=self.before, now=self.now)


def moved(publisher: Publisher, claims: ClaimSet, seen: Mapping[str, JSON]) -> Moved | None:
    """Which name moved between this publisher and a token of its issuer; None when no number tells.

    `seen` is what the publisher's last accepted token said: `id` and `name` of the repository or project, and of a GitLab
    namespace its number as `owner`.
    """
    if publisher.issuer != claims.get("iss"):
        return None
    if publisher.provider is Provider.GITHUB:
        return _moved_on_github(publisher, claims, seen)
    return _moved_on_gitlab(publisher, claims, seen) if publisher.provider is Provider.GITLAB else None


def _moved_on_github(publisher: Publisher, claims: ClaimSet, seen: Mapping[str, JSON]) -> Moved | None:
    registered, claimed = publisher.get("repository_owner_id"), claims.get("repository_owner_id")
    slug = claims.get("repository")
    if not registered or not isinstance(claimed, str) or not isinstance(slug, str):
        return None
    owner, _, name = slug.partition("/")
    its_owner, its_name = publisher.get("repository_owner"), publisher.get("repository_name")
    same_owner, same_name = _same(its_owner, owner), _same(its_name, name)
    if registered != claimed:
        return Moved(TAKEN, its_owner, claimed) if same_owner and same_name else None
    if same_name:
        return None if same_owner else Moved(OWNER, its_owner, owner)
    known = isinstance(seen.get("id"), str) and seen.get("id") == claims.get("repository_id")
    return Moved(REPOSITORY, f"{its_owner}/{its_name}", slug) if known else None


def _moved_on_gitlab(publisher: Publisher, claims: ClaimSet, seen: Mapping[str, JSON]) -> Moved | None:
    path, number, owner = claims.get("project_path"), claims.get("project_id"), claims.get("namespace_id")
    if not isinstance(path, str) or not isinstance(number, str):
        return None
    its_path = f"{publisher.get('namespace')}/{publisher.get('project')}"
    same_owner = isinstance(owner, str) and owner == seen.get("owner")
    if _same(its_path, path):
        taken = isinstance(owner, str) and bool(seen.get("owner")) and not same_owner
        return Moved(TAKEN, publisher.get("namespace"), str(owner)) if taken else None
    if number != seen.get("id"):
        return None
    namespace, _, project = path.rpartition("/")
    if same_owner and _same(publisher.get("project"), project):
        return Moved(NAMESPACE, publisher.get("namespace"), namespace)
    return Moved(PROJECT, its_path, path)


def _same(registered: str, claimed: str) -> bool:
    return bool(registered) and ascii_lower(registered) == ascii_lower(claimed)

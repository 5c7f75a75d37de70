"""Accounts, teams and repositories as GitHub writes them in JSON, every key that its description requires included."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trustpub.parties.github.fake_state import Owner, Repository, Team
    from trustpub.parties.github.fake_wire import Object

HTML = "https://github.com"

_OF_USER = {
    "followers_url": "/followers",
    "following_url": "/following{/other_user}",
    "gists_url": "/gists{/gist_id}",
    "starred_url": "/starred{/owner}{/repo}",
    "subscriptions_url": "/subscriptions",
    "organizations_url": "/orgs",
    "repos_url": "/repos",
    "events_url": "/events{/privacy}",
    "received_events_url": "/received_events",
}
_OF_REPOSITORY = {
    "archive_url": "/{archive_format}{/ref}",
    "assignees_url": "/assignees{/user}",
    "blobs_url": "/git/blobs{/sha}",
    "branches_url": "/branches{/branch}",
    "collaborators_url": "/collaborators{/collaborator}",
    "comments_url": "/comments{/number}",
    "commits_url": "/commits{/sha}",
    "compare_url": "/compare/{base}...{head}",
    "contents_url": "/contents/{+path}",
    "contributors_url": "/contributors",
    "deployments_url": "/deployments",
    "downloads_url": "/downloads",
    "events_url": "/events",
    "forks_url": "/forks",
    "git_commits_url": "/git/commits{/sha}",
    "git_refs_url": "/git/refs{/sha}",
    "git_tags_url": "/git/tags{/sha}",
    "hooks_url": "/hooks",
    "issue_comment_url": "/issues/comments{/number}",
    "issue_events_url": "/issues/events{/number}",
    "issues_url": "/issues{/number}",
    "keys_url": "/keys{/key_id}",
    "labels_url": "/labels{/name}",
    "languages_url": "/languages",
    "merges_url": "/merges",
    "milestones_url": "/milestones{/number}",
    "notifications_url": "/notifications{?since,all,participating}",
    "pulls_url": "/pulls{/number}",
    "releases_url": "/releases{/id}",
    "stargazers_url": "/stargazers",
    "statuses_url": "/statuses/{sha}",
    "subscribers_url": "/subscribers",
    "subscription_url": "/subscription",
    "tags_url": "/tags",
    "teams_url": "/teams",
    "trees_url": "/git/trees{/sha}",
}


def node(kind: str, number: int) -> str:
    """A global id: opaque to everybody but GitHub."""
    return f"{kind}_{base64.urlsafe_b64encode(number.to_bytes(6, 'big')).decode()}"


def simple_user(owner: Owner, base: str) -> Object:
    """An account where it is only named."""
    url = f"{base}/users/{owner.login}"
    return {
        "login": owner.login,
        "id": owner.id,
        "node_id": node("O" if owner.kind == "Organization" else "U", owner.id),
        "avatar_url": f"https://avatars.githubusercontent.com/u/{owner.id}?v=4",
        "gravatar_id": "",
        "url": url,
        "html_url": f"{HTML}/{owner.login}",
        **{key: url + path for key, path in _OF_USER.items()},
        "type": owner.kind,
        "user_view_type": "public",
        "site_admin": False,
    }


def public_user(owner: Owner, base: str) -> Object:
    """An account where it is asked for."""
    unsaid = ("company", "location", "email", "hireable", "bio", "twitter_username")
    return {
        **simple_user(owner, base),
        "name": owner.login,
        "blog": "",
        **dict.fromkeys(unsaid),
        "public_repos": 1,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "created_at": owner.created_at,
        "updated_at": owner.created_at,
    }


def plan(owner: Owner, *, seats: bool = False) -> Object:
    """What an account pays for."""
    shape: Object = {"name": owner.plan, "space": 976562499, "private_repos": 9999}
    return {**shape, "filled_seats": len(owner.members), "seats": 50} if seats else {**shape, "collaborators": 0}


def organization(owner: Owner, base: str) -> Object:
    """An organisation as everybody sees it."""
    url = f"{base}/orgs/{owner.login}"
    return {
        "login": owner.login,
        "id": owner.id,
        "node_id": node("O", owner.id),
        "url": url,
        "repos_url": f"{url}/repos",
        "events_url": f"{url}/events",
        "hooks_url": f"{url}/hooks",
        "issues_url": f"{url}/issues",
        "members_url": f"{url}/members{{/member}}",
        "public_members_url": f"{url}/public_members{{/member}}",
        "avatar_url": f"https://avatars.githubusercontent.com/u/{owner.id}?v=4",
        "description": None,
        "has_organization_projects": True,
        "has_repository_projects": True,
        "public_repos": 1,
        "public_gists": 0,
        "followers": 0,
        "following": 0,
        "html_url": f"{HTML}/{owner.login}",
        "type": "Organization",
        "created_at": owner.created_at,
        "updated_at": owner.created_at,
        "archived_at": None,
    }


def team(each: Team, organization: Owner, base: str, permission: str = "pull") -> Object:
    """A team, and what it may do where it is named."""
    url = f"{base}/organizations/{organization.id}/team/{each.id}"
    return {
        "id": each.id,
        "node_id": node("T", each.id),
        "name": each.name,
        "slug": each.slug,
        "description": None,
        "privacy": "closed",
        "notification_setting": "notifications_enabled",
        "permission": permission,
        "url": url,
        "html_url": f"{HTML}/orgs/{organization.login}/teams/{each.slug}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "type": "organization",
        "organization_id": organization.id,
        "parent": None,
    }


def permissions(role: str) -> Object:
    """A role as the list of what it may do."""
    steps = {"pull": "read", "triage": "triage", "push": "write", "maintain": "maintain", "admin": "admin"}
    order = ("none", "read", "triage", "write", "maintain", "admin")
    return {name: order.index(role) >= order.index(needed) for name, needed in steps.items()}


def repository(each: Repository, base: str) -> Object:
    """A repository where it is only named."""
    url = f"{base}/repos/{each.slug}"
    return {
        "id": each.id,
        "node_id": node("R", each.id),
        "name": each.name,
        "full_name": each.slug,
        "private": each.private,
        "owner": simple_user(each.owner, base),
        "html_url": f"{HTML}/{each.slug}",
        "description": None,
        "fork": each.fork,
        "url": url,
        **{key: url + path for key, path in _OF_REPOSITORY.items()},
    }


def full_repository(each: Repository, base: str, role: str) -> Object:
    """A repository where it is asked for; what the asker may do only when somebody asked."""
    counts = (
        "forks", "forks_count", "stargazers_count", "watchers", "watchers_count", "size", "open_issues", "open_issues_count",
        "network_count", "subscribers_count",
    )  # fmt: skip
    shape: Object = {
        **repository(each, base),
        "git_url": f"git://github.com/{each.slug}.git",
        "ssh_url": f"git@github.com:{each.slug}.git",
        "clone_url": f"{HTML}/{each.slug}.git",
        "svn_url": f"{HTML}/{each.slug}",
        **dict.fromkeys(("homepage", "language", "license", "mirror_url")),
        **dict.fromkeys(counts, 0),
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True),
        **dict.fromkeys(("has_pages", "has_discussions", "is_template", "disabled"), False),
        "archived": each.archived,
        "visibility": each.visibility,
        "topics": [],
        "allow_forking": True,
        "web_commit_signoff_required": False,
        "default_branch": each.default_branch,
        "created_at": each.created_at,
        "updated_at": each.created_at,
        "pushed_at": each.created_at,
        "temp_clone_token": None,
        "custom_properties": {},
    }
    if each.owner.kind == "Organization":
        shape["organization"] = simple_user(each.owner, base)
    if role:
        shape["permissions"] = permissions(role)
    return shape

"""The fake GitHub's branches, tags, commits and releases."""

from __future__ import annotations

import hashlib
from base64 import encodebytes
from typing import TYPE_CHECKING

from trustpub.parties.github import fake_shapes as shapes
from trustpub.parties.github.fake_wire import Answer, Call, Refusal, not_found, page, route

if TYPE_CHECKING:
    from trustpub.parties.github.fake_state import Release, Tag
    from trustpub.parties.github.fake_wire import JSON, Object

REPOSITORY = "/repos/{owner}/{repo}"
CONTENTS = "contents=read"


@route("GET", REPOSITORY + "/git/ref/{ref+}", wants=CONTENTS, anyone=True)
def ref(call: Call) -> Answer:
    """Say what a ref points at: an annotated tag points at its own object, not at the commit."""
    wanted = call.values["ref"]
    for name, kind, sha in _refs(call):
        if name == wanted:
            return Answer(200, _ref(call, name, kind, sha))
    raise not_found()


@route("GET", REPOSITORY + "/git/matching-refs/{ref+}", wants=CONTENTS, anyone=True)
def matching_refs(call: Call) -> Answer:
    """List the refs that start so."""
    found: list[JSON] = [_ref(call, *each) for each in _refs(call) if each[0].startswith(call.values["ref"])]
    return page(call, found)


@route("GET", REPOSITORY + "/git/tags/{tag_sha}", wants=CONTENTS, anyone=True)
def annotated_tag(call: Call) -> Answer:
    """Read the object of an annotated tag."""
    for each in call.repository.tags.values():
        if each.object and each.object == call.values["tag_sha"]:
            return Answer(200, _tag(call, each))
    raise not_found()


@route("GET", REPOSITORY + "/commits/{ref+}", wants=CONTENTS, anyone=True)
def commit(call: Call) -> Answer:
    """Find the commit behind a branch, a tag (annotated or not) or a hash."""
    repository, wanted = call.repository, call.values["ref"]
    short = wanted.removeprefix("refs/").removeprefix("heads/").removeprefix("tags/")
    tag = repository.tags.get(short)
    sha = tag.commit if tag else repository.branches.get(short, wanted)
    known = {*repository.branches.values(), *(each.commit for each in repository.tags.values())}
    if sha not in known:
        raise Refusal(422, f"No commit found for SHA: {wanted}")
    return Answer(200, _commit(call, sha))


@route("GET", REPOSITORY + "/contents/{path+}", wants=CONTENTS, anyone=True)
def content(call: Call) -> Answer:
    """Read a file of a branch."""
    repository, path = call.repository, call.values["path"]
    held = repository.files.get((call.query.get("ref", repository.default_branch).removeprefix("refs/heads/"), path))
    if held is None:
        raise not_found()
    return Answer(200, _file(call, path, held))


@route("GET", REPOSITORY + "/branches/{branch+}", wants=CONTENTS, anyone=True)
def branch(call: Call) -> Answer:
    """Read a branch, and whether anything protects it."""
    repository, name = call.repository, call.values["branch"]
    if name not in repository.branches:
        raise Refusal(404, "Branch not found")
    url = f"{call.base}/repos/{repository.slug}/branches/{name}"
    kept = name in repository.protected
    checks: JSON = {"enforcement_level": "off", "contexts": [], "checks": []}
    return Answer(
        200,
        {
            "name": name,
            "commit": _commit(call, repository.branches[name]),
            "_links": {"self": url, "html": f"{shapes.HTML}/{repository.slug}/tree/{name}"},
            "protected": kept,
            "protection": {"enabled": kept, "required_status_checks": checks},
            "protection_url": f"{url}/protection",
        },
    )


@route("GET", REPOSITORY + "/branches/{branch}/protection", wants="administration=read", role="admin")
def protection(call: Call) -> Answer:
    """Read a branch's own protection, which is not that of the rulesets."""
    repository, name = call.repository, call.values["branch"]
    if name not in repository.protected:
        raise Refusal(404, "Branch not protected")
    url = f"{call.base}/repos/{repository.slug}/branches/{name}/protection"
    return Answer(200, {"url": url, "enforce_admins": {"url": f"{url}/enforce_admins", "enabled": False}})


@route("GET", REPOSITORY + "/branches", wants=CONTENTS, anyone=True)
def branches(call: Call) -> Answer:
    """List the branches, with `protected=true` only those that something protects."""
    repository, only = call.repository, call.query.get("protected") == "true"
    found: list[JSON] = [
        {"name": name, "commit": {"sha": sha, "url": _commit_url(call, sha)}, "protected": name in repository.protected}
        for name, sha in repository.branches.items()
        if not only or name in repository.protected
    ]
    return page(call, found)


@route("GET", REPOSITORY + "/releases/latest", wants=CONTENTS, anyone=True)
def latest_release(call: Call) -> Answer:
    """Find the newest release that is neither a draft nor a pre-release."""
    full = [each for each in call.repository.releases if not (each.draft or each.prerelease)]
    if not full:
        raise not_found()
    return Answer(200, _release(call, max(full, key=lambda each: each.created_at)))


@route("GET", REPOSITORY + "/releases/tags/{tag+}", wants=CONTENTS, anyone=True)
def release_by_tag(call: Call) -> Answer:
    """Find the release of a tag."""
    for each in call.repository.releases:
        if each.tag == call.values["tag"] and not each.draft:
            return Answer(200, _release(call, each))
    raise not_found()


def _refs(call: Call) -> list[tuple[str, str, str]]:
    repository = call.repository
    heads = [(f"heads/{name}", "commit", sha) for name, sha in repository.branches.items()]
    tags = [
        (f"tags/{each.name}", "tag" if each.object else "commit", each.object or each.commit) for each in repository.tags.values()
    ]
    return heads + tags


def _ref(call: Call, name: str, kind: str, sha: str) -> Object:
    api = f"{call.base}/repos/{call.repository.slug}/git"
    return {
        "ref": f"refs/{name}",
        "node_id": shapes.node("REF", call.repository.id),
        "url": f"{api}/refs/{name}",
        "object": {"type": kind, "sha": sha, "url": f"{api}/{kind}s/{sha}"},
    }


def _tag(call: Call, each: Tag) -> Object:
    api = f"{call.base}/repos/{call.repository.slug}/git"
    return {
        "node_id": shapes.node("TA", call.repository.id),
        "tag": each.name,
        "sha": each.object,
        "url": f"{api}/tags/{each.object}",
        "message": each.name,
        "tagger": {"name": "nobody", "email": "nobody@example.com", "date": call.repository.created_at},
        "object": {"sha": each.commit, "type": "commit", "url": f"{api}/commits/{each.commit}"},
    }


def _file(call: Call, path: str, held: bytes) -> Object:
    sha = hashlib.sha1(b"blob %d\0" % len(held) + held, usedforsecurity=False).hexdigest()
    ref, repository = call.query.get("ref", call.repository.default_branch), f"{call.base}/repos/{call.repository.slug}"
    url, page = f"{repository}/contents/{path}?ref={ref}", f"{shapes.HTML}/{call.repository.slug}/blob/{ref}/{path}"
    return {
        "type": "file",
        "encoding": "base64",
        "size": len(held),
        "name": path.rpartition("/")[2],
        "path": path,
        "content": encodebytes(held).decode(),
        "sha": sha,
        "url": url,
        "git_url": f"{repository}/git/blobs/{sha}",
        "html_url": page,
        "download_url": f"https://raw.githubusercontent.com/{call.repository.slug}/{ref}/{path}",
        "_links": {"self": url, "git": f"{repository}/git/blobs/{sha}", "html": page},
    }


def _commit_url(call: Call, sha: str) -> str:
    return f"{call.base}/repos/{call.repository.slug}/commits/{sha}"


def _commit(call: Call, sha: str) -> Object:
    url, person = _commit_url(call, sha), {"name": "nobody", "email": "nobody@example.com", "date": call.repository.created_at}
    inner: JSON = {
        "url": f"{call.base}/repos/{call.repository.slug}/git/commits/{sha}",
        "author": person,
        "committer": person,
        "message": "Publish",
        "comment_count": 0,
        "tree": {"sha": sha, "url": f"{call.base}/repos/{call.repository.slug}/git/trees/{sha}"},
    }
    return {
        "url": url,
        "sha": sha,
        "node_id": shapes.node("C", call.repository.id),
        "html_url": f"{shapes.HTML}/{call.repository.slug}/commit/{sha}",
        "comments_url": f"{url}/comments",
        "commit": inner,
        "author": shapes.simple_user(call.repository.owner, call.base),
        "committer": shapes.simple_user(call.repository.owner, call.base),
        "parents": [],
    }


def _release(call: Call, each: Release) -> Object:
    repository = call.repository
    url, page = f"{call.base}/repos/{repository.slug}/releases/{each.id}", f"{shapes.HTML}/{repository.slug}"
    return {
        "url": url,
        "html_url": f"{page}/releases/tag/{each.tag}",
        "assets_url": f"{url}/assets",
        "upload_url": f"{url}/assets{{?name,label}}",
        "tarball_url": f"{call.base}/repos/{repository.slug}/tarball/{each.tag}",
        "zipball_url": f"{call.base}/repos/{repository.slug}/zipball/{each.tag}",
        "id": each.id,
        "node_id": shapes.node("RE", each.id),
        "tag_name": each.tag,
        "target_commitish": repository.default_branch,
        "name": each.tag,
        "body": "",
        "draft": each.draft,
        "prerelease": each.prerelease,
        "immutable": each.immutable,
        "created_at": each.created_at,
        "published_at": None if each.draft else each.created_at,
        "author": shapes.simple_user(repository.owner, call.base),
        "assets": [],
    }

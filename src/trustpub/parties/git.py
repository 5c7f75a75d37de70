"""A checkout on this disk: its root, its workflow files, its declaration, and where it comes from.

Everything is read from files. The git program is never run, because a stranger's repository may configure programs for it to run,
and because reading three small files is faster than starting one process.
"""

from __future__ import annotations

import os
import re
import stat
from typing import TYPE_CHECKING

from trustpub.errors import BadInput, BrokenFile
from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

WORKFLOW_FOLDER = ".github/workflows"
DECLARATION = "trustpub.toml"
MAX_FILE = 4 << 20
"""How much of one file is read at most: no configuration file is that large."""


_SAME_HOST = {"ssh.github.com": "github.com", "www.github.com": "github.com"}
"""GitHub's other names for the same repositories: SSH over the port of HTTPS, for whoever sits behind a firewall."""


class Origin(NamedTuple):
    """Where a checkout comes from, without any credential: host, owner, repository name."""

    host: str
    owner: str
    repository: str


class Checkout(NamedTuple):
    """What was found. `root` is the project's root, `path` the folder that was asked for, `head` the commit or None.

    `files` holds the workflow files' bytes by their path below the root; `declaration` the bytes of `trustpub.toml`, or of a
    `pyproject.toml` with a `[tool.trustpub]`, with its path as a person would type it. `default_branch` is the remote's, when the
    checkout knows it.
    """

    root: str
    path: str
    files: Mapping[str, bytes]
    origin: Origin | None
    head: str | None
    default_branch: str | None
    declaration: tuple[str, bytes] | None

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Checkout:
        """Read the checkout that holds `path`. Raises `BadInput` when that is no folder, `BrokenFile` for an unreadable file."""
        folder = os.path.realpath(path)
        if not os.path.isdir(folder):
            raise BadInput(f"{os.fspath(path)}", why="not a folder" if os.path.exists(folder) else "no such folder")
        root = _root(folder)
        own_git = os.path.exists(f"{root}/.git")
        repository = _git_folder(root if own_git else _git_above(root))
        files = dict(_workflow_files(root))
        return cls(
            root=root,
            path=folder,
            files=files,
            origin=_origin(repository) if own_git and repository else None,
            head=_head(repository) if repository else None,
            default_branch=_default_branch(repository) if own_git and repository else None,
            declaration=_declaration(root, folder),
        )

    @property
    def asked_folder(self) -> str:
        """The folder that was asked for, relative to the root (`.` for the root itself)."""
        return below(self.path, self.root)


def below(path: str, root: str) -> str:
    """Write a path relative to the root that it lies in, with `/` (`.` for the root itself)."""
    return os.path.relpath(path, root).replace(os.sep, "/")


def _and_above(folder: str) -> Iterator[str]:
    """Yield a folder and every folder that it lies in."""
    yield folder
    while (parent := os.path.dirname(folder)) != folder:
        yield parent
        folder = parent


def _root(folder: str) -> str:
    """Find the nearest folder that is a project root of its own; without any, the folder itself."""
    for candidate in _and_above(folder):
        if os.path.exists(f"{candidate}/.git") or os.path.isdir(f"{candidate}/{WORKFLOW_FOLDER}"):
            return candidate
        if os.path.isfile(f"{candidate}/{DECLARATION}"):
            return candidate
    return folder


def _git_above(root: str) -> str | None:
    return next((parent for parent in _and_above(os.path.dirname(root)) if os.path.exists(f"{parent}/.git")), None)


def _git_folder(root: str | None) -> str | None:
    """Find the git folder: `.git` itself, or what the `.git` file of a work tree or submodule points at."""
    if root is None:
        return None
    dot_git = f"{root}/.git"
    if os.path.isdir(dot_git):
        return dot_git
    pointer = _read_text(dot_git)
    if pointer is None or not pointer.startswith("gitdir:"):
        return None
    target = os.path.join(root, pointer.removeprefix("gitdir:").strip())
    return target if os.path.isdir(target) else None


def _common(repository: str) -> str:
    """Find the folder that work trees share: configuration, branches and packed references live there."""
    pointer = _read_text(f"{repository}/commondir")
    return os.path.join(repository, pointer.strip()) if pointer else repository


def _head(repository: str) -> str | None:
    """Read the commit that is checked out, or None before the first commit and in formats that are not plain files."""
    head = _read_text(f"{repository}/HEAD")
    if head is None:
        return None
    head = head.strip()
    if not head.startswith("ref:"):
        return _commit(head)
    name = head.removeprefix("ref:").strip()
    if not name.startswith("refs/") or ".." in name or any(char <= " " for char in name):
        return None
    loose = _read_text(f"{_common(repository)}/{name}")
    if loose is not None:
        return _commit(loose.strip())
    for line in (_read_text(f"{_common(repository)}/packed-refs") or "").splitlines():
        commit, _, ref = line.partition(" ")
        if ref == name:
            return _commit(commit)
    return None


def _default_branch(repository: str) -> str | None:
    """Read which branch the remote calls its default, as `git clone` noted it."""
    text = _read_text(f"{_common(repository)}/refs/remotes/origin/HEAD") or ""
    prefix = "ref: refs/remotes/origin/"
    return text.removeprefix(prefix).strip() or None if text.startswith(prefix) else None


def _commit(text: str) -> str | None:
    return text if len(text) in (40, 64) and not text.strip("0123456789abcdef") else None


def _origin(repository: str) -> Origin | None:
    config = _read_text(f"{_common(repository)}/config")
    url = origin_url(config) if config else None
    return parse_remote(url) if url else None


def origin_url(config: str) -> str | None:
    """Return the `url` of `[remote "origin"]` in the text of a git configuration; the first one, as `git fetch` uses it."""
    inside = False
    for raw in config.splitlines():
        line = raw.strip()
        if line.startswith("["):
            section, _, line = line[1:].partition("]")
            inside, line = section.lower().split() == ["remote", '"origin"'], line.strip()
        name, equals, value = line.partition("=")
        if inside and equals and name.strip().lower() == "url":
            return _config_value(value.strip())
    return None


def _config_value(text: str) -> str:
    if text.startswith('"') and (quoted := re.match(r'"((?:[^"\\]|\\.)*)"', text)):
        return quoted[1].replace('\\"', '"').replace("\\\\", "\\")
    return text.partition("#")[0].partition(";")[0].strip()


def parse_remote(url: str) -> Origin | None:
    """Take host, owner and repository out of a remote's address (https, ssh, or `git@host:owner/name`); drop user and password.

    None for a folder, or anything that does not end in owner and name.
    """
    whole = r"(?:https?|ssh|git|git\+ssh)://(?:[^/\s]*@)?([^/\s:@]+)(?::[0-9]*)?/(.+)"
    short = r"(?:[^@/\s:]+@)?([^/\s:@]+):(?!//)/?(.+)"
    match = re.fullmatch(whole if "://" in url else short, url.strip(), re.IGNORECASE)
    if match is None or "\\" in url:
        return None
    parts = [part for part in match[2].split("/") if part]
    if len(parts) < 2:
        return None
    owner, name = "/".join(parts[:-1]), parts[-1].removesuffix(".git")
    host = match[1].lower()
    return Origin(_SAME_HOST.get(host, host), owner, name) if name else None


def _workflow_files(root: str) -> Iterator[tuple[str, bytes]]:
    folder = f"{root}/{WORKFLOW_FOLDER}"
    for name in _names(folder):
        if name.endswith((".yml", ".yaml")) and _is_ours(f"{folder}/{name}", root):
            yield f"{WORKFLOW_FOLDER}/{name}", _read(f"{folder}/{name}", f"{WORKFLOW_FOLDER}/{name}")


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as problem:
        raise BrokenFile(folder, f"cannot be listed: {problem.strerror}") from None


def _is_ours(file: str, root: str) -> bool:
    """Say whether this is a regular file of the checkout: a link that leaves it, a pipe or a device is never read."""
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):
            return False
        return not os.path.islink(file) or os.path.realpath(file).startswith(os.path.join(root, ""))
    except OSError:
        return False


def _read(file: str, shown: str) -> bytes:
    try:
        with open(file, "rb") as stream:
            data = stream.read(MAX_FILE + 1)
    except OSError as problem:
        raise BrokenFile(shown, f"cannot be read: {problem.strerror}") from None
    if len(data) > MAX_FILE:
        raise BrokenFile(shown, f"is larger than {MAX_FILE} bytes")
    return data


def _read_text(file: str) -> str | None:
    """Read one of git's own small files; None when it is not there or not readable."""
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):
            return None
        with open(file, "rb") as stream:
            return stream.read(MAX_FILE).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None


def _declaration(root: str, folder: str) -> tuple[str, bytes] | None:
    """Find `trustpub.toml` at the folder that was asked for or at the root, else a `[tool.trustpub]` at the same places."""
    places = [folder, root] if folder != root else [root]
    for name in (DECLARATION, "pyproject.toml"):
        for place in places:
            file = os.path.join(place, name)
            if _is_ours(file, root):
                data = _read(file, below(file, root))
                if name == DECLARATION or b"tool.trustpub" in data:
                    return below(file, root), data
    return None

"""What `uses:` names: an action, a workflow, an image, or something in the same repository, and at which version.

Only a full commit id, or an image's digest, names one content for ever; tags and branches can be moved.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from trustpub.record import NamedTuple

if TYPE_CHECKING:
    from trustpub.workflows.source import Scalar, Source

Kind = Literal["repository", "image", "here"]

Version = tuple[int, ...]


class Uses(NamedTuple):
    """One reference. `name` is `owner/repository` or the image in lower case, `path` what follows it, `ref` what follows `@`.

    "here" is the same repository (`./` and `$/`), whose content the running commit fixes.
    """

    kind: Kind
    name: str
    path: str
    ref: str

    @property
    def owner(self) -> str:
        """The account that holds the action, in lower case; empty when it is none."""
        return self.name.partition("/")[0] if self.kind == "repository" else ""

    @property
    def pinned(self) -> bool:
        """Whether the content can never change. What an expression gives is not known, and is not called unpinned."""
        if self.kind == "here" or "${{" in self.ref:
            return True
        if self.kind == "image":
            return self.ref.startswith("sha256:")
        return re.fullmatch(r"[0-9a-fA-F]{40}|[0-9a-fA-F]{64}", self.ref) is not None


def uses(text: str) -> Uses:
    """Read the value of `uses:`."""
    text = text.strip()
    if text.startswith(("./", "$/", ".\\")) or ("@" not in text and not text.startswith("docker://")):
        return Uses("here", text, "", "")
    if text.startswith("docker://"):
        image, _, digest = text.removeprefix("docker://").partition("@")
        return Uses("image", image.lower(), "", digest)
    whole, _, ref = text.partition("@")
    owner, _, rest = whole.partition("/")
    repository, _, path = rest.partition("/")
    return Uses("repository", f"{owner}/{repository}".lower(), path, ref)


def version_of(source: Source, scalar: Scalar) -> Version | None:
    """Say which release a reference is: its tag, or for a commit id the version in the comment behind it. None: not known.

    `v8` is `(8,)`: the newest release whose number begins so.
    """
    ref = uses(scalar.value).ref
    if not re.fullmatch(r"[0-9a-fA-F]{40}", ref):
        return _numbers(ref.removeprefix("release/"))
    behind = source.line(source.place(scalar.end).line).partition("#")[2]
    match = re.match(r"\s*(?:tag[:=]\s*|release/)?(v?[0-9][0-9.]*)", behind)
    return _numbers(match[1]) if match else None


def _numbers(text: str) -> Version | None:
    match = re.fullmatch(r"v?([0-9]+(?:\.[0-9]+)*)\.?", text)
    return tuple(int(part) for part in match[1].split(".")) if match else None


def older(version: Version | None, than: Version) -> bool:
    """Say whether a version is surely older. `v1` is not older than 1.8, because it may be any 1.x."""
    return version is not None and version < than[: len(version)]

"""What is known of one upload: the tool, where it goes, what it brings, and how its step got there.

Values are texts as the files have them, `${{ }}` included: they are evaluated for each example run.
"""

from __future__ import annotations

from trustpub.record import NamedTuple


class Destination(NamedTuple):
    """Where an upload goes. `kind` is "default", "url" or "name"; `value` is the text of the address or the name."""

    kind: str
    value: str = ""


DEFAULT = Destination("default")
"""The tool's own index: PyPI."""


class Via(NamedTuple):
    """A wrapper between a step and its upload: `make` target `release`, its file, and the line of the words that upload.

    `kind` is the wrapper's program ("make", "tox", "nox", "just", "hatch", "script", "shell", ...), `text` the line itself.
    """

    kind: str
    name: str
    path: str
    line: int
    text: str


class Upload(NamedTuple):
    """One upload that a step makes.

    `tool` names the program ("action" for the publish action, "uv", "twine", "pdm", "hatch", "poetry", "flit", "maturin", "rye",
    "setuptools", "semantic-release", "jupyter-releaser", or another action's name); `offset` is where its command begins in `run`
    (0 for an action). `secrets` are the texts given as password or token, `user` the user's name when one is given. `mode` is
    uv's "automatic", "always" or "never", and "id-token-first" for a tool that prefers an ID token to a token it is given.
    `files` are the arguments that name distributions, or the action's folder. `oidc` says whether the tool can exchange an ID
    token itself, None with `oidc_why` when the files do not tell; `version` is what they say about the tool's version
    (`twine==5.1`, the action's ref). `attestations` and `skip_existing` are the texts of the settings, empty without one.
    `exchanged_by` names what exchanged an ID token before, when its result is the secret: that is trusted publishing by hand.
    """

    tool: str
    offset: int
    destination: Destination
    secrets: tuple[str, ...] = ()
    user: str = ""
    mode: str = "automatic"
    files: tuple[str, ...] = ()
    via: tuple[Via, ...] = ()
    oidc: bool | None = True
    oidc_why: str = ""
    version: str = ""
    attestations: str = ""
    skip_existing: str = ""
    exchanged_by: str = ""


class Unread(NamedTuple):
    """Words of a step that may publish, but what they run could not be read: their text, where they begin in `run`, and why."""

    text: str
    offset: int
    why: str


def destination(url: str, name: str) -> Destination:
    """Return where an upload goes: an address goes before a name, and `pypi` is every tool's own index."""
    if url:
        return Destination("url", url)
    return Destination("name", name) if name and name != "pypi" else DEFAULT


def given(*values: str) -> tuple[str, ...]:
    """Keep the texts that are not empty: a password that is set to nothing is none."""
    return tuple(value for value in values if value)


def named_user(user: str) -> str:
    """Return the user's name, empty for the one that stands for a token."""
    return "" if user == "__token__" else user

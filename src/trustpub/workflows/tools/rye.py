"""`rye publish`: it hands a user and a token to twine, and exchanges no ID tokens. Mirrors: rye 0.44's options."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.tools.options import after, read_options, taking
from trustpub.workflows.upload import Upload, destination, given, named_user

if TYPE_CHECKING:
    from trustpub.workflows.tools.options import Invocation

_TAKING = taking(
    "repository -r --repository", "url --repository-url", "user -u --username", "token --token", "identity -i --identity",
    "sign --sign-with", "cert --cert", "client-cert --client-cert",
)  # fmt: skip
WHY = "rye exchanges no ID tokens: it wants a token"


def upload(call: Invocation) -> Upload | None:
    """Read one `rye` command."""
    words = after(call.arguments, "publish", {})
    if words is None:
        return None
    options = read_options(words, _TAKING, {"--skip-existing": "skip"})
    return Upload(
        tool="rye",
        offset=call.start,
        destination=destination(options.get("url"), options.get("repository")),
        secrets=given(options.get("token")),
        user=named_user(options.get("user")),
        files=options.rest,
        oidc=False,
        oidc_why=WHY,
        version=call.version,
        skip_existing=options.get("skip"),
    )

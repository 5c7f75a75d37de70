"""`hatch publish`.

Mirrors: hatch 1.18's options and its `HATCH_INDEX_*` variables. It exchanges no ID tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.tools.options import after, read_options, taking
from trustpub.workflows.upload import Upload, destination, given, named_user

if TYPE_CHECKING:
    from trustpub.workflows.tools.options import Invocation

_TAKING = taking(
    "repo -r --repo", "user -u --user", "auth -a --auth", "cert --ca-cert", "client-cert --client-cert", "key --client-key",
    "publisher -p --publisher", "option -o --option", "env -e --env", "project --project",
)  # fmt: skip
_RESERVED = {"main": "", "test": "testpypi"}
WHY = "hatch exchanges no ID tokens: it wants a user and a password or token"


def upload(call: Invocation) -> Upload | None:
    """Read one `hatch` command."""
    words = after(call.arguments, "publish", _TAKING)
    if words is None:
        return None
    options = read_options(words, _TAKING, {})
    if options.get("publisher") not in ("", "index"):
        return None
    where = options.get("repo") or call.variables.get("HATCH_INDEX_REPO", "")
    return Upload(
        tool="hatch",
        offset=call.start,
        destination=destination(where if "://" in where or where.startswith("${{") else "", _RESERVED.get(where, where)),
        secrets=given(options.get("auth") or call.variables.get("HATCH_INDEX_AUTH", "")),
        user=named_user(options.get("user") or call.variables.get("HATCH_INDEX_USER", "")),
        files=options.rest,
        oidc=False,
        oidc_why=WHY,
        version=call.version,
    )

"""`flit publish`.

Mirrors: flit 4.2's options and its `FLIT_*` variables. It exchanges no ID tokens.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.scene import PypircSection
from trustpub.workflows.tools.options import after, read_options, taking
from trustpub.workflows.upload import Upload, destination, given, named_user

if TYPE_CHECKING:
    from trustpub.workflows.tools.options import Invocation

_TAKING = taking("ini -f --ini-file", "repository --repository", "pypirc --pypirc", "format --format")
WHY = "flit exchanges no ID tokens: it wants a user and a password or token"


def upload(call: Invocation) -> Upload | None:
    """Read one `flit` command."""
    if after(call.arguments, "publish", _TAKING) is None:
        return None
    options = read_options(call.arguments, _TAKING, {})
    variables = call.variables
    name = options.get("repository")
    section = call.scene.pypirc.get(name or "pypi", PypircSection())
    url = variables.get("FLIT_INDEX_URL", "") or (section.url if name not in ("", "pypi", "testpypi") else "")
    return Upload(
        tool="flit",
        offset=call.start,
        destination=destination(url, name),
        secrets=given(variables.get("FLIT_PASSWORD", "") or section.password),
        user=named_user(variables.get("FLIT_USERNAME", "") or section.user),
        files=("dist",),
        oidc=False,
        oidc_why=WHY,
        version=call.version,
    )

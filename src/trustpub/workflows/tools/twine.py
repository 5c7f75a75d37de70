"""`twine upload`.

Mirrors: twine 7's options and variables. It exchanges ID tokens since 6.1.0, with PyPI and TestPyPI only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.scene import PypircSection
from trustpub.workflows.tools.options import read_options, taking
from trustpub.workflows.tools.versions import Since
from trustpub.workflows.upload import Upload, destination, given, named_user

if TYPE_CHECKING:
    from trustpub.workflows.tools.options import Invocation

_TAKING = taking(
    "repository -r --repository", "url --repository-url", "user -u --username", "password -p --password", "comment -c --comment",
    "config --config-file", "identity -i --identity", "sign --sign-with", "cert --cert", "client-cert --client-cert",
)  # fmt: skip
_FLAGS = {"--skip-existing": "skip", "--attestations": "attestations"}
_SINCE = Since("6.1.0")
UNKNOWN = "which version of twine runs is not in the files: 6.1.0 is the first that exchanges ID tokens"


def upload(call: Invocation) -> Upload | None:
    """Read one `twine` command."""
    if call.arguments[:1] != ("upload",):
        return None
    options = read_options(call.arguments[1:], _TAKING, _FLAGS)
    variables = call.variables
    url = options.get("url") or variables.get("TWINE_REPOSITORY_URL", "")
    name = options.get("repository") or variables.get("TWINE_REPOSITORY", "")
    section = call.scene.pypirc.get(name or "pypi", PypircSection()) if not url else PypircSection()
    user = options.get("user") or variables.get("TWINE_USERNAME", "") or section.user
    secret = options.get("password") or variables.get("TWINE_PASSWORD", "") or section.password
    oidc, why = _SINCE.of(call.version) if call.version or call.fresh else (None, UNKNOWN)
    return Upload(
        tool="twine",
        offset=call.start,
        destination=destination(url or (section.url if name not in ("", "pypi", "testpypi") else ""), name),
        secrets=given(secret),
        user=named_user(user),
        files=options.rest,
        oidc=oidc,
        oidc_why=why,
        version=call.version,
        attestations=options.get("attestations") or variables.get("TWINE_ATTESTATIONS", ""),
        skip_existing=options.get("skip"),
    )

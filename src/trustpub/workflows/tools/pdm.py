"""`pdm publish`.

Mirrors: pdm 2.29's options and its `PDM_PUBLISH_*` variables. It exchanges ID tokens since 2.6.0.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.scene import string, table
from trustpub.workflows.tools.options import after, read_options, taking
from trustpub.workflows.tools.versions import Since
from trustpub.workflows.upload import Upload, destination, given, named_user

if TYPE_CHECKING:
    from trustpub.workflows.scene import Scene
    from trustpub.workflows.tools.options import Invocation

_TAKING = taking(
    "repository -r --repository", "user -u --username", "password -P --password", "identity -i --identity",
    "comment -c --comment", "folder -d --dest", "certs --ca-certs", "project -p --project", "config --config",
)  # fmt: skip
_SINCE = Since("2.6.0")


def upload(call: Invocation) -> Upload | None:
    """Read one `pdm` command."""
    words = after(call.arguments, "publish", _TAKING)
    if words is None:
        return None
    options = read_options(words, _TAKING, {"--skip-existing": "skip"})
    where = options.get("repository") or call.variables.get("PDM_PUBLISH_REPO", "")
    url = where if "://" in where or where.startswith("${{") else _configured(call.scene, where)
    oidc, why = _SINCE.of(call.version)
    return Upload(
        tool="pdm",
        offset=call.start,
        destination=destination(url, where),
        secrets=given(options.get("password") or call.variables.get("PDM_PUBLISH_PASSWORD", "")),
        user=named_user(options.get("user") or call.variables.get("PDM_PUBLISH_USERNAME", "")),
        files=given(options.get("folder")) or ("dist",),
        oidc=oidc,
        oidc_why=why,
        version=call.version,
        skip_existing=options.get("skip"),
    )


def _configured(scene: Scene, name: str) -> str:
    """Look a name up among the repositories of the project's `pdm.toml` and of `pdm config`."""
    if name in ("", "pypi", "testpypi"):
        return ""
    told = scene.config.get(f"repository.{name}.url", ())
    return told[0] if told else string(table(scene.toml("pdm.toml"), "repository", name).get("url"))

"""`uv publish`.

Mirrors: uv 0.13's options, its `UV_PUBLISH_*` variables and the settings of `[tool.uv]`. It exchanges ID tokens since 0.4.16.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trustpub.workflows.scene import string, table
from trustpub.workflows.tools.options import after, read_options, taking
from trustpub.workflows.tools.versions import Since
from trustpub.workflows.upload import Upload, destination, given, named_user

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trustpub.workflows.scene import Scene
    from trustpub.workflows.tools.options import Invocation

_TAKING = taking(
    "url --publish-url", "index --index", "mode --trusted-publishing", "token -t --token", "user -u --username",
    "password -p --password", "check --check-url", "keyring --keyring-provider", "config --config-file", "folder --directory",
    "project --project", "default-index --default-index", "insecure --allow-insecure-host", "cache --cache-dir", "color --color",
)  # fmt: skip
_FLAGS = {"--dry-run": "dry", "--no-attestations": "plain", "--no-config": "no-config"}
_SINCE = Since("0.4.16")


def upload(call: Invocation) -> Upload | None:
    """Read one `uv` command."""
    words = after(call.arguments, "publish", _TAKING)
    if words is None:
        return None
    options = read_options(call.arguments, _TAKING, _FLAGS)
    if options.get("dry") == "true":
        return None
    variables = call.variables
    url = options.get("url") or variables.get("UV_PUBLISH_URL", "")
    name = options.get("index") or variables.get("UV_PUBLISH_INDEX", "")
    config = _settings(call.scene, options.get("folder") or options.get("project")) if not url and not name else {}
    plain = options.get("plain") or variables.get("UV_PUBLISH_NO_ATTESTATIONS", "")
    oidc, why = _SINCE.of(call.version)
    return Upload(
        tool="uv",
        offset=call.start,
        destination=destination(url or string(config.get("publish-url")), name),
        secrets=given(
            options.get("token") or variables.get("UV_PUBLISH_TOKEN", ""),
            options.get("password") or variables.get("UV_PUBLISH_PASSWORD", ""),
        ),
        user=named_user(options.get("user") or variables.get("UV_PUBLISH_USERNAME", "")),
        mode=_mode(options.get("mode"), variables, config),
        files=options.rest[1:],
        oidc=oidc,
        oidc_why=why,
        version=call.version,
        attestations="false" if plain not in ("", "false", "0") else "",
        skip_existing="check-url" if options.get("check") or variables.get("UV_PUBLISH_CHECK_URL") or name else "",
    )


def _mode(option: str, variables: Mapping[str, str], config: Mapping[str, object]) -> str:
    return option or variables.get("UV_TRUSTED_PUBLISHING", "") or string(config.get("trusted-publishing")) or "automatic"


def _settings(scene: Scene, folder: str) -> Mapping[str, object]:
    """Read what the project itself says of publishing: `uv.toml` goes before `pyproject.toml`."""
    if (own := scene.toml(folder, "uv.toml")) or "[tool.uv]" not in (scene.text(folder, "pyproject.toml") or ""):
        return own
    return table(scene.toml(folder, "pyproject.toml"), "tool", "uv")
